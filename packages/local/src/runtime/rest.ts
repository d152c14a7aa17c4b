/** Code that computes for a smaller share of the time only waits. */
const RESTS_BELOW = 0.1;

interface Look {
  readonly at: number;
  readonly computedMs: number;
  readonly isResting: boolean;
}

/** Whether code waits rather than computes, by how much it has computed between two looks. */
export class Rest {
  readonly #overMs: number;
  readonly #computedMs: () => number;
  #last: Look | undefined;

  /**
   * `computedMs` says how long the code has computed so far, without end when it has done nothing else; `overMs` is the
   * least time that is judged by. Both in real milliseconds.
   */
  constructor(overMs: number, computedMs: () => number) {
    this.#overMs = overMs;
    this.#computedMs = computedMs;
  }

  /** Something new has begun: what was seen before says nothing about it. */
  begin(): void {
    this.#last = undefined;
  }

  /** Whether it has waited since the look before; the first one only notes where it stands. */
  isResting(): boolean {
    const at = performance.now();
    const last = this.#last;
    if (last !== undefined && at - last.at < this.#overMs) return last.isResting;
    const computedMs = this.#computedMs();
    const sinceMs = last === undefined ? Number.NaN : computedMs - last.computedMs;
    // The clocks of loops are not quite one: who waits may be told to have computed for a little less than nothing.
    const isResting = Number.isFinite(sinceMs) && sinceMs < RESTS_BELOW * (at - (last?.at ?? at));
    this.#last = { at, computedMs, isResting };
    return isResting;
  }
}
