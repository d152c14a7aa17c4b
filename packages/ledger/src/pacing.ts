/** Up to a tenth of the distance: many jobs do not beat in time, and the rate stays. */
const JITTER = 0.1;

/** Who is later than that does not make up for it: after a wait the rate is the rate, and no burst. */
const LATE_MAX_MS = 1_000;

/** When each send is due, so many a second; at first more slowly, where a ramp is wanted. */
export class Pacing {
  readonly #perSecond: number;
  readonly #rampMs: number;
  #fromMs: number;
  #sends = 0;

  /** @param rampMs - the rate rises evenly from nothing to all of it in that time */
  constructor(perSecond: number, nowMs: number, rampMs = 0) {
    this.#perSecond = perSecond;
    this.#fromMs = nowMs;
    this.#rampMs = rampMs;
  }

  /** @param unit - chance, from 0 to 1 */
  next(nowMs: number, unit: number): number {
    const distanceMs = 1_000 / this.#perSecond;
    const dueMs = this.#fromMs + this.#offsetMs(this.#sends);
    this.#sends += 1;
    const lateMs = nowMs - dueMs;
    const isLate = lateMs > LATE_MAX_MS;
    if (isLate) this.#fromMs += lateMs;
    return (isLate ? nowMs : dueMs) + unit * JITTER * distanceMs;
  }

  /** While the rate rises, the sends so far are the area of a triangle. */
  #offsetMs(sends: number): number {
    const perMs = this.#perSecond / 1_000;
    const ofRamp = (perMs * this.#rampMs) / 2;
    return sends < ofRamp ? Math.sqrt((2 * sends * this.#rampMs) / perMs) : this.#rampMs / 2 + sends / perMs;
  }
}
