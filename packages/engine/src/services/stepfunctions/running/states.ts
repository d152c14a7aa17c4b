import type { Json, JsonObject } from '../../../core/index.ts';
import { innerLevel, type StateNode } from '../definition/program.ts';
import { holds } from '../language/choice.ts';
import { EvaluationFailure, runtimeFailure, StateFailure } from '../language/errors.ts';
import { fillExpressions, fillTemplate, lookUpField, lookUpPath, type Scope } from '../language/scope.ts';
import { parseOffsetDateTime } from '../language/timestamp.ts';
import { childrenSucceeded, startItem } from './children.ts';
import type { Course } from './course.ts';
import type { Thread } from './execution.ts';
import { effectiveInput, numberOf, selectInput, unexpectedType, withInput } from './processing.ts';
import type { Runner } from './runner.ts';
import { scheduleTask } from './tasks.ts';

type Work = (runner: Runner, course: Course, thread: Thread, node: StateNode) => void;

/** Longest time that can be waited for: 68 years. */
const WAIT_SECONDS_MAX = 2 ** 31 - 1;
const ITEMS_AT_ONCE = 40;

const pass: Work = (runner, course, thread, node) => {
  const scope = runner.scopeOf(course, thread);
  if (node.language === 'JSONata') {
    runner.exit(course, thread, node, scope.input);
    return;
  }
  const input = selectInput(node.fields, scope);
  const { Parameters, Result } = node.fields;
  const shaped = Parameters === undefined ? input : fillTemplate(Parameters, withInput(scope, input));
  runner.exit(course, thread, node, Result === undefined ? shaped : Result);
};

const succeed: Work = (runner, course, thread, node) => {
  const scope = runner.scopeOf(course, thread);
  runner.exit(course, thread, node, node.language === 'JSONata' ? scope.input : selectInput(node.fields, scope));
};

const fail: Work = (runner, course, thread, node) => {
  const scope = runner.scopeOf(course, thread);
  throw new StateFailure(failText(node, 'Error', scope), failText(node, 'Cause', scope));
};

const failText = (node: StateNode, field: 'Error' | 'Cause', scope: Scope): string | undefined => {
  const path = node.fields[`${field}Path`];
  if (path !== undefined) {
    const text = path as string;
    const value = text.startsWith('States.')
      ? (fillTemplate({ 'value.$': text }, scope) as { readonly value: Json }).value
      : lookUpField(text, `${field}Path`, scope);
    if (typeof value !== 'string') {
      throw runtimeFailure(
        `The ${field}Path field refers to value "${JSON.stringify(value)}" which is not a string: ${text}`,
      );
    }
    return value;
  }
  const stated = node.fields[field];
  if (stated === undefined || node.language !== 'JSONata') return stated as string | undefined;
  const value = fillExpressions(stated, scope, field);
  if (typeof value !== 'string') throw unexpectedType(stated as string, field, 'string', value);
  return value;
};

const choice: Work = (runner, course, thread, node) => {
  const scope = runner.scopeOf(course, thread);
  const rules = node.fields.Choices as readonly JsonObject[];
  const isJsonata = node.language === 'JSONata';
  const input = isJsonata ? scope.input : selectInput(node.fields, scope);
  const inner = isJsonata ? scope : withInput(scope, input);
  const position = rules.findIndex((rule, at) => (isJsonata ? isTrue(rule, at, scope) : holds(rule, inner)));
  if (position >= 0) {
    const rule = rules[position] as JsonObject;
    runner.exit(course, thread, node, input, rule, rule.Next as string);
    return;
  }
  if (node.fields.Default === undefined) {
    throw new StateFailure(
      'States.NoChoiceMatched',
      "Failed to transition out of the state. The state's input did not match any of the choice rules and there is no Default.",
      true,
    );
  }
  runner.exit(course, thread, node, input, undefined, node.fields.Default as string);
};

const isTrue = (rule: JsonObject, position: number, scope: Scope): boolean => {
  const condition = rule.Condition as Json;
  if (typeof condition === 'boolean') return condition;
  const field = `Choices[${position}]/Condition`;
  const value = fillExpressions(condition, scope, field);
  if (typeof value !== 'boolean') throw unexpectedType(condition as string, field, 'boolean', value);
  return value;
};

const wait: Work = (runner, course, thread, node) => {
  const until = waitUntil(runner, node, runner.scopeOf(course, thread));
  if (until - runner.now() > WAIT_SECONDS_MAX * 1_000) throw runtimeFailure('Wait state delay is too long.');
  if (until <= runner.now()) runner.exit(course, thread, node, waited(node, runner.scopeOf(course, thread)));
  else runner.park(course, thread, { kind: 'wait', until });
};

/** What a wait state hands on. */
export const waited = (node: StateNode, scope: Scope): Json =>
  node.language === 'JSONata' ? scope.input : selectInput(node.fields, scope);

const waitUntil = (runner: Runner, node: StateNode, scope: Scope): number => {
  const { Seconds, SecondsPath, Timestamp, TimestampPath } = node.fields;
  const inner = node.language === 'JSONata' ? scope : withInput(scope, selectInput(node.fields, scope));
  if (SecondsPath !== undefined) return runner.now() + secondsAt(SecondsPath as string, inner) * 1_000;
  if (TimestampPath !== undefined) {
    const value = lookUpPath(TimestampPath as string, inner);
    const at = typeof value === 'string' ? parseOffsetDateTime(value) : undefined;
    if (at !== undefined) return at;
    throw runtimeFailure(
      'The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ' +
        `${TimestampPath} == ${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
  }
  if (Timestamp !== undefined) {
    const value = node.language === 'JSONata' ? fillExpressions(Timestamp, scope, 'Timestamp') : Timestamp;
    const at = typeof value === 'string' ? parseOffsetDateTime(value) : undefined;
    if (at !== undefined) return at;
    const shown = typeof value === 'string' ? value : JSON.stringify(value);
    throw new EvaluationFailure(
      `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${shown}`,
      'Timestamp',
      true,
    );
  }
  const seconds = typeof Seconds === 'string' ? fillExpressions(Seconds, scope, 'Seconds') : (Seconds as Json);
  if (typeof seconds !== 'number' || !Number.isInteger(seconds)) {
    throw unexpectedType(Seconds as string, 'Seconds', 'number', seconds);
  }
  if (seconds < 0)
    throw new EvaluationFailure(`The Seconds field references a negative value: ${seconds}`, 'Seconds', true);
  return runner.now() + seconds * 1_000;
};

const secondsAt = (path: string, scope: Scope): number => {
  let value: Json;
  try {
    value = lookUpPath(path, scope);
  } catch {
    throw runtimeFailure(`The SecondsPath parameter does not reference an input value: ${path}`);
  }
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  const seconds = typeof value === 'string' && /^[+-]?\d+$/.test(value) ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isInteger(seconds)) {
    throw runtimeFailure(`The SecondsPath parameter cannot be parsed as a long value: ${path} == ${shown}`);
  }
  if (seconds < 0) throw runtimeFailure(`The SecondsPath parameter references a negative value: ${path} == ${shown}`);
  return seconds;
};

const parallel: Work = (runner, course, thread, node) => {
  const scope = runner.scopeOf(course, thread);
  const input = runner.textOf(course, thread, effectiveInput(node, scope));
  const total = (node.fields.Branches as readonly Json[]).length;
  const after = runner.emit(course, thread, 'ParallelStateStarted');
  runner.park(course, thread, {
    kind: 'children',
    total,
    next: total,
    running: total,
    done: 0,
    isMap: false,
    concurrency: total,
  });
  for (let index = 0; index < total; index++) {
    const level = innerLevel(thread.level, thread.state, index);
    runner.addThread(course, { parent: thread.id, index, level, input, after });
  }
};

const map: Work = (runner, course, thread, node) => {
  if (isDistributed(node)) {
    runner.desk.startMapRun(runner, course, thread, node);
    return;
  }
  const scope = runner.scopeOf(course, thread);
  const concurrency = numberOf(node, 'MaxConcurrency', scope) ?? 0;
  const items = itemsOf(node, scope);
  const after = runner.emit(course, thread, 'MapStateStarted', { length: items.length });
  checkTolerance(node, scope);
  if (items.length === 0) {
    childrenSucceeded(runner, course, thread, [], after);
    return;
  }
  const atOnce = Math.min(items.length, concurrency > 0 ? concurrency : ITEMS_AT_ONCE);
  course.items.set(thread.id, items);
  runner.park(course, thread, {
    kind: 'children',
    total: items.length,
    next: 0,
    running: 0,
    done: 0,
    isMap: true,
    concurrency: atOnce,
  });
  for (let index = 0; index < atOnce; index++) startItem(runner, course, thread, index, after);
};

export const isDistributed = (node: StateNode): boolean => {
  const processor = (node.fields.ItemProcessor ?? node.fields.Iterator) as JsonObject | undefined;
  return (processor?.ProcessorConfig as JsonObject | undefined)?.Mode === 'DISTRIBUTED';
};

/** What a map goes through. */
export const itemsOf = (node: StateNode, scope: Scope): readonly Json[] => {
  if (node.language === 'JSONata') {
    const { Items } = node.fields;
    const items = Items === undefined ? scope.input : fillExpressions(Items, scope, 'Items');
    if (Array.isArray(items)) return items;
    if (typeof Items === 'string') throw unexpectedType(Items, 'Items', 'array', items);
    throw new EvaluationFailure(`Map state input must be an array but was: ${JSON.stringify(items)}`, undefined);
  }
  const input = selectInput(node.fields, scope);
  const path = (node.fields.ItemsPath as string | undefined) ?? '$';
  const items = lookUpPath(path, withInput(scope, input));
  if (Array.isArray(items)) return items;
  // Of a path into the context AWS shows one sign less.
  throw runtimeFailure(`Reference path "${path.replace(/^\$\$/, '$')}" must point to array.`);
};

/** `ToleratedFailureCount` and `ToleratedFailurePercentage`. */
export const checkTolerance = (
  node: StateNode,
  scope: Scope,
): { readonly count: number; readonly percentage: number } => {
  const count = numberOf(node, 'ToleratedFailureCount', scope);
  if (count !== undefined && count < 0) throw runtimeFailure('ToleratedFailureCount cannot be negative.');
  const percentage = numberOf(node, 'ToleratedFailurePercentage', scope, 'float');
  if (percentage !== undefined && (percentage < 0 || percentage > 100)) {
    throw runtimeFailure('ToleratedFailurePercentage must be between 0 and 100.');
  }
  return { count: count ?? 0, percentage: percentage ?? 0 };
};

const works: Readonly<Record<string, Work>> = {
  Pass: pass,
  Succeed: succeed,
  Fail: fail,
  Choice: choice,
  Wait: wait,
  Task: scheduleTask,
  Parallel: parallel,
  Map: map,
};

export const workOf = (type: string): Work => works[type] as Work;
