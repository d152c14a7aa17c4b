import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { OnFailureQueue } from './on-failure-queue.ts';
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
export class RetryDashboard extends Construct {
  readonly dashboard: cloudwatch.Dashboard;

  constructor(scope: Construct, id: string, props: RetryDashboardProps) {
    super(scope, id);
    const { target } = props.failures;
    const limit = target.reservedConcurrency;
    const title = props.targetTitle ?? target.functionName;
    this.dashboard = new cloudwatch.Dashboard(this, 'Dashboard', {
      dashboardName: props.dashboardName,
      widgets: [
        [
          new cloudwatch.GraphWidget({
            title: `${title} Retry Metrics`,
            width: 8,
            period: RETRY_METRIC_PERIOD,
            statistic: 'Sum',
            left: [
              functionMetric(target.functionName, 'Throttles', 'Sum', `${title} Throttles`),
              retryMetric(props.metricNamespace, 'RetrySuccess'),
              retryMetric(props.metricNamespace, 'RetryFailed'),
              retryMetric(props.metricNamespace, 'MaxRetriesExceeded'),
            ],
            leftYAxis: { min: 0 },
          }),
          new cloudwatch.GraphWidget({
            title: `${title} Concurrency`,
            width: 8,
            period: RETRY_METRIC_PERIOD,
            statistic: 'Maximum',
            left: [functionMetric(target.functionName, 'ConcurrentExecutions', 'Maximum', `${title} Concurrency`)],
            leftYAxis: { min: 0, ...(limit === undefined ? {} : { max: limit }) },
            leftAnnotations:
              limit === undefined ? [] : [{ value: limit, label: 'Reserved Limit', fill: cloudwatch.Shading.ABOVE }],
          }),
          new cloudwatch.GraphWidget({
            title: 'DLQ Message Count',
            width: 8,
            period: RETRY_METRIC_PERIOD,
            statistic: 'Maximum',
            left: [queueDepthMetric(props.failures.queueName, 'Maximum', 'DLQ Depth')],
            leftYAxis: { min: 0 },
          }),
        ],
      ],
    });
  }
}
