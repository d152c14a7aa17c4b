import type { EpochMs, Wakeable } from './clock.ts';
import { IndexedHeap } from './indexed-heap.ts';

/** A scheduled call. */
export interface Timer {
  readonly at: EpochMs;
  /** Takes it out, O(log n); nothing happens when it has run. */
  cancel(): void;
}

class Entry implements Timer {
  readonly at: EpochMs;
  readonly sequence: number;
  readonly run: (now: EpochMs) => void;
  position = -1;
  readonly #heap: IndexedHeap<Entry>;

  constructor(at: EpochMs, sequence: number, run: (now: EpochMs) => void, heap: IndexedHeap<Entry>) {
    this.at = at;
    this.sequence = sequence;
    this.run = run;
    this.#heap = heap;
  }

  cancel(): void {
    this.#heap.remove(this);
  }
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.sequence < b.sequence);

/**
 * Every deferred action of the engine, in one heap: earliest first, first scheduled first among equals.
 *
 * Nothing here waits. A driver asks `nextWakeAt` and calls `wake`; `onEarlier` tells a sleeping driver that a
 * new entry is due before the one it sleeps for.
 */
export class TimerQueue implements Wakeable {
  readonly #heap = new IndexedHeap<Entry>(
    before,
    (entry, position) => {
      entry.position = position;
    },
    (entry) => entry.position,
  );
  #sequence = 0;
  onEarlier: (() => void) | undefined;

  /** Number of live entries. */
  get size(): number {
    return this.#heap.size;
  }

  /** Calls `run` once at `at` (or at the next wake when that has passed). */
  schedule(at: EpochMs, run: (now: EpochMs) => void): Timer {
    const entry = new Entry(at, this.#sequence++, run, this.#heap);
    this.#heap.push(entry);
    if (this.#heap.peek() === entry) this.onEarlier?.();
    return entry;
  }

  nextWakeAt(): EpochMs | undefined {
    return this.#heap.peek()?.at;
  }

  wake(now: EpochMs): void {
    while ((this.nextWakeAt() ?? Number.POSITIVE_INFINITY) <= now) this.wakeOne(now);
  }

  /** Runs the first entry that is due, if any. */
  wakeOne(now: EpochMs): void {
    const top = this.#heap.peek();
    if (top === undefined || top.at > now) return;
    this.#heap.pop();
    top.run(now);
  }

  /** Forgets every entry. */
  clear(): void {
    this.#heap.clear();
  }
}
