import { InvalidInputError, type Random, seededRandom } from '@holdfast/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  backoffCeilingMs,
  backoffDelayMs,
  type Jitter,
  nextDecorrelatedDelayMs,
  resolveBackoffPolicy,
} from './backoff.ts';

const policies = fc
  .record({
    baseDelayMs: fc.double({ min: 0.001, max: 1e6, noNaN: true }),
    multiplier: fc.double({ min: 1, max: 10, noNaN: true }),
    extraMs: fc.double({ min: 0, max: 1e9, noNaN: true }),
    jitter: fc.constantFrom<Jitter>('none', 'full', 'equal', 'decorrelated'),
  })
  .map(({ extraMs, ...rest }) => resolveBackoffPolicy({ ...rest, maxDelayMs: rest.baseDelayMs + extraMs }));

/** Always draws the same value. */
const constantRandom = (value: number): Random => ({ ...seededRandom(1), nextUnit: () => value });

const meanOf = (draw: () => number, draws = 20_000): number => {
  let sum = 0;
  for (let index = 0; index < draws; index++) sum += draw();
  return sum / draws;
};

describe('backoffDelayMs', () => {
  it('stays between nothing and the max delay for every policy, retry and seed', () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 10_000 }), fc.integer(), (policy, retry, seed) => {
        const delayMs = backoffDelayMs(policy, retry, seededRandom(seed));
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(policy.maxDelayMs);
      }),
    );
  });

  it('never exceeds the ceiling, and equal jitter never goes below half of it', () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 200 }), fc.integer(), (policy, retry, seed) => {
        const delayMs = backoffDelayMs(policy, retry, seededRandom(seed));
        const ceilingMs = backoffCeilingMs(policy, retry);
        if (policy.jitter !== 'decorrelated') expect(delayMs).toBeLessThanOrEqual(ceilingMs);
        if (policy.jitter === 'none') expect(delayMs).toBe(ceilingMs);
        if (policy.jitter === 'equal') expect(delayMs).toBeGreaterThanOrEqual(ceilingMs / 2);
        if (policy.jitter === 'decorrelated') expect(delayMs).toBeGreaterThanOrEqual(policy.baseDelayMs);
      }),
    );
  });

  it('gives the same delay for the same policy, retry and seed', () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 100 }), fc.integer(), (policy, retry, seed) => {
        expect(backoffDelayMs(policy, retry, seededRandom(seed))).toBe(
          backoffDelayMs(policy, retry, seededRandom(seed)),
        );
      }),
    );
  });

  it('has a ceiling that never falls from one retry to the next', () => {
    fc.assert(
      fc.property(policies, fc.integer({ min: 1, max: 2_000 }), (policy, retry) => {
        expect(backoffCeilingMs(policy, retry + 1)).toBeGreaterThanOrEqual(backoffCeilingMs(policy, retry));
      }),
    );
  });

  it('doubles from the base delay on: the first retry waits the base delay', () => {
    const policy = resolveBackoffPolicy({ baseDelayMs: 100, multiplier: 2, maxDelayMs: 1_000, jitter: 'none' });

    const delays = [1, 2, 3, 4, 5, 6].map((retry) => backoffDelayMs(policy, retry, seededRandom(1)));

    expect(delays).toEqual([100, 200, 400, 800, 1_000, 1_000]);
  });

  it.each([
    { jitter: 'full', mean: 400 },
    { jitter: 'equal', mean: 600 },
  ] as const)('has the mean $mean of a ceiling of 800 with $jitter jitter', ({ jitter, mean }) => {
    const policy = resolveBackoffPolicy({ baseDelayMs: 100, multiplier: 2, maxDelayMs: 60_000, jitter });
    const random = seededRandom(42);

    expect(meanOf(() => backoffDelayMs(policy, 4, random)) / mean).toBeCloseTo(1, 1);
  });

  it('decorrelated jitter draws the first delay between one and three base delays', () => {
    const policy = resolveBackoffPolicy({ baseDelayMs: 100, maxDelayMs: 60_000, jitter: 'decorrelated' });
    const random = seededRandom(42);

    expect(meanOf(() => backoffDelayMs(policy, 1, random)) / 200).toBeCloseTo(1, 1);
    expect(nextDecorrelatedDelayMs(policy, 100, constantRandom(0))).toBe(100);
    expect(nextDecorrelatedDelayMs(policy, 100_000, constantRandom(0.999))).toBe(60_000);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses retry %s: retries are counted from 1', (retry) => {
    expect(() => backoffDelayMs(resolveBackoffPolicy(), retry, seededRandom(1))).toThrow(InvalidInputError);
  });
});

describe('resolveBackoffPolicy', () => {
  it.each([
    [{ baseDelayMs: 0 }, 'baseDelayMs'],
    [{ baseDelayMs: Number.NaN }, 'baseDelayMs'],
    [{ multiplier: 0.99 }, 'multiplier'],
    [{ baseDelayMs: 10, maxDelayMs: 9 }, 'maxDelayMs'],
  ])('refuses %j and names %s', (input, field) => {
    expect(() => resolveBackoffPolicy(input)).toThrow(expect.objectContaining({ field }));
  });

  it('accepts the edges: multiplier 1 and a max delay equal to the base delay', () => {
    const policy = resolveBackoffPolicy({ baseDelayMs: 10, multiplier: 1, maxDelayMs: 10, jitter: 'none' });

    expect(backoffDelayMs(policy, 1_000_000, seededRandom(1))).toBe(10);
  });
});
