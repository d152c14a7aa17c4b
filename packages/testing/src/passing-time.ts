import { formatDuration } from '@holdfast/kernel';
import { InvalidInputError, type LocalEngine } from '@holdfast/local';
import { type DurationLike, durationMs } from './duration.ts';

/** How long one waits in the engine's time. */
export interface UntilOptions {
  /** @defaultValue 14 days, the longest that SQS keeps a message; of `expectNone` 1 hour */
  readonly within?: DurationLike;
}

/** How long `untilQuiet` waits. */
export interface QuietOptions {
  /** For how long nothing may happen; longer than the longest visibility timeout and delay in the test. @defaultValue 1 hour */
  readonly quiet?: DurationLike;
  /** @defaultValue 14 days, the longest that SQS keeps a message */
  readonly within?: DurationLike;
}

const UNTIL_WITHIN_DEFAULT: DurationLike = { days: 14 };
const QUIET_DEFAULT: DurationLike = { hours: 1 };
/** Time between two looks. */
const QUIET_STEP_MS = 60_000;

/** Lets an engine's virtual time pass until something is so. */
export class PassingTime {
  readonly #local: LocalEngine;
  /** What has happened: the end of every message about waiting in vain. */
  readonly #told: () => string;

  constructor(local: LocalEngine, told: () => string) {
    this.#local = local;
    this.#told = told;
  }

  now(): Date {
    return new Date(this.#local.clock().now);
  }

  /** @throws InvalidInputError when that is over */
  async advanceTo(date: Date): Promise<void> {
    const ms = date instanceof Date ? date.getTime() - this.now().getTime() : Number.NaN;
    if (!(ms >= 0)) {
      throw new InvalidInputError(
        'advanceTo',
        Number.isNaN(ms) ? String(date) : date.toISOString(),
        `must be a date not before now (${this.now().toISOString()})`,
      );
    }
    await this.#local.advance(ms);
  }

  /** @throws Error with what has happened, when it does not hold in time */
  async until(predicate: () => unknown, { within = UNTIL_WITHIN_DEFAULT }: UntilOptions = {}): Promise<Date> {
    const withinMs = durationMs(within, 'within');
    const deadline = this.now().getTime() + withinMs;
    if (await this.#isTrueBefore(deadline, predicate)) return this.now();
    const { nextWakeAt } = this.#local.clock();
    const rest = nextWakeAt === undefined ? 'and nothing more is due' : `and next due is ${nextWakeAt}`;
    throw new Error(
      `within ${formatDuration(withinMs)}, until ${new Date(deadline).toISOString()}, it did not come true, ${rest}\n${this.#told()}`,
    );
  }

  /** Lets all of the time pass; answers whether it came true on the way, and then stops there. */
  async comesTrue(predicate: () => unknown, within: DurationLike): Promise<boolean> {
    const deadline = this.now().getTime() + durationMs(within, 'within');
    if (await this.#isTrueBefore(deadline, predicate)) return true;
    await this.#local.advance(Math.max(0, deadline - this.now().getTime()));
    return Boolean(await predicate());
  }

  /** @throws Error with what has happened, when it does not become quiet in time */
  async untilQuiet(
    seen: () => string,
    { quiet = QUIET_DEFAULT, within = UNTIL_WITHIN_DEFAULT }: QuietOptions,
  ): Promise<Date> {
    const quietMs = durationMs(quiet, 'quiet');
    if (quietMs === 0) throw new InvalidInputError('quiet', quietMs, 'must be a length of time above 0');
    const withinMs = durationMs(within, 'within');
    const startedAt = this.now().getTime();
    await this.#local.advance(0);
    let before = seen();
    let lastAt = this.now().getTime();
    while (this.now().getTime() - lastAt < quietMs) {
      if (this.now().getTime() - startedAt > withinMs) {
        throw new Error(`within ${formatDuration(withinMs)} it did not become quiet\n${this.#told()}`);
      }
      await this.#local.advance(Math.min(QUIET_STEP_MS, quietMs));
      const after = seen();
      if (after !== before) lastAt = this.now().getTime();
      before = after;
    }
    return new Date(lastAt);
  }

  /** Goes from one thing that is due to the next. */
  async #isTrueBefore(deadline: number, predicate: () => unknown): Promise<boolean> {
    await this.#local.advance(0);
    while (!(await predicate())) {
      const { nextWakeAt } = this.#local.clock();
      const nowMs = this.now().getTime();
      const wakeAt = nextWakeAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(nextWakeAt);
      if (nowMs >= deadline || wakeAt > deadline) return false;
      // Whatever is due at this very moment was done; a wake that is over would not move time.
      await this.#local.advance(Math.max(1, wakeAt - nowMs));
    }
    return true;
  }
}
