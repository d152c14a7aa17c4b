import { ArnFormat, Stack } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as actions from 'aws-cdk-lib/aws-cloudwatch-actions';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { OnFailureQueue } from './on-failure-queue.ts';
import { functionMetric, queueDepthMetric, retryMetric } from './retry-metrics.ts';

/** What {@link RetryAlarms} are made from. */
export interface RetryAlarmsProps {
  readonly failures: OnFailureQueue;
  /** Namespace of the retry function's own metrics. */
  readonly metricNamespace: string;
  readonly alerts: sns.Topic;
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
 *
 * Missing data counts as good: these metrics are silent when nothing happens, and the default would show
 * INSUFFICIENT_DATA between events.
 */
export class RetryAlarms extends Construct {
  readonly highDepth: cloudwatch.Alarm;
  readonly maxRetriesExceeded: cloudwatch.Alarm;
  readonly highThrottles: cloudwatch.Alarm;

  constructor(scope: Construct, id: string, props: RetryAlarmsProps) {
    super(scope, id);
    const { target, queueName } = props.failures;
    const quietIsGood = { treatMissingData: cloudwatch.TreatMissingData.NOT_BREACHING };
    this.highDepth = new cloudwatch.Alarm(this, 'HighDepth', {
      ...quietIsGood,
      alarmName: `${queueName}-high-depth`,
      alarmDescription: 'Alert when DLQ has many messages',
      metric: queueDepthMetric(queueName, 'Average'),
      threshold: props.depthThreshold ?? RETRY_ALARMS_DEFAULTS.depthThreshold,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 2,
    });
    this.maxRetriesExceeded = new cloudwatch.Alarm(this, 'MaxRetriesExceeded', {
      ...quietIsGood,
      alarmName: `${target.functionName}-max-retries-exceeded`,
      alarmDescription: 'Alert when files exceed max retries',
      metric: retryMetric(props.metricNamespace, 'MaxRetriesExceeded'),
      threshold: 1,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: 1,
    });
    this.highThrottles = new cloudwatch.Alarm(this, 'HighThrottles', {
      ...quietIsGood,
      alarmName: `${target.functionName}-high-throttles`,
      alarmDescription: 'Alert on high throttle rate',
      metric: functionMetric(target.functionName, 'Throttles', 'Sum'),
      threshold: props.throttleThreshold ?? RETRY_ALARMS_DEFAULTS.throttleThreshold,
      comparisonOperator: cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 2,
    });
    const notify = new actions.SnsAction(props.alerts);
    for (const alarm of [this.highDepth, this.maxRetriesExceeded, this.highThrottles]) alarm.addAlarmAction(notify);
    // A topic with a policy of its own (enforced TLS) no longer has the default one that lets alarms publish.
    props.alerts.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'AlarmsMayPublish',
        principals: [new iam.ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [props.alerts.topicArn],
        conditions: {
          ArnEquals: {
            'aws:SourceArn': [
              `${queueName}-high-depth`,
              `${target.functionName}-max-retries-exceeded`,
              `${target.functionName}-high-throttles`,
            ].map((resourceName) =>
              Stack.of(this).formatArn({
                service: 'cloudwatch',
                resource: 'alarm',
                resourceName,
                arnFormat: ArnFormat.COLON_RESOURCE_NAME,
              }),
            ),
          },
        },
      }),
    );
  }
}
