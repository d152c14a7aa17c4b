import { utf8Length } from '@holdfast/kernel';
import type { Json } from '../../../core/index.ts';
import type { StateNode } from '../definition/program.ts';
import { namesOf, resourceOf, type TaskResource } from '../integrations/resource.ts';
import { StateFailure } from '../language/errors.ts';
import { PAYLOAD_BYTES_MAX } from '../payload-limit.ts';
import type { Course } from './course.ts';
import { WHOLE } from './event-details.ts';
import type { Phase, Thread } from './execution.ts';
import { tooLarge } from './processing.ts';
import type { Runner } from './runner.ts';

/** The end of a task or activity, by a result (or its JSON text) or a failure. */
export const finishTask = (
  runner: Runner,
  course: Course,
  thread: Thread,
  outcome: Json | StateFailure,
  text?: string,
): void => {
  const node = runner.nodeOf(course, thread);
  const resource = resourceOf(node);
  const [family, names] = familyOf(resource);
  const taskFailed = (failure: StateFailure): void => {
    runner.measure(course, thread, 'Failed');
    runner.emit(course, thread, `${family}Failed`, { ...names, ...errorDetails(failure) });
  };
  course.timers.get(thread.id)?.cancel();
  course.timers.delete(thread.id);
  runner.attempt(course, thread, () => {
    if (outcome instanceof StateFailure) {
      // What the state itself got wrong is no failure of the task.
      if (!outcome.isOfState) taskFailed(outcome);
      throw outcome;
    }
    const output = text ?? JSON.stringify(outcome);
    if (utf8Length(output) > PAYLOAD_BYTES_MAX) {
      const failure = tooLarge(resource.kind === 'service' ? resource.resourceType : resource.arn);
      taskFailed(failure);
      throw failure;
    }
    runner.measure(course, thread, 'Succeeded');
    runner.emit(course, thread, `${family}Succeeded`, { ...names, output, outputDetails: WHOLE });
    if (!course.isOver()) runner.exit(course, thread, node, outcome);
  });
  runner.run(course);
};

/** The end of a task or activity whose time is over, or of which nothing has been heard for too long. */
export const taskTimedOut = (
  runner: Runner,
  course: Course,
  thread: Thread,
  node: StateNode,
  phase: Extract<Phase, { kind: 'task' | 'activity' }>,
): void => {
  const [family, names] = familyOf(resourceOf(node));
  const isHeartbeat = phase.timeoutAt === undefined || runner.now() < phase.timeoutAt;
  runner.measure(course, thread, isHeartbeat ? 'HeartbeatTimedOut' : 'TimedOut');
  runner.desk.abandoned(runner, course, thread);
  runner.emit(course, thread, `${family}TimedOut`, { ...names, error: 'States.Timeout' });
  const alias = isHeartbeat ? 'States.HeartbeatTimeout' : undefined;
  runner.fail(course, thread, new StateFailure('States.Timeout', undefined, false, alias));
};

const familyOf = (resource: TaskResource): readonly [string, object] => {
  if (resource.kind === 'function') return ['LambdaFunction', {}];
  return resource.kind === 'activity' ? ['Activity', {}] : ['Task', namesOf(resource)];
};

const errorDetails = ({ error, errorCause }: StateFailure) => ({
  ...(error === undefined ? {} : { error }),
  ...(errorCause === undefined ? {} : { cause: errorCause }),
});
