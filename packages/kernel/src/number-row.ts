/** There may be a row for one number. */
const LENGTH_MIN = 4;
/** A row is worth its room while at least one in so many of its places is taken. */
const PLACES_PER_ENTRY_MAX = 8;

/**
 * A map from whole numbers that mostly follow each other, such as sequences: an array, from the smallest that is wanted
 * on. For a million it takes a fifth of a `Map`'s room, and no pause while it grows by hashing everything again.
 *
 * What is far from the rest is in a map instead, so that a message that stays for days does not keep the places of
 * millions that came after it.
 */
export class NumberRow<Value> {
  /** Stands where there is nothing; it cannot be a value. */
  readonly #nothing: Value;
  #first = 0;
  #places: Value[] = [];
  #placed = 0;
  #strays: Map<number, Value> | undefined;

  constructor(nothing: Value) {
    this.#nothing = nothing;
  }

  get size(): number {
    return this.#placed + (this.#strays?.size ?? 0);
  }

  /** How many places there are, taken or not. */
  get length(): number {
    return this.#places.length + (this.#strays?.size ?? 0);
  }

  get(number: number): Value | undefined {
    const place = number - this.#first;
    if (place >= 0 && place < this.#places.length) {
      const found = this.#places[place] as Value;
      if (found !== this.#nothing) return found;
    }
    return this.#strays?.get(number);
  }

  set(number: number, value: Value): void {
    if (number - this.#first >= this.#places.length) this.#makeRoomFor(number);
    const place = number - this.#first;
    if (place < 0) {
      this.#stray(number, value);
      return;
    }
    if (this.#places[place] === this.#nothing) this.#placed += 1;
    this.#places[place] = value;
  }

  delete(number: number): void {
    const place = number - this.#first;
    if (place < 0) this.#strays?.delete(number);
    else if (place < this.#places.length && this.#places[place] !== this.#nothing) {
      this.#places[place] = this.#nothing;
      this.#placed -= 1;
    }
  }

  /** In order of the numbers, without the generator's cost. */
  forEach(visit: (value: Value, number: number) => void): void {
    for (const [number, value] of this.#sortedStrays()) visit(value, number);
    // The row may be given another array meanwhile.
    const places = this.#places;
    const first = this.#first;
    for (let place = 0; place < places.length; place++) {
      const value = places[place] as Value;
      if (value !== this.#nothing) visit(value, first + place);
    }
  }

  /** In order of the numbers. */
  *[Symbol.iterator](): Generator<readonly [number: number, value: Value]> {
    yield* this.#sortedStrays();
    yield* this.#row();
  }

  #sortedStrays(): readonly (readonly [number: number, value: Value])[] {
    return [...(this.#strays ?? [])].sort(([a], [b]) => a - b);
  }

  *#row(): Generator<readonly [number: number, value: Value]> {
    // The row may be given another array meanwhile.
    const places = this.#places;
    const first = this.#first;
    for (let place = 0; place < places.length; place++) {
      const value = places[place] as Value;
      if (value !== this.#nothing) yield [first + place, value];
    }
  }

  #stray(number: number, value: Value): void {
    this.#strays ??= new Map();
    this.#strays.set(number, value);
  }

  /** Lets go of what was before the first that is wanted. What is too thin to be a row strays: it is all before `number`. */
  #makeRoomFor(number: number): void {
    let skipped = 0;
    while (skipped < this.#places.length && this.#places[skipped] === this.#nothing) skipped += 1;
    const length = number - this.#first - skipped + 1;
    const isRow = this.#placed > 0 && length <= PLACES_PER_ENTRY_MAX * (this.#placed + LENGTH_MIN);
    if (!isRow) for (const [other, value] of this.#row()) this.#stray(other, value);
    const kept = isRow ? this.#places.slice(skipped) : [];
    this.#first = isRow ? this.#first + skipped : number;
    if (!isRow) this.#placed = 0;
    const before = kept.length;
    kept.length = isRow ? 2 * length : LENGTH_MIN;
    this.#places = kept.fill(this.#nothing, before);
  }
}
