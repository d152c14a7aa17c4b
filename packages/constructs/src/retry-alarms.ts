import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as sns from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { OnFailureQueue } from './on-failure-queue.ts';
import { ReliabilityAlarms } from './reliability-alarms.ts';
import { functionMetric, queueDepthMetric, retryMetric } from './retry-metrics.ts';
import { watch } from './watched-metric.ts';

/** What {@link RetryAlarms} are made from. */
export interface RetryAlarmsProps {
  readonly failures: OnFailureQueue;
  /** Namespace of the retry function's own metrics. */
  readonly metricNamespace: string;
  readonly alerts: sns.ITopic;
  /**
   * Messages in the on-failure queue, on average over five minutes, twice in a row.
   * @default 50
   */
  readonly depthThreshold?: number;
  /**
   * Throttles within five minutes, twice in a row.
   * @default 10
   */
  readonly throttleThreshold?: number;
}

/** What {@link RetryAlarms} gets when its props leave it out. */
export const RETRY_ALARMS_DEFAULTS = { depthThreshold: 50, throttleThreshold: 10 } as const;

/**
 * Tells people when retrying does not keep up: the on-failure queue is deep, an event was given up, or the function
 * is throttled hard.
 */
export class RetryAlarms extends ReliabilityAlarms {
  constructor(scope: Construct, id: string, props: RetryAlarmsProps) {
    const { target, queueName } = props.failures;
    const above = { comparison: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD, periods: 2 } as const;
    super(scope, id, {
      alerts: props.alerts,
      watched: {
        HighDepth: watch.metric(queueDepthMetric(queueName, 'Average'), 'Alert when DLQ has many messages', {
          ...above,
          alarmName: `${queueName}-high-depth`,
          threshold: props.depthThreshold ?? RETRY_ALARMS_DEFAULTS.depthThreshold,
        }),
        MaxRetriesExceeded: watch.metric(
          retryMetric(props.metricNamespace, 'MaxRetriesExceeded'),
          'Alert when files exceed max retries',
          { alarmName: `${target.functionName}-max-retries-exceeded` },
        ),
        HighThrottles: watch.metric(
          functionMetric(target.functionName, 'Throttles', 'Sum'),
          'Alert on high throttle rate',
          {
            ...above,
            alarmName: `${target.functionName}-high-throttles`,
            threshold: props.throttleThreshold ?? RETRY_ALARMS_DEFAULTS.throttleThreshold,
          },
        ),
      },
    });
  }
}
