import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { normaliseNumber } from './decimal.ts';
import {
  type KeySchema,
  orderKeyOf,
  queryRange,
  rangeAfter,
  rowKeyOf,
  type SortCondition,
  segmentRange,
} from './key-schema.ts';

/** Text with the characters that make trouble: NUL, percent, colon, the top of the BMP, surrogate pairs. */
const text = fc
  .array(fc.constantFrom('\u0000', '\u0001', '%', ':', 'a', 'b', '\u00ff', '\ue000', '\uffff', '😀', '𝒳'), {
    minLength: 1,
    maxLength: 5,
  })
  .map((characters) => characters.join(''));
const bytes = fc.uint8Array({ minLength: 1, maxLength: 4, max: 3 });
const numbers = fc.integer({ min: -50, max: 50 }).map((value) => normaliseNumber(String(value / 4)));

const schemaOf = (type: 'S' | 'N' | 'B'): KeySchema => ({
  partition: { name: 'p', type: 'S' },
  sort: { name: 's', type },
});

type Value = string | Uint8Array;
const attribute = (type: 'S' | 'N' | 'B', value: Value) => ({ [type]: value }) as never;
const compare = (type: 'S' | 'N' | 'B', a: Value, b: Value): number => {
  if (type === 'N') return Number(a) - Number(b);
  const raw = (value: Value): Buffer => (typeof value === 'string' ? Buffer.from(value) : Buffer.from(value));
  return Buffer.compare(raw(a), raw(b));
};
const startsWith = (whole: Value, start: Value): boolean =>
  typeof whole === 'string'
    ? whole.startsWith(start as string)
    : Buffer.compare(whole.subarray(0, start.length), start as Uint8Array) === 0;

const holds = (type: 'S' | 'N' | 'B', value: Value, operator: SortCondition['operator'], [a, b]: [Value, Value]) => {
  const order = compare(type, value, a);
  switch (operator) {
    case '=':
      return order === 0;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    case 'BETWEEN':
      return order >= 0 && compare(type, value, b) <= 0;
    case 'begins_with':
      return startsWith(value, a);
  }
};

const operators: SortCondition['operator'][] = ['=', '<', '<=', '>', '>=', 'BETWEEN', 'begins_with'];

describe('order keys', () => {
  it.each([
    ['S', text],
    ['N', numbers],
    ['B', bytes],
  ] as ['S' | 'N' | 'B', fc.Arbitrary<Value>][])(
    'the range of a query holds exactly the sort keys of type %s that meet the condition',
    (type, arbitrary) => {
      fc.assert(
        fc.property(
          text,
          text,
          arbitrary,
          arbitrary,
          arbitrary,
          fc.constantFrom(...operators),
          (p, q, value, a, b, operator) => {
            fc.pre(!(type === 'N' && operator === 'begins_with'));
            const schema = schemaOf(type);
            const order = orderKeyOf({ p: { S: p }, s: attribute(type, value) }, schema) as string;
            const range = queryRange({ S: q }, { operator, operands: [attribute(type, a), attribute(type, b)] });
            const isWithin = order >= range.from && (range.to === undefined || order < range.to);
            expect(isWithin).toBe(p === q && holds(type, value, operator, [a, b]));
          },
        ),
        { numRuns: 2_000 },
      );
    },
  );

  it('items of one partition lie together and in the order of their sort keys', () => {
    fc.assert(
      fc.property(text, text, text, (p, a, b) => {
        const order = (s: string): string => orderKeyOf({ p: { S: p }, s: { S: s } }, schemaOf('S')) as string;
        const expected = Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(order(a) < order(b) ? -1 : order(a) > order(b) ? 1 : 0).toBe(expected);
      }),
    );
  });

  it('different keys have different identities', () => {
    fc.assert(
      fc.property(text, text, text, text, (p, s, q, t) => {
        const identity = (first: string, second: string): string =>
          rowKeyOf({ p: { S: first }, s: { S: second } }, schemaOf('S'));
        expect(identity(p, s) === identity(q, t)).toBe(p === q && s === t);
        expect(identity(p, s)).not.toContain('\u0000');
      }),
    );
  });

  it('every item is in exactly one segment', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 9 }), (p, total) => {
        const order = orderKeyOf({ p: { S: p } }, { partition: { name: 'p', type: 'S' }, sort: undefined }) as string;
        const containing = Array.from({ length: total }, (_, segment) => segmentRange(segment, total)).filter(
          ({ from, to }) => order >= from && (to === undefined || order < to),
        );
        expect(containing).toHaveLength(1);
      }),
    );
  });

  it('what is left after an item does not contain it', () => {
    const range = { from: 'b', to: 'y' };

    expect(rangeAfter(range, 'm', true)).toEqual({ from: 'm\u0000', to: 'y' });
    expect(rangeAfter(range, 'm', false)).toEqual({ from: 'b', to: 'm' });
  });
});
