import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SortedMap } from './sorted-map.ts';

const key = fc.nat({ max: 2_000 }).map((number) => String(number).padStart(4, '0'));
const command = fc.record({ isDelete: fc.boolean(), key });

const entriesOf = (map: SortedMap<number>, from: string, to: string | undefined, isForward: boolean): string[] => {
  const found: string[] = [];
  map.walk(from, to, isForward, (_value, at) => found.push(at) > 0);
  return found;
};

describe('SortedMap', () => {
  it('behaves as a map that is sorted before every walk', () => {
    fc.assert(
      fc.property(
        fc.array(command, { minLength: 0, maxLength: 1_500, size: 'max' }),
        key,
        fc.option(key, { nil: undefined }),
        (commands, from, to) => {
          const map = new SortedMap<number>();
          const model = new Map<string, number>();
          commands.forEach((each, position) => {
            // Mostly inserts at first, mostly deletes later: chunks split and join.
            if (each.isDelete && position > 700) expect(map.delete(each.key)).toBe(model.delete(each.key));
            else {
              map.set(each.key, position);
              model.set(each.key, position);
            }
          });
          const sorted = [...model.keys()].sort();
          const within = sorted.filter((at) => at >= from && (to === undefined || at < to));

          expect(map.size).toBe(model.size);
          expect(map.firstKey).toBe(sorted[0]);
          expect(entriesOf(map, '', undefined, true)).toEqual(sorted);
          expect(entriesOf(map, from, to, true)).toEqual(within);
          expect(entriesOf(map, from, to, false)).toEqual(within.reverse());
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a walk ends when the visitor says so', () => {
    const map = new SortedMap<number>();
    for (let index = 0; index < 1_000; index++) map.set(String(index).padStart(4, '0'), index);
    const seen: number[] = [];

    map.walk('0500', undefined, false, (value) => seen.push(value) < 3);

    expect(seen).toEqual([999, 998, 997]);
  });
});
