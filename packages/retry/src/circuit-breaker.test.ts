import { InvalidInputError } from '@holdfast/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CircuitBreaker,
  type CircuitBreakerCommand,
  CLOSED_BREAKER,
  resolveCircuitBreakerPolicy,
  transitionBreaker,
} from './circuit-breaker.ts';

const POLICY = { failureThreshold: 3, openMs: 1_000 };

/** The breaker after commands, each at its time. */
const after = (...steps: readonly [CircuitBreakerCommand, number][]): CircuitBreaker =>
  steps.reduce((breaker, [command, now]) => transitionBreaker(POLICY, breaker, command, now).breaker, CLOSED_BREAKER);

describe('a circuit breaker', () => {
  it('opens after as many failures in a row as the threshold says', () => {
    expect(after(['failed', 0], ['failed', 1])).toEqual({ phase: 'closed', failures: 2 });
    expect(after(['failed', 0], ['failed', 1], ['failed', 2])).toEqual({ phase: 'open', until: 1_002 });
  });

  it('forgets failures at the first success', () => {
    expect(after(['failed', 0], ['failed', 1], ['succeeded', 2], ['failed', 3])).toEqual({
      phase: 'closed',
      failures: 1,
    });
  });

  it('lets exactly one probe through when it has been open long enough', () => {
    const open = after(['failed', 0], ['failed', 0], ['failed', 0]);

    const early = transitionBreaker(POLICY, open, 'ask', 999);
    const probe = transitionBreaker(POLICY, open, 'ask', 1_000);
    const second = transitionBreaker(POLICY, probe.breaker, 'ask', 1_001);

    expect([early.isAllowed, probe.isAllowed, second.isAllowed]).toEqual([false, true, false]);
  });

  it('closes when the probe succeeds and opens again when it fails', () => {
    const halfOpen: CircuitBreaker = { phase: 'half-open', probeSince: 1_000 };

    expect(transitionBreaker(POLICY, halfOpen, 'succeeded', 1_100).breaker).toEqual(CLOSED_BREAKER);
    expect(transitionBreaker(POLICY, halfOpen, 'failed', 1_100).breaker).toEqual({ phase: 'open', until: 2_100 });
  });

  it('lets another probe through when the first never reported', () => {
    const halfOpen: CircuitBreaker = { phase: 'half-open', probeSince: 1_000 };

    expect(transitionBreaker(POLICY, halfOpen, 'ask', 2_000).isAllowed).toBe(true);
  });

  it('is not moved by late answers of calls made before it opened', () => {
    const open: CircuitBreaker = { phase: 'open', until: 5_000 };

    expect(transitionBreaker(POLICY, open, 'succeeded', 10).breaker).toBe(open);
    expect(transitionBreaker(POLICY, open, 'failed', 10).breaker).toBe(open);
  });

  it('always lets a call through again after enough time, whatever happened before', () => {
    const commands = fc.array(
      fc.tuple(fc.constantFrom<CircuitBreakerCommand>('ask', 'succeeded', 'failed'), fc.integer({ min: 0, max: 500 })),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9_999 }),
        commands,
        (threshold, openMs, steps) => {
          const policy = { failureThreshold: threshold, openMs };
          let now = 0;
          let breaker: CircuitBreaker = CLOSED_BREAKER;
          for (const [command, waitMs] of steps) {
            now += waitMs;
            breaker = transitionBreaker(policy, breaker, command, now).breaker;
          }
          expect(transitionBreaker(policy, breaker, 'ask', now + openMs).isAllowed).toBe(true);
        },
      ),
    );
  });

  it.each([
    { failureThreshold: 0, openMs: 1 },
    { failureThreshold: 1.5, openMs: 1 },
    { failureThreshold: 1, openMs: 0 },
  ])('refuses %j', (policy) => {
    expect(() => resolveCircuitBreakerPolicy(policy)).toThrow(InvalidInputError);
  });
});
