import { type EpochMs, MINUTE_MS } from '@holdfast/kernel';
import type { Collection, ServiceEnvironment } from '../../core/index.ts';

/** How long a FIFO topic takes a message with a known deduplication id without delivering it. */
export const DEDUPLICATION_MS = 5 * MINUTE_MS;

interface Seen {
  readonly at: EpochMs;
  readonly messageId: string;
  readonly sequenceNumber: string;
}

/** What FIFO topics have taken lately, and the numbers they give out; both survive a restart. */
export class Deduplication {
  readonly #seen = new Map<string, Seen>();
  readonly #stored: Collection<Seen>;
  readonly #storedSequence: Collection<number>;
  #sequence = 0;

  constructor(environment: ServiceEnvironment) {
    this.#stored = environment.store.collection<Seen>('sns.deduplication');
    this.#storedSequence = environment.store.collection<number>('sns.sequence');
    const rows = [...this.#stored.entries()].sort(([, a], [, b]) => a.at - b.at);
    for (const [key, seen] of rows) this.#seen.set(key, seen);
    for (const [, last] of this.#storedSequence.entries()) this.#sequence = last;
  }

  find(key: string, now: EpochMs): Seen | undefined {
    this.#forget(now);
    return this.#seen.get(key);
  }

  remember(key: string, seen: Seen): void {
    this.#seen.set(key, seen);
    this.#stored.put(key, seen);
  }

  /** Twenty digits, growing. */
  nextSequenceNumber(): string {
    this.#sequence += 1;
    this.#storedSequence.put('last', this.#sequence);
    return `1${String(this.#sequence * 1000).padStart(19, '0')}`;
  }

  /** Drops what is too old; the map is in order of age. */
  #forget(now: EpochMs): void {
    for (const [key, seen] of this.#seen) {
      if (now - seen.at < DEDUPLICATION_MS) return;
      this.#seen.delete(key);
      this.#stored.delete(key);
    }
  }
}
