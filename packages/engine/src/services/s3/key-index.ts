import { compareUtf8 } from './utf8-order.ts';

/** Keys per chunk at most; a full chunk splits in two. Inserting moves at most this many references. */
const CHUNK_KEYS_MAX = 512;

/**
 * A set of keys in S3's listing order.
 *
 * A sorted array in chunks: insert, delete and seek cost a binary search plus a move within one chunk, so a page of
 * a listing costs the same in a bucket of ten objects and of a million.
 */
export class KeyIndex {
  #chunks: string[][] = [];
  #size = 0;

  /** Builds the index at once, for start-up. */
  constructor(keys: Iterable<string> = []) {
    const sorted = [...keys].sort(compareUtf8);
    const half = CHUNK_KEYS_MAX / 2;
    for (let start = 0; start < sorted.length; start += half) this.#chunks.push(sorted.slice(start, start + half));
    this.#size = sorted.length;
  }

  get size(): number {
    return this.#size;
  }

  /** Adds a key; adding it again changes nothing. */
  add(key: string): void {
    if (this.#chunks.length === 0) this.#chunks.push([]);
    const [chunkIndex, offset] = this.#locate((other) => compareUtf8(other, key) < 0, true);
    const chunk = this.#chunks[chunkIndex] as string[];
    if (chunk[offset] === key) return;
    chunk.splice(offset, 0, key);
    this.#size += 1;
    if (chunk.length > CHUNK_KEYS_MAX) this.#chunks.splice(chunkIndex + 1, 0, chunk.splice(CHUNK_KEYS_MAX / 2));
  }

  delete(key: string): void {
    const [chunkIndex, offset] = this.#locate((other) => compareUtf8(other, key) < 0, false);
    const chunk = this.#chunks[chunkIndex];
    if (chunk === undefined || chunk[offset] !== key) return;
    chunk.splice(offset, 1);
    this.#size -= 1;
    if (chunk.length === 0) this.#chunks.splice(chunkIndex, 1);
  }

  /** A cursor on the first key for which `isBefore` no longer holds; the predicate must be monotone in key order. */
  seek(isBefore: (key: string) => boolean = () => false): KeyCursor {
    const [chunkIndex, offset] = this.#locate(isBefore, false);
    return new KeyCursor(this, this.#chunks, chunkIndex, offset);
  }

  /** `mayEnd`: rather the end of the last chunk than a position behind all chunks. */
  #locate(isBefore: (key: string) => boolean, mayEnd: boolean): [chunk: number, offset: number] {
    const chunks = this.#chunks;
    let low = 0;
    let high = chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const chunk = chunks[middle] as string[];
      if (chunk.length > 0 && isBefore(chunk[chunk.length - 1] as string)) low = middle + 1;
      else high = middle;
    }
    if (low === chunks.length) {
      const last = chunks.length - 1;
      return mayEnd ? [last, (chunks[last] as string[]).length] : [low, 0];
    }
    const chunk = chunks[low] as string[];
    let from = 0;
    let to = chunk.length;
    while (from < to) {
      const middle = (from + to) >> 1;
      if (isBefore(chunk[middle] as string)) from = middle + 1;
      else to = middle;
    }
    return [low, from];
  }
}

/** A position in a {@link KeyIndex}; invalid once the index changes. */
export class KeyCursor {
  readonly #index: KeyIndex;
  readonly #chunks: readonly (readonly string[])[];
  #chunk: number;
  #offset: number;

  constructor(index: KeyIndex, chunks: readonly (readonly string[])[], chunk: number, offset: number) {
    this.#index = index;
    this.#chunks = chunks;
    this.#chunk = chunk;
    this.#offset = offset;
  }

  /** The key here; `undefined` behind the last. */
  get key(): string | undefined {
    return this.#chunks[this.#chunk]?.[this.#offset];
  }

  advance(): void {
    this.#offset += 1;
    if (this.#offset >= (this.#chunks[this.#chunk]?.length ?? 0)) {
      this.#chunk += 1;
      this.#offset = 0;
    }
  }

  /** Jumps behind every key that starts with `prefix`, without visiting them. */
  skipPrefix(prefix: string): void {
    const target = this.#index.seek((key) => key.startsWith(prefix) || compareUtf8(key, prefix) < 0);
    this.#chunk = target.#chunk;
    this.#offset = target.#offset;
  }
}
