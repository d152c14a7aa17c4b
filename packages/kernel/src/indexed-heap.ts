/**
 * A binary heap whose items know their place, so that any of them can be taken out or moved in O(log n).
 *
 * `before` orders the items; `place` writes the position (or -1 when the item left) into the item itself, and
 * `positionOf` reads it back. An item may sit in several heaps as long as each uses a position of its own.
 */
export class IndexedHeap<Item> {
  readonly #items: Item[] = [];
  readonly #before: (a: Item, b: Item) => boolean;
  readonly #place: (item: Item, position: number) => void;
  readonly #positionOf: (item: Item) => number;

  constructor(
    before: (a: Item, b: Item) => boolean,
    place: (item: Item, position: number) => void,
    positionOf: (item: Item) => number,
  ) {
    this.#before = before;
    this.#place = place;
    this.#positionOf = positionOf;
  }

  get size(): number {
    return this.#items.length;
  }

  /** The first item; it stays. */
  peek(): Item | undefined {
    return this.#items[0];
  }

  /** The item that would be first if the first one were not there. */
  peekSecond(): Item | undefined {
    const left = this.#items[1];
    const right = this.#items[2];
    return right === undefined || left === undefined || this.#before(left, right) ? left : right;
  }

  has(item: Item): boolean {
    return this.#positionOf(item) >= 0;
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#up(this.#items.length - 1, item);
  }

  pop(): Item | undefined {
    const first = this.#items[0];
    if (first !== undefined) this.#removeAt(0, first);
    return first;
  }

  /** Takes `item` out; nothing happens when it is not in. */
  remove(item: Item): void {
    const position = this.#positionOf(item);
    if (position >= 0) this.#removeAt(position, item);
  }

  /** Restores the order after the key of `item` has changed. */
  moved(item: Item): void {
    const position = this.#positionOf(item);
    this.#up(position, item);
    if (this.#positionOf(item) === position) this.#down(position, item);
  }

  clear(): void {
    for (const item of this.#items) this.#place(item, -1);
    this.#items.length = 0;
  }

  #removeAt(position: number, item: Item): void {
    const last = this.#items.pop() as Item;
    this.#place(item, -1);
    if (last === item) return;
    this.#up(position, last);
    if (this.#positionOf(last) === position) this.#down(position, last);
  }

  #up(start: number, item: Item): void {
    const items = this.#items;
    let position = start;
    while (position > 0) {
      const parentPosition = (position - 1) >> 1;
      const parent = items[parentPosition] as Item;
      if (!this.#before(item, parent)) break;
      items[position] = parent;
      this.#place(parent, position);
      position = parentPosition;
    }
    items[position] = item;
    this.#place(item, position);
  }

  #down(start: number, item: Item): void {
    const items = this.#items;
    const length = items.length;
    let position = start;
    for (;;) {
      let childPosition = 2 * position + 1;
      if (childPosition >= length) break;
      let child = items[childPosition] as Item;
      const right = items[childPosition + 1];
      if (right !== undefined && this.#before(right, child)) {
        childPosition += 1;
        child = right;
      }
      if (!this.#before(child, item)) break;
      items[position] = child;
      this.#place(child, position);
      position = childPosition;
    }
    items[position] = item;
    this.#place(item, position);
  }
}

/** A heap of items that are taken from its top alone, and so need not know their place; O(log n) a push and a pop. */
export const topHeap = <Item>(
  before: (a: Item, b: Item) => boolean,
): Pick<IndexedHeap<Item>, 'size' | 'peek' | 'push' | 'pop'> =>
  new IndexedHeap<Item>(
    before,
    () => {},
    () => 0,
  );
