/**
 * Lets through a number of things per second, with a burst; refilled continuously and never beyond the burst. O(1), no
 * timer. Rate and burst come with every question, because they change with configuration.
 */
export class TokenBucket {
  /** Infinite before the first question: a bucket begins full, whatever its size. */
  #tokens = Number.POSITIVE_INFINITY;
  #filledAt = 0;

  /** Takes one token, or says that there is none. */
  take(now: number, perSecond: number, burst: number): boolean {
    const refilled = this.#tokens + ((now - this.#filledAt) * perSecond) / 1_000;
    this.#tokens = Math.min(burst, refilled);
    this.#filledAt = now;
    // Sums of fractions fall short of whole numbers by a hair.
    if (this.#tokens < 1 - 1e-9) return false;
    this.#tokens -= 1;
    return true;
  }
}
