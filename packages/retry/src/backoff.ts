import { InvalidInputError, type Random } from '@holdfast/kernel';

/**
 * How chance spreads the delays of many callers, in the terms of the literature.
 *
 * @see https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export type Jitter = 'none' | 'full' | 'equal' | 'decorrelated';

/** Exponential backoff: retry n waits at most `baseDelayMs * multiplier^(n-1)`, never more than `maxDelayMs`. */
export interface BackoffPolicy {
  readonly baseDelayMs: number;
  readonly multiplier: number;
  readonly maxDelayMs: number;
  readonly jitter: Jitter;
}

/** What a policy is made of where nothing else is said. */
export const BACKOFF_DEFAULTS: BackoffPolicy = {
  baseDelayMs: 1_000,
  multiplier: 2,
  maxDelayMs: 60_000,
  jitter: 'full',
};

/** Longest chain that decorrelated jitter replays; by then every delay has long reached `maxDelayMs`. */
export const DECORRELATED_CHAIN_MAX = 64;

/**
 * Fills in the defaults and checks fields and their relations.
 *
 * @throws {@link InvalidInputError} naming field, value and rule
 */
export const resolveBackoffPolicy = (input: Partial<BackoffPolicy> = {}): BackoffPolicy => {
  const policy = { ...BACKOFF_DEFAULTS, ...input };
  if (!(policy.baseDelayMs > 0 && Number.isFinite(policy.baseDelayMs))) {
    throw new InvalidInputError('baseDelayMs', policy.baseDelayMs, 'must be a number above 0');
  }
  if (!(policy.multiplier >= 1 && Number.isFinite(policy.multiplier))) {
    throw new InvalidInputError('multiplier', policy.multiplier, 'must be a number of at least 1');
  }
  if (!(policy.maxDelayMs >= policy.baseDelayMs)) {
    throw new InvalidInputError(
      'maxDelayMs',
      policy.maxDelayMs,
      `must not be below baseDelayMs (${policy.baseDelayMs})`,
    );
  }
  return policy;
};

const checkRetry = (retry: number): void => {
  if (!Number.isInteger(retry) || retry < 1) {
    throw new InvalidInputError('retry', retry, 'must be an integer of at least 1 (retry n is attempt n+1)');
  }
};

/** The delay before retry `retry` without chance: what jitter cuts from. */
export const backoffCeilingMs = (policy: BackoffPolicy, retry: number): number => {
  checkRetry(retry);
  return Math.min(policy.maxDelayMs, policy.baseDelayMs * policy.multiplier ** (retry - 1));
};

/** One step of decorrelated jitter: between the base delay and three times the delay before, capped. */
export const nextDecorrelatedDelayMs = (policy: BackoffPolicy, previousDelayMs: number, random: Random): number => {
  const upperMs = Math.max(policy.baseDelayMs, previousDelayMs * 3);
  return Math.min(policy.maxDelayMs, policy.baseDelayMs + random.nextUnit() * (upperMs - policy.baseDelayMs));
};

/**
 * The delay before retry `retry`, counted from 1: attempt 1 is the first call and retry n is attempt n+1.
 *
 * A pure function: the same policy, retry and state of `random` give the same delay. Full jitter can answer 0.
 * Decorrelated jitter depends on the delay before; without one at hand the chain is drawn anew from `random`,
 * which has the same distribution. With it, use {@link nextDecorrelatedDelayMs}.
 *
 * @throws {@link InvalidInputError} when `retry` is not a positive integer
 */
export const backoffDelayMs = (policy: BackoffPolicy, retry: number, random: Random): number => {
  const ceilingMs = backoffCeilingMs(policy, retry);
  switch (policy.jitter) {
    case 'none':
      return ceilingMs;
    case 'full':
      return random.nextUnit() * ceilingMs;
    case 'equal':
      return ceilingMs / 2 + random.nextUnit() * (ceilingMs / 2);
    case 'decorrelated': {
      let delayMs = policy.baseDelayMs;
      const links = Math.min(retry, DECORRELATED_CHAIN_MAX);
      for (let link = 0; link < links; link++) delayMs = nextDecorrelatedDelayMs(policy, delayMs, random);
      return delayMs;
    }
  }
};
