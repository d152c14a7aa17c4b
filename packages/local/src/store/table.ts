import type { Collection } from '@holdfast/engine';
import type { Change } from './change-lines.ts';
import { jsonOf } from './json-value.ts';
import type { LocationIndex } from './location-index.ts';
import type { Log } from './log.ts';
import { StoreError } from './store-error.ts';

const DELETED = Symbol('deleted');

/** One collection: what this turn changed, and where in the log the rest is. */
export class Table implements Collection<unknown> {
  readonly #name: string;
  readonly #log: Log;
  readonly #index: LocationIndex;
  readonly #onDirty: (table: Table) => void;
  readonly #flush: () => void;
  /** A new one each turn: what replaces a cleared Map hangs on it, and all of it on the first that has grown old. */
  #changes = new Map<string, unknown>();
  #isTold = false;

  constructor(name: string, log: Log, onDirty: (table: Table) => void, flush: () => void) {
    this.#name = name;
    this.#log = log;
    this.#index = log.index(name);
    this.#onDirty = onDirty;
    this.#flush = flush;
  }

  /** @throws StoreError when the key would come back as another one */
  put(key: string, value: unknown): void {
    if (!key.isWellFormed()) {
      throw new StoreError(`${this.#name}: the key ${JSON.stringify(key)} is no text that can be stored`);
    }
    this.#tell();
    this.#changes.set(key, value);
  }

  delete(key: string): void {
    if (!this.#index.has(key)) {
      // Nobody needs to know what came and went within a turn.
      this.#changes.delete(key);
      return;
    }
    this.#tell();
    this.#changes.set(key, DELETED);
  }

  get(key: string): unknown {
    const change = this.#changes.size === 0 ? undefined : this.#changes.get(key);
    if (change !== undefined) return change === DELETED ? undefined : change;
    const location = this.#index.get(key);
    return location === undefined ? undefined : JSON.parse(this.#log.read(location));
  }

  *entries(): IterableIterator<[string, unknown]> {
    this.#flush();
    for (const key of [...new Set([...this.#index.keys(), ...this.#changes.keys()])].sort()) {
      const value = this.get(key);
      if (value !== undefined) yield [key, value];
    }
  }

  *scan(): IterableIterator<[string, unknown]> {
    this.#flush();
    for (const [key, location] of this.#index) {
      // What could not be written yet counts all the same. Asking an empty map costs the hash of each key.
      if (this.#changes.size > 0 && this.#changes.has(key)) continue;
      yield [key, JSON.parse(this.#log.read(location))];
    }
    for (const [key, value] of this.#changes) if (value !== DELETED) yield [key, value];
  }

  scanHeads(upTo: string, visit: (head: string, beginning: string, number: number | undefined) => void): void {
    this.#flush();
    const read = this.#log.headReader(upTo);
    this.#index.forEach((location, beginning, number) => {
      if (this.#changes.size > 0 && this.#changes.has(number === undefined ? beginning : beginning + number)) return;
      visit(read(location), beginning, number);
    });
    for (const [key, value] of this.#changes) {
      if (value !== DELETED) visit(jsonOf(value).slice(0, -1), ...this.#index.partsOf(key));
    }
  }

  /**
   * What this turn changed; it goes on being what was changed until {@link written}. A value that would come back as
   * another one is refused, and stays what it was.
   */
  collectTo(changes: Change[], refused: StoreError[]): void {
    for (const [key, value] of this.#changes) {
      if (value === DELETED) {
        changes.push({ collection: this.#name, key, value: undefined });
        continue;
      }
      try {
        changes.push({ collection: this.#name, key, value: jsonOf(value) });
      } catch (cause) {
        this.#changes.delete(key);
        const text = `${this.#name}: the value of ${JSON.stringify(key)} ${(cause as Error).message}`;
        refused.push(new StoreError(text, { cause }));
      }
    }
  }

  /** To be called when what was collected is in the log. */
  written(): void {
    this.#changes = new Map();
    this.#isTold = false;
  }

  /** To be called when it could not be written: the next change is told of again. */
  notWritten(): void {
    this.#isTold = false;
  }

  #tell(): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#onDirty(this);
  }
}
