import type { Collection, Store } from '../../../core/index.ts';

/** Rows that are rarely looked at: read back from the store, and kept in memory only where the store keeps nothing. */
export class Rows<Value> {
  readonly #collection: Collection<Value>;
  readonly #memory: Map<string, Value> | undefined;

  constructor(store: Store, name: string) {
    this.#collection = store.collection<Value>(name);
    this.#memory = store.isVolatile === true ? new Map() : undefined;
  }

  put(key: string, value: Value): void {
    if (this.#memory === undefined) this.#collection.put(key, value);
    else this.#memory.set(key, value);
  }

  get(key: string): Value | undefined {
    return this.#memory === undefined ? this.#collection.get(key) : this.#memory.get(key);
  }

  delete(key: string): void {
    if (this.#memory === undefined) this.#collection.delete(key);
    else this.#memory.delete(key);
  }

  scan(): IterableIterator<[string, Value]> {
    return this.#memory === undefined ? this.#collection.scan() : this.#memory.entries();
  }
}
