import type { Collection } from '@holdfast/engine';
import type { Change } from './change-lines.ts';
import type { Index, Log } from './log.ts';

const DELETED = Symbol('deleted');

/** One collection: what this turn changed, and where in the log the rest is. */
export class Table implements Collection<unknown> {
  readonly #name: string;
  readonly #log: Log;
  readonly #index: Index;
  readonly #onDirty: (table: Table) => void;
  readonly #flush: () => void;
  readonly #changes = new Map<string, unknown>();

  constructor(name: string, log: Log, onDirty: (table: Table) => void, flush: () => void) {
    this.#name = name;
    this.#log = log;
    this.#index = log.index(name);
    this.#onDirty = onDirty;
    this.#flush = flush;
  }

  put(key: string, value: unknown): void {
    if (this.#changes.size === 0) this.#onDirty(this);
    this.#changes.set(key, value);
  }

  delete(key: string): void {
    if (!this.#index.has(key)) {
      // Nobody needs to know what came and went within a turn.
      this.#changes.delete(key);
      return;
    }
    if (this.#changes.size === 0) this.#onDirty(this);
    this.#changes.set(key, DELETED);
  }

  get(key: string): unknown {
    const change = this.#changes.get(key);
    if (change !== undefined) return change === DELETED ? undefined : change;
    const location = this.#index.get(key);
    return location === undefined ? undefined : JSON.parse(this.#log.read(location));
  }

  *entries(): IterableIterator<[string, unknown]> {
    this.#flush();
    for (const key of [...this.#index.keys()].sort()) {
      const location = this.#index.get(key);
      if (location !== undefined) yield [key, JSON.parse(this.#log.read(location))];
    }
  }

  *scan(): IterableIterator<[string, unknown]> {
    this.#flush();
    for (const [key, location] of this.#index) yield [key, JSON.parse(this.#log.read(location))];
  }

  /** Hands over this turn's changes. */
  drainTo(changes: Change[]): void {
    for (const [key, value] of this.#changes) {
      changes.push({ collection: this.#name, key, value: value === DELETED ? undefined : JSON.stringify(value) });
    }
    this.#changes.clear();
  }
}
