import type { JsonObject } from '../../../core/index.ts';
import type { StateNode } from '../definition/program.ts';
import { EvaluationFailure, placed, StateFailure } from '../language/errors.ts';
import type { Course } from './course.ts';
import type { Thread } from './execution.ts';
import { produceCaught } from './processing.ts';
import { isMeantFor, retryDelayMs } from './retry.ts';
import type { Runner } from './runner.ts';

/** States that the history tells of when what they are part of fails. */
const ABORTABLE: ReadonlySet<string> = new Set(['Task', 'Wait', 'Parallel', 'Map']);

/** What catchers get. */
export const errorOutputOf = ({ error, errorCause }: StateFailure): JsonObject => ({
  Error: error ?? null,
  Cause: errorCause ?? (error === 'States.Timeout' ? '' : null),
});

/** A state has failed: it is tried again, caught, or ends what it is part of. */
export const failState = (
  runner: Runner,
  course: Course,
  thread: Thread,
  thrown: StateFailure,
  isInCatcher = false,
): void => {
  if (course.isOver()) return;
  const node = runner.nodeOf(course, thread);
  const failure = told(runner, course, thread, node, thrown);
  course.timers.get(thread.id)?.cancel();
  course.timers.delete(thread.id);
  course.changed.add(thread.id);
  if (failure.error === 'States.Runtime') {
    runner.end(course, thread, { status: 'FAILED', error: failure.error, cause: failure.errorCause });
    return;
  }
  if (!isInCatcher && retries(runner, course, thread, node, failure)) return;
  if (node.type === 'Map' || node.type === 'Parallel') runner.emit(course, thread, `${node.type}StateFailed`);
  if (!isInCatcher && catches(runner, course, thread, node, failure)) return;
  const parent = course.parentOf(thread);
  if (parent !== undefined) childFailed(runner, course, parent, thread, failure);
  else runner.end(course, thread, { status: 'FAILED', error: failure.error, cause: failure.errorCause });
};

/** The failure with the state's name in its cause; evaluations get an event of their own. */
const told = (runner: Runner, course: Course, thread: Thread, node: StateNode, thrown: StateFailure): StateFailure => {
  if (!thrown.isOfState) return thrown;
  const cause = placed(node.name, thread.enteredEventId, thrown.errorCause ?? '');
  if (thrown instanceof EvaluationFailure) {
    runner.emit(course, thread, 'EvaluationFailed', {
      error: thrown.error,
      cause,
      ...(thrown.location === undefined ? {} : { location: thrown.location }),
      state: node.name,
    });
  }
  return new StateFailure(thrown.error, cause, false, thrown.alias);
};

const retries = (runner: Runner, course: Course, thread: Thread, node: StateNode, failure: StateFailure): boolean => {
  const retriers = (node.fields.Retry ?? []) as readonly JsonObject[];
  const position = retriers.findIndex(({ ErrorEquals }) => isMeantFor(ErrorEquals as readonly string[], failure));
  if (position < 0) return false;
  const attempt = (thread.attempts[position] ?? 0) + 1;
  const delayMs = retryDelayMs(retriers[position] as JsonObject, attempt, runner.environment.random);
  if (delayMs === undefined) return false;
  thread.attempts = retriers.map((_, at) => (at === position ? attempt : (thread.attempts[at] ?? 0)));
  thread.retryCount += 1;
  runner.park(course, thread, { kind: 'retry', until: runner.now() + delayMs });
  return true;
};

const catches = (runner: Runner, course: Course, thread: Thread, node: StateNode, failure: StateFailure): boolean => {
  const catchers = (node.fields.Catch ?? []) as readonly JsonObject[];
  const catcher = catchers.find(({ ErrorEquals }) => isMeantFor(ErrorEquals as readonly string[], failure));
  if (catcher === undefined) return false;
  const errorOutput = errorOutputOf(failure);
  try {
    const produced = produceCaught(node, catcher, runner.scopeOf(course, thread), errorOutput);
    runner.leave(course, thread, node, produced, catcher.Next as string);
  } catch (error) {
    if (!(error instanceof StateFailure)) throw error;
    // What a catcher gets wrong is not its own to catch.
    failState(runner, course, thread, error, true);
  }
  return true;
};

const childFailed = (runner: Runner, course: Course, parent: Thread, child: Thread, failure: StateFailure): void => {
  const { phase } = parent;
  const isMap = phase.kind === 'children' && phase.isMap;
  const after = child.previousEventId;
  const iteration = (index: number) => ({ name: parent.state, index });
  if (isMap) runner.emit(course, undefined, 'MapIterationFailed', iteration(child.index), after);
  if (runner.nodeOf(course, child).type === 'Task')
    runner.emit(course, undefined, 'TaskStateAborted', undefined, after);
  const children = course.childrenOf(parent);
  for (const sibling of children) {
    if (sibling !== child && sibling.phase.kind !== 'done') {
      if (isMap) runner.emit(course, undefined, 'MapIterationAborted', iteration(sibling.index), after);
      abort(runner, course, sibling, after);
    }
  }
  parent.previousEventId = after;
  failState(runner, course, parent, failure);
  // With the end of the execution all stays, so that it can be taken up again where it failed.
  if (course.isOver()) return;
  course.items.delete(parent.id);
  for (const each of children) removeAll(course, each);
};

const abort = (runner: Runner, course: Course, thread: Thread, after: number): void => {
  for (const child of course.childrenOf(thread)) if (child.phase.kind !== 'done') abort(runner, course, child, after);
  const { type } = runner.nodeOf(course, thread);
  const hasEntered = thread.phase.kind !== 'enter';
  if (hasEntered && ABORTABLE.has(type)) runner.emit(course, undefined, `${type}StateAborted`, undefined, after);
  runner.desk.abandoned(runner, course, thread);
  course.changed.add(thread.id);
};

const removeAll = (course: Course, thread: Thread): void => {
  if (thread.phase.kind === 'children') {
    for (const child of course.childrenOf(thread)) removeAll(course, child);
  }
  course.remove(thread);
};
