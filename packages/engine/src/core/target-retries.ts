import type { BackoffPolicy } from '@holdfast/retry';

/**
 * How often and how long EventBridge tries a target that refuses, be it for a rule or a schedule.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
 */
export const TARGET_RETRY_DEFAULTS = { maximumRetryAttempts: 185, maximumEventAgeSeconds: 86_400 } as const;

/**
 * AWS does not publish its curve, only that it is exponential with jitter and that 185 retries fit in 24 hours:
 * this one spends them in about 22.
 */
export const TARGET_RETRY_BACKOFF: BackoffPolicy = {
  baseDelayMs: 1_000,
  multiplier: 2,
  maxDelayMs: 600_000,
  jitter: 'equal',
};
