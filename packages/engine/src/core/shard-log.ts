import type { EpochMs } from '@holdfast/kernel';

/** Sequence numbers are decimal numbers of any length, too long for `number`. */
export const compareSequenceNumbers = (a: string, b: string): number => {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
};

export interface ShardLogEntry {
  readonly sequenceNumber: string;
  readonly arrivedAt: EpochMs;
}

/** Below this many dead entries it is not worth moving the living. */
const COMPACT_MIN = 1_024;

/**
 * The records of one shard: appended at the end, trimmed at the front, found by binary search. Sequence numbers
 * increase, arrival times never decrease.
 */
export class ShardLog<Entry extends ShardLogEntry> {
  #entries: Entry[] = [];
  #head = 0;

  get size(): number {
    return this.#entries.length - this.#head;
  }

  get oldest(): Entry | undefined {
    return this.#entries[this.#head];
  }

  get newest(): Entry | undefined {
    return this.size === 0 ? undefined : this.#entries[this.#entries.length - 1];
  }

  append(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** Removes what arrived at `cutoff` or earlier, oldest first. Amortised O(1) per entry. */
  trim(cutoff: EpochMs, removed: (entry: Entry) => void): void {
    for (let entry = this.oldest; entry !== undefined && entry.arrivedAt <= cutoff; entry = this.oldest) {
      this.#head += 1;
      removed(entry);
    }
    if (this.#head < COMPACT_MIN || this.#head < this.#entries.length / 2) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#head = 0;
  }

  /** Up to `max` entries after a sequence number, which need not be one of the log's. */
  readAfter(sequenceNumber: string, max: number): Entry[] {
    const from = this.#firstWhere((entry) => compareSequenceNumbers(entry.sequenceNumber, sequenceNumber) > 0);
    return this.#entries.slice(from, from + max);
  }

  /** The newest entry that arrived before `at`. */
  lastBefore(at: EpochMs): Entry | undefined {
    const index = this.#firstWhere((entry) => entry.arrivedAt >= at) - 1;
    return index < this.#head ? undefined : this.#entries[index];
  }

  *[Symbol.iterator](): IterableIterator<Entry> {
    for (let index = this.#head; index < this.#entries.length; index++) yield this.#entries[index] as Entry;
  }

  #firstWhere(isReached: (entry: Entry) => boolean): number {
    let low = this.#head;
    let high = this.#entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (isReached(this.#entries[middle] as Entry)) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}
