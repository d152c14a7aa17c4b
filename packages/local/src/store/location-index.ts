import { NumberRow } from '@holdfast/kernel';

/** A place in the log, in one number: the segment's number, and the byte within it. Never 0. */
export type Location = number;

/** Longer ones are not exact as numbers. */
const DIGITS_MAX = 15;
const SLASH = 0x2f;
const ZERO = 0x30;
const NINE = 0x39;

/**
 * Where the latest value of each key of a collection is.
 *
 * Keys that end in a slash and a number, as those of messages do, are kept as a row of places for each beginning: eight
 * bytes a key, where a map takes about a hundred and half a microsecond. Others, and numbers far from the rest, are in a
 * map.
 */
export class LocationIndex {
  readonly #named = new Map<string, Location>();
  /** By what comes before the number, the slash included. */
  readonly #rows = new Map<string, NumberRow<Location>>();
  /** The beginning and the number of the key that was looked at last. */
  #beginning = '';
  #number = 0;

  get(key: string): Location | undefined {
    if (this.#rows.size === 0 && this.#named.size === 0) return undefined;
    if (!this.#isNumbered(key)) return this.#named.get(key);
    const row = this.#rows.get(this.#beginning);
    return row?.get(this.#number);
  }

  has(key: string): boolean {
    return this.get(key) !== undefined;
  }

  /** Gives back the place before. */
  set(key: string, location: Location): Location | undefined {
    if (!this.#isNumbered(key)) {
      const before = this.#named.get(key);
      this.#named.set(key, location);
      return before;
    }
    let row = this.#rows.get(this.#beginning);
    if (row === undefined) {
      row = new NumberRow(0);
      this.#rows.set(this.#beginning, row);
    }
    const before = row.get(this.#number);
    row.set(this.#number, location);
    return before;
  }

  /** Gives back the place that it was at. */
  delete(key: string): Location | undefined {
    if (!this.#isNumbered(key)) {
      const before = this.#named.get(key);
      this.#named.delete(key);
      return before;
    }
    const row = this.#rows.get(this.#beginning);
    const before = row?.get(this.#number);
    row?.delete(this.#number);
    if (row?.size === 0) this.#rows.delete(this.#beginning);
    return before;
  }

  /** How much room is kept in rows, in entries. */
  get placesKept(): number {
    return [...this.#rows.values()].reduce((sum, row) => sum + row.length, 0);
  }

  clear(): void {
    this.#named.clear();
    this.#rows.clear();
  }

  *keys(): Generator<string> {
    for (const [key] of this) yield key;
  }

  /**
   * Calls `visit` for each key, in the iterator's order and in two parts, as {@link partsOf} has them: a million steps of a
   * generator, and texts of keys, would take as long as what is done with them.
   */
  forEach(visit: (location: Location, beginning: string, number: number | undefined) => void): void {
    for (const [key, location] of this.#named) visit(location, key, undefined);
    for (const [beginning, row] of this.#rows) {
      row.forEach((location, number) => {
        visit(location, beginning, number);
      });
    }
  }

  /** A key as what stands before the number at its end, the slash included, and that number; itself where it has none. */
  partsOf(key: string): readonly [beginning: string, number: number | undefined] {
    return this.#isNumbered(key) ? [this.#beginning, this.#number] : [key, undefined];
  }

  /** In no particular order, but that keys with the same beginning come in the order of their numbers. */
  *[Symbol.iterator](): Generator<readonly [key: string, location: Location]> {
    yield* this.#named;
    for (const [beginning, row] of this.#rows) {
      for (const [number, location] of row) yield [beginning + number, location];
    }
  }

  /** Takes a key apart; `false` when it would not come back as the same one. */
  #isNumbered(key: string): boolean {
    let number = 0;
    let scale = 1;
    let at = key.length - 1;
    for (; at >= 0; at--) {
      const digit = key.charCodeAt(at);
      if (digit < ZERO || digit > NINE) break;
      number += (digit - ZERO) * scale;
      scale *= 10;
    }
    const digits = key.length - 1 - at;
    if (digits === 0 || digits > DIGITS_MAX || at < 0 || key.charCodeAt(at) !== SLASH) return false;
    if (digits > 1 && key.charCodeAt(at + 1) === ZERO) return false;
    this.#number = number;
    if (this.#beginning.length !== at + 1 || !key.startsWith(this.#beginning)) this.#beginning = key.slice(0, at + 1);
    return true;
  }
}
