import type { ServiceEnvironment } from '../../core/index.ts';
import { activityMissing } from './errors.ts';
import { type StoredActivity, Table } from './machines.ts';
import type { Course } from './running/course.ts';
import type { Thread } from './running/execution.ts';
import type { CourseKeeper, Runner } from './running/runner.ts';

/** How long a worker's poll is held open. */
const POLL_MS = 60_000;

export interface ActivityTask {
  readonly taskToken?: string;
  readonly input?: string;
}

interface Waiter {
  readonly workerName: string | undefined;
  answer(task: ActivityTask): void;
}

/** Activities, the tasks that wait in them, and the workers that wait for tasks. */
export class Activities {
  readonly table: Table<StoredActivity>;
  readonly #environment: ServiceEnvironment;
  readonly #runner: Runner;
  readonly #keeper: Pick<CourseKeeper, 'keepCourse'>;
  readonly #offers = new Map<string, [Course, Thread][]>();
  readonly #waiters = new Map<string, Waiter[]>();

  constructor(environment: ServiceEnvironment, runner: Runner, keeper: Pick<CourseKeeper, 'keepCourse'>) {
    this.#environment = environment;
    this.#runner = runner;
    this.#keeper = keeper;
    this.table = new Table(environment.store, 'states.activities');
  }

  exists(arn: string): boolean {
    return this.table.get(arn) !== undefined;
  }

  offer(arn: string, course: Course, thread: Thread): void {
    const waiter = this.#waiters.get(arn)?.shift();
    if (waiter !== undefined) {
      this.#hand(course, thread, waiter);
      return;
    }
    const offers = this.#offers.get(arn) ?? [];
    offers.push([course, thread]);
    this.#offers.set(arn, offers);
  }

  withdraw(arn: string, token: string): void {
    const offers = this.#offers.get(arn);
    const at = offers?.findIndex(([, { phase }]) => phase.kind === 'activity' && phase.token === token) ?? -1;
    if (at >= 0) offers?.splice(at, 1);
  }

  /** The next task for a worker, held open for a minute when there is none. */
  poll(arn: string, workerName: string | undefined, onGone: (listener: () => void) => void): Promise<ActivityTask> {
    if (!this.exists(arn)) throw activityMissing(arn);
    return new Promise((resolve) => {
      const waiter: Waiter = {
        workerName,
        answer: (task) => {
          timer.cancel();
          resolve(task);
        },
      };
      const leave = (): void => {
        const waiters = this.#waiters.get(arn) ?? [];
        const at = waiters.indexOf(waiter);
        if (at < 0) return;
        waiters.splice(at, 1);
        waiter.answer({});
      };
      const timer = this.#environment.timers.schedule(this.#environment.clock.now() + POLL_MS, leave);
      const offer = this.#offers.get(arn)?.shift();
      if (offer !== undefined) this.#hand(offer[0], offer[1], waiter);
      else {
        this.#waiters.set(arn, [...(this.#waiters.get(arn) ?? []), waiter]);
        onGone(leave);
      }
    });
  }

  #hand(course: Course, thread: Thread, waiter: Waiter): void {
    const { phase } = thread;
    if (phase.kind !== 'activity') return;
    const runner = this.#runner;
    const { workerName } = waiter;
    runner.measure(course, thread, 'Started');
    runner.emit(course, thread, 'ActivityStarted', workerName === undefined ? {} : { workerName });
    runner.park(course, thread, { ...phase, isStarted: true, startedAt: runner.now() });
    this.#keeper.keepCourse(course);
    waiter.answer({ taskToken: phase.token, input: JSON.stringify(phase.request) });
  }
}
