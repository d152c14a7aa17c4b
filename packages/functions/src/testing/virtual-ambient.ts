import { ManualClock, seededRandom, TimerQueue } from '@holdfast/kernel';
import type { Ambient } from '../ambient.ts';

/** Time that moves on its own as soon as everybody waits for it: an hour of backoff takes a moment. */
export class VirtualAmbient implements Ambient {
  readonly #clock = new ManualClock(Date.UTC(2025, 10, 28, 8));
  readonly #timers = new TimerQueue();
  readonly random = seededRandom(7);

  readonly now = (): number => this.#clock.now();

  readonly sleep = (ms: number): Promise<void> => new Promise((resolve) => void this.after(ms, resolve));

  readonly after = (ms: number, act: () => void): (() => void) => {
    const timer = this.#timers.schedule(this.now() + ms, act);
    return () => timer.cancel();
  };

  /** Runs `work` to its end, letting time pass whenever nothing else can happen. */
  async run<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false;
    const settled = work.finally(() => {
      isDone = true;
    });
    settled.catch(() => {});
    while (!isDone) {
      for (let turn = 0; turn < 20 && !isDone; turn++) await new Promise((resolve) => setImmediate(resolve));
      const at = this.#timers.nextWakeAt();
      if (!isDone && at !== undefined) {
        this.#clock.set(at);
        this.#timers.wake(at);
      }
    }
    return settled;
  }

  /** Lets time pass. */
  advance(ms: number): void {
    this.#clock.advance(ms);
  }

  /** A context as Lambda gives it. */
  context(requestId: string, timeoutMs = 60_000) {
    const deadline = this.now() + timeoutMs;
    return { awsRequestId: requestId, getRemainingTimeInMillis: () => Math.max(0, deadline - this.now()) };
  }
}
