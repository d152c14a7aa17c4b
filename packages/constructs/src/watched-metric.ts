import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as sqs from 'aws-cdk-lib/aws-sqs';

/** Whether an alarm wakes somebody, or waits until somebody looks. */
export type AlarmLevel = 'critical' | 'warning';

/** A metric and what of it is too much. */
export interface WatchedMetric {
  readonly metric: cloudwatch.IMetric;
  readonly description: string;
  /** Alarms from here on. @default 1 */
  readonly threshold?: number;
  /** @default cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD */
  readonly comparison?: cloudwatch.ComparisonOperator;
  /** Periods in a row in which it has to be too much. @default 1 */
  readonly periods?: number;
  /** @default 'critical' */
  readonly level?: AlarmLevel;
  /** @default - chosen by CloudFormation */
  readonly alarmName?: string;
}

/** What of a watched metric can be said otherwise. */
export type WatchOptions = Partial<Omit<WatchedMetric, 'metric'>>;

const PERIOD = Duration.minutes(1);

/** What tells that events are stuck, given up or doubled: for {@link ReliabilityAlarms} and {@link ReliabilityDashboard}. */
export const watch = {
  /** Messages lie in a queue for what was given up. Not `NumberOfMessagesSent`: moves by a redrive policy do not count there. */
  deadLetters: (queue: sqs.IQueue, options: WatchOptions = {}): WatchedMetric => ({
    description: 'Messages lie in the dead-letter queue',
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' }),
    ...options,
  }),
  /** Messages come faster than they are processed. */
  backlog: (queue: sqs.IQueue, options: WatchOptions = {}): WatchedMetric => ({
    description: 'Messages come faster than they are processed',
    metric: queue.metricApproximateNumberOfMessagesVisible({ period: PERIOD, statistic: 'Maximum' }),
    threshold: 1_000,
    periods: 3,
    level: 'warning',
    ...options,
  }),
  /** A message waits long. SQS leaves a message out once it was received three times. */
  oldestMessage: (queue: sqs.IQueue, options: WatchOptions = {}): WatchedMetric => ({
    description: 'A message waits for more than five minutes',
    metric: queue.metricApproximateAgeOfOldestMessage({ period: PERIOD, statistic: 'Maximum' }),
    threshold: 300,
    periods: 3,
    level: 'warning',
    ...options,
  }),
  /** A function throws, or runs into its timeout. Messages that it reports are no errors. */
  errors: (target: lambda.IFunction, options: WatchOptions = {}): WatchedMetric => ({
    description: 'The function fails',
    metric: target.metricErrors({ period: PERIOD }),
    ...options,
  }),
  /** Lambda refuses to run a function. */
  throttles: (target: lambda.IFunction, options: WatchOptions = {}): WatchedMetric => ({
    description: 'Lambda refuses the function',
    metric: target.metricThrottles({ period: PERIOD }),
    periods: 3,
    level: 'warning',
    ...options,
  }),
  /** Lambda could not tell a destination or dead-letter queue of an event: it is lost. */
  undeliverable: (target: lambda.IFunction, options: WatchOptions = {}): WatchedMetric => ({
    description: 'An event was given up and its destination did not take it',
    metric: target.metric('DestinationDeliveryFailures', { period: PERIOD, statistic: 'Sum' }),
    ...options,
  }),
  /** A stream's function lags behind: records expire after a day. */
  streamLag: (target: lambda.IFunction, options: WatchOptions = {}): WatchedMetric => ({
    description: 'A record of the stream is an hour old when it is processed',
    metric: target.metric('IteratorAge', { period: PERIOD, statistic: 'Maximum' }),
    threshold: Duration.hours(1).toMilliseconds(),
    ...options,
  }),
  /** Any other metric. */
  metric: (metric: cloudwatch.IMetric, description: string, options: WatchOptions = {}): WatchedMetric => ({
    metric,
    description,
    ...options,
  }),
} as const;

/** What a {@link WatchedMetric} gets when nothing is said. */
export const WATCHED_METRIC_DEFAULTS = {
  threshold: 1,
  comparison: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
  periods: 1,
  level: 'critical',
} as const;
