import {
  type EpochMs,
  earliestWakeAt,
  formatDuration,
  InvalidInputError,
  type Quiescence,
  Turn,
  VirtualDriver,
  type Wakeable,
} from '@holdfast/kernel';
import { LiveDriver } from '@holdfast/kernel/live';
import type { ClockMode, EngineTime } from './runtime/engine-time.ts';

/** Several sources of wake-ups as one. */
class Together implements Wakeable {
  readonly #sources: readonly Wakeable[];

  constructor(sources: readonly Wakeable[]) {
    this.#sources = sources;
  }

  nextWakeAt(): EpochMs | undefined {
    return earliestWakeAt(this.#sources);
  }

  wake(now: EpochMs): void {
    for (const source of this.#sources) source.wake(now);
  }
}

/** Years have four digits everywhere in AWS, and dates of the far future must still have dates after them. */
export const TIME_MAX: EpochMs = Date.UTC(9000, 0, 1);

/** @throws InvalidInputError when time cannot be moved that far */
export const checkAdvance = (now: EpochMs, ms: number): void => {
  if (now + ms <= TIME_MAX) return;
  throw new InvalidInputError(
    'advance',
    Number.isSafeInteger(ms) ? formatDuration(ms) : ms,
    `leads beyond ${new Date(TIME_MAX).toISOString()}`,
  );
};

/** Moves the engine through time: sleeps and wakes it in live mode, jumps on demand in virtual mode. */
export class TimeDriver {
  readonly #time: EngineTime;
  readonly #live: LiveDriver;
  readonly #virtual: VirtualDriver;
  readonly #together: Together;
  #isStopped = false;
  #isPresentQueued = false;
  #actsUnderWay = 0;
  /** Before it first acted it always rested. */
  #restingSince = Number.NEGATIVE_INFINITY;
  readonly #turn = new Turn();

  constructor(time: EngineTime, sources: readonly Wakeable[], quiescence: Quiescence) {
    this.#time = time;
    this.#together = new Together(sources);
    this.#live = new LiveDriver(this.#together, time);
    this.#virtual = new VirtualDriver(time, sources, quiescence);
  }

  start(): void {
    if (this.#time.mode === 'live') this.#live.start();
  }

  stop(): void {
    this.#isStopped = true;
    this.#live.stop();
  }

  /** Real time since which nothing has been advanced or run in virtual time; `undefined` while something is. */
  get restingSince(): number | undefined {
    return this.#actsUnderWay > 0 ? undefined : this.#restingSince;
  }

  /** To be called when something may be due earlier than before. */
  rearm(): void {
    this.#live.rearm();
  }

  nextWakeAt(): EpochMs | undefined {
    return this.#together.nextWakeAt();
  }

  /** Waits for an advance under way, then changes the mode. */
  setMode(mode: ClockMode): Promise<void> {
    return this.#inTurn(async () => {
      this.#live.stop();
      this.#time.setMode(mode);
      this.start();
    });
  }

  /**
   * Runs everything due within the next `ms` of virtual time. One advance at a time; later ones wait.
   *
   * @throws InvalidInputError when that leads beyond {@link TIME_MAX}; time stays where it is then
   */
  advance(ms: number): Promise<number> {
    return this.#inTurn(async () => {
      checkAdvance(this.#time.now(), ms);
      return this.#virtual.advance(ms);
    });
  }

  /** Runs what is due at this very moment, because somebody waits for it. Time does not move. */
  playPresent(): void {
    if (this.#isPresentQueued) return;
    this.#isPresentQueued = true;
    const played = this.#inTurn(async () => {
      this.#isPresentQueued = false;
      if (!this.#isStopped && this.#time.mode === 'virtual') await this.#virtual.advance(0);
    });
    played.catch((error: unknown) => console.error('what is due now could not be run:', error));
  }

  async #inTurn<Result>(act: () => Promise<Result>): Promise<Result> {
    this.#actsUnderWay += 1;
    try {
      return await this.#turn.take(async () => {
        // Never within the call that asks: what is due may be what that call has just begun.
        await Promise.resolve();
        return act();
      });
    } finally {
      this.#actsUnderWay -= 1;
      this.#restingSince = performance.now();
    }
  }
}
