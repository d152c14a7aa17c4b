import { type Clock, type EpochMs, earliestWakeAt, type Wakeable } from './clock.ts';

/** A clock that somebody else moves. */
export interface SteerableClock extends Clock {
  /** Moves forward to `at`; never backwards. */
  set(at: EpochMs): void;
}

/** What virtual time waits for: it stands still until everything that runs is blocked on time alone. */
export interface Quiescence {
  whenQuiet(): Promise<void>;
}

/** Upper bound of steps in one advance, so that two parties waking each other at one instant end in an error. */
export const STEPS_PER_ADVANCE_MAX = 50_000_000;

/**
 * Moves a clock through everything that is due, in order, without waiting.
 *
 * Several sources of wake-ups (engine, timers inside handlers) share one time line: at each step the
 * earliest of them is woken, and time stands still until whatever that started is quiet again.
 */
export class VirtualDriver {
  readonly #clock: SteerableClock;
  readonly #sources: readonly Wakeable[];
  readonly #quiescence: Quiescence;

  constructor(clock: SteerableClock, sources: readonly Wakeable[], quiescence: Quiescence) {
    this.#clock = clock;
    this.#sources = sources;
    this.#quiescence = quiescence;
  }

  /** When any source next has something to do. */
  nextWakeAt(): EpochMs | undefined {
    return earliestWakeAt(this.#sources);
  }

  /** Runs everything due up to and including `target`, then leaves the clock there. Returns the number of steps. */
  async advanceTo(target: EpochMs): Promise<number> {
    let steps = 0;
    await this.#quiescence.whenQuiet();
    for (;;) {
      const at = this.nextWakeAt();
      if (at === undefined || at > target) break;
      this.#clock.set(at);
      const now = this.#clock.now();
      for (const source of this.#sources) {
        const due = source.nextWakeAt();
        if (due !== undefined && due <= now) source.wake(now);
      }
      await this.#quiescence.whenQuiet();
      steps += 1;
      if (steps >= STEPS_PER_ADVANCE_MAX) throw new Error(`time did not get past ${new Date(now).toISOString()}`);
    }
    this.#clock.set(target);
    return steps;
  }

  /** Advances by a duration in milliseconds. */
  async advance(ms: number): Promise<number> {
    return this.advanceTo(this.#clock.now() + ms);
  }
}
