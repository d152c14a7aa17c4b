import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LocationIndex } from './location-index.ts';

const number = fc.oneof(fc.nat(40), fc.nat(3_000), fc.constantFrom(0, 1e6, 1e12, 999_999_999_999_999, 1e15));
const key = fc.oneof(
  fc.tuple(fc.constantFrom('1/', '2/', '/', 'a/b/'), number).map(([beginning, last]) => beginning + last),
  fc.constantFrom('', '/', '1', '1/', '1/00', '1/01', '1/-1', '1/1e3', '1/1.5', '12/', '1/9007199254740993', '1/１'),
);
const step = fc.oneof(
  { weight: 20, arbitrary: fc.record({ kind: fc.constant('set' as const), key, location: fc.integer({ min: 1 }) }) },
  { weight: 12, arbitrary: fc.record({ kind: fc.constant('delete' as const), key }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('run' as const), from: fc.nat(5_000), count: fc.nat(300) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('drain' as const), upTo: fc.nat(5_000) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('clear' as const) }) },
);

const numbersOf = (keys: readonly string[], beginning: string): number[] =>
  keys.filter((one) => new RegExp(`^${beginning}(0|[1-9]\\d{0,14})$`).test(one)).map((one) => Number(one.slice(2)));

describe('the index of a collection', () => {
  it('is a map, whatever keys look like, and gives numbers behind one beginning in their order', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const index = new LocationIndex();
        const map = new Map<string, number>();
        for (const one of steps) {
          if (one.kind === 'set') {
            expect(index.set(one.key, one.location)).toBe(map.get(one.key));
            map.set(one.key, one.location);
          } else if (one.kind === 'delete') {
            expect(index.delete(one.key)).toBe(map.get(one.key));
            map.delete(one.key);
          } else if (one.kind === 'clear') {
            index.clear();
            map.clear();
          } else if (one.kind === 'run') {
            for (let at = one.from; at < one.from + one.count; at++) {
              index.set(`1/${at}`, at + 1);
              map.set(`1/${at}`, at + 1);
            }
          } else {
            for (let at = 0; at < one.upTo; at += 1 + (at % 3)) {
              index.delete(`1/${at}`);
              map.delete(`1/${at}`);
            }
          }
          if ('key' in one) {
            expect(index.get(one.key)).toBe(map.get(one.key));
            expect(index.has(one.key)).toBe(map.has(one.key));
          }
        }
        const entries = [...index];
        expect(new Map(entries)).toEqual(map);
        expect(entries).toHaveLength(map.size);
        expect([...index.keys()]).toEqual(entries.map(([name]) => name));
        const visited: [string, number][] = [];
        index.forEach((location, beginning, number) => {
          const name = `${beginning}${number ?? ''}`;
          visited.push([name, location]);
          expect(index.partsOf(name)).toEqual([beginning, number]);
        });
        expect(visited).toEqual(entries);
        const numbers = numbersOf([...index.keys()], '1/');
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      }),
      { numRuns: 300 },
    );
  });

  it('does not keep places for what is gone, however long one that came first stays', () => {
    const index = new LocationIndex();
    index.set('1/1', 7);
    for (let at = 2; at < 200_000; at++) {
      index.set(`1/${at}`, at);
      if (at > 11) index.delete(`1/${at - 10}`);
    }
    expect([...index.keys()].slice(0, 2)).toEqual(['1/1', '1/199990']);
    expect(index.placesKept).toBeLessThan(1_000);
  });
});
