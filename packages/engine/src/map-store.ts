import type { Collection, Store } from './core/index.ts';

const NUMBERED_KEY = /^(.*\/)(0|[1-9]\d{0,14})$/s;

/** What {@link Collection.scan} promises, and nothing else: the order of the numbers, the rest turned round. */
const scanOrder = (keys: readonly string[]): string[] => {
  const byBeginning = Map.groupBy(keys, (key) => /^.*\/(?=\d+$)/s.exec(key)?.[0]);
  const numberOf = (key: string): number => Number(key.slice(key.lastIndexOf('/') + 1));
  return [...byBeginning]
    .reverse()
    .flatMap(([beginning, those]) =>
      beginning === undefined ? [...those].reverse() : those.sort((a, b) => numberOf(a) - numberOf(b)),
    );
};

/** For tests of restarts: keeps what was written beyond an engine's life, as JSON, and counts writes. */
export class MapStore implements Store {
  /** What is stored, as JSON, by collection and key. */
  readonly collections = new Map<string, Map<string, string>>();
  readonly bytes = new Map<string, Uint8Array>();
  writes = 0;

  readonly blobs = {
    put: (id: string, bytes: Uint8Array): void => {
      this.bytes.set(id, bytes);
    },
    get: (id: string): Uint8Array => {
      const bytes = this.bytes.get(id);
      if (bytes === undefined) throw new Error(`no blob ${id}`);
      return bytes;
    },
    delete: (id: string): void => {
      this.bytes.delete(id);
    },
  };

  collection<Value>(name: string): Collection<Value> {
    const map = this.collections.get(name) ?? new Map<string, string>();
    this.collections.set(name, map);
    const read = (key: string): Value | undefined => {
      const json = map.get(key);
      return json === undefined ? undefined : (JSON.parse(json) as Value);
    };
    const entries = (keys: Iterable<string>): IterableIterator<[string, Value]> =>
      new Map([...keys].map((key) => [key, read(key) as Value])).entries();
    return {
      put: (key, value) => {
        this.writes += 1;
        map.set(key, JSON.stringify(value));
      },
      delete: (key) => {
        map.delete(key);
      },
      get: read,
      entries: () => entries([...map.keys()].sort()),
      scan: () => entries(scanOrder([...map.keys()])),
      scanHeads: (_, visit) => {
        for (const key of scanOrder([...map.keys()])) {
          const [, beginning = key, number] = NUMBERED_KEY.exec(key) ?? [];
          visit((map.get(key) as string).slice(0, -1), beginning, number === undefined ? undefined : Number(number));
        }
      },
    };
  }

  /** Keys of a collection, to see what is kept and that nothing is left behind. */
  keysOf(name: string): readonly string[] {
    return [...(this.collections.get(name)?.keys() ?? [])];
  }

  /** What the next process would find if this one ended now. */
  copy(): MapStore {
    const copy = new MapStore();
    for (const [name, map] of this.collections) copy.collections.set(name, new Map(map));
    for (const [id, bytes] of this.bytes) copy.bytes.set(id, bytes);
    return copy;
  }
}
