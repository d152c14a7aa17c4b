import type { EpochMs } from '@holdfast/kernel';
import type { Collection } from '../../core/index.ts';
import { DeduplicationWindow } from './deduplication.ts';
import type { MessageDraft } from './message-draft.ts';
import type { StoredDeduplication } from './queue-store.ts';
import { SequenceNumbers } from './sequence-numbers.ts';

/**
 * A changed `DeduplicationScope` counts from here on: attributes take up to a minute to spread, and this is the one
 * where recordings show it.
 */
const SCOPE_SETTLING_MS = 60_000;

/** The answer to a send. */
export interface Sent {
  readonly messageId: string;
  readonly sequenceNumber: string | undefined;
}

/** What a FIFO queue remembers of its sends: the deduplication ids of the last minutes, and the latest sequence number. */
export class FifoSends {
  readonly #queueKey: string;
  readonly #stored: Collection<StoredDeduplication>;
  readonly #window: DeduplicationWindow;
  readonly #sequenceNumbers = new SequenceNumbers();
  #isPerGroup: boolean;
  #scopeSettlesAt: EpochMs | undefined;

  /** `scopeSettlesAt`: until then deduplication goes by the scope that was set before. */
  constructor(
    queueKey: string,
    stored: Collection<StoredDeduplication>,
    isPerGroup: boolean,
    scopeSettlesAt: EpochMs | undefined,
  ) {
    this.#queueKey = queueKey;
    this.#stored = stored;
    this.#isPerGroup = isPerGroup;
    this.#scopeSettlesAt = scopeSettlesAt;
    this.#window = new DeduplicationWindow((key) => stored.delete(`${queueKey}/${key}`));
  }

  get scopeSettlesAt(): EpochMs | undefined {
    return this.#scopeSettlesAt;
  }

  /** What the first send was answered, if this one repeats it. */
  repeated(draft: MessageDraft, now: EpochMs): Sent | undefined {
    return this.#window.find(this.#keyOf(draft, now), now);
  }

  nextSequenceNumber(now: EpochMs): string {
    return this.#sequenceNumbers.next(now);
  }

  remember(draft: MessageDraft, messageId: string, sequenceNumber: string, now: EpochMs): void {
    const key = this.#keyOf(draft, now);
    this.#window.add(key, { messageId, sequenceNumber, at: now });
    this.#stored.put(`${this.#queueKey}/${key}`, [messageId, sequenceNumber, now]);
  }

  /** Notes a number given out before a restart. */
  seen(sequenceNumber: string): void {
    this.#sequenceNumbers.seen(sequenceNumber);
  }

  /** Puts back entries read from the store, in any order. */
  restore(entries: readonly (readonly [string, StoredDeduplication])[]): void {
    const inOrder = [...entries].sort(([, a], [, b]) => a[2] - b[2]);
    for (const [key, [messageId, sequenceNumber, at]] of inOrder) {
      this.#sequenceNumbers.seen(sequenceNumber);
      this.#window.add(key, { messageId, sequenceNumber, at });
    }
  }

  /** Whether ids are compared within a message group or within the queue. */
  setScope(isPerGroup: boolean, now: EpochMs): void {
    if (isPerGroup === this.#isPerGroup) return;
    this.#isPerGroup = isPerGroup;
    this.#scopeSettlesAt = this.#isScopeSettled(now) ? now + SCOPE_SETTLING_MS : undefined;
  }

  clear(): void {
    this.#window.clear();
  }

  #isScopeSettled(now: EpochMs): boolean {
    return this.#scopeSettlesAt === undefined || now >= this.#scopeSettlesAt;
  }

  #keyOf(draft: MessageDraft, now: EpochMs): string {
    const id = draft.deduplicationId as string;
    // Neither ids nor groups contain spaces.
    return this.#isPerGroup === this.#isScopeSettled(now) ? `${draft.groupId} ${id}` : id;
  }
}
