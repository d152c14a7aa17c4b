import { MINUTE_MS, SECOND_MS } from '@holdfast/kernel';
import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { refusalOf, type SimulatedFunction, TestEngine } from '../../test-engine.ts';

const ROLE = 'arn:aws:iam::000000000000:role/pipe';
const arnOf = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:000000000000:${resource}`;
const queueArn = (name: string): string => arnOf('sqs', name);
const queueUrl = (name: string): string => `http://127.0.0.1:4566/000000000000/${name}`;

const createQueue = (test: TestEngine, QueueName: string, Attributes: object = {}): Promise<unknown> =>
  test.call('sqs', 'CreateQueue', { QueueName, Attributes });

const send = (test: TestEngine, name: string, MessageBody: string): Promise<unknown> =>
  test.call('sqs', 'SendMessage', { QueueUrl: queueUrl(name), MessageBody });

const bodies = async (test: TestEngine, name: string): Promise<string[]> => {
  const { Messages = [] } = await test.call<{ Messages?: { Body: string }[] }>('sqs', 'ReceiveMessage', {
    QueueUrl: queueUrl(name),
    MaxNumberOfMessages: 10,
  });
  return Messages.map(({ Body }) => Body);
};

const createFunction = async (test: TestEngine, FunctionName: string, run: SimulatedFunction): Promise<void> => {
  test.functions.set(FunctionName, run);
  const Code = { ZipFile: new Uint8Array([0x50, 0x4b, 0x03, 0x04]) };
  await test.call('lambda', 'CreateFunction', {
    FunctionName,
    Runtime: 'nodejs24.x',
    Handler: 'i.h',
    Role: ROLE,
    Code,
  });
};

const createPipe = async (test: TestEngine, input: object): Promise<void> => {
  await test.call('pipes', 'CreatePipe', { Name: 'p', RoleArn: ROLE, ...input });
  await test.advance(SECOND_MS);
};

const stateOf = async (test: TestEngine): Promise<[string, string | undefined]> => {
  const pipe = await test.call<{ CurrentState: string; StateReason?: string }>('pipes', 'DescribePipe', { Name: 'p' });
  return [pipe.CurrentState, pipe.StateReason];
};

describe('a pipe from a queue', () => {
  it('passes what its filter lets through on to another queue, transformed', async () => {
    const test = new TestEngine();
    await createQueue(test, 'in');
    await createQueue(test, 'out');
    await createPipe(test, {
      Source: queueArn('in'),
      SourceParameters: { FilterCriteria: { Filters: [{ Pattern: '{"body":{"kind":["order"]}}' }] } },
      Target: queueArn('out'),
      TargetParameters: { InputTemplate: '{"order": <$.body.id>, "by": "<aws.pipes.pipe-name>"}' },
    });
    await send(test, 'in', '{"kind":"order","id":7}');
    await send(test, 'in', '{"kind":"other","id":8}');
    await test.advance(MINUTE_MS);

    expect(await bodies(test, 'out')).toEqual(['{"order":7,"by":"p"}']);
    expect(await bodies(test, 'in')).toEqual([]);
  });

  it('gives a function the whole batch and keeps what it reports as failed', async () => {
    const test = new TestEngine();
    await createQueue(test, 'dead');
    await createQueue(test, 'in', {
      VisibilityTimeout: '10',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn('dead'), maxReceiveCount: 2 }),
    });
    const batches: string[][] = [];
    await createFunction(test, 'worker', ({ payload }) => {
      const events = JSON.parse(payload) as { messageId: string; body: string }[];
      batches.push(events.map(({ body }) => body));
      const failed = events.filter(({ body }) => body === 'bad');
      return { result: { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) } };
    });
    await createPipe(test, { Source: queueArn('in'), Target: arnOf('lambda', 'function:worker') });
    await test.call('sqs', 'SendMessageBatch', {
      QueueUrl: queueUrl('in'),
      Entries: ['a', 'bad', 'b'].map((MessageBody) => ({ Id: MessageBody, MessageBody })),
    });
    await test.advance(2 * MINUTE_MS);

    expect(batches).toEqual([['a', 'bad', 'b'], ['bad']]);
    expect(await bodies(test, 'dead')).toEqual(['bad']);
  });

  it('leaves messages to the queue while its target throttles or fails', async () => {
    const test = new TestEngine();
    await createQueue(test, 'in', { VisibilityTimeout: '10' });
    let runs = 0;
    await createFunction(test, 'worker', () => {
      runs += 1;
      return runs === 1 ? { error: { errorType: 'Error', errorMessage: 'no' } } : { result: null };
    });
    await test.call('lambda', 'PutFunctionConcurrency', { FunctionName: 'worker', ReservedConcurrentExecutions: 0 });
    await createPipe(test, { Source: queueArn('in'), Target: arnOf('lambda', 'function:worker') });
    await send(test, 'in', 'x');
    await test.advance(MINUTE_MS);
    expect(runs).toBe(0);

    await test.call('lambda', 'DeleteFunctionConcurrency', { FunctionName: 'worker' });
    await test.advance(2 * MINUTE_MS);

    expect(runs).toBe(2);
    const { Attributes } = await test.call<{ Attributes: Record<string, string> }>('sqs', 'GetQueueAttributes', {
      QueueUrl: queueUrl('in'),
      AttributeNames: ['All'],
    });
    expect(Attributes['ApproximateNumberOfMessages']).toBe('0');
    expect(Attributes['ApproximateNumberOfMessagesNotVisible']).toBe('0');
  });

  it('lets its enrichment replace events, or filter all of them out', async () => {
    const test = new TestEngine();
    await createQueue(test, 'in');
    await createQueue(test, 'out');
    await createFunction(test, 'enrich', ({ payload }) => {
      const events = JSON.parse(payload) as { text: string }[];
      return { result: events.filter(({ text }) => text !== 'drop').map(({ text }) => ({ text, rich: true })) };
    });
    await createPipe(test, {
      Source: queueArn('in'),
      SourceParameters: { SqsQueueParameters: { BatchSize: 1 } },
      Enrichment: arnOf('lambda', 'function:enrich'),
      EnrichmentParameters: { InputTemplate: '{"text": <$.body>}' },
      Target: queueArn('out'),
    });
    await send(test, 'in', 'keep');
    await send(test, 'in', 'drop');
    await test.advance(MINUTE_MS);

    expect(await bodies(test, 'out')).toEqual(['{"text":"keep","rich":true}']);
    expect(await bodies(test, 'in')).toEqual([]);
  });

  it('puts events on a bus under its own name unless it says another', async () => {
    const test = new TestEngine();
    await createQueue(test, 'in');
    await createQueue(test, 'out', {
      Policy: JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:*', Resource: '*' }] }),
    });
    await test.call('events', 'PutRule', { Name: 'all', EventPattern: '{"source":[{"prefix":"Pipe "},"shop"]}' });
    await test.call('events', 'PutTargets', { Rule: 'all', Targets: [{ Id: '1', Arn: queueArn('out') }] });
    await createPipe(test, {
      Source: queueArn('in'),
      Target: arnOf('events', 'event-bus/default'),
      TargetParameters: { InputTemplate: '{"n": <$.body.n>}' },
    });
    await send(test, 'in', '{"n":1}');
    await test.advance(MINUTE_MS);
    await test.call('pipes', 'UpdatePipe', {
      Name: 'p',
      RoleArn: ROLE,
      TargetParameters: {
        InputTemplate: '{"n": <$.body.n>}',
        EventBridgeEventBusParameters: { Source: 'shop', DetailType: '$.body.kind' },
      },
    });
    await test.advance(SECOND_MS);
    await send(test, 'in', '{"n":2,"kind":"Ordered"}');
    await test.advance(MINUTE_MS);

    const events = (await bodies(test, 'out')).map((body) => JSON.parse(body) as Record<string, unknown>);
    expect(events.map((event) => [event['source'], event['detail-type'], event['detail']])).toEqual([
      ['Pipe p', 'Event from aws:sqs', { n: 1 }],
      ['shop', 'Ordered', { n: 2 }],
    ]);
  });

  it('goes on after a restart', async () => {
    const store = new MapStore();
    const before = new TestEngine({ store });
    await createQueue(before, 'in');
    await createQueue(before, 'out');
    await before.call('pipes', 'CreatePipe', {
      Name: 'p',
      RoleArn: ROLE,
      Source: queueArn('in'),
      Target: queueArn('out'),
    });

    const after = new TestEngine({ store, start: before.clock.now() + SECOND_MS, seed: 2 });
    await after.advance(SECOND_MS);
    await send(after, 'in', 'x');
    await after.advance(MINUTE_MS);

    expect(await bodies(after, 'out')).toHaveLength(1);
  });
});

describe('a pipe from a stream', () => {
  it('gives up records after their retries, names them to its dead-letter queue, and goes on', async () => {
    const test = new TestEngine();
    await test.call('kinesis', 'CreateStream', { StreamName: 'orders', ShardCount: 1 });
    await createQueue(test, 'dead');
    const seen: string[] = [];
    await createFunction(test, 'worker', ({ payload }) => {
      const [event] = JSON.parse(payload) as [{ data: string; eventSource: string }];
      const text = Buffer.from(event.data, 'base64').toString();
      seen.push(`${event.eventSource} ${text}`);
      return text === 'poison' ? { error: { errorType: 'Error', errorMessage: 'no' } } : { result: null };
    });
    await createPipe(test, {
      Source: arnOf('kinesis', 'stream/orders'),
      SourceParameters: {
        KinesisStreamParameters: {
          StartingPosition: 'TRIM_HORIZON',
          BatchSize: 1,
          MaximumRetryAttempts: 1,
          DeadLetterConfig: { Arn: queueArn('dead') },
        },
      },
      Target: arnOf('lambda', 'function:worker'),
    });
    for (const text of ['poison', 'good']) {
      await test.call('kinesis', 'PutRecord', { StreamName: 'orders', Data: Buffer.from(text), PartitionKey: 'k' });
    }
    await test.advance(MINUTE_MS);

    expect(seen).toEqual(['aws:kinesis poison', 'aws:kinesis poison', 'aws:kinesis good']);
    const [record] = (await bodies(test, 'dead')).map((body) => JSON.parse(body) as object);
    expect(record).toMatchObject({
      context: {
        partnerResourceArn: arnOf('pipes', 'pipe/p'),
        condition: 'RetryAttemptsExhausted',
        approximateInvokeCount: 2,
      },
      version: '1.0',
      KinesisBatchInfo: { shardId: 'shardId-000000000000', batchSize: 1, streamArn: arnOf('kinesis', 'stream/orders') },
    });
  });

  it('forwards the changes of a table', async () => {
    const test = new TestEngine();
    await createQueue(test, 'out');
    const { TableDescription } = await test.call<{ TableDescription: { LatestStreamArn: string } }>(
      'dynamodb',
      'CreateTable',
      {
        TableName: 'items',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
      },
    );
    await createPipe(test, {
      Source: TableDescription.LatestStreamArn,
      SourceParameters: { DynamoDBStreamParameters: { StartingPosition: 'LATEST' } },
      Target: queueArn('out'),
      TargetParameters: { InputTemplate: '<$.dynamodb.NewImage.id.S>' },
    });
    await test.call('dynamodb', 'PutItem', { TableName: 'items', Item: { id: { S: 'i-1' } } });
    await test.advance(MINUTE_MS);

    expect(await bodies(test, 'out')).toEqual(['i-1']);
  });
});

describe('the life of a pipe', () => {
  const made = async (): Promise<TestEngine> => {
    const test = new TestEngine();
    await createQueue(test, 'in');
    await createQueue(test, 'out');
    await createPipe(test, { Source: queueArn('in'), Target: queueArn('out') });
    return test;
  };

  it('passes through its states, and a stopped one reads nothing', async () => {
    const test = await made();
    expect(await stateOf(test)).toEqual(['RUNNING', undefined]);
    await test.call('pipes', 'StopPipe', { Name: 'p' });
    expect(await stateOf(test)).toEqual(['STOPPING', undefined]);
    await test.advance(SECOND_MS);
    await send(test, 'in', 'x');
    await test.advance(MINUTE_MS);
    expect(await bodies(test, 'out')).toEqual([]);

    await test.call('pipes', 'StartPipe', { Name: 'p' });
    await test.call('pipes', 'TagResource', { resourceArn: arnOf('pipes', 'pipe/p'), tags: { team: 'ops' } });
    await test.advance(MINUTE_MS);
    expect(await stateOf(test)).toEqual(['RUNNING', undefined]);
    expect(await bodies(test, 'out')).toHaveLength(1);

    await test.call('pipes', 'DeletePipe', { Name: 'p' });
    await test.advance(SECOND_MS);
    expect(await refusalOf(test.call('pipes', 'DescribePipe', { Name: 'p' }))).toEqual([
      404,
      'NotFoundException',
      'Pipe p does not exist.',
    ]);
  });

  it('ends in failure when there is nothing to read from', async () => {
    const test = new TestEngine();
    await createQueue(test, 'out');
    await createPipe(test, { Source: queueArn('missing'), Target: queueArn('out') });

    expect(await stateOf(test)).toEqual(['CREATE_FAILED', `The source ${queueArn('missing')} does not exist.`]);
  });

  it.each<[string, type: string, input: (machine: string) => object, reason: string | undefined]>([
    [
      'waits for no standard workflow',
      'STANDARD',
      (Target) => ({ Target }),
      'REQUEST_RESPONSE, the default, is not supported',
    ],
    [
      'starts a standard workflow',
      'STANDARD',
      (Target) => ({
        Target,
        TargetParameters: { StepFunctionStateMachineParameters: { InvocationType: 'FIRE_AND_FORGET' } },
      }),
      undefined,
    ],
    ['waits for an express workflow', 'EXPRESS', (Target) => ({ Target }), undefined],
    [
      'is enriched by no standard workflow',
      'STANDARD',
      (Enrichment) => ({ Enrichment }),
      'it has to be an EXPRESS one',
    ],
    ['finds its workflow missing', 'EXPRESS', (machine) => ({ Target: `${machine}x` }), 'does not exist'],
  ])('%s', async (_name, type, input, reason) => {
    const test = new TestEngine();
    await createQueue(test, 'in');
    await createQueue(test, 'out');
    const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', End: true } } });
    await test.call('states', 'CreateStateMachine', { name: 'm', type, definition, roleArn: ROLE });
    await createPipe(test, {
      Source: queueArn('in'),
      Target: queueArn('out'),
      ...input(arnOf('states', 'stateMachine:m')),
    });

    const [state, why] = await stateOf(test);
    expect(state).toBe(reason === undefined ? 'RUNNING' : 'CREATE_FAILED');
    if (reason !== undefined) expect(why).toContain(reason);
  });

  it.each<[string, object, unknown]>([
    ['a source that is not modelled', { Source: 'arn:aws:mq:us-east-1:000000000000:broker:b' }, 501],
    ['a target that is not modelled', { Target: 'arn:aws:ecs:us-east-1:000000000000:cluster/c' }, 501],
    [
      'parameters of another source',
      { SourceParameters: { KinesisStreamParameters: { StartingPosition: 'LATEST' } } },
      400,
    ],
    ['a filter that is none', { SourceParameters: { FilterCriteria: { Filters: [{ Pattern: '{' }] } } }, 400],
    ['a large batch without a window', { SourceParameters: { SqsQueueParameters: { BatchSize: 11 } } }, 400],
    ['no role', { RoleArn: undefined }, 400],
  ])('does not begin with %s', async (_name, input, status) => {
    const test = new TestEngine();
    await createQueue(test, 'in');
    const creating = test.call('pipes', 'CreatePipe', {
      Name: 'p',
      RoleArn: ROLE,
      Source: queueArn('in'),
      Target: queueArn('in'),
      ...input,
    });

    expect(await refusalOf(creating)).toEqual([status, expect.any(String), expect.any(String)]);
  });
});
