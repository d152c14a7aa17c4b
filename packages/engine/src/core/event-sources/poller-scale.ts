import {
  INVOKES_PER_POLLER,
  PROVISIONED_STEP,
  PROVISIONED_STEP_MS,
  type ProvisionedPollers,
} from './poller-throughput.ts';

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
  readonly #min: number;
  readonly #initial: number;
  readonly #step: number;
  readonly #stepMs: number;
  #limit: number;
  #holdUntil = 0;
  #lastWorkAt = 0;

  /** Provisioned pollers grow in steps of their own, and those that are always there are always used. */
  constructor(maximumConcurrency: number | undefined, provisioned?: ProvisionedPollers) {
    this.#max =
      provisioned === undefined ? (maximumConcurrency ?? POLLERS_MAX) : provisioned.maximum * INVOKES_PER_POLLER;
    const always = provisioned === undefined ? undefined : provisioned.minimum * INVOKES_PER_POLLER;
    this.#min = always ?? Math.min(POLLERS_MIN, this.#max);
    this.#initial = always ?? Math.min(POLLERS_INITIAL, this.#max);
    this.#step = provisioned === undefined ? STEP : PROVISIONED_STEP;
    this.#stepMs = provisioned === undefined ? STEP_MS : PROVISIONED_STEP_MS;
    this.#limit = this.#initial;
  }

  get limit(): number {
    return this.#limit;
  }

  /** When to grow next; `undefined` at the maximum. */
  nextStepAt(now: number): number | undefined {
    return this.#limit >= this.#max ? undefined : Math.max(now + this.#stepMs, this.#holdUntil);
  }

  grow(): void {
    this.#limit = Math.min(this.#limit + this.#step, this.#max);
  }

  /** A function error (when the function does not report failures itself) or a throttle. */
  backOff(now: number): void {
    this.#limit = Math.max(this.#min, Math.ceil(this.#limit / 2));
    this.#holdUntil = now + HOLD_MS;
  }

  /** To be called when there is work; after a long pause the mapping begins anew. */
  working(now: number): void {
    if (this.#lastWorkAt !== 0 && now - this.#lastWorkAt >= IDLE_MS && now >= this.#holdUntil) {
      this.#limit = this.#initial;
    }
    this.#lastWorkAt = now;
  }
}
