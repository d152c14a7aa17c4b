/** Concurrent batches of a fresh mapping. */
export const POLLERS_INITIAL = 5;

/** What a failing or idle mapping falls back to. */
export const POLLERS_MIN = 2;

/** Concurrent batches of a mapping without maximum concurrency. */
export const POLLERS_MAX = 1_250;

/** 300 more per minute while messages wait, in steps of a second. */
const STEP = 5;
const STEP_MS = 1_000;

/** After trouble nothing is added for this long. */
const HOLD_MS = 60_000;

/** After this long without work a mapping starts from the beginning. */
const IDLE_MS = 60_000;

/**
 * How many batches of one mapping may be in work at once: grows while messages wait, halves on trouble.
 *
 * Differs: AWS documents the start, the growth per minute and the maximum, but not how far it backs off.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html
 */
export class PollerScale {
  readonly #max: number;
  #limit: number;
  #holdUntil = 0;
  #lastWorkAt = 0;

  constructor(maximumConcurrency: number | undefined) {
    this.#max = maximumConcurrency ?? POLLERS_MAX;
    this.#limit = Math.min(POLLERS_INITIAL, this.#max);
  }

  get limit(): number {
    return this.#limit;
  }

  /** When to grow next; `undefined` at the maximum. */
  nextStepAt(now: number): number | undefined {
    return this.#limit >= this.#max ? undefined : Math.max(now + STEP_MS, this.#holdUntil);
  }

  grow(): void {
    this.#limit = Math.min(this.#limit + STEP, this.#max);
  }

  /** A function error (when the function does not report failures itself) or a throttle. */
  backOff(now: number): void {
    this.#limit = Math.max(Math.min(POLLERS_MIN, this.#max), Math.ceil(this.#limit / 2));
    this.#holdUntil = now + HOLD_MS;
  }

  /** To be called when there is work; after a long pause the mapping begins anew. */
  working(now: number): void {
    if (this.#lastWorkAt !== 0 && now - this.#lastWorkAt >= IDLE_MS && now >= this.#holdUntil) {
      this.#limit = Math.min(POLLERS_INITIAL, this.#max);
    }
    this.#lastWorkAt = now;
  }
}
