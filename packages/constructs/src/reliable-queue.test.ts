import { Duration, type Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { fixtureFunction, fixtureStack, templateOf } from './fixture-stack.ts';
import { ReliableQueue, type ReliableQueueProps } from './reliable-queue.ts';

const made = (props: Partial<ReliableQueueProps> = {}): { stack: Stack; queue: ReliableQueue } => {
  const stack = fixtureStack();
  return { stack, queue: new ReliableQueue(stack, 'Orders', { queueName: 'orders', ...props }) };
};

describe('a reliable queue', () => {
  it('leads through its tiers into the dead-letter queue, each taking from the one before alone', () => {
    const { stack, queue } = made({
      maxReceiveCount: 3,
      tiers: [
        { deliveryDelay: Duration.seconds(10), maxReceiveCount: 5 },
        { deliveryDelay: Duration.minutes(5), maxReceiveCount: 2, queueName: 'orders-late' },
      ],
    });
    expect(queue.tiers).toHaveLength(2);
    const template = templateOf(stack);
    const to = (id: string) => ({ 'Fn::GetAtt': [Match.stringLikeRegexp(`^Orders${id}`), 'Arn'] });
    const allowed = (name: string) => ({
      redrivePermission: 'byQueue',
      sourceQueueArns: [{ 'Fn::Join': ['', Match.arrayWith([`:${name}`])] }],
    });
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'orders',
      MessageRetentionPeriod: 345_600,
      RedrivePolicy: { maxReceiveCount: 3, deadLetterTargetArn: to('Retry1') },
      RedriveAllowPolicy: Match.absent(),
    });
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'orders-retry-1',
      DelaySeconds: 10,
      RedrivePolicy: { maxReceiveCount: 5, deadLetterTargetArn: to('Retry2') },
      RedriveAllowPolicy: allowed('orders'),
    });
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'orders-late',
      DelaySeconds: 300,
      RedrivePolicy: { maxReceiveCount: 2, deadLetterTargetArn: to('DeadLetters') },
      RedriveAllowPolicy: allowed('orders-retry-1'),
    });
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'orders-dlq',
      MessageRetentionPeriod: 1_209_600,
      RedrivePolicy: Match.absent(),
      RedriveAllowPolicy: allowed('orders-late'),
    });
  });

  it("ends in a queue of one's own, and takes a key for those it makes", () => {
    const stack = fixtureStack();
    const deadLetterQueue = sqs.Queue.fromQueueArn(stack, 'Theirs', 'arn:aws:sqs:us-east-1:111122223333:all-dead');
    const encryptionKey = kms.Key.fromKeyArn(
      stack,
      'Key',
      'arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    );
    const consumer = { function: fixtureFunction(stack).function };
    const props = { queueName: 'orders', deadLetterQueue, encryptionKey, consumer };
    expect(new ReliableQueue(stack, 'Orders', props).deadLetterQueue).toBe(deadLetterQueue);
    const template = templateOf(stack);
    template.resourceCountIs('AWS::SQS::Queue', 1);
    template.hasResourceProperties('AWS::SQS::Queue', {
      KmsMasterKeyId: encryptionKey.keyArn,
      RedrivePolicy: { deadLetterTargetArn: deadLetterQueue.queueArn },
    });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'kms:Decrypt' })]) },
    });
  });

  it("refuses a dead-letter queue of one's own that is of another type, or keeps too short", () => {
    const stack = fixtureStack();
    const fifo = new sqs.Queue(stack, 'Fifo', { fifo: true });
    const short = new sqs.Queue(stack, 'Short', { retentionPeriod: Duration.days(1) });
    const make = (id: string, deadLetterQueue: sqs.Queue) => () =>
      new ReliableQueue(stack, id, { queueName: 'orders', deadLetterQueue });
    expect(make('A', fifo)).toThrow(/must be of the same type as the source/);
    expect(make('B', short)).toThrow(/^deadLetters.retention: 86400 s must not be below that of source/);
  });

  it('gives its consumer partial batches and six timeouts of visibility', () => {
    const stack = fixtureStack();
    const worker = fixtureFunction(stack, { timeout: Duration.seconds(20) });
    new ReliableQueue(stack, 'Orders', { queueName: 'orders', consumer: { function: worker.function, batchSize: 5 } });
    const template = templateOf(stack);
    template.hasResourceProperties('AWS::SQS::Queue', { QueueName: 'orders', VisibilityTimeout: 120 });
    template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
      BatchSize: 5,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  it('replays into the source what a tier gets', () => {
    const { stack, queue } = made({ tiers: [{ replay: { functionName: 'orders-replay', maxAttempts: 4 } }] });
    expect(queue.replays).toHaveLength(1);
    templateOf(stack).hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'orders-replay',
      Environment: { Variables: { QUEUE_URL: Match.anyValue(), MAX_ATTEMPTS: '4', BASE_DELAY_SECONDS: '2' } },
    });
  });

  it('is FIFO throughout when its name says so', () => {
    const { stack } = made({ queueName: 'orders.fifo', tiers: [{}] });
    const template = templateOf(stack);
    for (const QueueName of ['orders.fifo', 'orders-retry-1.fifo', 'orders-dlq.fifo']) {
      template.hasResourceProperties('AWS::SQS::Queue', { QueueName, FifoQueue: true });
    }
  });

  it('takes functions of elsewhere', () => {
    const stack = fixtureStack();
    const arn = 'arn:aws:lambda:us-east-1:111122223333:function:theirs';
    const theirs = lambda.Function.fromFunctionAttributes(stack, 'Theirs', { functionArn: arn, sameEnvironment: true });
    new ReliableQueue(stack, 'Orders', { queueName: 'orders', consumer: { function: theirs } });
    templateOf(stack).hasResourceProperties('AWS::Lambda::EventSourceMapping', { FunctionName: 'theirs' });
  });
});

describe('what would lose messages or be refused by AWS is an error with field, value and rule', () => {
  it.each<[string, Partial<ReliableQueueProps>, RegExp]>([
    [
      'too long a delay',
      { deliveryDelay: Duration.hours(1) },
      /^source\.deliveryDelay: 3600 s must be from 0 s to 900 s$/,
    ],
    ['no receives', { tiers: [{ maxReceiveCount: 0 }] }, /^tiers\[0\]\.maxReceiveCount: 0 must be a whole number/],
    [
      'too short a dead-letter retention',
      { deadLetterRetention: Duration.days(1) },
      /^deadLetters\.retention: 86400 s must not be below that of source \(345600 s\)/,
    ],
    [
      'messages that expire on their way',
      { retention: Duration.hours(1), visibilityTimeout: Duration.minutes(30), maxReceiveCount: 3 },
      /^source\.retention: 3600 s must be above the 5400 s/,
    ],
    [
      'queues of two types',
      { deadLetterQueueName: 'other.fifo' },
      /^deadLetters\.queueName: "other\.fifo" must be of the same type/,
    ],
    ['one name twice', { deadLetterQueueName: 'orders' }, /^queueName: "orders" must be given to one queue only/],
  ])('%s', (_what, props, message) => {
    expect(() => made(props)).toThrow(message);
  });

  it.each<[string, Partial<ReliableQueueProps>, Partial<ReliableQueueProps['consumer']>, RegExp]>([
    [
      'less visibility than the function needs',
      { visibilityTimeout: Duration.seconds(10) },
      {},
      /^source\.visibilityTimeout: 10 s must not be below the timeout of its function \(30 s\)/,
    ],
    [
      'a large batch without a window',
      {},
      { batchSize: 100 },
      /^source\.consumer\.batchSize: 100 needs a batchingWindow/,
    ],
    [
      'one batch at a time',
      {},
      { maxConcurrency: 1 },
      /^source\.consumer\.maxConcurrency: 1 must be a whole number from 2/,
    ],
  ])('%s', (_what, props, consumer, message) => {
    const stack = fixtureStack();
    const worker = fixtureFunction(stack).function;
    const make = () =>
      new ReliableQueue(stack, 'Orders', {
        queueName: 'orders',
        ...props,
        consumer: { function: worker, ...consumer },
      });
    expect(make).toThrow(message);
  });
});

it('what AWS takes and what loses or doubles messages is a warning', () => {
  const stack = fixtureStack();
  const worker = fixtureFunction(stack).function;
  new ReliableQueue(stack, 'Orders', {
    queueName: 'orders',
    visibilityTimeout: Duration.seconds(60),
    maxReceiveCount: 3,
    consumer: { function: worker, batchSize: 5, reportItemFailures: false },
  });
  const warnings = Annotations.fromStack(stack).findWarning('*', Match.anyValue());
  expect(warnings.map(({ entry }) => String(entry.data).split(':')[0]).sort()).toEqual([
    'source.consumer.batchSize',
    'source.maxReceiveCount',
    'source.visibilityTimeout',
  ]);
});

describe('names', () => {
  it.each(['a queue', 'x'.repeat(81), 'x'.repeat(77)])('refuses %s, also for what is made of it', (queueName) => {
    expect(() => new ReliableQueue(fixtureStack(), 'Orders', { queueName })).toThrow(
      /^queueName: ".*" must be 1 to 80/,
    );
  });
});

describe('the reserved concurrency of a consumer', () => {
  const warningsOf = (reservedConcurrency: number, maxConcurrency?: number): readonly string[] => {
    const stack = fixtureStack();
    const { function: worker } = fixtureFunction(stack, { reservedConcurrency });
    const consumer = { function: worker, ...(maxConcurrency === undefined ? {} : { maxConcurrency }) };
    new ReliableQueue(stack, 'Orders', { queueName: 'orders', consumer });
    return Annotations.fromStack(stack)
      .findWarning('*', Match.stringLikeRegexp('reserved concurrency'))
      .map(({ entry }) => String(entry.data));
  };

  it.each([
    [0, 2, /of 0, and never runs: throttled polls/],
    [5, undefined, /maxConcurrency is not set, and its function has a reserved concurrency of 5/],
    [5, 6, /maxConcurrency of 6 is above the reserved concurrency of its function \(5\)/],
  ])(
    'of %s beside a maxConcurrency of %s is warned of: polls that are throttled count as receives',
    (reserved, most, sentence) => {
      expect(warningsOf(reserved, most)).toEqual([expect.stringMatching(sentence)]);
    },
  );

  it('is enough for as many batches', () => {
    expect(warningsOf(5, 5)).toEqual([]);
  });
});
