import { type EpochMs, IndexedHeap } from '@holdfast/kernel';
import type { Message } from './message.ts';

/** A message received more often than this does not count for the age of the oldest message. */
const RECEIVES_COUNTED_FOR_AGE_MAX = 3;

/**
 * The messages of a queue by age: whose retention is over, and how old the oldest is.
 *
 * Messages arrive in order of time, so a list does. The exception are messages that were dead-lettered into a
 * standard queue: they keep the time of their first send and are in a heap besides.
 */
export class Arrivals {
  #oldest: Message | undefined;
  #newest: Message | undefined;
  readonly #elders = new IndexedHeap<Message>(
    (a, b) => a.enqueuedAt < b.enqueuedAt,
    (message, position) => {
      message.elderPosition = position;
    },
    (message) => message.elderPosition,
  );

  add(message: Message): void {
    message.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = message;
    else this.#newest.newer = message;
    this.#newest = message;
    if (message.enqueuedAt < message.arrivedAt) this.#elders.push(message);
  }

  remove(message: Message): void {
    if (message.older === undefined) this.#oldest = message.newer;
    else message.older.newer = message.newer;
    if (message.newer === undefined) this.#newest = message.older;
    else message.newer.older = message.older;
    message.older = undefined;
    message.newer = undefined;
    if (message.elderPosition >= 0) this.#elders.remove(message);
  }

  /** A message enqueued before `threshold`; the caller removes it and asks again. */
  enqueuedBefore(threshold: EpochMs): Message | undefined {
    const oldest = this.#oldest;
    if (oldest !== undefined && oldest.enqueuedAt < threshold) return oldest;
    const elder = this.#elders.peek();
    return elder !== undefined && elder.enqueuedAt < threshold ? elder : undefined;
  }

  /** When the message that was enqueued first was enqueued. */
  get firstEnqueuedAt(): EpochMs | undefined {
    const oldest = this.#oldest?.enqueuedAt;
    const elder = this.#elders.peek()?.enqueuedAt;
    return oldest !== undefined && elder !== undefined ? Math.min(oldest, elder) : oldest;
  }

  /**
   * When the oldest message came into this queue, messages aside that are received over and over, and those that do
   * not count. O(messages left aside): asked once a minute.
   */
  oldestArrivalAt(counts: (message: Message) => boolean = () => true): EpochMs | undefined {
    for (let message = this.#oldest; message !== undefined; message = message.newer) {
      const receives = message.receiveCount - message.receivesElsewhere;
      if (receives <= RECEIVES_COUNTED_FOR_AGE_MAX && counts(message)) return message.arrivedAt;
    }
    return undefined;
  }

  [Symbol.iterator](): IterableIterator<Message> {
    return this.after(undefined);
  }

  /** Oldest first; what arrived after a message, or all. */
  *after(message: Message | undefined): IterableIterator<Message> {
    let at = message === undefined ? this.#oldest : message.newer;
    while (at !== undefined) {
      const { newer } = at;
      yield at;
      at = newer;
    }
  }
}
