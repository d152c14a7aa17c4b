export { NotifyingBucket, type NotifyingBucketProps, type ObjectEventRoute } from './notifying-bucket.ts';
export { ON_FAILURE_QUEUE_DEFAULTS, OnFailureQueue, type OnFailureQueueProps } from './on-failure-queue.ts';
export { PIPELINE_FUNCTION_DEFAULTS, PipelineFunction, type PipelineFunctionProps } from './pipeline-function.ts';
export { QUEUE_WORKER_DEFAULTS, QueueWorker, type QueueWorkerProps } from './queue-worker.ts';
export { type Recovery, type RecoveryParts, scheduledRecovery } from './recovery.ts';
export { RETRY_ALARMS_DEFAULTS, RetryAlarms, type RetryAlarmsProps } from './retry-alarms.ts';
export { RetryDashboard, type RetryDashboardProps } from './retry-dashboard.ts';
export { RETRY_METRICS, type RetryMetricName } from './retry-metrics.ts';
export { SCHEDULED_RETRY_DEFAULTS, ScheduledRetry, type ScheduledRetryProps } from './scheduled-retry.ts';
