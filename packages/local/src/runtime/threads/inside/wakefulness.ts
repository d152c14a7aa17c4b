import type { EngineClock } from './clock.ts';

/** How long a thread that has answered stays awake for the next call, in real milliseconds. */
const AWAKE_MS = 0.25;

/**
 * Keeps the event loop of a thread turning for a moment after each answer, while the engine says that the next call follows at
 * once (`Pace`): to wake it would take the engine longer than the code. Everything else in the loop is served meanwhile.
 */
export class Wakefulness {
  readonly #awake: Int32Array;
  readonly #clock: Pick<EngineClock, 'isVirtual' | 'realElapsed'>;
  readonly #isWorking: () => boolean;
  readonly #setImmediate: (run: () => void) => void;
  #answeredAt = 0;
  #isTurning = false;

  /** `awake` is where the engine says it: 0 or 1; `setImmediate` the machine's. */
  constructor(
    awake: SharedArrayBuffer,
    clock: Pick<EngineClock, 'isVirtual' | 'realElapsed'>,
    isWorking: () => boolean,
    setImmediate: (run: () => void) => void,
  ) {
    this.#awake = new Int32Array(awake);
    this.#clock = clock;
    this.#isWorking = isWorking;
    this.#setImmediate = setImmediate;
  }

  answered(): void {
    if (this.#awake[0] !== 1 || this.#clock.isVirtual()) return;
    this.#answeredAt = this.#clock.realElapsed();
    if (this.#isTurning) return;
    this.#isTurning = true;
    this.#setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    const isWanted = this.#awake[0] === 1 && !this.#isWorking();
    this.#isTurning = isWanted && this.#clock.realElapsed() - this.#answeredAt < AWAKE_MS;
    if (this.#isTurning) this.#setImmediate(this.#turn);
  };
}
