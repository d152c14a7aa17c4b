import { type Collection, MemoryStore, type Store } from './core/index.ts';

/** For tests of restarts: keeps what was written beyond an engine's life, as JSON, and counts writes. */
export class MapStore implements Store {
  readonly blobs = new MemoryStore().blobs;
  writes = 0;
  /** What is stored, as JSON, by collection and key. */
  readonly collections = new Map<string, Map<string, string>>();

  collection<Value>(name: string): Collection<Value> {
    const map = this.collections.get(name) ?? new Map<string, string>();
    this.collections.set(name, map);
    return {
      put: (key, value) => {
        this.writes += 1;
        map.set(key, JSON.stringify(value));
      },
      delete: (key) => {
        map.delete(key);
      },
      entries: () => new Map([...map].map(([key, json]) => [key, JSON.parse(json) as Value])).entries(),
    };
  }

  /** Keys of a collection, to see what is kept and that nothing is left behind. */
  keysOf(name: string): readonly string[] {
    return [...(this.collections.get(name)?.keys() ?? [])];
  }
}
