import { type EventPattern, type ExactField, exactValuesAt } from './event-pattern.ts';

interface Entry<Item> {
  readonly item: Item;
  readonly pattern: EventPattern;
}

/** Items whose pattern lists exact values at one path, by value. */
interface Shelf {
  readonly path: readonly string[];
  readonly byValue: Map<unknown, number[]>;
}

const keyOf = (path: readonly string[], value: unknown): string => JSON.stringify([path, value]);

/**
 * Finds the patterns that an event can match without running them all.
 *
 * Each way through a pattern is shelved under the one field whose exact values the fewest other patterns ask for; an event is
 * looked up once at each path that has a shelf. Patterns without exact values are run for every event.
 */
export class PatternIndex<Item> {
  readonly #entries: readonly Entry<Item>[];
  readonly #shelves: readonly Shelf[];
  /** Positions of patterns that no value tells apart. */
  readonly #open: readonly number[];

  constructor(entries: readonly Entry<Item>[]) {
    this.#entries = entries;
    const counts = new Map<string, number>();
    for (const { pattern } of entries) {
      for (const way of pattern.ways) {
        for (const { path, values } of way) {
          for (const value of values) counts.set(keyOf(path, value), (counts.get(keyOf(path, value)) ?? 0) + 1);
        }
      }
    }
    const shelves = new Map<string, Shelf>();
    const open = new Set<number>();
    const crowd = ({ path, values }: ExactField): number =>
      values.reduce<number>((sum, value) => sum + (counts.get(keyOf(path, value)) ?? 0), 0);
    for (const [position, { pattern }] of entries.entries()) {
      for (const way of pattern.ways) {
        const [best] = [...way].sort((a, b) => crowd(a) - crowd(b));
        if (best === undefined) {
          open.add(position);
          continue;
        }
        const name = JSON.stringify(best.path);
        const shelf = shelves.get(name) ?? { path: best.path, byValue: new Map<unknown, number[]>() };
        shelves.set(name, shelf);
        for (const value of best.values) {
          const positions = shelf.byValue.get(value);
          if (positions === undefined) shelf.byValue.set(value, [position]);
          else if (positions.at(-1) !== position) positions.push(position);
        }
      }
    }
    this.#shelves = [...shelves.values()];
    this.#open = [...open];
  }

  /** Those whose pattern matches, in the order in which they were given. */
  matching(event: Readonly<Record<string, unknown>>): Item[] {
    const positions = new Set(this.#open);
    for (const { path, byValue } of this.#shelves) {
      for (const value of exactValuesAt(event, path)) {
        for (const position of byValue.get(value) ?? []) positions.add(position);
      }
    }
    const inOrder = positions.size < 2 ? [...positions] : [...positions].sort((a, b) => a - b);
    const found: Item[] = [];
    for (const position of inOrder) {
      const { item, pattern } = this.#entries[position] as Entry<Item>;
      if (pattern.matches(event)) found.push(item);
    }
    return found;
  }
}
