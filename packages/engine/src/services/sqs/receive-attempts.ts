import type { EpochMs } from '@holdfast/kernel';
import type { Collection } from '../../core/index.ts';
import { DEDUPLICATION_WINDOW_MS } from './deduplication.ts';
import { IN_FLIGHT, type Message } from './message.ts';

/** A receive attempt as it is stored: at, visible again at, sequences, receive counts. */
export type StoredAttempt = readonly [number, number, readonly number[], readonly number[]];

interface Attempt {
  readonly at: EpochMs;
  readonly messages: readonly Message[];
  readonly receiveCounts: readonly number[];
  readonly visibleAt: EpochMs;
}

/**
 * What receives with a `ReceiveRequestAttemptId` got in the last five minutes, so that a caller whose answer was lost
 * can ask again. Stored like everything that was acknowledged; a receive without such an id costs nothing.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-receiverequestattemptid-request-parameter.html
 */
export class ReceiveAttempts {
  readonly #attempts = new Map<string, Attempt>();
  readonly #queueKey: string;
  readonly #stored: Collection<StoredAttempt>;

  constructor(queueKey: string, stored: Collection<StoredAttempt>) {
    this.#queueKey = queueKey;
    this.#stored = stored;
  }

  remember(id: string, messages: readonly Message[], now: EpochMs): void {
    for (const [earlierId, { at }] of this.#attempts) {
      if (now - at < DEDUPLICATION_WINDOW_MS) break;
      this.#forget(earlierId);
    }
    this.#attempts.delete(id);
    this.#keep(id, {
      at: now,
      messages,
      receiveCounts: messages.map((message) => message.receiveCount),
      visibleAt: (messages[0] as Message).visibleAt,
    });
  }

  /** The messages of an attempt while nothing has happened to any of them, to be hidden until `visibleAt` again. */
  repeat(id: string, visibleAt: EpochMs, now: EpochMs): readonly Message[] | undefined {
    const attempt = this.#attempts.get(id);
    if (attempt === undefined || now - attempt.at >= DEDUPLICATION_WINDOW_MS) return undefined;
    const isUntouched = attempt.messages.every(
      (message, index) =>
        message.state === IN_FLIGHT &&
        message.receiveCount === attempt.receiveCounts[index] &&
        message.visibleAt === attempt.visibleAt,
    );
    if (!isUntouched) return undefined;
    this.#keep(id, { ...attempt, visibleAt });
    return attempt.messages;
  }

  /** Puts back what was read from the store, in any order; attempts whose messages are gone are dropped. */
  restore(
    entries: readonly (readonly [string, StoredAttempt])[],
    messageOf: (sequence: number) => Message | undefined,
  ): void {
    for (const [id, [at, visibleAt, sequences, receiveCounts]] of [...entries].sort(([, a], [, b]) => a[0] - b[0])) {
      const received = sequences.map(messageOf);
      if (received.includes(undefined)) this.#forget(id);
      else this.#attempts.set(id, { at, messages: received as Message[], receiveCounts, visibleAt });
    }
  }

  clear(): void {
    for (const id of [...this.#attempts.keys()]) this.#forget(id);
  }

  #keep(id: string, attempt: Attempt): void {
    this.#attempts.set(id, attempt);
    const { at, visibleAt, messages, receiveCounts } = attempt;
    const sequences = messages.map(({ sequence }) => sequence);
    this.#stored.put(this.#keyOf(id), [at, visibleAt, sequences, receiveCounts]);
  }

  #forget(id: string): void {
    this.#attempts.delete(id);
    this.#stored.delete(this.#keyOf(id));
  }

  #keyOf(id: string): string {
    return `${this.#queueKey}/${id}`;
  }
}
