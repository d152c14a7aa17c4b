import { describe, expect, it } from 'vitest';
import { MapStore } from '../../../map-store.ts';
import { type SimulatedFunction, TestEngine } from '../../../test-engine.ts';
import { createFunction, messagesOf } from '../function-bench.ts';

const arnOf = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;

const createQueue = async (test: TestEngine, QueueName: string, Attributes: object = {}): Promise<string> =>
  (await test.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName, Attributes })).QueueUrl;

const createSimulated = async (
  test: TestEngine,
  name: string,
  simulate: SimulatedFunction,
  more?: object,
): Promise<void> => {
  test.functions.set(name, simulate);
  await createFunction(test, name, more);
};

const throws: SimulatedFunction = () => ({ error: { errorType: 'Error', errorMessage: 'no such product' } });

describe('functions and real queues', () => {
  it('move a poison message to the dead-letter queue after its last permitted run', async () => {
    const test = new TestEngine();
    const dlq = await createQueue(test, 'orders-dlq');
    const queue = await createQueue(test, 'orders', {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('orders-dlq'), maxReceiveCount: 3 }),
    });
    await createSimulated(test, 'worker', throws);
    await test.call('lambda', 'CreateEventSourceMapping', {
      EventSourceArn: arnOf('orders'),
      FunctionName: 'worker',
    });
    await test.advance(1_000);

    const { MessageId } = await test.call<{ MessageId: string }>('sqs', 'SendMessage', {
      QueueUrl: queue,
      MessageBody: 'poison',
    });
    await test.advance(600_000);

    expect(test.invocations).toHaveLength(3);
    const [dead] = await messagesOf(test, dlq);
    expect(dead).toMatchObject({ MessageId, Body: 'poison', Attributes: { ApproximateReceiveCount: '4' } });
  });

  it('take messages that were sent together as one batch, and delete them', async () => {
    const test = new TestEngine();
    const queue = await createQueue(test, 'orders');
    await createSimulated(test, 'worker', () => ({}));
    await test.call('lambda', 'CreateEventSourceMapping', {
      EventSourceArn: arnOf('orders'),
      FunctionName: 'worker',
    });
    await test.advance(1_000);

    for (let n = 0; n < 10; n++) {
      await test.call('sqs', 'SendMessage', { QueueUrl: queue, MessageBody: String(n) });
    }
    await test.advance(1_000);

    expect(test.invocations).toHaveLength(1);
    const { Records } = JSON.parse(test.invocations[0]?.payload ?? '') as { Records: { body: string }[] };
    expect(Records.map((record) => record.body).sort()).toEqual(Array.from({ length: 10 }, (_, n) => String(n)));
    await test.advance(60_000);
    expect(await messagesOf(test, queue)).toEqual([]);
  });

  it('keep FIFO groups in order across partial failures until the dead-letter queue takes the last', async () => {
    const test = new TestEngine();
    const dlq = await createQueue(test, 'steps-dlq.fifo', { FifoQueue: 'true' });
    const queue = await createQueue(test, 'steps.fifo', {
      FifoQueue: 'true',
      VisibilityTimeout: '5',
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('steps-dlq.fifo'), maxReceiveCount: 2 }),
    });
    const reported = [['2', '3', '4'], ['4']];
    const batches: string[][] = [];
    await createSimulated(test, 'worker', ({ payload }) => {
      const { Records } = JSON.parse(payload) as { Records: { body: string; messageId: string }[] };
      const failing = reported[batches.length] ?? [];
      batches.push(Records.map((record) => record.body));
      const batchItemFailures = Records.filter((record) => failing.includes(record.body)).map((record) => ({
        itemIdentifier: record.messageId,
      }));
      return { result: { batchItemFailures } };
    });
    for (const body of ['1', '2', '3', '4']) {
      await test.call('sqs', 'SendMessage', {
        QueueUrl: queue,
        MessageBody: body,
        MessageGroupId: 'g',
        MessageDeduplicationId: body,
      });
    }

    await test.call('lambda', 'CreateEventSourceMapping', {
      EventSourceArn: arnOf('steps.fifo'),
      FunctionName: 'worker',
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    await test.advance(60_000);

    expect(batches).toEqual([
      ['1', '2', '3', '4'],
      ['2', '3', '4'],
    ]);
    expect((await messagesOf(test, dlq)).map((message) => message.Body)).toEqual(['4']);
  });

  it('burn receive counts of healthy messages while the function has no concurrency', async () => {
    const test = new TestEngine();
    const dlq = await createQueue(test, 'orders-dlq');
    const queue = await createQueue(test, 'orders', {
      RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('orders-dlq'), maxReceiveCount: 2 }),
    });
    await createSimulated(test, 'worker', () => ({}));
    await test.call('lambda', 'PutFunctionConcurrency', { FunctionName: 'worker', ReservedConcurrentExecutions: 0 });
    await test.call('lambda', 'CreateEventSourceMapping', {
      EventSourceArn: arnOf('orders'),
      FunctionName: 'worker',
    });
    await test.advance(1_000);

    await test.call('sqs', 'SendMessage', { QueueUrl: queue, MessageBody: 'healthy' });
    await test.advance(120_000);

    expect(test.invocations).toHaveLength(0);
    expect(await messagesOf(test, dlq)).toMatchObject([{ Body: 'healthy' }]);
  });

  it('bring a failed event to destination and dead-letter queue', async () => {
    const test = new TestEngine();
    const failures = await createQueue(test, 'failures');
    const dead = await createQueue(test, 'dead');
    await createSimulated(test, 'worker', throws, { DeadLetterConfig: { TargetArn: arnOf('dead') } });
    await test.call('lambda', 'PutFunctionEventInvokeConfig', {
      FunctionName: 'worker',
      DestinationConfig: { OnFailure: { Destination: arnOf('failures') } },
    });
    const traceHeader = 'Root=1-00000001-000000000000000000000001;Parent=0000000000000001;Sampled=1';

    const requestId = test.engine.context().requestId;
    await test.call(
      'lambda',
      'Invoke',
      { FunctionName: 'worker', InvocationType: 'Event', Payload: new TextEncoder().encode('{"sku": "A-1"}') },
      { requestId, traceHeader },
    );
    await test.advance(600_000);

    const [record] = await messagesOf(test, failures);
    expect(JSON.parse(record?.Body ?? '')).toMatchObject({
      requestContext: { requestId, condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    });
    expect(record?.Attributes['AWSTraceHeader']).toMatch(`${traceHeader};Lineage=`);
    const [event] = await messagesOf(test, dead);
    expect(event?.Body).toBe('{"sku": "A-1"}');
    expect(event?.MessageAttributes).toMatchObject({
      RequestID: { DataType: 'String', StringValue: requestId },
      ErrorCode: { DataType: 'Number', StringValue: '200' },
      ErrorMessage: { DataType: 'String', StringValue: 'no such product' },
    });
  });

  it('work through fifty thousand messages without losing or repeating one', async () => {
    const test = new TestEngine();
    const queue = await createQueue(test, 'orders');
    const seen = new Map<string, number>();
    await createSimulated(test, 'worker', ({ payload }) => {
      const { Records } = JSON.parse(payload) as { Records: { body: string }[] };
      for (const { body } of Records) seen.set(body, (seen.get(body) ?? 0) + 1);
      return { durationMs: 200 };
    });
    for (let n = 0; n < 50_000; n++) {
      await test.call('sqs', 'SendMessage', { QueueUrl: queue, MessageBody: String(n) });
    }

    await test.call('lambda', 'CreateEventSourceMapping', { EventSourceArn: arnOf('orders'), FunctionName: 'worker' });
    await test.advance(600_000);

    expect(seen.size).toBe(50_000);
    expect(new Set(seen.values())).toEqual(new Set([1]));
  });

  it('lose nothing when the process ends in the middle of batches and retries', async () => {
    const store = new MapStore();
    const before = new TestEngine({ store });
    const queue = await createQueue(before, 'orders', { VisibilityTimeout: '60' });
    const failures = await createQueue(before, 'failures');
    await createSimulated(before, 'worker', () => ({ durationMs: 2_000 }));
    await createSimulated(before, 'flaky', throws);
    await before.call('lambda', 'PutFunctionEventInvokeConfig', {
      FunctionName: 'flaky',
      DestinationConfig: { OnFailure: { Destination: arnOf('failures') } },
    });
    await before.call('lambda', 'CreateEventSourceMapping', {
      EventSourceArn: arnOf('orders'),
      FunctionName: 'worker',
      BatchSize: 1,
    });
    await before.advance(1_000);
    for (let n = 0; n < 8; n++) await before.call('sqs', 'SendMessage', { QueueUrl: queue, MessageBody: String(n) });
    await before.call('lambda', 'Invoke', { FunctionName: 'flaky', InvocationType: 'Event' });
    await before.advance(2_500);
    expect(before.invocations.filter((run) => run.spec.functionName === 'worker')).toHaveLength(8);

    const after = new TestEngine({ store, start: before.clock.now() + 1_000, seed: 2 });
    after.functions.set('flaky', throws);
    await after.advance(600_000);

    // Five batches had ended; the three that ran come again when their visibility timeout is over.
    const runsAfter = after.invocations.filter((run) => run.spec.functionName === 'worker');
    expect(runsAfter).toHaveLength(3);
    expect(await messagesOf(after, queue)).toEqual([]);
    const [record] = await messagesOf(after, failures);
    expect(JSON.parse(record?.Body ?? '')).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    });
  });
});
