import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { expect, it } from 'vitest';
import { fixtureFunction, fixtureStack, templateOf } from './fixture-stack.ts';
import { ReliabilityAlarms } from './reliability-alarms.ts';
import { ReliabilityDashboard } from './reliability-dashboard.ts';
import { watch } from './watched-metric.ts';

const parts = () => {
  const stack = fixtureStack();
  const worker = fixtureFunction(stack).function;
  const queue = new sqs.Queue(stack, 'Dead');
  const watched = { Dead: watch.deadLetters(queue), Throttles: watch.throttles(worker, { threshold: 5 }) };
  return { stack, watched };
};

it('alarms are quiet without data, and their topic and its key let them publish', () => {
  const { stack, watched } = parts();
  const alerts = new sns.Topic(stack, 'Alerts', { enforceSSL: true, masterKey: new kms.Key(stack, 'Key') });
  new ReliabilityAlarms(stack, 'Alarms', { alerts, watched });
  new ReliabilityAlarms(stack, 'More', { alerts, watched });
  const template = templateOf(stack);
  template.allResourcesProperties('AWS::CloudWatch::Alarm', { TreatMissingData: 'notBreaching' });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'ApproximateNumberOfMessagesVisible',
    ComparisonOperator: 'GreaterThanOrEqualToThreshold',
    Threshold: 1,
    AlarmActions: Match.anyValue(),
  });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'Throttles',
    Threshold: 5,
    EvaluationPeriods: 3,
  });
  const mayPublish = (Sid: string) => Match.objectLike({ Sid, Principal: { Service: 'cloudwatch.amazonaws.com' } });
  template.hasResourceProperties('AWS::SNS::TopicPolicy', {
    PolicyDocument: {
      Statement: Match.arrayWith([
        mayPublish(Match.stringLikeRegexp('^FixtureAlarms') as never),
        mayPublish(Match.stringLikeRegexp('^FixtureMore') as never),
      ]),
    },
  });
  template.hasResourceProperties('AWS::KMS::Key', {
    KeyPolicy: {
      Statement: Match.arrayWith([Match.objectLike({ Principal: { Service: 'cloudwatch.amazonaws.com' } })]),
    },
  });
});

it('people hear of one alarm above those of a level, where that is wanted', () => {
  const { stack, watched } = parts();
  const alerts = new sns.Topic(stack, 'Alerts');
  new ReliabilityAlarms(stack, 'Alarms', { alerts, watched, anyOf: { critical: 'wake', warning: 'look' } });
  const template = templateOf(stack);
  template.resourceCountIs('AWS::CloudWatch::CompositeAlarm', 2);
  template.allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: Match.absent() });
});

it('warns of a topic from elsewhere, whose policy is not ours', () => {
  const { stack, watched } = parts();
  const alerts = sns.Topic.fromTopicArn(stack, 'Theirs', 'arn:aws:sns:us-east-1:111122223333:ops');
  new ReliabilityAlarms(stack, 'Alarms', { alerts, watched });
  Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('^alerts: the topic is not made here'));
});

it('refuses to watch nothing', () => {
  const { stack } = parts();
  const alerts = new sns.Topic(stack, 'Alerts');
  expect(() => new ReliabilityAlarms(stack, 'Alarms', { alerts, watched: {} })).toThrow(/^watched: {} must name/);
});

it('the dashboard shows its graphs row by row, and which alarms ring', () => {
  const { stack, watched } = parts();
  const alarms = new ReliabilityAlarms(stack, 'Alarms', { alerts: new sns.Topic(stack, 'Alerts'), watched });
  new ReliabilityDashboard(stack, 'Dashboard', {
    dashboardName: 'Orders',
    rows: [[{ title: 'Given up', left: [watched.Dead.metric], limit: { value: 10, label: 'Too many' } }]],
    alarms,
  });
  const [dashboard] = Object.values(templateOf(stack).findResources('AWS::CloudWatch::Dashboard'));
  const body = JSON.stringify(dashboard?.['Properties'].DashboardBody);
  for (const text of ['Given up', 'Too many', 'Alarms']) expect(body).toContain(text);
});
