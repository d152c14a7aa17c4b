import type { EpochMs, Wakeable } from './clock.ts';

/** A scheduled call. `cancel` is O(1); the entry is dropped when it reaches the top of the heap. */
export interface Timer {
  readonly at: EpochMs;
  cancel(): void;
}

class Entry implements Timer {
  readonly at: EpochMs;
  readonly sequence: number;
  run: ((now: EpochMs) => void) | undefined;
  readonly #cancelled: () => void;

  constructor(at: EpochMs, sequence: number, run: (now: EpochMs) => void, cancelled: () => void) {
    this.at = at;
    this.sequence = sequence;
    this.run = run;
    this.#cancelled = cancelled;
  }

  cancel(): void {
    if (this.run === undefined) return;
    this.run = undefined;
    this.#cancelled();
  }
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.sequence < b.sequence);

/**
 * Every deferred action of the engine, in one binary heap: earliest first, first scheduled first among equals.
 *
 * Nothing here waits. A driver asks `nextWakeAt` and calls `wake`; `onEarlier` tells a sleeping driver that a
 * new entry is due before the one it sleeps for.
 */
export class TimerQueue implements Wakeable {
  #heap: Entry[] = [];
  #sequence = 0;
  #cancelledCount = 0;
  onEarlier: (() => void) | undefined;

  /** Number of live entries. */
  get size(): number {
    return this.#heap.length - this.#cancelledCount;
  }

  /** Calls `run` once at `at` (or at the next wake when that has passed). */
  schedule(at: EpochMs, run: (now: EpochMs) => void): Timer {
    const entry = new Entry(at, this.#sequence++, run, () => {
      this.#cancelledCount += 1;
      if (this.#cancelledCount > 64 && this.#cancelledCount > this.#heap.length / 2) this.#compact();
    });
    this.#heap.push(entry);
    this.#up(this.#heap.length - 1);
    if (this.#heap[0] === entry) this.onEarlier?.();
    return entry;
  }

  nextWakeAt(): EpochMs | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.at;
  }

  wake(now: EpochMs): void {
    while ((this.nextWakeAt() ?? Number.POSITIVE_INFINITY) <= now) this.wakeOne(now);
  }

  /** Runs the first entry that is due, if any. */
  wakeOne(now: EpochMs): void {
    this.#dropCancelled();
    const top = this.#heap[0];
    if (top === undefined || top.at > now) return;
    this.#pop();
    const run = top.run;
    top.run = undefined;
    run?.(now);
  }

  /** Forgets every entry. */
  clear(): void {
    for (const entry of this.#heap) entry.run = undefined;
    this.#heap = [];
    this.#cancelledCount = 0;
  }

  #dropCancelled(): void {
    while (this.#heap.length > 0 && this.#heap[0]?.run === undefined) {
      this.#pop();
      this.#cancelledCount -= 1;
    }
  }

  #compact(): void {
    this.#heap = this.#heap.filter((entry) => entry.run !== undefined).sort((a, b) => (before(a, b) ? -1 : 1));
    this.#cancelledCount = 0;
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#down(0);
  }

  #up(start: number): void {
    const heap = this.#heap;
    const entry = heap[start] as Entry;
    let index = start;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex] as Entry;
      if (!before(entry, parent)) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = entry;
  }

  #down(start: number): void {
    const heap = this.#heap;
    const entry = heap[start] as Entry;
    let index = start;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child += 1;
      if (!before(heap[child] as Entry, entry)) break;
      heap[index] = heap[child] as Entry;
      index = child;
    }
    heap[index] = entry;
  }
}
