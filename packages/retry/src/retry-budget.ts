import { type EpochMs, InvalidInputError } from '@holdfast/kernel';

/** How many retries may run: `tokensPerSecond` in the long run, `burst` at once. */
export interface RetryBudgetPolicy {
  readonly tokensPerSecond: number;
  readonly burst: number;
}

/** A token bucket as a value: what was in it at `at`. Keep it wherever you like. */
export interface RetryBudget {
  readonly tokens: number;
  readonly at: EpochMs;
}

/** @throws {@link InvalidInputError} naming field, value and rule */
export const resolveRetryBudgetPolicy = (input: RetryBudgetPolicy): RetryBudgetPolicy => {
  if (!(input.tokensPerSecond > 0 && Number.isFinite(input.tokensPerSecond))) {
    throw new InvalidInputError('tokensPerSecond', input.tokensPerSecond, 'must be a number above 0');
  }
  if (!(input.burst >= 1 && Number.isFinite(input.burst))) {
    throw new InvalidInputError('burst', input.burst, 'must be a number of at least 1');
  }
  return input;
};

/** A full bucket. */
export const fullRetryBudget = (policy: RetryBudgetPolicy, now: EpochMs): RetryBudget => ({
  tokens: policy.burst,
  at: now,
});

/** The bucket at `now`. A clock that went backwards neither fills nor empties it. */
export const refillRetryBudget = (policy: RetryBudgetPolicy, budget: RetryBudget, now: EpochMs): RetryBudget => {
  if (now <= budget.at) return budget;
  const gained = ((now - budget.at) * policy.tokensPerSecond) / 1000;
  return { tokens: Math.min(policy.burst, budget.tokens + gained), at: now };
};

/** What a take came to: how many tokens were granted, the bucket after, and when the next token is there. */
export interface RetryBudgetTake {
  readonly granted: number;
  readonly budget: RetryBudget;
  /** When one whole token is in the bucket; `now` or earlier when there already is one. */
  readonly nextTokenAt: EpochMs;
}

/** Takes up to `wanted` whole tokens; takes none rather than part of one. */
export const takeRetryTokens = (
  policy: RetryBudgetPolicy,
  budget: RetryBudget,
  now: EpochMs,
  wanted = 1,
): RetryBudgetTake => {
  const refilled = refillRetryBudget(policy, budget, now);
  const granted = Math.min(wanted, Math.floor(refilled.tokens));
  const after = { tokens: refilled.tokens - granted, at: refilled.at };
  const missing = Math.max(0, 1 - after.tokens);
  return { granted, budget: after, nextTokenAt: after.at + Math.ceil((missing * 1000) / policy.tokensPerSecond) };
};

/** Puts back tokens that were taken and not used, never above the burst. */
export const returnRetryTokens = (policy: RetryBudgetPolicy, budget: RetryBudget, unused: number): RetryBudget => ({
  tokens: Math.min(policy.burst, budget.tokens + unused),
  at: budget.at,
});
