import { App, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as kinesis from 'aws-cdk-lib/aws-kinesis';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { AsyncFunction } from './async-function.ts';
import { fixtureStack, templateOf } from './fixture-stack.ts';
import { QueueConsumer } from './queue-consumer.ts';
import { RuleTarget } from './rule-target.ts';
import { StreamConsumer } from './stream-consumer.ts';

/** A function as users have it: not one of ours. */
const someFunction = (stack: Stack, timeout = Duration.seconds(3)): lambda.Function =>
  new lambda.Function(stack, 'Theirs', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => {}'),
    timeout,
  });

const warningsOf = (stack: Stack): readonly string[] =>
  Annotations.fromStack(stack)
    .findWarning('*', Match.anyValue())
    .map(({ entry }) => String(entry.data));

describe('AsyncFunction', () => {
  it('keeps what is given up in a queue of its own when nothing else is said', () => {
    const stack = fixtureStack();
    new AsyncFunction(stack, 'Async', { function: someFunction(stack), failureQueueName: 'theirs-failures' });
    templateOf(stack).hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
      MaximumRetryAttempts: 2,
      MaximumEventAgeInSeconds: 21_600,
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
    });
    templateOf(stack).hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'theirs-failures',
      MessageRetentionPeriod: 1_209_600,
    });
  });

  it('takes topics, buses and functions as destinations', () => {
    const stack = fixtureStack();
    new AsyncFunction(stack, 'Async', {
      function: someFunction(stack),
      onFailure: new sns.Topic(stack, 'Topic'),
      onSuccess: new events.EventBus(stack, 'Bus'),
    });
    templateOf(stack).resourceCountIs('AWS::SQS::Queue', 0);
  });

  it.each([
    [{ retryAttempts: 3 }, /^retryAttempts: 3 must be a whole number from 0 to 2: more are for mappings of streams$/],
    [
      { maxEventAge: Duration.hours(24) },
      /^maxEventAge: 86400 s must be from 60 s to 21600 s: a day is EventBridge's$/,
    ],
  ])('refuses %o', (props, message) => {
    const stack = fixtureStack();
    expect(() => new AsyncFunction(stack, 'Async', { function: someFunction(stack), ...props })).toThrow(message);
  });
});

describe('RuleTarget', () => {
  const ruleOf = (stack: Stack) => new events.Rule(stack, 'Rule', { eventPattern: { source: ['orders'] } });

  it('gives the target a retry policy and a dead-letter queue', () => {
    const stack = fixtureStack();
    const { deadLetterQueue } = new RuleTarget(stack, 'Target', {
      rule: ruleOf(stack),
      target: someFunction(stack),
      retryAttempts: 8,
      maxEventAge: Duration.hours(1),
    });
    templateOf(stack).hasResourceProperties('AWS::Events::Rule', {
      Targets: [
        {
          RetryPolicy: { MaximumRetryAttempts: 8, MaximumEventAgeInSeconds: 3_600 },
          DeadLetterConfig: { Arn: stack.resolve(deadLetterQueue.queueArn) },
        },
      ],
    });
  });

  it('takes a queue, and a dead-letter queue of the user', () => {
    const stack = fixtureStack();
    const deadLetterQueue = new sqs.Queue(stack, 'Dead');
    const target = new sqs.Queue(stack, 'Orders');
    expect(new RuleTarget(stack, 'Target', { rule: ruleOf(stack), target, deadLetterQueue }).deadLetterQueue).toBe(
      deadLetterQueue,
    );
    templateOf(stack).resourceCountIs('AWS::SQS::Queue', 2);
  });

  it('warns of a function whose errors nobody keeps, and not of one with an AsyncFunction', () => {
    const bare = fixtureStack();
    new RuleTarget(bare, 'Target', { rule: ruleOf(bare), target: someFunction(bare) });
    expect(warningsOf(bare)).toEqual([expect.stringMatching(/^target: the rule has done its part .* Theirs fails/)]);
    const kept = fixtureStack();
    const target = someFunction(kept);
    new RuleTarget(kept, 'Target', { rule: ruleOf(kept), target });
    new AsyncFunction(kept, 'Errors', { function: target });
    expect(warningsOf(kept)).toEqual([]);
  });

  it('lets EventBridge use the key of its dead-letter queue', () => {
    const stack = fixtureStack();
    const encryptionKey = new kms.Key(stack, 'Key');
    new RuleTarget(stack, 'Target', { rule: ruleOf(stack), target: someFunction(stack), encryptionKey });
    templateOf(stack).hasResourceProperties('AWS::SQS::Queue', { KmsMasterKeyId: Match.anyValue() });
    templateOf(stack).hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
            Principal: { Service: 'events.amazonaws.com' },
          }),
        ]),
      },
    });
  });

  it('refuses a FIFO queue for what failed, as AWS does', () => {
    const stack = fixtureStack();
    const fifo = new sqs.Queue(stack, 'Fifo', { fifo: true });
    const parts = { rule: ruleOf(stack), target: someFunction(stack), deadLetterQueue: fifo };
    expect(() => new RuleTarget(stack, 'Target', parts)).toThrow(/^deadLetterQueue: .* must be a standard queue/);
    const async = { function: parts.target, onFailure: fifo };
    expect(() => new AsyncFunction(stack, 'Async', async)).toThrow(/^onFailure: .* must be a standard queue/);
  });

  it('refuses more retries than EventBridge makes', () => {
    const stack = fixtureStack();
    const make = () =>
      new RuleTarget(stack, 'Target', { rule: ruleOf(stack), target: someFunction(stack), retryAttempts: 186 });
    expect(make).toThrow('retryAttempts: 186 must be a whole number from 0 to 185');
  });
});

describe('StreamConsumer', () => {
  const streamOf = (stack: Stack) => new kinesis.Stream(stack, 'Stream');

  it('lets no bad record hold its shard up', () => {
    const stack = fixtureStack();
    new StreamConsumer(stack, 'Consumer', { function: someFunction(stack), source: streamOf(stack) });
    templateOf(stack).hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 100,
      MaximumRetryAttempts: 3,
      BisectBatchOnFunctionError: true,
      MaximumRecordAgeInSeconds: 3_600,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
    });
    expect(warningsOf(stack)).toEqual([]);
  });

  it('reads the stream of a table', () => {
    const stack = fixtureStack();
    const source = new dynamodb.Table(stack, 'Table', {
      partitionKey: { name: 'id', type: dynamodb.AttributeType.STRING },
      stream: dynamodb.StreamViewType.NEW_IMAGE,
    });
    new StreamConsumer(stack, 'Consumer', {
      function: someFunction(stack),
      source,
      onFailure: new sns.Topic(stack, 'T'),
    });
    templateOf(stack).resourceCountIs('AWS::Lambda::EventSourceMapping', 1);
  });

  it('warns of what loses records', () => {
    const stack = fixtureStack();
    new StreamConsumer(stack, 'Consumer', {
      function: someFunction(stack),
      source: streamOf(stack),
      bisectOnError: false,
      reportItemFailures: false,
      maxRecordAge: Duration.days(2),
      startingPosition: lambda.StartingPosition.LATEST,
    });
    expect(warningsOf(stack)).toEqual([
      expect.stringMatching(/^batchSize: 100 without bisectOnError or reportItemFailures gives up every record/),
      expect.stringMatching(/^maxRecordAge: 172800 s is not below the 86400 s/),
      expect.stringMatching(/^startingPosition: LATEST skips/),
    ]);
  });
});

describe('QueueConsumer', () => {
  it('has failed messages alone come back, at most so many batches at a time', () => {
    const stack = fixtureStack();
    const dead = new sqs.Queue(stack, 'Dead', { retentionPeriod: Duration.days(14) });
    const queue = new sqs.Queue(stack, 'Orders', { deadLetterQueue: { queue: dead, maxReceiveCount: 5 } });
    new QueueConsumer(stack, 'Consumer', { queue, function: someFunction(stack), maxConcurrency: 7 });
    templateOf(stack).hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 10,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ScalingConfig: { MaximumConcurrency: 7 },
    });
    expect(warningsOf(stack)).toEqual([]);
  });

  it('refuses a visibility timeout below the timeout of the function, as Lambda does', () => {
    const stack = fixtureStack();
    const queue = new sqs.Queue(stack, 'Orders');
    const make = () =>
      new QueueConsumer(stack, 'Consumer', { queue, function: someFunction(stack, Duration.seconds(60)) });
    expect(make).toThrow(/^queue.visibilityTimeout: 30 s must not be below the timeout of its function \(60 s\)/);
  });

  it('warns of few receives without a bound, and of whole batches', () => {
    const stack = fixtureStack();
    const queue = new sqs.Queue(stack, 'Orders', {
      deadLetterQueue: { queue: new sqs.Queue(stack, 'Dead'), maxReceiveCount: 3 },
    });
    new QueueConsumer(stack, 'Consumer', { queue, function: someFunction(stack), reportItemFailures: false });
    expect(warningsOf(stack)).toEqual([
      expect.stringMatching(/^queue.maxReceiveCount: 3 is below the 5/),
      expect.stringMatching(/^queue.consumer.batchSize: 10 without reportItemFailures/),
      expect.stringMatching(/^queue: its dead-letter queue keeps messages for 345600 s, no longer than the 345600 s/),
    ]);
  });

  it('warns of a queue from which what never succeeds is deleted', () => {
    const stack = fixtureStack();
    new QueueConsumer(stack, 'Consumer', { queue: new sqs.Queue(stack, 'Orders'), function: someFunction(stack) });
    expect(warningsOf(stack)).toEqual([expect.stringMatching(/^queue: without a dead-letter queue a message that/)]);
  });

  it('says nothing of a queue from elsewhere, whose settings are not known', () => {
    const stack = new Stack(new App(), 'Elsewhere');
    const queue = sqs.Queue.fromQueueArn(stack, 'Theirs', 'arn:aws:sqs:us-east-1:111122223333:orders');
    const consumer = someFunction(new Stack(new App(), 'Other'), Duration.minutes(5));
    expect(() => new QueueConsumer(stack, 'Consumer', { queue, function: consumer })).not.toThrow();
  });
});
