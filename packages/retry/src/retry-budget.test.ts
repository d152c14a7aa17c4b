import { InvalidInputError } from '@holdfast/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fullRetryBudget,
  refillRetryBudget,
  resolveRetryBudgetPolicy,
  returnRetryTokens,
  takeRetryTokens,
} from './retry-budget.ts';

const policies = fc.record({
  tokensPerSecond: fc.double({ min: 0.01, max: 1_000, noNaN: true }),
  burst: fc.double({ min: 1, max: 1_000, noNaN: true }),
});

describe('a retry budget', () => {
  it('grants in any stretch of time at most the burst and what flows in', () => {
    fc.assert(
      fc.property(
        policies,
        fc.array(fc.record({ waitMs: fc.integer({ min: 0, max: 5_000 }), wanted: fc.integer({ min: 1, max: 50 }) })),
        (policy, asks) => {
          let now = 1_000_000;
          let budget = fullRetryBudget(policy, now);
          let granted = 0;
          for (const { waitMs, wanted } of asks) {
            now += waitMs;
            const take = takeRetryTokens(policy, budget, now, wanted);
            budget = take.budget;
            granted += take.granted;
            expect(take.granted).toBeLessThanOrEqual(wanted);
            expect(budget.tokens).toBeGreaterThanOrEqual(0);
            expect(budget.tokens).toBeLessThanOrEqual(policy.burst);
          }
          const flowedIn = ((now - 1_000_000) * policy.tokensPerSecond) / 1000;
          expect(granted).toBeLessThanOrEqual(policy.burst + flowedIn + 1e-6);
        },
      ),
    );
  });

  it('says when the next token is there, and then it is', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        const empty = takeRetryTokens(policy, fullRetryBudget(policy, 0), 0, 10_000);
        const next = takeRetryTokens(policy, empty.budget, empty.nextTokenAt + 1, 1);
        expect(next.granted).toBe(1);
      }),
    );
  });

  it('grants part of what is wanted, never part of a token', () => {
    const policy = { tokensPerSecond: 1, burst: 3 };
    const first = takeRetryTokens(policy, fullRetryBudget(policy, 0), 0, 10);
    const second = takeRetryTokens(policy, first.budget, 500, 10);
    const third = takeRetryTokens(policy, second.budget, 1_000, 10);

    expect([first.granted, second.granted, third.granted]).toEqual([3, 0, 1]);
    expect(second.nextTokenAt).toBe(1_000);
  });

  it('takes back what was not used, up to the burst', () => {
    const policy = { tokensPerSecond: 1, burst: 3 };

    expect(returnRetryTokens(policy, { tokens: 1, at: 0 }, 1).tokens).toBe(2);
    expect(returnRetryTokens(policy, { tokens: 1, at: 0 }, 9).tokens).toBe(3);
  });

  it('does not fill when the clock goes backwards', () => {
    const policy = { tokensPerSecond: 1, burst: 3 };

    expect(refillRetryBudget(policy, { tokens: 1, at: 5_000 }, 1_000)).toEqual({ tokens: 1, at: 5_000 });
  });

  it.each([
    { tokensPerSecond: 0, burst: 1 },
    { tokensPerSecond: 1, burst: 0.5 },
  ])('refuses %j', (policy) => {
    expect(() => resolveRetryBudgetPolicy(policy)).toThrow(InvalidInputError);
  });
});
