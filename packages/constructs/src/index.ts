export { ASYNC_FUNCTION_DEFAULTS, AsyncFunction, type AsyncFunctionProps } from './async-function.ts';
export { DEAD_LETTER_REPLAY_DEFAULTS, DeadLetterReplay, type DeadLetterReplayProps } from './dead-letter-replay.ts';
export {
  EXPIRING_QUEUE_DEFAULTS,
  ExpiringQueue,
  type ExpiringQueueProps,
} from './expiring-queue.ts';
export { anyArchive, anyFunction, type EventArchive, type FailingFunction } from './failing-function.ts';
export { type AsyncDestination, failureQueue, type StreamFailureDestination } from './failure-destination.ts';
export { FAILURE_LEDGER_DEFAULTS, FailureLedger, type FailureLedgerProps } from './failure-ledger.ts';
export { NotifyingBucket, type NotifyingBucketProps, type ObjectEventRoute } from './notifying-bucket.ts';
export { ON_FAILURE_QUEUE_DEFAULTS, OnFailureQueue, type OnFailureQueueProps } from './on-failure-queue.ts';
export { PIPELINE_FUNCTION_DEFAULTS, PipelineFunction, type PipelineFunctionProps } from './pipeline-function.ts';
export { type PipelineQueueProps, pipelineQueue } from './pipeline-queue.ts';
export { InvalidPropError } from './prop-rules.ts';
export { QUEUE_CONSUMER_DEFAULTS, QueueConsumer, type QueueConsumerProps } from './queue-consumer.ts';
export { type Recovery, type RecoveryParts, scheduledRecovery, workflowRecovery } from './recovery.ts';
export { ReliabilityAlarms, type ReliabilityAlarmsProps } from './reliability-alarms.ts';
export {
  RELIABILITY_DASHBOARD_DEFAULTS,
  ReliabilityDashboard,
  type ReliabilityDashboardProps,
  type ReliabilityGraph,
} from './reliability-dashboard.ts';
export {
  RELIABLE_QUEUE_DEFAULTS,
  ReliableQueue,
  type ReliableQueueConsumer,
  type ReliableQueueProps,
  type ReliableQueueSettings,
  type RetryTier,
} from './reliable-queue.ts';
export { RETRY_ALARMS_DEFAULTS, RetryAlarms, type RetryAlarmsProps } from './retry-alarms.ts';
export {
  type ErrorRetry,
  RETRY_BY_ERROR_DEFAULTS,
  RetryByError,
  type RetryByErrorProps,
} from './retry-by-error.ts';
export { RetryDashboard, type RetryDashboardProps } from './retry-dashboard.ts';
export { RETRY_METRICS, type RetryMetricName } from './retry-metrics.ts';
export { RETRY_WORKFLOW_DEFAULTS, RetryWorkflow, type RetryWorkflowProps } from './retry-workflow.ts';
export { RULE_TARGET_DEFAULTS, RuleTarget, type RuleTargetProps } from './rule-target.ts';
export { SCHEDULED_RETRY_DEFAULTS, ScheduledRetry, type ScheduledRetryProps } from './scheduled-retry.ts';
export { STREAM_CONSUMER_DEFAULTS, StreamConsumer, type StreamConsumerProps } from './stream-consumer.ts';
export {
  THROTTLE_SAFE_FUNCTION_DEFAULTS,
  ThrottleSafeFunction,
  type ThrottleSafeFunctionProps,
} from './throttle-safe-function.ts';
export {
  type AlarmLevel,
  WATCHED_METRIC_DEFAULTS,
  type WatchedMetric,
  type WatchOptions,
  watch,
} from './watched-metric.ts';
