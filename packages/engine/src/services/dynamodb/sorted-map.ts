interface Chunk<Value> {
  readonly keys: string[];
  readonly values: Value[];
}

const CHUNK_ENTRIES_MAX = 128;
/** Neighbours that together hold fewer entries are joined. */
const CHUNK_ENTRIES_JOINED = 32;

/** First position whose key is not below `key`. */
const lowerBound = (keys: readonly string[], key: string): number => {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
};

/**
 * A map in the order of its keys (by UTF-16 code units): set, delete and seek take O(log n), walking is sequential.
 *
 * Sorted chunks of bounded length instead of a tree: fewer objects, and neighbours lie side by side.
 */
export class SortedMap<Value> {
  readonly #chunks: Chunk<Value>[] = [];
  /** First key of every chunk, side by side: the outer search touches nothing else. */
  readonly #firsts: string[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Smallest key. */
  get firstKey(): string | undefined {
    return this.#firsts[0];
  }

  set(key: string, value: Value): void {
    const at = this.#chunkFor(key);
    const chunk = this.#chunks[at];
    if (chunk === undefined) {
      this.#chunks.push({ keys: [key], values: [value] });
      this.#firsts.push(key);
      this.#size += 1;
      return;
    }
    const index = lowerBound(chunk.keys, key);
    if (chunk.keys[index] === key) {
      chunk.values[index] = value;
      return;
    }
    chunk.keys.splice(index, 0, key);
    chunk.values.splice(index, 0, value);
    if (index === 0) this.#firsts[at] = key;
    this.#size += 1;
    if (chunk.keys.length > CHUNK_ENTRIES_MAX) this.#split(at, chunk, index);
  }

  delete(key: string): boolean {
    const at = this.#chunkFor(key);
    const chunk = this.#chunks[at];
    if (chunk === undefined) return false;
    const index = lowerBound(chunk.keys, key);
    if (chunk.keys[index] !== key) return false;
    chunk.keys.splice(index, 1);
    chunk.values.splice(index, 1);
    this.#size -= 1;
    if (chunk.keys.length === 0) {
      this.#chunks.splice(at, 1);
      this.#firsts.splice(at, 1);
      return true;
    }
    if (index === 0) this.#firsts[at] = chunk.keys[0] as string;
    this.#join(at, chunk);
    return true;
  }

  /**
   * Visits the entries of `[from, to)` in order, or from the end backwards, until `visit` answers `false`.
   * The map must not change meanwhile.
   */
  walk(from: string, to: string | undefined, isForward: boolean, visit: (value: Value, key: string) => boolean): void {
    if (isForward) this.#walkForward(from, to, visit);
    else this.#walkBackward(from, to, visit);
  }

  #walkForward(from: string, to: string | undefined, visit: (value: Value, key: string) => boolean): void {
    let at = this.#chunkFor(from);
    let index = at < this.#chunks.length ? lowerBound((this.#chunks[at] as Chunk<Value>).keys, from) : 0;
    for (; at < this.#chunks.length; at++, index = 0) {
      const { keys, values } = this.#chunks[at] as Chunk<Value>;
      for (; index < keys.length; index++) {
        const key = keys[index] as string;
        if (to !== undefined && key >= to) return;
        if (!visit(values[index] as Value, key)) return;
      }
    }
  }

  #walkBackward(from: string, to: string | undefined, visit: (value: Value, key: string) => boolean): void {
    let at = to === undefined ? this.#chunks.length - 1 : this.#chunkFor(to);
    const start = this.#chunks[at];
    let index = start === undefined ? -1 : (to === undefined ? start.keys.length : lowerBound(start.keys, to)) - 1;
    while (at >= 0) {
      const chunk = this.#chunks[at];
      for (; chunk !== undefined && index >= 0; index--) {
        const key = chunk.keys[index] as string;
        if (key < from) return;
        if (!visit(chunk.values[index] as Value, key)) return;
      }
      at -= 1;
      index = (this.#chunks[at]?.keys.length ?? 0) - 1;
    }
  }

  /** The chunk that holds `key` or would take it: the last whose first key is not above it. */
  #chunkFor(key: string): number {
    const firsts = this.#firsts;
    let low = 0;
    let high = firsts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((firsts[middle] as string) <= key) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? 0 : low - 1;
  }

  /** Appending in order leaves full chunks behind; anything else halves. */
  #split(at: number, chunk: Chunk<Value>, insertedAt: number): void {
    const isAppend = insertedAt === chunk.keys.length - 1;
    const cut = isAppend ? chunk.keys.length - 1 : chunk.keys.length >> 1;
    const keys = chunk.keys.splice(cut);
    this.#chunks.splice(at + 1, 0, { keys, values: chunk.values.splice(cut) });
    this.#firsts.splice(at + 1, 0, keys[0] as string);
  }

  #join(at: number, chunk: Chunk<Value>): void {
    const next = this.#chunks[at + 1];
    if (next === undefined || chunk.keys.length + next.keys.length > CHUNK_ENTRIES_JOINED) return;
    chunk.keys.push(...next.keys);
    chunk.values.push(...next.values);
    this.#chunks.splice(at + 1, 1);
    this.#firsts.splice(at + 1, 1);
  }
}
