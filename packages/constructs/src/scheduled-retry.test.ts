import { RETRY_DEFAULTS } from '@holdfast/functions';
import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { expect, it } from 'vitest';
import { ECHO_HANDLER, fixtureFunction, fixtureStack, templateOf } from './fixture-stack.ts';
import { NotifyingBucket } from './notifying-bucket.ts';
import { OnFailureQueue } from './on-failure-queue.ts';
import { RetryAlarms } from './retry-alarms.ts';
import { RetryDashboard } from './retry-dashboard.ts';
import { SCHEDULED_RETRY_DEFAULTS, ScheduledRetry } from './scheduled-retry.ts';

const parts = () => {
  const stack = fixtureStack();
  const failures = new OnFailureQueue(stack, 'Failures', {
    target: fixtureFunction(stack, { reservedConcurrency: 50 }),
  });
  const alerts = new sns.Topic(stack, 'Alerts', { enforceSSL: true });
  const archive = new NotifyingBucket(stack, 'Archive', { bucketName: 'archive' });
  return { stack, failures, alerts, archive };
};

it('a retry runs every five minutes with its own count of attempts', () => {
  const { stack, ...rest } = parts();
  new ScheduledRetry(stack, 'Retry', { ...rest, entry: ECHO_HANDLER });

  const template = templateOf(stack);

  template.hasResourceProperties('AWS::Events::Rule', {
    Name: 'worker-retry-schedule',
    ScheduleExpression: 'rate(5 minutes)',
  });
  template.hasResourceProperties('AWS::DynamoDB::Table', {
    TableName: 'worker-retries',
    KeySchema: [{ AttributeName: 'message_id', KeyType: 'HASH' }],
    TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
  });
  template.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'worker-retry',
    Timeout: 300,
    ReservedConcurrentExecutions: 10,
    Environment: { Variables: Match.objectLike({ MAX_RETRIES: '5', TARGET_FUNCTION: 'worker' }) },
  });
});

it('every number of the retry can be chosen', () => {
  const { stack, ...rest } = parts();
  new ScheduledRetry(stack, 'Retry', {
    ...rest,
    entry: ECHO_HANDLER,
    every: Duration.minutes(1),
    maxRetries: 3,
    reservedConcurrency: 2,
    parallelRetries: 4,
    budgetPerSecond: 1,
    budgetBurst: 5,
    archivePrefix: 'given-up/',
    metricNamespace: 'Shop',
  });

  const template = templateOf(stack);

  template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)' });
  template.hasResourceProperties('AWS::Lambda::Function', {
    ReservedConcurrentExecutions: 2,
    Environment: {
      Variables: Match.objectLike({
        MAX_RETRIES: '3',
        RETRY_CONCURRENCY: '4',
        RETRY_BUDGET_PER_SECOND: '1',
        RETRY_BUDGET_BURST: '5',
        ARCHIVE_PREFIX: 'given-up/',
        METRIC_NAMESPACE: 'Shop',
      }),
    },
  });
});

it('alarms are quiet without data and may publish to a topic that enforces TLS', () => {
  const { stack, failures, alerts } = parts();
  new RetryAlarms(stack, 'Alarms', { failures, alerts, metricNamespace: 'Shop' });

  const template = templateOf(stack);

  template.allResourcesProperties('AWS::CloudWatch::Alarm', { TreatMissingData: 'notBreaching' });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'worker-max-retries-exceeded',
    Namespace: 'Shop',
    Threshold: 1,
  });
  template.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        Match.objectLike({ Effect: 'Allow', Principal: { Service: 'cloudwatch.amazonaws.com' } }),
      ]),
    },
  });
});

it('the dashboard draws concurrency against the reserved limit', () => {
  const { stack, failures } = parts();
  new RetryDashboard(stack, 'Dashboard', { dashboardName: 'Retries', failures, metricNamespace: 'Shop' });

  const template = templateOf(stack);

  template.hasResourceProperties('AWS::CloudWatch::Dashboard', {
    DashboardName: 'Retries',
    DashboardBody: {
      'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('"value":50,"label":"Reserved Limit"')])],
    },
  });
});

it('what nobody says is the same for the construct and for its handler', () => {
  const { archivePrefix, maxRetries, parallelRetries: concurrency, ...defaults } = SCHEDULED_RETRY_DEFAULTS;
  const { budgetPerSecond, budgetBurst } = defaults;
  expect({ archivePrefix, maxRetries, concurrency, budgetPerSecond, budgetBurst }).toEqual(RETRY_DEFAULTS);
});
