import { Pace } from './pace.ts';

/** So many invocations in a row, each by itself and over at once, say that there is one caller, who waits for each. */
const IN_A_ROW = 8;

/** What takes longer is not over at once, in real milliseconds. */
const AT_ONCE_MS = 0.2;

/**
 * Keeps those awake who wait for each other on the way of a lone caller's calls: being woken takes a thread, and the one
 * that wakes it, longer than code that ends at once.
 *
 * While such code runs, the event loop here turns. Other callers are served as before; with several at work it has no time
 * to sleep, and turning would take the processor from their code. Between two calls to the same environment its thread does,
 * where that pays (`Pace`). With a single processor who turns keeps the other from running.
 */
export class LoneCaller {
  readonly #pace: Pace;
  #inARow = 0;
  #underWay = 0;
  #begunAt = 0;
  #isTurning = false;
  #last: object | undefined;

  /** `stayAwake` tells the threads whether who has answered is to do so. */
  constructor(stayAwake: (isAwake: boolean) => void) {
    this.#pace = new Pace(stayAwake);
  }

  /** One begins, in this environment; so many are under way with it. */
  begun(underWay: number, environment: object): void {
    const now = performance.now();
    this.#underWay = underWay;
    if (underWay > 1) this.#inARow = 0;
    this.#begunAt = now;
    this.#pace.begun(now, underWay === 1 && environment === this.#last);
    this.#last = environment;
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
