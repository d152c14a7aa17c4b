import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compilePatternObject } from './event-pattern.ts';
import { PatternIndex } from './pattern-index.ts';

const scalar = fc.constantFrom<unknown>('a', 'b', 1, 2, true, null);
const key = fc.constantFrom('k', 'l', 'm.n', 'n');
const leaf = fc.oneof(
  { weight: 4, arbitrary: fc.array(scalar, { minLength: 1, maxLength: 2 }) },
  fc.constantFrom<unknown[]>(
    [{ prefix: 'a' }],
    ['a', { exists: false }],
    [{ 'anything-but': 'a' }],
    [{ exists: true }],
  ),
);
const { pattern } = fc.letrec<{ pattern: object; value: unknown }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 3 },
    fc.dictionary(key, fc.oneof({ weight: 3, arbitrary: leaf }, tie('pattern')), { minKeys: 1, maxKeys: 3 }),
    fc.record({ $or: fc.tuple(tie('pattern'), tie('pattern')) }),
  ) as fc.Arbitrary<object>,
  value: fc.constant(null),
}));
const { event } = fc.letrec<{ event: object; value: unknown }>((tie) => ({
  event: fc.dictionary(key, tie('value'), { maxKeys: 3 }) as fc.Arbitrary<object>,
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    tie('event'),
  ),
}));

it('an index finds the patterns that match when all are run', () => {
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 8 }), fc.array(event, { maxLength: 8 }), (patterns, events) => {
      const entries = patterns.flatMap((given, position) => {
        try {
          return [{ item: position, pattern: compilePatternObject(given) }];
        } catch {
          return [];
        }
      });
      const index = new PatternIndex(entries);
      for (const one of events as Record<string, unknown>[]) {
        const expected = entries.filter(({ pattern: compiled }) => compiled.matches(one)).map(({ item }) => item);
        expect(index.matching(one)).toEqual(expected);
      }
    }),
  );
});
