/** So many calls are looked at together. */
export const CALLS = 100;

/** Who lets more time pass from one call to the next, in real milliseconds, has other things to do. */
const PAUSE_MS = 5;

/** Calls that come more slowly find the thread asleep again, awake or not; real milliseconds from one to the next. */
const TOO_SLOW_MS = 0.5;

/** Calls that take so long have met other work on the machine: no processor is free to be kept awake. */
const DISTURBED_MS = 0.8;
/** So many of a hundred may. */
const DISTURBED_BEFORE = 1;
const DISTURBED_AWAKE = 5;

/** To be worth the time of a processor, staying awake has to bring at least so much. */
const WORTH_IT = 0.9;

/** So many hundreds may pass before the scheduler has who is awake where they do not meet. */
export const SETTLED_ROUNDS = 2;
/** After so many hundreds it is compared again. */
export const AWAKE_ROUNDS = 100;
/** Most between two attempts; four times as many after each one that has brought nothing. */
export const ASLEEP_ROUNDS_MAX = 64;

/**
 * Whether a thread that stays awake between the calls of a lone caller pays is found by trying: a hundred calls without, some
 * hundreds with, and while these come faster it goes on. With other work on the machine they do not.
 */
export class Pace {
  readonly #stayAwake: (isAwake: boolean) => void;
  #isAwake = false;
  #begunAt = Number.NEGATIVE_INFINITY;
  #calls = 0;
  #disturbed = 0;
  #sumMs = 0;
  /** From one call to the next, in the last hundreds. */
  #asleepMs: number | undefined;
  #awakeMs: number | undefined;
  /** Hundreds that are left of this attempt, or until the next. */
  #rounds = 1;
  #pauseRounds = 1;

  constructor(stayAwake: (isAwake: boolean) => void) {
    this.#stayAwake = stayAwake;
  }

  /** A call begins at this time; `isNext`: to the same environment as the one before, which is over. */
  begun(at: number, isNext: boolean): void {
    const tookMs = at - this.#begunAt;
    this.#begunAt = at;
    if (!isNext || tookMs > PAUSE_MS) {
      this.#beginRound();
      if (this.#isAwake) this.#sleep(1);
      return;
    }
    this.#calls += 1;
    this.#sumMs += tookMs;
    if (tookMs > DISTURBED_MS) this.#disturbed += 1;
    if (this.#calls < CALLS) return;
    const [meanMs, disturbed] = [this.#sumMs / this.#calls, this.#disturbed];
    this.#beginRound();
    this.#rounds -= 1;
    if (this.#isAwake) this.#judge(meanMs, disturbed);
    else this.#mayTry(meanMs, disturbed);
  }

  #beginRound(): void {
    this.#calls = 0;
    this.#disturbed = 0;
    this.#sumMs = 0;
  }

  #mayTry(meanMs: number, disturbed: number): void {
    this.#asleepMs = smoothed(this.#asleepMs, meanMs);
    if (this.#rounds > 0 || disturbed > DISTURBED_BEFORE || this.#asleepMs > TOO_SLOW_MS) return;
    this.#rounds = AWAKE_ROUNDS;
    this.#awakeMs = undefined;
    this.#isAwake = true;
    this.#stayAwake(true);
  }

  #judge(meanMs: number, disturbed: number): void {
    this.#awakeMs = smoothed(this.#awakeMs, meanMs);
    const isSettled = this.#rounds <= AWAKE_ROUNDS - SETTLED_ROUNDS;
    const isWorthIt = this.#awakeMs < WORTH_IT * (this.#asleepMs ?? 0);
    if (disturbed > DISTURBED_AWAKE || (isSettled && !isWorthIt)) {
      this.#pauseRounds = Math.min(4 * this.#pauseRounds, ASLEEP_ROUNDS_MAX);
      this.#sleep(this.#pauseRounds);
    } else if (this.#rounds <= 0) {
      this.#pauseRounds = 1;
      this.#sleep(1);
    }
  }

  #sleep(rounds: number): void {
    this.#rounds = rounds;
    this.#asleepMs = undefined;
    this.#isAwake = false;
    this.#stayAwake(false);
  }
}

/** A single hundred may have met something else. */
const smoothed = (before: number | undefined, value: number): number =>
  before === undefined ? value : (before + value) / 2;
