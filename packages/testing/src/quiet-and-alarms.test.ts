import { CloudWatchClient, PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startTestEngine } from './index.ts';
import './vitest.ts';
import { expect, it } from 'vitest';

const START = new Date('2026-11-29T09:00:00Z');

const ORDERS = {
  Resources: {
    Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'dead' } },
    Orders: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: 'orders',
        VisibilityTimeout: 60,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 3 },
      },
    },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
        ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole'],
      },
    },
    Booking: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'booking',
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { ZipFile: 'exports.handler = async () => {}' },
      },
    },
    Mapping: {
      Type: 'AWS::Lambda::EventSourceMapping',
      Properties: { EventSourceArn: { 'Fn::GetAtt': ['Orders', 'Arn'] }, FunctionName: { Ref: 'Booking' } },
    },
  },
};

it('untilQuiet goes on until retries are over, and tells when the last thing happened', async () => {
  await using aws = await startTestEngine({
    startAt: START,
    bind: {
      booking: () => {
        throw new Error('never');
      },
    },
  });
  await aws.deployTemplate('shop', ORDERS);
  await aws.advance('PT1M');
  const before = aws.now().getTime();
  const QueueUrl = `${aws.endpoint}/000000000000/orders`;
  await aws.client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody: 'order 4711' }));
  const lastAt = await aws.untilQuiet({ quiet: { minutes: 10 } });
  expect((lastAt.getTime() - before) / 60_000).toBeCloseTo(3, 0);
  expect(aws.now().getTime() - lastAt.getTime()).toBe(10 * 60_000);
  await expect(aws.record('order 4711')).toBeDeadLettered({ queue: 'dead' });
  await expect(aws.record('order 4711')).toHaveDelivered('booking');
  await expect(aws.record('order 4711')).toHaveDelivered('dead');
  await expect(aws.record('order 4711')).not.toHaveDelivered('orders');
});

it('untilQuiet says what has happened when it does not become quiet', async () => {
  await using aws = await startTestEngine({
    startAt: START,
    bind: { booking: () => Promise.reject(new Error('never')) },
  });
  await aws.deployTemplate('shop', ORDERS);
  await aws.advance('PT1M');
  const QueueUrl = `${aws.endpoint}/000000000000/orders`;
  await aws.client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody: 'order 4711' }));
  await expect(aws.untilQuiet({ within: { minutes: 1 } })).rejects.toThrow(/did not become quiet[\s\S]*order 4711/);
});

it('toHaveAlarmed knows alarms that are over, too', async () => {
  await using aws = await startTestEngine({ startAt: START });
  const cloudwatch = aws.client(CloudWatchClient);
  const metric = { Namespace: 'Shop', MetricName: 'Lost' };
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      ...metric,
      AlarmName: 'lost-orders',
      Statistic: 'Sum',
      Period: 60,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    }),
  );
  await aws.advance({ minutes: 5 });
  expect(aws).not.toHaveAlarmed();
  await cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: metric.Namespace,
      MetricData: [{ MetricName: metric.MetricName, Value: 1 }],
    }),
  );
  await aws.advance({ minutes: 30 });
  expect(aws).toHaveAlarmed('lost-orders');
  expect(() => expect(aws).toHaveAlarmed('other')).toThrow('does not exist; there are lost-orders');
});
