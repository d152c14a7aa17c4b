import type { JobWish } from './jobs/job.ts';
import type { JobTime } from './redrive-ports.ts';

/** How long a wish may go unheard, in the time of the job. */
const ASK_EVERY_MS = 500;

/** Where time stands still between sends, their number is the measure. */
const ASK_EVERY_LOOKS = 100;

/** What ends a run before its job: a wish of somebody's, the signal of the process, or the end of its slice of time. */
export class Wanted {
  readonly #time: JobTime;
  readonly #signal: AbortSignal;
  readonly #untilMs: number;
  readonly #ask: (() => Promise<JobWish>) | undefined;
  #wish: JobWish = 'run';
  #askedAt = Number.NEGATIVE_INFINITY;
  #looks = 0;

  constructor(
    time: JobTime,
    signal: AbortSignal,
    untilMs = Number.POSITIVE_INFINITY,
    ask: (() => Promise<JobWish>) | undefined = undefined,
  ) {
    this.#time = time;
    this.#signal = signal;
    this.#untilMs = untilMs;
    this.#ask = ask;
  }

  /** How the run ends by what is known; `undefined` while it goes on. */
  get end(): 'paused' | 'cancelled' | 'waiting' | undefined {
    if (this.#wish === 'cancel') return 'cancelled';
    if (this.#wish === 'pause' || this.#signal.aborted) return 'paused';
    return this.#time.now() >= this.#untilMs ? 'waiting' : undefined;
  }

  /** Asks when it is time to. */
  async look(): Promise<void> {
    this.#looks += 1;
    if (this.#ask === undefined || this.#wish !== 'run') return;
    if (this.#time.now() - this.#askedAt < ASK_EVERY_MS && this.#looks < ASK_EVERY_LOOKS) return;
    this.#wish = await this.#ask();
    this.#askedAt = this.#time.now();
    this.#looks = 0;
  }

  /** Waits, but no longer than somebody wants it to. */
  async wait(ms: number): Promise<void> {
    const until = Math.min(this.#time.now() + ms, this.#untilMs);
    for (let left = ms; left > 0 && this.end === undefined; left = until - this.#time.now()) {
      await this.#time.wait(Math.min(left, ASK_EVERY_MS), this.#signal);
      await this.look();
    }
  }
}
