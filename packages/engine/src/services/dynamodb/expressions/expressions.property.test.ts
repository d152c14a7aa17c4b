import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { AttributeValue, Item } from '../attribute-value.ts';
import { ExpressionBinder } from './bind.ts';
import { matches } from './evaluate.ts';

interface Sample {
  readonly text: string;
  /** The answer worked out beside the parser. */
  holds(item: Item): boolean;
}

const names = ['alpha', 'beta', 'gamma'];
const literals: Record<string, AttributeValue> = { ':zero': { N: '0' }, ':one': { N: '1' }, ':two': { N: '2' } };
const numberOf = (value: AttributeValue | undefined): number | undefined =>
  value?.N === undefined ? undefined : Number(value.N);

const spaces = fc.constantFrom('', ' ', '\n');

const comparison: fc.Arbitrary<Sample> = fc
  .tuple(
    fc.constantFrom(...names),
    fc.constantFrom('=', '<>', '<', '<=', '>', '>='),
    fc.constantFrom(...Object.keys(literals)),
    spaces,
  )
  .map(([name, operator, literal, space]) => ({
    text: `#${name}${space}${operator}${space}${literal}`,
    holds: (item) => {
      const left = numberOf(item[name]);
      const right = numberOf(literals[literal]) as number;
      if (left === undefined) return operator === '<>';
      switch (operator) {
        case '=':
          return left === right;
        case '<>':
          return left !== right;
        case '<':
          return left < right;
        case '<=':
          return left <= right;
        case '>':
          return left > right;
        default:
          return left >= right;
      }
    },
  }));

const existence: fc.Arbitrary<Sample> = fc.tuple(fc.constantFrom(...names), fc.boolean()).map(([name, isThere]) => ({
  text: `${isThere ? 'attribute_exists' : 'attribute_not_exists'} (#${name})`,
  holds: (item) => (item[name] !== undefined) === isThere,
}));

const between: fc.Arbitrary<Sample> = fc.constantFrom(...names).map((name) => ({
  text: `#${name} between :zero and :one`,
  holds: (item) => {
    const value = numberOf(item[name]);
    return value !== undefined && value >= 0 && value <= 1;
  },
}));

const membership: fc.Arbitrary<Sample> = fc.constantFrom(...names).map((name) => ({
  text: `#${name} IN (:zero, :two)`,
  holds: (item) => [0, 2].includes(numberOf(item[name]) ?? -1),
}));

/** Parentheses are written only where they are needed, so that precedence is put to the test. */
const { condition } = fc.letrec<{ condition: Sample; and: Sample; not: Sample }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'expression' },
    tie('and'),
    fc.tuple(tie('and'), tie('condition')).map(([a, b]) => ({
      text: `${a.text} OR ${b.text}`,
      holds: (item: Item) => a.holds(item) || b.holds(item),
    })),
  ),
  and: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'expression' },
    tie('not'),
    fc.tuple(tie('not'), tie('and')).map(([a, b]) => ({
      text: `${a.text} and ${b.text}`,
      holds: (item: Item) => a.holds(item) && b.holds(item),
    })),
  ),
  not: fc.oneof(
    { maxDepth: 4, depthIdentifier: 'expression' },
    fc.oneof(comparison, existence, between, membership),
    tie('not').map((a) => ({ text: `NOT ${a.text}`, holds: (item: Item) => !a.holds(item) })),
    fc.tuple(tie('condition'), tie('condition')).map(([a, b]) => ({
      text: `(${a.text} OR ${b.text})`,
      holds: (item: Item) => a.holds(item) || b.holds(item),
    })),
  ),
}));

const item: fc.Arbitrary<Item> = fc
  .record({
    alpha: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
    beta: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
    gamma: fc.option(fc.nat({ max: 3 }), { nil: undefined }),
  })
  .map((numbers) =>
    Object.fromEntries(
      Object.entries(numbers).flatMap(([name, value]) => (value === undefined ? [] : [[name, { N: String(value) }]])),
    ),
  );

const binder = (): ExpressionBinder =>
  new ExpressionBinder({
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: literals,
  });

describe('conditions', () => {
  it('parse with the precedence NOT, AND, OR and evaluate to what they say', () => {
    fc.assert(
      fc.property(condition, item, (sample, given) => {
        const bound = binder().condition('ConditionExpression', sample.text);
        expect(matches(bound, given)).toBe(sample.holds(given));
      }),
      { numRuns: 1_000 },
    );
  });

  it('text that is cut anywhere either parses or is a syntax error, never a crash', () => {
    fc.assert(
      fc.property(condition, fc.nat(), (sample, cut) => {
        const text = sample.text.slice(0, cut % sample.text.length);
        try {
          binder().condition('FilterExpression', text);
        } catch (error) {
          expect((error as Error).message).toMatch(/^Invalid FilterExpression: /);
        }
      }),
    );
  });
});
