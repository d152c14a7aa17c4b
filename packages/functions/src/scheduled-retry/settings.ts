import {
  type BackoffPolicy,
  type RetryBudgetPolicy,
  resolveBackoffPolicy,
  resolveRetryBudgetPolicy,
} from '@holdfast/retry';
import { ARCHIVE_PREFIX } from '../archive-prefix.ts';
import { type Environment, numberWithin, optionalText, requiredText } from '../environment.ts';

/** What the retry function's environment says, checked once per cold start. */
export interface ScheduledRetrySettings {
  readonly dlqUrl: string;
  /** Name or ARN. */
  readonly targetFunction: string;
  readonly alertTopicArn: string;
  /** Retries that may fail before the alert; throttled ones do not count. */
  readonly maxRetries: number;
  readonly stateTable: string;
  readonly archiveBucket: string;
  readonly archivePrefix: string;
  /** Invocations of the target at the same time. */
  readonly concurrency: number;
  readonly budget: RetryBudgetPolicy;
  /** Where nothing is said, the events' own. */
  readonly metricNamespace: string | undefined;
}

/** Where nothing else is said. */
export const RETRY_DEFAULTS = {
  maxRetries: 5,
  concurrency: 10,
  budgetPerSecond: 10,
  budgetBurst: 50,
  archivePrefix: ARCHIVE_PREFIX,
} as const;

/** Of one message, from retry to retry, as visibility timeout. */
export const MESSAGE_BACKOFF: BackoffPolicy = resolveBackoffPolicy({
  baseDelayMs: 30_000,
  multiplier: 2,
  maxDelayMs: 15 * 60_000,
  jitter: 'full',
});

/** The target is full: so many throttles in a row stop retries for a while, whatever the budget says. */
export const THROTTLE_BREAKER = { failureThreshold: 5, openMs: 10_000 } as const;

/**
 * A message older than this is archived and alerted even if it was only ever throttled: SQS deletes it silently after
 * 14 days at the latest.
 */
export const MESSAGE_AGE_MAX_MS = 13 * 24 * 3_600_000;

/** @throws {@link InvalidInputError} naming the variable that is missing or wrong */
export const readScheduledRetrySettings = (environment: Environment): ScheduledRetrySettings => ({
  dlqUrl: requiredText(environment, 'DLQ_URL'),
  targetFunction: requiredText(environment, 'TARGET_FUNCTION'),
  alertTopicArn: requiredText(environment, 'SNS_TOPIC_ARN'),
  maxRetries: numberWithin(environment, 'MAX_RETRIES', RETRY_DEFAULTS.maxRetries, { min: 1, max: 100 }),
  stateTable: requiredText(environment, 'RETRY_STATE_TABLE'),
  archiveBucket: requiredText(environment, 'ARCHIVE_BUCKET'),
  archivePrefix: optionalText(environment, 'ARCHIVE_PREFIX') ?? RETRY_DEFAULTS.archivePrefix,
  concurrency: numberWithin(environment, 'RETRY_CONCURRENCY', RETRY_DEFAULTS.concurrency, { min: 1, max: 100 }),
  metricNamespace: optionalText(environment, 'METRIC_NAMESPACE'),
  budget: resolveRetryBudgetPolicy({
    tokensPerSecond: numberWithin(environment, 'RETRY_BUDGET_PER_SECOND', RETRY_DEFAULTS.budgetPerSecond, {
      min: 0.001,
      max: 10_000,
    }),
    burst: numberWithin(environment, 'RETRY_BUDGET_BURST', RETRY_DEFAULTS.budgetBurst, { min: 1, max: 10_000 }),
  }),
});
