import { Duration } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { expect, it } from 'vitest';
import { ExpiringQueue, type ExpiringQueueProps } from './expiring-queue.ts';
import { fixtureFunction, fixtureStack, templateOf } from './fixture-stack.ts';

const expiring = (props: Partial<ExpiringQueueProps> = {}) => {
  const stack = fixtureStack();
  const { function: worker } = fixtureFunction(stack);
  const made = new ExpiringQueue(stack, 'Orders', { queueName: 'orders', consumer: { function: worker }, ...props });
  return { stack, made };
};

it('a queue without a redrive policy, and one where its consumer and a reaper keep what would expire', () => {
  const { stack } = expiring();
  const template = templateOf(stack);
  template.hasResourceProperties('AWS::SQS::Queue', {
    QueueName: 'orders',
    MessageRetentionPeriod: 345_600,
    VisibilityTimeout: 180,
    RedrivePolicy: Match.absent(),
  });
  template.hasResourceProperties('AWS::SQS::Queue', { QueueName: 'orders-kept', MessageRetentionPeriod: 1_209_600 });
  for (const FunctionName of ['worker', 'orders-reaper']) {
    template.hasResourceProperties('AWS::Lambda::Function', {
      FunctionName,
      Environment: { Variables: Match.objectLike({ MAX_AGE_SECONDS: '259200', KEEP_QUEUE_URL: Match.anyValue() }) },
    });
  }
  template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    FunctionResponseTypes: ['ReportBatchItemFailures'],
  });
  template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(5 minutes)' });
  Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('@holdfast'));
});

it('watches the age that consumer and reaper tell, of this queue alone, before anything is kept', () => {
  const { watched } = expiring({ retention: Duration.hours(10) }).made;
  expect(watched.AboutToExpire).toMatchObject({ alarmName: 'orders-age', threshold: 18_000 });
  expect(watched.AboutToExpire.metric.toMetricConfig().metricStat).toMatchObject({
    namespace: 'Holdfast',
    metricName: 'UnprocessedMessageAge',
    dimensions: [{ name: 'QueueName', value: 'orders' }],
  });
  expect(watched.Kept).toMatchObject({ alarmName: 'orders-kept-depth' });
});

it('is made of FIFO queues, and encrypted by a key that the reaper may use', () => {
  const stack = fixtureStack();
  const encryptionKey = new kms.Key(stack, 'Key');
  const { function: worker } = fixtureFunction(stack);
  new ExpiringQueue(stack, 'Orders', { queueName: 'orders.fifo', consumer: { function: worker }, encryptionKey });
  const template = templateOf(stack);
  for (const QueueName of ['orders.fifo', 'orders-kept.fifo']) {
    template.hasResourceProperties('AWS::SQS::Queue', { QueueName, FifoQueue: true, KmsMasterKeyId: Match.anyValue() });
  }
  template.hasResourceProperties('AWS::IAM::Role', {
    Description: 'What orders-reaper may do',
    Policies: [{ PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'UseKey' })]) } }],
  });
});

it('warns that a function from elsewhere is told of no queue to keep in', () => {
  const stack = fixtureStack();
  const attributes = { functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:own', sameEnvironment: true };
  const own = lambda.Function.fromFunctionAttributes(stack, 'Own', attributes);
  new ExpiringQueue(stack, 'Orders', { queueName: 'orders', consumer: { function: own } });
  Annotations.fromStack(stack).hasWarning(
    '*',
    Match.stringLikeRegexp('KEEP_QUEUE_URL and MAX_AGE_SECONDS are not set'),
  );
});

it.each([
  [{ keepAt: 1 }, /^keepAt: 1 must be above 0 and below 1$/],
  [{ tellAt: 0.8 }, /^tellAt: 0.8 must be above 0 and below 0.75, the keepAt$/],
  [{ retention: Duration.seconds(59) }, /^retention: 59 s must be from 60 s to 1209600 s$/],
  [
    { retention: Duration.minutes(20) },
    /^reapEvery: 300 s must be below 300 s, the time between keepAt and the retention/,
  ],
  [
    { retention: Duration.hours(1), visibilityTimeout: Duration.minutes(15) },
    /^visibilityTimeout: 900 s must be below 900 s/,
  ],
  [{ reapEvery: Duration.seconds(90) }, /^reapEvery: 1.5 must be a whole number from 1 to 1440: minutes/],
  [{ keptQueueName: 'orders' }, /^keptQueueName: orders must be another queue of the same type as orders$/],
  [{ keptQueueName: 'kept.fifo' }, /^keptQueueName: kept.fifo must be another queue/],
  [{ queueName: 'a queue' }, /^queueName: "a queue-kept" must be 1 to 80 letters/],
] as const)('refuses %o', (props, message) => {
  expect(() => expiring(props)).toThrow(message);
});
