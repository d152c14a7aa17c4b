import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';

/** Metric names that retry functions publish. */
export const RETRY_METRICS = ['RetrySuccess', 'RetryFailed', 'MaxRetriesExceeded'] as const;

/** One of {@link RETRY_METRICS}. */
export type RetryMetricName = (typeof RETRY_METRICS)[number];

/** Period of everything on the dashboard and in the alarms. */
export const RETRY_METRIC_PERIOD = Duration.minutes(5);

/** A metric of the retry function, summed over {@link RETRY_METRIC_PERIOD}. */
export const retryMetric = (namespace: string, metricName: RetryMetricName): cloudwatch.Metric =>
  new cloudwatch.Metric({ namespace, metricName, statistic: 'Sum', period: RETRY_METRIC_PERIOD });

/** One of Lambda's own metrics for one function. */
export const functionMetric = (
  functionName: string,
  metricName: string,
  statistic: string,
  label?: string,
): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: 'AWS/Lambda',
    metricName,
    dimensionsMap: { FunctionName: functionName },
    statistic,
    period: RETRY_METRIC_PERIOD,
    ...(label === undefined ? {} : { label }),
  });

/** Messages that wait in a queue. */
export const queueDepthMetric = (queueName: string, statistic: string, label?: string): cloudwatch.Metric =>
  new cloudwatch.Metric({
    namespace: 'AWS/SQS',
    metricName: 'ApproximateNumberOfMessagesVisible',
    dimensionsMap: { QueueName: queueName },
    statistic,
    period: RETRY_METRIC_PERIOD,
    ...(label === undefined ? {} : { label }),
  });
