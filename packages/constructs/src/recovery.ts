import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { EventArchive } from './failing-function.ts';
import type { OnFailureQueue } from './on-failure-queue.ts';
import { RetryWorkflow, type RetryWorkflowProps } from './retry-workflow.ts';
import { ScheduledRetry, type ScheduledRetryProps } from './scheduled-retry.ts';

/** What every way of bringing events back has at hand. */
export interface RecoveryParts {
  /** Where the lost events are; its `target` is the function to invoke again. */
  readonly failures: OnFailureQueue;
  /** Hears of every event that is given up. */
  readonly alerts: sns.ITopic;
  /** Keeps every event that is given up. */
  readonly archive: EventArchive;
}

/**
 * How dead-lettered events come back. A stack takes one of these and knows nothing else about it: on a schedule
 * ({@link scheduledRecovery}), or by a workflow for each event ({@link workflowRecovery}).
 */
export type Recovery = (scope: Construct, parts: RecoveryParts) => void;

/** Recovery by a {@link ScheduledRetry}. */
export const scheduledRecovery =
  (options: Omit<ScheduledRetryProps, keyof RecoveryParts> = {}): Recovery =>
  (scope, parts) => {
    new ScheduledRetry(scope, 'Retry', { ...options, ...parts });
  };

/** Recovery by a {@link RetryWorkflow}. */
export const workflowRecovery =
  (options: Omit<RetryWorkflowProps, keyof RecoveryParts>): Recovery =>
  (scope, parts) => {
    new RetryWorkflow(scope, 'Retry', { ...options, ...parts });
  };
