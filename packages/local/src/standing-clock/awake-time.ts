/** As many times of lateness are remembered: older waiting counts in full again. */
const LATE_MAX = 100;

/**
 * Real time in which this process could have gone on. A busy machine may keep it from running for seconds, and then timers come
 * before the requests that came meanwhile are read: such a time is nobody's waiting. It is seen at looks that come late.
 */
export class AwakeTime {
  readonly #everyMs: number;
  readonly #late: { readonly at: number; readonly ms: number }[] = [];

  /** `everyMs`: how long after one look the next is due. */
  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  /** A look at `now` (milliseconds) that was set off at `from`. */
  look(from: number, now: number): void {
    const ms = now - from - this.#everyMs;
    if (ms < this.#everyMs) return;
    this.#late.push({ at: now, ms });
    if (this.#late.length > LATE_MAX) this.#late.shift();
  }

  /** How long it was awake between then and `now`, in milliseconds; at most all of it. */
  between(then: number, now: number): number {
    const lost = this.#late.reduce((sum, { at, ms }) => (at > then ? sum + Math.min(ms, at - then) : sum), 0);
    return Math.max(0, now - then - lost);
  }
}
