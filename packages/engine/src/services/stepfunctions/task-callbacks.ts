import { ServiceError } from '../../core/index.ts';
import { readJson } from './definition/json-text.ts';
import { invalidToken, taskGone } from './errors.ts';
import type { ExecutionDesk } from './execution-desk.ts';
import { StateFailure } from './language/errors.ts';
import type { Course } from './running/course.ts';
import type { Thread } from './running/execution.ts';
import { finishTask } from './running/task-endings.ts';
import { readToken } from './running/task-token.ts';

/** What whoever has the token of a task reports of it. */
export class TaskCallbacks {
  readonly #desk: ExecutionDesk;

  constructor(desk: ExecutionDesk) {
    this.#desk = desk;
  }

  /** @throws ServiceError when the output is no JSON, or the task waits no more */
  succeeded(token: string, output: string): void {
    const [course, thread] = this.#waiting(token);
    const read = readJson(output);
    if ('problem' in read) throw new ServiceError('InvalidOutput', `Invalid Output: '${read.problem}'`, 400);
    finishTask(this.#desk.runner, course, thread, read.value, output);
  }

  /** @throws ServiceError when the task waits no more */
  failed(token: string, error: string | undefined, cause: string | undefined): void {
    const [course, thread] = this.#waiting(token);
    finishTask(this.#desk.runner, course, thread, new StateFailure(error, cause));
  }

  /** @throws ServiceError when the task waits no more */
  isAlive(token: string): void {
    const [course, thread] = this.#waiting(token);
    const { phase } = thread;
    if (phase.kind !== 'task' && phase.kind !== 'activity') return;
    if (phase.heartbeatMs === undefined) return;
    const { runner } = this.#desk;
    runner.park(course, thread, { ...phase, heartbeatAt: runner.now() + phase.heartbeatMs });
    this.#desk.keepCourse(course);
  }

  /** The thread that a token belongs to. @throws ServiceError when it waits no more, or never did */
  #waiting(token: string): readonly [Course, Thread] {
    const address = readToken(token);
    if (address === undefined) throw invalidToken();
    const course = this.#desk.courseOf(address.serial);
    const thread = course?.threads.get(address.thread);
    const phase = thread?.phase;
    if (course === undefined || thread === undefined || phase === undefined) throw taskGone();
    const isWaiting = phase.kind === 'task' || (phase.kind === 'activity' && phase.isStarted);
    if (!isWaiting || phase.token !== token) throw taskGone();
    return [course, thread];
  }
}
