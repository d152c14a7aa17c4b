import { DAY_MS, HOUR_MS, MINUTE_MS } from '@holdfast/kernel';
import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { refusalOf, TestEngine } from '../../test-engine.ts';
import { createFunction } from '../lambda/function-bench.ts';

const START = Date.UTC(2026, 0, 1);
const ROLE = 'arn:aws:iam::000000000000:role/scheduler';
const queueArn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const queueUrl = (name: string): string => `http://127.0.0.1:4566/000000000000/${name}`;

const engineWith = async (...queues: string[]): Promise<TestEngine> => {
  const test = new TestEngine({ start: START });
  for (const QueueName of queues) await test.call('sqs', 'CreateQueue', { QueueName });
  return test;
};

const schedule = (test: TestEngine, input: object = {}, target: object = {}): Promise<unknown> =>
  test.call('scheduler', 'CreateSchedule', {
    Name: 'tick',
    ScheduleExpression: 'rate(1 hour)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn: queueArn('orders'), RoleArn: ROLE, Input: 'go', ...target },
    ...input,
  });

interface Message {
  readonly Body: string;
  readonly MessageAttributes?: Readonly<Record<string, { StringValue: string }>>;
}

/** Everything that can be received, deleted as it is. */
const drain = async (test: TestEngine, name: string): Promise<Message[]> => {
  const QueueUrl = queueUrl(name);
  const drained: Message[] = [];
  for (;;) {
    const { Messages = [] } = await test.call<{ Messages?: (Message & { ReceiptHandle: string })[] }>(
      'sqs',
      'ReceiveMessage',
      { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'] },
    );
    if (Messages.length === 0) return drained;
    drained.push(...Messages);
    for (const { ReceiptHandle } of Messages) await test.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
  }
};

describe('a schedule', () => {
  it('calls its target at its times until it is deleted', async () => {
    const test = await engineWith('orders');
    await schedule(test);
    await test.advance(3 * HOUR_MS);
    await test.call('scheduler', 'DeleteSchedule', { Name: 'tick' });
    await test.advance(3 * HOUR_MS);

    expect(await drain(test, 'orders')).toHaveLength(4);
  });

  it('waits while it is disabled, and an update says everything anew', async () => {
    const test = await engineWith('orders');
    await schedule(test, { State: 'DISABLED', Description: 'hourly' });
    await test.advance(5 * HOUR_MS);
    expect(await drain(test, 'orders')).toEqual([]);

    await test.call('scheduler', 'UpdateSchedule', {
      Name: 'tick',
      ScheduleExpression: 'cron(30 * * * ? *)',
      FlexibleTimeWindow: { Mode: 'OFF' },
      Target: { Arn: queueArn('orders'), RoleArn: ROLE, Input: 'half' },
    });
    await test.advance(2 * HOUR_MS);

    expect((await drain(test, 'orders')).map(({ Body }) => Body)).toEqual(['half', 'half']);
    expect(await test.call('scheduler', 'GetSchedule', { Name: 'tick' })).toEqual({
      ActionAfterCompletion: 'NONE',
      Arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/tick',
      CreationDate: new Date(START),
      FlexibleTimeWindow: { Mode: 'OFF' },
      GroupName: 'default',
      LastModificationDate: new Date(START + 5 * HOUR_MS),
      Name: 'tick',
      ScheduleExpression: 'cron(30 * * * ? *)',
      ScheduleExpressionTimezone: 'UTC',
      State: 'ENABLED',
      Target: {
        Arn: queueArn('orders'),
        RoleArn: ROLE,
        Input: 'half',
        RetryPolicy: { MaximumRetryAttempts: 185, MaximumEventAgeInSeconds: 86_400 },
      },
    });
  });

  it('spreads its runs over a flexible window', async () => {
    const test = await engineWith('orders');
    test.functions.set('worker', () => ({ result: null }));
    await schedule(test, { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 15 } });
    for (let hour = 0; hour < 20; hour++) {
      const before = (await drain(test, 'orders')).length;
      expect(before).toBe(hour === 0 ? 0 : 1);
      await test.advance(15 * MINUTE_MS);
      await test.advance(45 * MINUTE_MS - (hour === 0 ? 1 : 0));
    }
  });

  it('of one time is gone after it when it says so, and stays otherwise', async () => {
    const test = await engineWith('orders');
    const once = { ScheduleExpression: 'at(2026-01-02T00:00:00)' };
    await schedule(test, { ...once, Name: 'kept' });
    await schedule(test, { ...once, Name: 'gone', ActionAfterCompletion: 'DELETE' });
    await test.advance(2 * DAY_MS);

    expect(await drain(test, 'orders')).toHaveLength(2);
    const { Schedules } = await test.call<{ Schedules: { Name: string }[] }>('scheduler', 'ListSchedules');
    expect(Schedules.map(({ Name }) => Name)).toEqual(['kept']);
  });

  it('makes up once for the runs that a restart left out', async () => {
    const store = new MapStore();
    const before = new TestEngine({ store, start: START });
    await before.call('sqs', 'CreateQueue', { QueueName: 'orders' });
    await schedule(before);
    await before.advance(HOUR_MS);

    const after = new TestEngine({ store, start: START + 5.5 * HOUR_MS, seed: 2 });
    await after.advance(0);
    expect(await drain(after, 'orders')).toHaveLength(3);
    await after.advance(HOUR_MS);
    expect(await drain(after, 'orders')).toHaveLength(1);
  });

  it('made by the same request twice is one schedule', async () => {
    const test = await engineWith('orders');
    await schedule(test, { ClientToken: 'a' });

    expect(await refusalOf(schedule(test, { ClientToken: 'a' }))).toBe('accepted');
    expect(await refusalOf(schedule(test, { ClientToken: 'b' }))).toEqual([
      409,
      'ConflictException',
      'Schedule tick already exists.',
    ]);
  });

  it.each<[string, object, object, unknown]>([
    [
      'an expression that is none',
      { ScheduleExpression: 'rate(10 seconds)' },
      {},
      'Invalid Schedule Expression rate(10 seconds).',
    ],
    [
      'a time zone that is none',
      { ScheduleExpressionTimezone: 'Mars/Olympus' },
      {},
      'Invalid Schedule Expression Timezone Mars/Olympus.',
    ],
    [
      'a target that only looks',
      {},
      { Arn: 'arn:aws:scheduler:::aws-sdk:sqs:receiveMessage' },
      expect.stringContaining('receiveMessage'),
    ],
    [
      'too many retries',
      {},
      { RetryPolicy: { MaximumRetryAttempts: 186 } },
      expect.stringContaining("'target.retryPolicy.maximumRetryAttempts'"),
    ],
    ['no role', {}, { RoleArn: undefined }, expect.stringContaining("Value null at 'target.roleArn'")],
    [
      'a window without a length',
      { FlexibleTimeWindow: { Mode: 'FLEXIBLE' } },
      {},
      expect.stringContaining('MaximumWindowInMinutes'),
    ],
  ])('is refused with %s', async (_name, input, target, message) => {
    const test = await engineWith('orders');

    expect(await refusalOf(schedule(test, input, target))).toEqual([400, 'ValidationException', message]);
  });

  it.each([
    ['an ECS task', {}, { Arn: 'arn:aws:ecs:us-east-1:000000000000:cluster/c' }],
    ['an operation that the engine has not', {}, { Arn: 'arn:aws:scheduler:::aws-sdk:ec2:stopInstances' }],
    ['a key', { KmsKeyArn: 'arn:aws:kms:us-east-1:000000000000:key/k' }, {}],
  ])('is refused by name with %s', async (_name, input, target) => {
    const test = await engineWith('orders');

    expect(await refusalOf(schedule(test, input, target))).toEqual([501, 'NotSupportedByHoldfast', expect.any(String)]);
  });
});

describe('a target', () => {
  it('gets its input with keywords replaced', async () => {
    const test = await engineWith('orders');
    await schedule(
      test,
      { ScheduleExpression: 'at(2026-01-01T08:00:00)', ScheduleExpressionTimezone: 'America/New_York' },
      { Input: '<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time> <aws.scheduler.attempt-number>' },
    );
    await test.advance(DAY_MS);

    expect((await drain(test, 'orders')).map(({ Body }) => Body)).toEqual([
      'arn:aws:scheduler:us-east-1:000000000000:schedule/default/tick 2026-01-01T13:00:00Z 1',
    ]);
  });

  it('without input gets a scheduled event', async () => {
    const test = await engineWith('orders');
    await schedule(test, { ScheduleExpression: 'at(2026-01-01T08:00:00)' }, { Input: undefined });
    await test.advance(DAY_MS);

    const [message] = await drain(test, 'orders');
    expect(JSON.parse(message?.Body ?? '')).toMatchObject({
      source: 'aws.scheduler',
      detail: '{}',
      time: '2026-01-01T08:00:00Z',
    });
  });

  it('may be any operation of any service', async () => {
    const test = await engineWith('orders');
    await schedule(
      test,
      { ScheduleExpression: 'at(2026-01-01T08:00:00)' },
      {
        Arn: 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage',
        Input: JSON.stringify({ QueueUrl: queueUrl('orders'), MessageBody: 'by the SDK' }),
      },
    );
    await test.advance(DAY_MS);

    expect((await drain(test, 'orders')).map(({ Body }) => Body)).toEqual(['by the SDK']);
  });

  it('may be a function, a topic, a bus or a stream', async () => {
    const test = await engineWith('orders');
    const once = { ScheduleExpression: 'at(2026-01-01T08:00:00)' };
    await createFunction(test, 'worker');
    await test.call('sns', 'CreateTopic', { Name: 'news' });
    await test.call('sns', 'Subscribe', {
      TopicArn: 'arn:aws:sns:us-east-1:000000000000:news',
      Protocol: 'sqs',
      Endpoint: queueArn('orders'),
      Attributes: { RawMessageDelivery: 'true' },
    });
    await test.call('sqs', 'SetQueueAttributes', {
      QueueUrl: queueUrl('orders'),
      Attributes: {
        Policy: JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: '*' }] }),
      },
    });
    await test.call('events', 'PutRule', { Name: 'all', EventPattern: '{"source":["clock"]}' });
    await test.call('events', 'PutTargets', {
      Rule: 'all',
      Targets: [{ Id: '1', Arn: queueArn('orders'), InputPath: '$.detail' }],
    });
    await test.call('kinesis', 'CreateStream', { StreamName: 'log', ShardCount: 1 });
    const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:000000000000:${resource}`;
    await schedule(test, { ...once, Name: 'f' }, { Arn: arn('lambda', 'function:worker'), Input: '{"n":1}' });
    await schedule(test, { ...once, Name: 't' }, { Arn: arn('sns', 'news'), Input: 'news' });
    await schedule(
      test,
      { ...once, Name: 'b' },
      {
        Arn: arn('events', 'event-bus/default'),
        Input: '{"n":2}',
        EventBridgeParameters: { DetailType: 'd', Source: 'clock' },
      },
    );
    await schedule(
      test,
      { ...once, Name: 's' },
      { Arn: arn('kinesis', 'stream/log'), Input: 'entry', KinesisParameters: { PartitionKey: 'k' } },
    );
    await test.advance(DAY_MS);

    expect(test.invocations.map(({ payload }) => payload)).toEqual(['{"n":1}']);
    expect((await drain(test, 'orders')).map(({ Body }) => Body).sort()).toEqual(['news', '{"n":2}']);
    const { ShardIterator } = await test.call('kinesis', 'GetShardIterator', {
      StreamName: 'log',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    const { Records } = await test.call<{ Records: { Data: Uint8Array }[] }>('kinesis', 'GetRecords', {
      ShardIterator,
    });
    expect(Records.map(({ Data }) => new TextDecoder().decode(Data))).toEqual(['entry']);
  });

  it('that refuses is tried 185 times within a day, then the dead-letter queue has it with every attribute', async () => {
    const test = await engineWith('dead');
    await schedule(
      test,
      { ScheduleExpression: 'at(2026-01-01T08:00:00)' },
      { Arn: queueArn('missing'), DeadLetterConfig: { Arn: queueArn('dead') } },
    );
    await test.advance(2 * DAY_MS);

    const [message, ...more] = await drain(test, 'dead');
    expect(more).toEqual([]);
    expect(message?.Body).toBe('go');
    const attributes = Object.entries(message?.MessageAttributes ?? {}).map(([name, { StringValue }]) => [
      name,
      StringValue,
    ]);
    expect(Object.fromEntries(attributes)).toEqual({
      ERROR_CODE: expect.stringContaining('QueueDoesNotExist'),
      ERROR_MESSAGE: 'The specified queue does not exist.',
      EXECUTION_ID: expect.stringMatching(/^[0-9a-f]{16}$/),
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      IS_PAYLOAD_TRUNCATED: 'false',
      RETRY_ATTEMPTS: '185',
      SCHEDULED_TIME: '2026-01-01T08:00:00Z',
      SCHEDULE_ARN: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/tick',
      TARGET_ARN: queueArn('missing'),
    });
  });

  it('that refuses for longer than its event may live is given up for its age', async () => {
    const test = await engineWith('dead');
    await schedule(
      test,
      { ScheduleExpression: 'at(2026-01-01T08:00:00)' },
      {
        Arn: queueArn('missing'),
        DeadLetterConfig: { Arn: queueArn('dead') },
        RetryPolicy: { MaximumEventAgeInSeconds: 600 },
      },
    );
    await test.advance(9 * HOUR_MS);

    const [message] = await drain(test, 'dead');
    expect(message?.MessageAttributes?.['EXHAUSTED_RETRY_CONDITION']?.StringValue).toBe('MaximumEventAgeInSeconds');
  });

  it('that comes to life between attempts gets the event, also after a restart', async () => {
    const store = new MapStore();
    const before = new TestEngine({ store, start: START });
    await schedule(before, { ScheduleExpression: 'at(2026-01-01T00:10:00)' }, { Arn: queueArn('late') });
    await before.advance(HOUR_MS);

    const after = new TestEngine({ store, start: START + HOUR_MS, seed: 2 });
    await after.call('sqs', 'CreateQueue', { QueueName: 'late' });
    await after.advance(HOUR_MS);

    expect((await drain(after, 'late')).map(({ Body }) => Body)).toEqual(['go']);
  });
});

describe('a schedule group', () => {
  it('has tags and takes its schedules with it', async () => {
    const test = await engineWith('orders');
    const { ScheduleGroupArn } = await test.call('scheduler', 'CreateScheduleGroup', {
      Name: 'night',
      Tags: [{ Key: 'team', Value: 'ops' }],
    });
    await schedule(test, { GroupName: 'night' });
    await test.call('scheduler', 'TagResource', { ResourceArn: ScheduleGroupArn, Tags: [{ Key: 'cost', Value: '1' }] });
    await test.call('scheduler', 'UntagResource', { ResourceArn: ScheduleGroupArn, TagKeys: ['team'] });
    expect(await test.call('scheduler', 'ListTagsForResource', { ResourceArn: ScheduleGroupArn })).toEqual({
      Tags: [{ Key: 'cost', Value: '1' }],
    });

    await drain(test, 'orders');
    await test.call('scheduler', 'DeleteScheduleGroup', { Name: 'night' });
    await test.advance(DAY_MS);

    expect(await drain(test, 'orders')).toEqual([]);
    expect(await refusalOf(test.call('scheduler', 'GetScheduleGroup', { Name: 'night' }))).toEqual([
      404,
      'ResourceNotFoundException',
      'Schedule group night does not exist.',
    ]);
  });

  it('pages through schedules', async () => {
    const test = await engineWith('orders');
    for (const Name of ['c', 'a', 'b']) await schedule(test, { Name, State: 'DISABLED' });

    const first = await test.call<{ Schedules: { Name: string }[]; NextToken: string }>('scheduler', 'ListSchedules', {
      MaxResults: 2,
    });
    const rest = await test.call<typeof first>('scheduler', 'ListSchedules', {
      MaxResults: 2,
      NextToken: first.NextToken,
    });

    expect([...first.Schedules, ...rest.Schedules].map(({ Name }) => Name)).toEqual(['a', 'b', 'c']);
    expect(rest.NextToken).toBeUndefined();
  });
});
