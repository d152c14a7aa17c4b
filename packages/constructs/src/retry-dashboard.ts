import type { Construct } from 'constructs';
import type { OnFailureQueue } from './on-failure-queue.ts';
import { ReliabilityDashboard } from './reliability-dashboard.ts';
import { functionMetric, queueDepthMetric, RETRY_METRIC_PERIOD, retryMetric } from './retry-metrics.ts';

/** What a {@link RetryDashboard} is made from. */
export interface RetryDashboardProps {
  readonly dashboardName: string;
  readonly failures: OnFailureQueue;
  /**
   * What the target is called in titles and legends.
   * @default - the name of the function
   */
  readonly targetTitle?: string;
  /** Namespace of the retry function's own metrics. */
  readonly metricNamespace: string;
}

/** Throttles and retries, concurrency against its limit, and the depth of the on-failure queue, side by side. */
export class RetryDashboard extends ReliabilityDashboard {
  constructor(scope: Construct, id: string, props: RetryDashboardProps) {
    const { target, queueName } = props.failures;
    const value = target.reservedConcurrency;
    const title = props.targetTitle ?? target.functionName;
    super(scope, id, {
      dashboardName: props.dashboardName,
      period: RETRY_METRIC_PERIOD,
      rows: [
        [
          {
            title: `${title} Retry Metrics`,
            statistic: 'Sum',
            left: [
              functionMetric(target.functionName, 'Throttles', 'Sum', `${title} Throttles`),
              retryMetric(props.metricNamespace, 'RetrySuccess'),
              retryMetric(props.metricNamespace, 'RetryFailed'),
              retryMetric(props.metricNamespace, 'MaxRetriesExceeded'),
            ],
          },
          {
            title: `${title} Concurrency`,
            statistic: 'Maximum',
            left: [functionMetric(target.functionName, 'ConcurrentExecutions', 'Maximum', `${title} Concurrency`)],
            limit: value === undefined ? undefined : { value, label: 'Reserved Limit' },
          },
          {
            title: 'DLQ Message Count',
            statistic: 'Maximum',
            left: [queueDepthMetric(queueName, 'Maximum', 'DLQ Depth')],
          },
        ],
      ],
    });
  }
}
