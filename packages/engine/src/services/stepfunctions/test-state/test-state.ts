import type { InspectionData, TestStateCommandInput, TestStateCommandOutput } from '@aws-sdk/client-sfn';
import { makeArn } from '@holdfast/aws-model';
import { isObject, type Json, type JsonObject, type RequestContext, ServiceError } from '../../../core/index.ts';
import { diagnosticText } from '../definition/diagnostics.ts';
import { readJson } from '../definition/json-text.ts';
import { Program, type StateNode, TOP_LEVEL } from '../definition/program.ts';
import { validateState } from '../definition/validate.ts';
import { validation } from '../errors.ts';
import { checkInput } from '../execution-input.ts';
import { StateFailure } from '../language/errors.ts';
import { fillTemplate, lookUpPath, type Scope } from '../language/scope.ts';
import { Course } from '../running/course.ts';
import type { StoredExecution, Thread } from '../running/execution.ts';
import { errorOutputOf } from '../running/failing.ts';
import {
  effectiveInput,
  numberOf,
  place,
  produce,
  produceCaught,
  selectInput,
  withInput,
} from '../running/processing.ts';
import { isMeantFor, retryDelayMs } from '../running/retry.ts';
import { itemsOf } from '../running/states.ts';
import type { StatesWiring } from '../wiring.ts';
import { readMock, type StateMock } from './mock.ts';
import { checkMockForm } from './mock-form.ts';
import { mockedFailure, Probe, type ProbeOutcome } from './probe.ts';
import { readTestContext } from './test-context.ts';

type Answer = Omit<TestStateCommandOutput, '$metadata'>;

const STATE_NAME = 'StateName';
const RETRIABLE: ReadonlySet<string> = new Set(['Task', 'Map', 'Parallel']);

const invalidDefinition = (why: string): ServiceError =>
  new ServiceError('InvalidDefinition', `Invalid State Machine Definition: '${why}'`, 400);

const notAnObject = (what: 'Definition' | 'State'): ServiceError =>
  invalidDefinition(`SCHEMA_VALIDATION_FAILED: ${what} must be a valid JSON object`);

interface Subject {
  readonly name: string;
  readonly state: JsonObject;
  readonly machine: JsonObject;
}

/** The state that is meant: the definition itself, or the one of that name in a whole machine, at any depth. */
const subjectOf = (input: TestStateCommandInput): Subject => {
  const read = readJson(input.definition ?? '');
  if ('problem' in read) throw invalidDefinition(`INVALID_JSON_DESCRIPTION: ${read.problem}\n at ${read.at}`);
  const definition = read.value;
  const { stateName } = input;
  if (!isObject(definition)) throw notAnObject('Definition');
  if (stateName === undefined) {
    if (definition.States !== undefined && definition.Type === undefined) {
      const states = isObject(definition.States) ? Object.values(definition.States) : [];
      if (states.length !== 1) throw validation('State name must be specified when testing a state machine definition');
      const [state] = states;
      if (!isObject(state)) throw notAnObject('State');
      return { name: STATE_NAME, state, machine: definition };
    }
    return { name: STATE_NAME, state: definition, machine: {} };
  }
  const state = findState(definition, stateName);
  if (state === undefined) throw validation('State not found in definition');
  if (!isObject(state)) throw notAnObject('State');
  return { name: stateName, state, machine: definition };
};

/** Whatever stands where a state of that name belongs; levels that are none hold nothing. */
const findState = (level: Json | undefined, name: string): Json | undefined => {
  const states = isObject(level) && isObject(level.States) ? level.States : {};
  if (Object.hasOwn(states, name)) return states[name];
  for (const state of Object.values(states)) {
    if (!isObject(state)) continue;
    const branches = Array.isArray(state.Branches) ? (state.Branches as readonly Json[]) : [];
    for (const inner of [...branches, state.ItemProcessor ?? state.Iterator]) {
      const found = findState(inner, name);
      if (found !== undefined) return found;
    }
  }
  return undefined;
};

const readVariables = (text: string | undefined): JsonObject => {
  const read = readJson(text ?? '{}');
  if ('problem' in read || !isObject(read.value)) throw validation('Variables must be a valid JSON object');
  return read.value;
};

const check = (wiring: StatesWiring, { name, state, machine }: Subject): void => {
  const { api } = wiring.environment;
  const diagnostics = validateState(state, name, api, machine);
  if (diagnostics.length > 0) throw invalidDefinition(diagnostics.map(diagnosticText).join(', '));
};

/** Runs one state alone. https://docs.aws.amazon.com/step-functions/latest/dg/test-state-isolation.html */
export const testState = async (
  wiring: StatesWiring,
  input: TestStateCommandInput,
  context: RequestContext,
): Promise<Answer> => {
  const subject = subjectOf(input);
  checkInput(input.input ?? '{}');
  const variables = readVariables(input.variables);
  const mock = readMock(input, subject.state);
  check(wiring, subject);
  await checkMockForm(wiring.environment.api, subject.state, mock);
  if (subject.state.Type === 'Task' && mock === undefined && input.roleArn === undefined) {
    throw validation('RoleArn must be specified when testing a Task state');
  }
  const given = readTestContext(input.context, subject.state);
  const bench = new Bench(wiring, input, subject, context, given, variables);
  return bench.run(mock);
};

/** Everything that surrounds the state in its test. */
class Bench {
  readonly #input: TestStateCommandInput;
  readonly #course: Course;
  readonly #thread: Thread;
  readonly #node: StateNode;
  readonly #scope: Scope;
  readonly #probe: Probe;
  readonly #inspection: Record<string, unknown> = {};
  readonly #texts = new WeakMap<object, string>();

  constructor(
    wiring: StatesWiring,
    input: TestStateCommandInput,
    { name, state, machine }: Subject,
    context: RequestContext,
    given: JsonObject | undefined,
    variables: JsonObject,
  ) {
    const { environment, desk } = wiring;
    this.#input = input;
    const program = new Program({
      StartAt: name,
      States: { [name]: state },
      ...(machine.QueryLanguage === undefined ? {} : { QueryLanguage: machine.QueryLanguage }),
    });
    const machineName = environment.ids.uuid();
    const execution = environment.ids.uuid();
    const record: StoredExecution = {
      serial: 0,
      arn: makeArn('states', context.region, context.account, `express:${machineName}:${execution}`),
      name: execution,
      account: context.account,
      region: context.region,
      machineArn: makeArn('states', context.region, context.account, `stateMachine:${machineName}`),
      machineName,
      revisionId: '',
      type: 'EXPRESS',
      isSynchronous: true,
      roleArn: input.roleArn ?? '',
      startedAt: context.now,
      status: 'RUNNING',
      eventCount: 0,
      threadCount: 1,
      redriveCount: 0,
    };
    this.#course = new Course(record, program, input.input ?? '{}');
    const retries = input.stateConfiguration?.retrierRetryCount ?? 0;
    this.#thread = {
      id: 0,
      index: 0,
      level: TOP_LEVEL,
      state: name,
      input: input.input ?? '{}',
      enteredAt: context.now,
      enteredEventId: 0,
      previousEventId: 0,
      variables,
      attempts: [],
      retryCount: retries,
      phase: { kind: 'work' },
    };
    this.#course.threads.set(0, this.#thread);
    this.#node = program.state(TOP_LEVEL, name);
    this.#probe = new Probe(environment, desk.runner.desk, given);
    this.#scope = this.#probe.scopeOf(this.#course, this.#thread);
  }

  async run(mock: StateMock | undefined): Promise<Answer> {
    let outcome: ProbeOutcome;
    try {
      this.#inspectInput();
      outcome = await this.#outcome(mock);
    } catch (error) {
      if (!(error instanceof StateFailure)) throw error;
      outcome = { kind: 'failure', failure: error };
    }
    try {
      return outcome.kind === 'result' ? this.#succeeded(outcome) : this.#failed(outcome.failure);
    } catch (error) {
      if (error instanceof StateFailure) return this.#failed(error);
      throw error;
    }
  }

  async #outcome(mock: StateMock | undefined): Promise<ProbeOutcome> {
    const { type } = this.#node;
    if (mock === undefined && (type === 'Map' || type === 'Parallel')) {
      throw new ServiceError(
        'InvalidDefinition',
        'TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]',
        400,
      );
    }
    if (mock === undefined) return this.#probe.perform(this.#course, this.#thread, this.#node);
    if (mock.kind === 'failure') return { kind: 'failure', failure: mockedFailure(mock.error, mock.cause) };
    if (type === 'Map') this.#checkIterations(mock.result);
    if (typeof mock.result === 'object' && mock.result !== null) this.#texts.set(mock.result, mock.text);
    return { kind: 'result', result: mock.result };
  }

  /** A map goes through a list, and may have tolerated no more failures than it says. */
  #checkIterations(result: Json): void {
    const scope = this.#scope;
    if (this.#node.fields.ItemReader === undefined) itemsOf(this.#node, scope);
    const failed = this.#input.stateConfiguration?.mapIterationFailureCount ?? 0;
    if (failed === 0 || !Array.isArray(result)) return;
    const count = numberOf(this.#node, 'ToleratedFailureCount', scope);
    const percentage = numberOf(this.#node, 'ToleratedFailurePercentage', scope, 'float');
    const isTolerated =
      failed <= (count ?? Number.POSITIVE_INFINITY) && (failed / result.length) * 100 <= (percentage ?? 100);
    if (!isTolerated) {
      throw new StateFailure(
        'States.ExceedToleratedFailureThreshold',
        'The specified tolerated failure threshold was exceeded',
      );
    }
  }

  /** JSON text; what has not been touched keeps the text that it had. */
  #text(value: Json): string {
    const kept = typeof value === 'object' && value !== null ? this.#texts.get(value) : undefined;
    return kept ?? (value === this.#course.inputOf(this.#thread) ? this.#thread.input : JSON.stringify(value));
  }

  #inspectInput(): void {
    const { fields, language, type } = this.#node;
    const scope = this.#scope;
    const inspect = (name: string, value: unknown): void => {
      this.#inspection[name] = value;
    };
    inspect('input', this.#thread.input);
    if (language === 'JSONata') {
      if (type === 'Map') this.#inspectMap();
      if (type === 'Task' && fields.Arguments !== undefined) {
        inspect('afterArguments', JSON.stringify(effectiveInput(this.#node, scope)));
      }
      if (Object.keys(this.#thread.variables).length > 0) inspect('variables', JSON.stringify(this.#thread.variables));
      return;
    }
    if (type === 'Pass' && fields.Result !== undefined) return;
    if (type === 'Parallel') return;
    const selected = selectInput(fields, scope);
    inspect('afterInputPath', this.#text(selected));
    if (type === 'Map') {
      if (fields.ItemReader === undefined) itemsOf(this.#node, scope);
      this.#inspectMap();
      if (fields.ItemsPath !== undefined) {
        const items = lookUpPath(fields.ItemsPath as string, withInput(scope, selected));
        inspect('afterItemsPath', this.#text(items));
      }
      return;
    }
    if (type === 'Task' || type === 'Pass')
      inspect('afterParameters', JSON.stringify(effectiveInput(this.#node, scope)));
  }

  #inspectMap(): void {
    const scope = this.#scope;
    const concurrency = numberOf(this.#node, 'MaxConcurrency', scope);
    this.#inspection['maxConcurrency'] = concurrency ?? 0;
    const count = numberOf(this.#node, 'ToleratedFailureCount', scope);
    if (count !== undefined) this.#inspection['toleratedFailureCount'] = count;
    const percentage = numberOf(this.#node, 'ToleratedFailurePercentage', scope, 'float');
    if (percentage !== undefined) this.#inspection['toleratedFailurePercentage'] = percentage;
  }

  #succeeded(outcome: Extract<ProbeOutcome, { kind: 'result' }>): Answer {
    const { fields, language, type } = this.#node;
    const scope = this.#scope;
    const { output } = produce(this.#node, scope, outcome.result, outcome.rule);
    if (type === 'Task') this.#inspection.result = this.#text(outcome.result);
    if (type === 'Pass' && fields.Result !== undefined) this.#inspection.result = JSON.stringify(fields.Result);
    if (language === 'JSONPath' && ['Task', 'Pass', 'Map', 'Parallel'].includes(type)) {
      const selector = fields.ResultSelector;
      const selected =
        selector === undefined ? outcome.result : fillTemplate(selector, withInput(scope, outcome.result));
      this.#inspection.afterResultSelector = this.#text(selected);
      this.#inspection.afterResultPath = this.#text(place(fields.ResultPath, scope, selected));
    }
    const next = outcome.next ?? (fields.Next as string | undefined);
    return this.#answer({
      status: 'SUCCEEDED',
      output: this.#text(output),
      ...(next === undefined ? {} : { nextState: next }),
    });
  }

  #failed(thrown: StateFailure): Answer {
    const { fields, type } = this.#node;
    const cause = thrown.errorCause;
    const failure = new StateFailure(thrown.error, cause, false, thrown.alias);
    const told = {
      ...(failure.error === undefined ? {} : { error: failure.error }),
      ...(cause === undefined ? {} : { cause }),
    };
    if (!RETRIABLE.has(type) || failure.error === 'States.Runtime') return this.#answer({ status: 'FAILED', ...told });
    const retriers = (fields.Retry ?? []) as readonly JsonObject[];
    const index = retriers.findIndex(({ ErrorEquals }) => isMeantFor(ErrorEquals as readonly string[], failure));
    const attempt = (this.#input.stateConfiguration?.retrierRetryCount ?? 0) + 1;
    const delayMs =
      index < 0 ? undefined : retryDelayMs(retriers[index] as JsonObject, attempt, this.#probe.environment.random);
    if (delayMs !== undefined) {
      this.#inspection.errorDetails = { retryIndex: index, retryBackoffIntervalSeconds: Math.round(delayMs / 1_000) };
      return this.#answer({ status: 'RETRIABLE', ...told });
    }
    const catchers = (fields.Catch ?? []) as readonly JsonObject[];
    const caught = catchers.findIndex(({ ErrorEquals }) => isMeantFor(ErrorEquals as readonly string[], failure));
    if (caught < 0 && index >= 0) this.#inspection.errorDetails = { retryIndex: index };
    if (caught < 0) return this.#answer({ status: 'FAILED', ...told });
    this.#inspection.errorDetails = { catchIndex: caught };
    const catcher = catchers[caught] as JsonObject;
    const { output } = produceCaught(this.#node, catcher, this.#scope, errorOutputOf(failure));
    const nextState = catcher.Next as string;
    return this.#answer({ status: 'CAUGHT_ERROR', ...told, nextState, output: JSON.stringify(output) });
  }

  #answer(answer: Answer): Answer {
    const level = this.#input.inspectionLevel ?? 'INFO';
    return level === 'INFO' ? answer : { ...answer, inspectionData: this.#inspection as InspectionData };
  }
}
