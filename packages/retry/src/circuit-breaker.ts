import { assertNever, type EpochMs, InvalidInputError } from '@holdfast/kernel';

/** Opens after `failureThreshold` failures in a row, lets one probe through after `openMs`. */
export interface CircuitBreakerPolicy {
  readonly failureThreshold: number;
  readonly openMs: number;
}

/**
 * ```text
 *            failures in a row = threshold               first ask after openMs
 *  closed ────────────────────────────────▶ open ───────────────────────────────▶ half-open
 *    ▲                                        ▲                                    │     │
 *    │                                        └───────────── failed ───────────────┘     │
 *    └────────────────────────────────────────────────────── succeeded ──────────────────┘
 * ```
 */
export type CircuitBreaker =
  | { readonly phase: 'closed'; readonly failures: number }
  | { readonly phase: 'open'; readonly until: EpochMs }
  | { readonly phase: 'half-open'; readonly probeSince: EpochMs };

/** `ask` comes before a call; `succeeded` or `failed` after it. */
export type CircuitBreakerCommand = 'ask' | 'succeeded' | 'failed';

export interface CircuitBreakerTransition {
  readonly breaker: CircuitBreaker;
  /** Whether the call may go ahead; always true for `succeeded` and `failed`. */
  readonly isAllowed: boolean;
}

/** Where every breaker begins. */
export const CLOSED_BREAKER: CircuitBreaker = { phase: 'closed', failures: 0 };

/** @throws {@link InvalidInputError} naming field, value and rule */
export const resolveCircuitBreakerPolicy = (input: CircuitBreakerPolicy): CircuitBreakerPolicy => {
  if (!Number.isInteger(input.failureThreshold) || input.failureThreshold < 1) {
    throw new InvalidInputError('failureThreshold', input.failureThreshold, 'must be an integer of at least 1');
  }
  if (!(input.openMs > 0 && Number.isFinite(input.openMs))) {
    throw new InvalidInputError('openMs', input.openMs, 'must be a number above 0');
  }
  return input;
};

const whenFailed = (policy: CircuitBreakerPolicy, breaker: CircuitBreaker, now: EpochMs): CircuitBreaker => {
  switch (breaker.phase) {
    case 'closed': {
      const failures = breaker.failures + 1;
      return failures >= policy.failureThreshold
        ? { phase: 'open', until: now + policy.openMs }
        : { phase: 'closed', failures };
    }
    case 'open':
      return breaker;
    case 'half-open':
      return { phase: 'open', until: now + policy.openMs };
    default:
      return assertNever(breaker);
  }
};

const whenAsked = (policy: CircuitBreakerPolicy, breaker: CircuitBreaker, now: EpochMs): CircuitBreakerTransition => {
  switch (breaker.phase) {
    case 'closed':
      return { breaker, isAllowed: true };
    case 'open':
      return now < breaker.until
        ? { breaker, isAllowed: false }
        : { breaker: { phase: 'half-open', probeSince: now }, isAllowed: true };
    case 'half-open':
      // A probe that never reports must not hold the breaker for ever: after openMs another may try.
      return now < breaker.probeSince + policy.openMs
        ? { breaker, isAllowed: false }
        : { breaker: { phase: 'half-open', probeSince: now }, isAllowed: true };
    default:
      return assertNever(breaker);
  }
};

/** The breaker after `command`. Late answers of calls made before it opened change nothing while it is open. */
export const transitionBreaker = (
  policy: CircuitBreakerPolicy,
  breaker: CircuitBreaker,
  command: CircuitBreakerCommand,
  now: EpochMs,
): CircuitBreakerTransition => {
  switch (command) {
    case 'ask':
      return whenAsked(policy, breaker, now);
    case 'succeeded':
      return { breaker: breaker.phase === 'open' ? breaker : CLOSED_BREAKER, isAllowed: true };
    case 'failed':
      return { breaker: whenFailed(policy, breaker, now), isAllowed: true };
    default:
      return assertNever(command);
  }
};
