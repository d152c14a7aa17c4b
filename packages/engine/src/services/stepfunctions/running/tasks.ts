import { assumedRoleArn } from '@holdfast/aws-model';
import { utf8Length } from '@holdfast/kernel';
import { type Json, type JsonObject, type RequestContext, ServiceError } from '../../../core/index.ts';
import type { StateNode } from '../definition/program.ts';
import { integrationOf } from '../integrations/index.ts';
import type { Integration, StartedExecution, TaskCall } from '../integrations/integration.ts';
import { functionFailure, parsePayload } from '../integrations/optimised.ts';
import { namesOf, resourceOf, type ServiceResource } from '../integrations/resource.ts';
import { failureOf, oldStyleFailure } from '../integrations/service-errors.ts';
import { runtimeFailure, StateFailure } from '../language/errors.ts';
import { fillExpressions, fillTemplate } from '../language/scope.ts';
import { PAYLOAD_BYTES_MAX } from '../payload-limit.ts';
import type { Course } from './course.ts';
import { WHOLE } from './event-details.ts';
import type { Phase, StoredExecution, TaskFacts, Thread } from './execution.ts';
import { effectiveInput, numberOf, tooLarge, withInput } from './processing.ts';
import type { Runner } from './runner.ts';
import { finishTask } from './task-endings.ts';
import { makeToken } from './task-token.ts';

/** What tasks need beyond their own execution; the service gives it. */
export interface TaskPort {
  startExecution(
    caller: StoredExecution,
    machineArn: string,
    input: string,
    name: string | undefined,
    isWatched: boolean,
  ): StartedExecution;
  /** Tells the thread when the execution has ended; at once when it already has. */
  watch(executionArn: string, course: Course, thread: Thread): void;
  activityExists(activityArn: string): boolean;
  offerActivity(activityArn: string, course: Course, thread: Thread): void;
  withdrawActivity(activityArn: string, token: string): void;
  startMapRun(runner: Runner, course: Course, thread: Thread, node: StateNode): void;
  abandonMapRun(mapRunArn: string): void;
  /** Whether there was a map run to be taken up again. */
  redriveMapRun(runner: Runner, course: Course, thread: Thread): boolean;
}

/** The first half of a task: what it will ask is worked out and recorded. */
export const scheduleTask = (runner: Runner, course: Course, thread: Thread, node: StateNode): void => {
  const resource = resourceOf(node);
  const token = makeToken(course.record.serial, thread.id, runner.environment.ids.hex(64));
  // Whoever has the token may end a task that waits, for a callback or for a job.
  const isCallback = resource.kind === 'service' && resource.pattern !== '';
  const scope = runner.scopeOf(course, thread, isCallback ? token : undefined);
  const given = effectiveInput(node, scope);
  const integration = resource.kind === 'service' ? integrationOf(resource, runner.environment.api) : undefined;
  const request = integration?.prepare !== undefined ? integration.prepare(given as JsonObject) : given;
  const inner = node.language === 'JSONata' ? scope : withInput(scope, scope.input);
  const timeoutSeconds = numberOf(node, 'TimeoutSeconds', inner);
  const heartbeatSeconds = numberOf(node, 'HeartbeatSeconds', inner);
  const roleArn = taskRoleOf(node, scope);
  const limits = {
    ...(timeoutSeconds === undefined ? {} : { timeoutInSeconds: timeoutSeconds }),
    ...(heartbeatSeconds === undefined ? {} : { heartbeatInSeconds: heartbeatSeconds }),
    ...(roleArn === undefined ? {} : { taskCredentials: { roleArn } }),
  };
  const text = JSON.stringify(request);
  if (utf8Length(text) > PAYLOAD_BYTES_MAX) throw tooLarge(node.fields.Resource as string);
  const now = runner.now();
  const facts: TaskFacts = {
    token,
    request,
    scheduledAt: now,
    ...(roleArn === undefined ? {} : { roleArn }),
    ...(timeoutSeconds === undefined ? {} : { timeoutAt: now + timeoutSeconds * 1_000 }),
    ...(heartbeatSeconds === undefined
      ? {}
      : { heartbeatMs: heartbeatSeconds * 1_000, heartbeatAt: now + heartbeatSeconds * 1_000 }),
  };
  if (resource.kind === 'activity') {
    const { arn } = resource;
    if (!runner.desk.port.activityExists(arn)) throw runtimeFailure(`The activity ${arn} does not exist.`);
    runner.emit(course, thread, 'ActivityScheduled', { resource: arn, input: text, inputDetails: WHOLE, ...limits });
    runner.park(course, thread, { kind: 'activity', activityArn: arn, isStarted: false, ...facts });
    runner.measure(course, thread, 'Scheduled');
    runner.desk.port.offerActivity(arn, course, thread);
    return;
  }
  if (resource.kind === 'function') {
    const details = { resource: resource.arn, input: text, inputDetails: WHOLE, ...limits };
    runner.emit(course, thread, 'LambdaFunctionScheduled', details);
  } else {
    const { region } = course.record;
    runner.emit(course, thread, 'TaskScheduled', { ...namesOf(resource), region, parameters: text, ...limits });
  }
  thread.phase = { kind: 'start', ...facts };
  runner.measure(course, thread, 'Scheduled');
  course.push(thread);
};

/** `Credentials`: the role that a task takes on. */
const taskRoleOf = (node: StateNode, scope: Parameters<typeof fillTemplate>[1]): string | undefined => {
  const { Credentials } = node.fields;
  if (Credentials === undefined) return undefined;
  const filled =
    node.language === 'JSONata' ? fillExpressions(Credentials, scope, 'Credentials') : fillTemplate(Credentials, scope);
  return (filled as JsonObject).RoleArn as string;
};

/** Takes tasks to the services that do them, and their answers back. */
export class TaskDesk {
  readonly port: TaskPort;

  constructor(port: TaskPort) {
    this.port = port;
  }

  startMapRun(...call: Parameters<TaskPort['startMapRun']>): void {
    this.port.startMapRun(...call);
  }

  /** Nobody waits any more for what a thread was waiting for. */
  abandoned(_runner: Runner, _course: Course, thread: Thread): void {
    if (thread.phase.kind === 'activity') this.port.withdrawActivity(thread.phase.activityArn, thread.phase.token);
    else if (thread.phase.kind === 'mapRun') this.port.abandonMapRun(thread.phase.mapRunArn);
  }

  /** The second half of a task: the service is asked. */
  start(
    runner: Runner,
    course: Course,
    thread: Thread,
    node: StateNode,
    facts: Extract<Phase, { kind: 'start' }>,
  ): void {
    const resource = resourceOf(node);
    if (facts.isOnceMore !== true) {
      runner.measure(course, thread, 'Started');
      if (resource.kind === 'function') runner.emit(course, thread, 'LambdaFunctionStarted');
      else if (resource.kind === 'service') runner.emit(course, thread, 'TaskStarted', namesOf(resource));
    }
    if (course.isOver()) return;
    const { isOnceMore: _, ...task } = facts;
    const startedAt = facts.startedAt ?? runner.now();
    runner.park(course, thread, { ...task, kind: 'task', isSubmitted: false, startedAt });
    if (resource.kind === 'function') this.#invoke(runner, course, thread, resource.arn, facts);
    else if (resource.kind === 'service') this.#ask(runner, course, thread, resource, facts);
  }

  /** Who calls: the machine's role, or the one that the task takes on, in its account. */
  #context(runner: Runner, course: Course, roleArn: string | undefined): RequestContext {
    const { record } = course;
    const role = (roleArn ?? record.roleArn).split('/').at(-1) ?? '';
    const account = roleArn?.split(':')[4] ?? record.account;
    return {
      account,
      region: record.region,
      requestId: runner.environment.ids.uuid(),
      now: runner.now(),
      callerArn: assumedRoleArn(account, role, record.name.slice(0, 64)),
      traceHeader: record.traceHeader,
    };
  }

  #invoke(runner: Runner, course: Course, thread: Thread, arn: string, { token, request, roleArn }: TaskFacts): void {
    const { api } = runner.environment;
    const context = this.#context(runner, course, roleArn);
    const run = (): Json | Promise<Json> => {
      const input = { FunctionName: arn, Payload: JSON.stringify(request) };
      const output = api.call('lambda', 'Invoke', input, context);
      return output instanceof Promise ? output.then(resultOf) : resultOf(output);
    };
    const tell = (thrown: unknown): StateFailure =>
      failureOf(thrown, request, (error) => {
        const named = error.code === 'ResourceNotFoundException' ? functionMissing(arn) : error;
        const facts = { prefix: 'Lambda', fallback: 'AWSLambdaException', service: 'AWSLambda' };
        return oldStyleFailure(named, facts, api, 'lambda', context.requestId);
      });
    this.#await(runner, course, thread, token, run, tell);
  }

  #ask(runner: Runner, course: Course, thread: Thread, resource: ServiceResource, facts: TaskFacts): void {
    const { token, request, roleArn } = facts;
    const { environment } = runner;
    const integration = integrationOf(resource, environment.api) as Integration;
    const isWatched = resource.pattern.startsWith('sync');
    const call: TaskCall = {
      resource,
      request: request as JsonObject,
      execution: course.record,
      environment,
      context: this.#context(runner, course, roleArn),
      startExecution: (machineArn, input, name) =>
        this.port.startExecution(course.record, machineArn, input, name, isWatched),
    };
    this.#await(
      runner,
      course,
      thread,
      token,
      () => integration.run(call),
      (thrown) => integration.fail(thrown, call) as StateFailure,
    );
  }

  /** Whatever happens in `run`, it becomes an outcome of the task. */
  #await(
    runner: Runner,
    course: Course,
    thread: Thread,
    token: string,
    run: () => Json | Promise<Json>,
    tell: (thrown: unknown) => StateFailure,
  ): void {
    const settle = (outcome: Json | StateFailure): void => answered(runner, course, thread, token, outcome);
    try {
      const result = run();
      if (result instanceof Promise) result.then(settle, (thrown: unknown) => settle(tell(thrown)));
      else settle(result);
    } catch (thrown) {
      settle(tell(thrown));
    }
  }
}

const functionMissing = (arn: string): ServiceError => {
  const qualified = arn.split(':').length > 7 ? arn : `${arn}:$LATEST`;
  return new ServiceError('ResourceNotFoundException', `Function not found: ${qualified}`, 404);
};

const resultOf = (output: JsonObject): Json => {
  const payload = (output.Payload as string | null | undefined) ?? 'null';
  if (output.FunctionError !== undefined && output.FunctionError !== null) throw functionFailure(payload, false);
  return parsePayload(payload);
};

/** The service that was asked has answered: the end of the task, unless somebody else is to report it. */
const answered = (
  runner: Runner,
  course: Course,
  thread: Thread,
  token: string,
  outcome: Json | StateFailure,
): void => {
  const { phase } = thread;
  if (course.isOver() || course.threads.get(thread.id) !== thread) return;
  if (phase.kind !== 'task' || phase.token !== token || phase.isSubmitted) return;
  const node = runner.nodeOf(course, thread);
  const resource = resourceOf(node);
  const pattern = resource.kind === 'service' ? resource.pattern : '';
  if (outcome instanceof StateFailure || pattern === '') {
    finishTask(runner, course, thread, outcome);
    return;
  }
  runner.emit(course, thread, 'TaskSubmitted', {
    ...namesOf(resource as ServiceResource),
    output: JSON.stringify(outcome),
    outputDetails: WHOLE,
  });
  const childArn = pattern === 'waitForTaskToken' ? undefined : ((outcome as JsonObject).ExecutionArn as string);
  runner.park(course, thread, { ...phase, isSubmitted: true, ...(childArn === undefined ? {} : { childArn }) });
  if (childArn !== undefined) runner.desk.port.watch(childArn, course, thread);
  runner.run(course);
};
