/** So many invocations in a row, each by itself and over at once, say that there is one caller, who waits for each. */
const IN_A_ROW = 8;

/** What takes longer is not over at once, in real milliseconds. */
const AT_ONCE_MS = 0.2;

/**
 * Keeps the event loop from going to sleep while the code of a lone caller runs that ends at once: being woken takes this
 * thread, and the one that wakes it, longer than such code. Other callers are served as before, for the loop turns; with
 * several at work it has no time to sleep, and turning would take the processor from their code.
 */
export class LoneCaller {
  #inARow = 0;
  #underWay = 0;
  #begunAt = 0;
  #isTurning = false;

  /** One begins; so many are under way with it. */
  begun(underWay: number): void {
    this.#underWay = underWay;
    if (underWay > 1) this.#inARow = 0;
    this.#begunAt = performance.now();
    if (this.#inARow < IN_A_ROW || this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => this.#turn());
  }

  /** One has ended; so many are left. */
  ended(underWay: number): void {
    this.#underWay = underWay;
    this.#inARow = underWay === 0 && this.#isAtOnce ? this.#inARow + 1 : 0;
  }

  get #isAtOnce(): boolean {
    return performance.now() - this.#begunAt < AT_ONCE_MS;
  }

  #turn(): void {
    this.#isTurning = this.#underWay === 1 && this.#isAtOnce;
    if (this.#isTurning) setImmediate(() => this.#turn());
  }
}
