import type { GetMetricStatisticsCommandOutput } from '@aws-sdk/client-cloudwatch';
import type { FilterLogEventsCommandOutput } from '@aws-sdk/client-cloudwatch-logs';
import { HOUR_MS } from '@holdfast/kernel';
import { describe, expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

const arnOf = (queue: string): string => `arn:aws:sqs:us-east-1:000000000000:${queue}`;
const RULE = 'arn:aws:events:us-east-1:000000000000:rule/r';

interface Received {
  readonly Messages?: readonly {
    readonly Body: string;
    readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue: string }>>;
  }[];
}

/** An engine with queues, some of which let the rule `r` in. */
const withQueues = async (open: readonly string[], closed: readonly string[]): Promise<TestEngine> => {
  const test = new TestEngine();
  for (const QueueName of [...open, ...closed]) {
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'events.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: arnOf(QueueName),
      Condition: { ArnEquals: { 'aws:SourceArn': RULE } },
    };
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    await test.call('sqs', 'CreateQueue', { QueueName, Attributes: open.includes(QueueName) ? { Policy } : {} });
  }
  return test;
};

const rule = async (test: TestEngine, ...targets: object[]): Promise<void> => {
  await test.call('events', 'PutRule', { Name: 'r', EventPattern: '{"source":["shop"]}' });
  await test.call('events', 'PutTargets', {
    Rule: 'r',
    Targets: targets.map((target, index) => ({ Id: `${index}`, ...target })),
  });
};

const put = (test: TestEngine) =>
  test.call('events', 'PutEvents', { Entries: [{ Source: 'shop', DetailType: 'order', Detail: '{"id":7}' }] });

const receive = (test: TestEngine, queue: string) =>
  test.call<Received>('sqs', 'ReceiveMessage', {
    QueueUrl: `http://127.0.0.1:4566/000000000000/${queue}`,
    MessageAttributeNames: ['All'],
    MaxNumberOfMessages: 10,
  });

const sum = async (test: TestEngine, MetricName: string): Promise<number | undefined> => {
  const { Datapoints } = await test.call<GetMetricStatisticsCommandOutput>('cloudwatch', 'GetMetricStatistics', {
    Namespace: 'AWS/Events',
    MetricName,
    Dimensions: [{ Name: 'RuleName', Value: 'r' }],
    StartTime: new Date(test.clock.now() - HOUR_MS),
    EndTime: new Date(test.clock.now() + HOUR_MS),
    Period: 7_200,
    Statistics: ['Sum'],
  });
  return Datapoints?.[0]?.Sum;
};

describe('with the other services of the engine', () => {
  it('an event reaches a queue whose policy lets the rule in, and shows in the metrics', async () => {
    const test = await withQueues(['q'], []);
    await rule(test, { Arn: arnOf('q') });
    await put(test);

    const { Messages } = await receive(test, 'q');
    expect(JSON.parse(Messages?.[0]?.Body as string)).toMatchObject({ source: 'shop', detail: { id: 7 } });
    expect(await sum(test, 'MatchedEvents')).toBe(1);
    expect(await sum(test, 'Invocations')).toBe(1);
    expect(await sum(test, 'FailedInvocations')).toBeUndefined();
  });

  it('an event for a queue that does not let the rule in ends in the dead-letter queue at once', async () => {
    const test = await withQueues(['dlq'], ['q']);
    await rule(test, { Arn: arnOf('q'), DeadLetterConfig: { Arn: arnOf('dlq') } });
    await put(test);

    const { Messages } = await receive(test, 'dlq');
    expect(Messages?.[0]?.MessageAttributes).toMatchObject({
      RULE_ARN: { StringValue: RULE },
      TARGET_ARN: { StringValue: arnOf('q') },
      ERROR_CODE: { StringValue: 'NO_PERMISSIONS' },
      RETRY_ATTEMPTS: { StringValue: '0' },
    });
    expect(await sum(test, 'InvocationsSentToDlq')).toBe(1);
  });

  it('an event for a queue that is gone ends in the dead-letter queue at once', async () => {
    const test = await withQueues(['dlq'], []);
    await rule(test, { Arn: arnOf('gone'), DeadLetterConfig: { Arn: arnOf('dlq') } });
    await put(test);

    const { Messages } = await receive(test, 'dlq');
    expect(Messages?.[0]?.MessageAttributes?.['ERROR_CODE']?.StringValue).toBe('NO_RESOURCE');
  });

  it('an event that neither target nor dead-letter queue takes is counted as lost', async () => {
    const test = await withQueues([], ['q', 'dlq']);
    await rule(test, { Arn: arnOf('q'), DeadLetterConfig: { Arn: arnOf('dlq') } });
    await put(test);

    expect(await sum(test, 'FailedInvocations')).toBe(1);
    expect(await sum(test, 'InvocationsFailedToBeSentToDlq')).toBe(1);
  });

  it('an event goes into a log group, shaped by its template', async () => {
    const test = new TestEngine();
    const InputTransformer = {
      InputPathsMap: { id: '$.detail.id' },
      InputTemplate: '{"timestamp": "2025-01-01T00:00:00Z", "message": "order <id>"}',
    };
    await test.call('logs', 'PutResourcePolicy', {
      policyName: 'events',
      policyDocument: JSON.stringify({
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'logs:*', Resource: '*' },
        ],
      }),
    });
    await rule(test, { Arn: 'arn:aws:logs:us-east-1:000000000000:log-group:/aws/events/orders', InputTransformer });
    await put(test);

    const { events } = await test.call<FilterLogEventsCommandOutput>('logs', 'FilterLogEvents', {
      logGroupName: '/aws/events/orders',
    });
    expect(events).toMatchObject([
      { message: 'order 7', timestamp: Date.UTC(2025, 0, 1), logStreamName: 'r/2025-01-01' },
    ]);
  });
});

it('an event goes into a stream under the key at its path, else under its id', async () => {
  const test = new TestEngine();
  await test.call('kinesis', 'CreateStream', { StreamName: 's', ShardCount: 1 });
  await test.advance(60_000);
  await test.call('events', 'PutRule', { Name: 'all', EventPattern: '{"source":["shop"]}' });
  const target = {
    Arn: 'arn:aws:kinesis:us-east-1:000000000000:stream/s',
    RoleArn: 'arn:aws:iam::000000000000:role/r',
  };
  await test.call('events', 'PutTargets', {
    Rule: 'all',
    Targets: [
      { Id: 'keyed', ...target, KinesisParameters: { PartitionKeyPath: '$.detail-type' } },
      { Id: 'plain', ...target },
    ],
  });
  const { Entries } = await test.call<{ Entries: { EventId: string }[] }>('events', 'PutEvents', {
    Entries: [{ Source: 'shop', DetailType: 'order', Detail: '{"id":1}' }],
  });
  const { ShardIterator } = await test.call('kinesis', 'GetShardIterator', {
    StreamName: 's',
    ShardId: 'shardId-000000000000',
    ShardIteratorType: 'TRIM_HORIZON',
  });
  const { Records } = await test.call<{ Records: { PartitionKey: string; Data: Uint8Array }[] }>(
    'kinesis',
    'GetRecords',
    { ShardIterator },
  );
  expect(Records.map(({ PartitionKey }) => PartitionKey)).toEqual(['order', Entries[0]?.EventId]);
  expect(JSON.parse(new TextDecoder().decode(Records[0]?.Data))).toMatchObject({ source: 'shop', detail: { id: 1 } });
});
