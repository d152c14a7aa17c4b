import { type EpochMs, MINUTE_MS, type Random, type Timer } from '@holdfast/kernel';
import type { Collection, ServiceEnvironment } from '../../core/index.ts';
import { type Bounds, type Expression, nextOccurrence, parseExpression } from './expression.ts';
import { scheduleArnOf } from './registry.ts';
import type { StoredSchedule } from './stored.ts';

interface StoredRun {
  /** When the schedule meant it. */
  readonly scheduledAt: EpochMs;
  /** When it is carried out: later within a flexible time window. */
  readonly runAt: EpochMs;
}

export interface ClockworkHost {
  run(schedule: StoredSchedule, scheduledAt: EpochMs): void;
  /** There will be no further run. */
  completed(schedule: StoredSchedule): void;
}

const boundsOf = ({ zone, createdAt, modifiedAt, startsAt, endsAt }: StoredSchedule): Bounds => ({
  zone,
  createdAt,
  modifiedAt,
  startsAt,
  endsAt,
});

/**
 * Runs schedules at their times: one timer for each that is enabled.
 *
 * The next run is stored, so that one that fell into a downtime is made up for once at the start; those after it
 * follow the expression as if nothing had happened.
 */
export class Clockwork {
  readonly #environment: ServiceEnvironment;
  readonly #host: ClockworkHost;
  readonly #runs: Collection<StoredRun>;
  readonly #random: Random;
  readonly #timers = new Map<string, Timer>();

  constructor(environment: ServiceEnvironment, host: ClockworkHost) {
    this.#environment = environment;
    this.#host = host;
    this.#runs = environment.store.collection('scheduler.runs');
    this.#random = environment.random.stream('scheduler.windows');
  }

  start(schedules: Iterable<StoredSchedule>): void {
    const stored = new Map(this.#runs.entries());
    for (const schedule of schedules) {
      const run = stored.get(scheduleArnOf(schedule));
      if (schedule.isEnabled && run !== undefined) this.#arm(schedule, run);
    }
  }

  /** To be called when a schedule was made or changed. */
  update(schedule: StoredSchedule, isNew: boolean): void {
    this.remove(schedule);
    // A new schedule may run at this very moment, and so may a new time. Real clocks have gone on since it was said.
    const { modifiedAt } = schedule;
    const mayRunNow = isNew || schedule.expression.startsWith('at');
    if (schedule.isEnabled) this.#armNext(schedule, mayRunNow ? modifiedAt - 1 : modifiedAt);
  }

  remove(schedule: StoredSchedule): void {
    const arn = scheduleArnOf(schedule);
    this.#timers.get(arn)?.cancel();
    this.#timers.delete(arn);
    this.#runs.delete(arn);
  }

  /** Whether there is a next run. */
  #armNext(schedule: StoredSchedule, after: EpochMs): boolean {
    const expression = parseExpression(schedule.expression) as Expression;
    const scheduledAt = nextOccurrence(expression, boundsOf(schedule), after);
    if (scheduledAt === undefined) {
      this.remove(schedule);
      return false;
    }
    const windowMs = schedule.windowMinutes * MINUTE_MS;
    const lateMs = windowMs === 0 ? 0 : Math.floor(this.#random.nextUnit() * windowMs);
    const run = { scheduledAt, runAt: scheduledAt + lateMs };
    this.#runs.put(scheduleArnOf(schedule), run);
    this.#arm(schedule, run);
    return true;
  }

  #arm(schedule: StoredSchedule, { scheduledAt, runAt }: StoredRun): void {
    const timer = this.#environment.timers.schedule(runAt, (now) => {
      this.#host.run(schedule, scheduledAt);
      // What a downtime left out is not made up for run by run.
      const after = Math.max(scheduledAt, now - schedule.windowMinutes * MINUTE_MS);
      if (!this.#armNext(schedule, after)) this.#host.completed(schedule);
    });
    this.#timers.set(scheduleArnOf(schedule), timer);
  }
}
