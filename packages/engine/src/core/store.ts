/**
 * Where state outlives the process. Services keep their working state in memory, write each change through to a
 * collection, and read everything back once, at start.
 *
 * Writes are buffered: all writes of one turn of the event loop become durable together. Whoever answers a caller
 * first waits for that (the gateway does so for every answer), so services need not think of it.
 */
export interface Store {
  /** The same name always gives the same collection. Names are `service.noun`, e.g. `sqs.queues`. */
  collection<Value>(name: string): Collection<Value>;
  /** Large byte strings: objects, function code, bodies. */
  readonly blobs: BlobStore;
  /** Nothing outlives the process: whoever writes very often need not make the values at all. */
  readonly isVolatile?: boolean;
}

/** A durable map. Values are plain JSON data: no `Date`, `Map`, class instance or `undefined` member that matters. */
export interface Collection<Value> {
  put(key: string, value: Value): void;
  delete(key: string): void;
  /**
   * What was put last, for values too large to be kept in memory as well. Cheap, but not free: it may have to be read and
   * parsed. It may be the very value that was put, so it must not be changed.
   */
  get(key: string): Value | undefined;
  /** Everything stored, in order of the keys' UTF-16 units; meant for start-up only. */
  entries(): IterableIterator<[string, Value]>;
  /**
   * The same for collections of millions; nothing may be written meanwhile. Keys that are the same up to a slash and a
   * number at their end come in the order of these numbers, all others in no particular order.
   */
  scan(): IterableIterator<[string, Value]>;
  /**
   * The same for collections of objects, without making anything of them. `head` is the JSON of a value, without the brace
   * that closes it, and it may come without the text member `upTo` and those that were put behind it: what is not wanted
   * at start need not be read. `beginning` and `number` make the key, which has none where it does not end that way.
   */
  scanHeads(upTo: string, visit: (head: string, beginning: string, number: number | undefined) => void): void;
}

export interface BlobStore {
  put(id: string, bytes: Uint8Array): void;
  /** @throws when the id is unknown */
  get(id: string): Uint8Array;
  delete(id: string): void;
}

/** Keeps nothing beyond the process: services hold their state in memory anyway. Blobs live in a map. */
export class MemoryStore implements Store {
  readonly isVolatile = true;
  readonly #blobs = new Map<string, Uint8Array>();

  readonly blobs: BlobStore = {
    put: (id, bytes) => {
      this.#blobs.set(id, bytes);
    },
    get: (id) => {
      const bytes = this.#blobs.get(id);
      if (bytes === undefined) throw new Error(`no blob ${id}`);
      return bytes;
    },
    delete: (id) => {
      this.#blobs.delete(id);
    },
  };

  collection<Value>(): Collection<Value> {
    const nothing = (): IterableIterator<[string, Value]> => new Map<string, Value>().entries();
    return { put() {}, delete() {}, get: () => undefined, entries: nothing, scan: nothing, scanHeads() {} };
  }
}
