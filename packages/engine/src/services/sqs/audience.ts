import type { EpochMs, Timer } from '@holdfast/kernel';
import type { ServiceEnvironment } from '../../core/index.ts';
import type { Message } from './message.ts';
import { type Waiter, Waiters } from './waiters.ts';

/** What those who wait and listen need of their queue. */
export interface Stage {
  readonly hasReceivable: boolean;
  /** When something may become receivable by itself. */
  readonly nextChangeAt: EpochMs | undefined;
  /** Does what is due. */
  settle(now: EpochMs): void;
  /** Receives for a waiter. */
  receiveFor(waiter: Waiter, now: EpochMs): readonly Message[];
}

/**
 * Who waits for messages of one queue and who listens for them. Only while there is anybody does the queue keep one
 * timer, for the earliest change.
 */
export class Audience {
  readonly #timers: ServiceEnvironment['timers'];
  readonly #stage: Stage;
  /** Called whenever messages may have become receivable; outlive the queue. */
  readonly #listeners: ReadonlySet<() => void>;
  readonly #waiters = new Waiters();
  #timer: Timer | undefined;

  constructor(timers: ServiceEnvironment['timers'], listeners: ReadonlySet<() => void>, stage: Stage) {
    this.#timers = timers;
    this.#listeners = listeners;
    this.#stage = stage;
  }

  /** Parks a receive until messages come, or until `waitMs` is over. Returns what makes it leave without an answer. */
  wait(waiter: Waiter, waitMs: number, now: EpochMs): () => void {
    const leave = this.#waiters.add(waiter, (end) => this.#timers.schedule(now + waitMs, end));
    this.rearm();
    return leave;
  }

  /** Tells that something may be receivable. One call per operation, after its last change. */
  announce(now: EpochMs): void {
    if (this.#waiters.size > 0) this.#serveWaiters(now);
    if (this.#listeners.size > 0 && this.#stage.hasReceivable) {
      for (const listener of [...this.#listeners]) listener();
    }
    this.rearm();
  }

  /** Keeps the one timer at the earliest change while anybody waits or listens. */
  rearm(): void {
    if (this.#waiters.size === 0 && this.#listeners.size === 0) {
      this.#disarm();
      return;
    }
    const at = this.#stage.nextChangeAt;
    if (at === undefined || (this.#timer !== undefined && this.#timer.at <= at)) return;
    this.#timer?.cancel();
    this.#timer = this.#timers.schedule(at, (now) => {
      this.#timer = undefined;
      this.#stage.settle(now);
      this.announce(now);
    });
  }

  /** The queue is gone: whoever waits is refused. */
  close(refusal: () => Error): void {
    this.#disarm();
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift()) {
      waiter.reject(refusal());
    }
  }

  #disarm(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #serveWaiters(now: EpochMs): void {
    for (;;) {
      const waiter = this.#waiters.peek();
      if (waiter === undefined || !this.#stage.hasReceivable) return;
      const messages = this.#stage.receiveFor(waiter, now);
      if (messages.length === 0) return;
      this.#waiters.shift();
      waiter.resolve(messages);
    }
  }
}
