import type { EpochMs } from '@holdfast/kernel';

/** A message with a deduplication id seen less than this ago is accepted and not stored. */
export const DEDUPLICATION_WINDOW_MS = 300_000;

/** What the first send with a deduplication id was answered. */
export interface DeduplicationEntry {
  readonly messageId: string;
  readonly sequenceNumber: string;
  readonly at: EpochMs;
}

/**
 * The deduplication ids of the last five minutes of one queue. Counted from the first send; later ones do not extend
 * it. Entries outlive the message: receiving and deleting it change nothing.
 */
export class DeduplicationWindow {
  readonly #entries = new Map<string, DeduplicationEntry>();
  /** Keys in order of time; those before `#first` are dealt with. */
  #keys: string[] = [];
  #first = 0;
  readonly #onForgotten: (key: string) => void;

  constructor(onForgotten: (key: string) => void) {
    this.#onForgotten = onForgotten;
  }

  get size(): number {
    return this.#entries.size;
  }

  find(key: string, now: EpochMs): DeduplicationEntry | undefined {
    this.forget(now);
    return this.#entries.get(key);
  }

  /** To be called in order of `entry.at`. */
  add(key: string, entry: DeduplicationEntry): void {
    this.#entries.set(key, entry);
    this.#keys.push(key);
  }

  /** Drops what is older than the window. */
  forget(now: EpochMs): void {
    while (this.#first < this.#keys.length) {
      const key = this.#keys[this.#first] as string;
      const entry = this.#entries.get(key);
      if (entry !== undefined && now - entry.at < DEDUPLICATION_WINDOW_MS) break;
      this.#entries.delete(key);
      this.#onForgotten(key);
      this.#first += 1;
    }
    if (this.#first > 1_024 && this.#first * 2 > this.#keys.length) {
      this.#keys = this.#keys.slice(this.#first);
      this.#first = 0;
    }
  }

  /** Drops everything. */
  clear(): void {
    for (const key of this.#entries.keys()) this.#onForgotten(key);
    this.#entries.clear();
    this.#keys = [];
    this.#first = 0;
  }
}
