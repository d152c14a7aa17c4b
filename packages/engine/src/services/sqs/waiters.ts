import type { Timer } from '@holdfast/kernel';
import type { Message } from './message.ts';

/** A parked `ReceiveMessage`. */
export interface Waiter {
  readonly max: number;
  readonly visibilityTimeoutMs: number | undefined;
  readonly attemptId: string | undefined;
  /** Ends the wait with these messages, or with none. */
  readonly resolve: (messages: readonly Message[]) => void;
  readonly reject: (error: Error) => void;
}

class Place {
  readonly waiter: Waiter;
  timer: Timer | undefined;
  previous: Place | undefined;
  next: Place | undefined;
  isWaiting = true;

  constructor(waiter: Waiter) {
    this.waiter = waiter;
  }
}

/** Those who wait for messages of one queue: first come, first served. */
export class Waiters {
  #first: Place | undefined;
  #last: Place | undefined;
  size = 0;

  /** Queues up; `arm` starts the end of the wait. Returns what makes the waiter leave without an answer. */
  add(waiter: Waiter, arm: (end: () => void) => Timer): () => void {
    const place = new Place(waiter);
    place.previous = this.#last;
    if (this.#last === undefined) this.#first = place;
    else this.#last.next = place;
    this.#last = place;
    this.size += 1;
    place.timer = arm(() => {
      if (this.#leave(place)) waiter.resolve([]);
    });
    return () => {
      this.#leave(place);
    };
  }

  peek(): Waiter | undefined {
    return this.#first?.waiter;
  }

  /** Takes the first waiter out, to be answered. */
  shift(): Waiter | undefined {
    const first = this.#first;
    if (first !== undefined) this.#leave(first);
    return first?.waiter;
  }

  #leave(place: Place): boolean {
    if (!place.isWaiting) return false;
    place.isWaiting = false;
    place.timer?.cancel();
    if (place.previous === undefined) this.#first = place.next;
    else place.previous.next = place.next;
    if (place.next === undefined) this.#last = place.previous;
    else place.next.previous = place.previous;
    this.size -= 1;
    return true;
  }
}
