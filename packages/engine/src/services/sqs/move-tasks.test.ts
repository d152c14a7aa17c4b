import type { ListMessageMoveTasksResult, StartMessageMoveTaskResult } from '@aws-sdk/client-sqs';
import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { SqsUnderTest } from './queue-bench.ts';

const DLQ = SqsUnderTest.arn('q-dlq');

/** Messages `0`.. in the dead-letter queue of `q`. */
const setUp = async (count: number, store?: MapStore): Promise<SqsUnderTest> => {
  const sqs = new SqsUnderTest(store === undefined ? {} : { store });
  await sqs.createWithDeadLetterQueue('q', 1);
  for (let index = 0; index < count; index++) await sqs.send('q', String(index));
  for (let receive = 0; receive < 2 * count; receive++) await sqs.receive('q', { VisibilityTimeout: 0 });
  expect(await sqs.counts('q-dlq')).toEqual([count, 0, 0]);
  return sqs;
};

const start = async (sqs: SqsUnderTest, more: object = {}): Promise<string> =>
  (await sqs.sqs<StartMessageMoveTaskResult>('StartMessageMoveTask', { SourceArn: DLQ, ...more })).TaskHandle as string;

const list = async (sqs: SqsUnderTest, MaxResults?: number) => {
  const input = { SourceArn: DLQ, ...(MaxResults === undefined ? {} : { MaxResults }) };
  return (await sqs.sqs<ListMessageMoveTasksResult>('ListMessageMoveTasks', input)).Results ?? [];
};

describe('a message move task', () => {
  it('sends every message back to its own source, as a new message', async () => {
    const sqs = await setUp(2);
    const redrive = JSON.stringify({ deadLetterTargetArn: DLQ, maxReceiveCount: 1 });
    await sqs.create('other', { RedrivePolicy: redrive });
    const sent = await sqs.send('other', 'from other');
    for (let receive = 0; receive < 2; receive++) await sqs.receive('other', { VisibilityTimeout: 0 });
    const startedAt = sqs.clock.now();
    const handle = await start(sqs);
    expect(JSON.parse(atob(handle))).toEqual({ taskId: expect.stringMatching(/^[0-9a-f-]{36}$/), sourceArn: DLQ });
    expect(await list(sqs)).toEqual([
      {
        TaskHandle: handle,
        Status: 'RUNNING',
        SourceArn: DLQ,
        ApproximateNumberOfMessagesMoved: 0,
        ApproximateNumberOfMessagesToMove: 3,
        StartedTimestamp: startedAt,
      },
    ]);
    await sqs.advance(1_000);
    expect(await list(sqs)).toEqual([
      {
        Status: 'COMPLETED',
        SourceArn: DLQ,
        ApproximateNumberOfMessagesMoved: 3,
        ApproximateNumberOfMessagesToMove: 3,
        StartedTimestamp: startedAt,
      },
    ]);
    expect(await sqs.bodies('q')).toEqual(['0', '1']);
    const [back] = await sqs.receive('other', { AttributeNames: ['All'] });
    expect(back?.Body).toBe('from other');
    expect(back?.MessageId).not.toBe(sent.MessageId);
    expect(back?.Attributes).toMatchObject({ ApproximateReceiveCount: '1' });
    expect(back?.Attributes).not.toHaveProperty('DeadLetterQueueSourceArn');
    expect(Number(back?.Attributes?.SentTimestamp)).toBeGreaterThanOrEqual(startedAt);
    expect(await sqs.counts('q-dlq')).toEqual([0, 0, 0]);
  });

  it('sends everything to another queue when that is named', async () => {
    const sqs = await setUp(2);
    await sqs.create('destination');
    await start(sqs, { DestinationArn: SqsUnderTest.arn('destination') });
    await sqs.advance(1_000);
    expect(await sqs.bodies('destination')).toEqual(['0', '1']);
    expect(await list(sqs)).toMatchObject([{ DestinationArn: SqsUnderTest.arn('destination') }]);
  });

  it('keeps to its rate', async () => {
    const sqs = await setUp(4);
    await start(sqs, { MaxNumberOfMessagesPerSecond: 1 });
    const moved: number[] = [];
    for (let second = 0; second < 5; second++) {
      await sqs.advance(second === 0 ? 500 : 1_000);
      moved.push((await sqs.counts('q'))[0] as number);
    }
    expect(moved).toEqual([1, 2, 3, 4, 4]);
    expect(await list(sqs)).toMatchObject([{ Status: 'COMPLETED', MaxNumberOfMessagesPerSecond: 1 }]);
  });

  it('moves 500 a second when it has no rate of its own', async () => {
    const sqs = await setUp(1_200);
    await start(sqs);
    await sqs.advance(1_000);
    expect((await sqs.counts('q'))[0]).toBe(501);
    await sqs.advance(2_000);
    expect((await sqs.counts('q'))[0]).toBe(1_200);
  });

  it('leaves messages in flight alone', async () => {
    const sqs = await setUp(3);
    const [held] = await sqs.receive('q-dlq', { VisibilityTimeout: 600 });
    await start(sqs);
    await sqs.advance(1_000);
    expect(await list(sqs)).toMatchObject([{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 2 }]);
    expect(await sqs.counts('q-dlq')).toEqual([0, 1, 0]);
    await sqs.delete('q-dlq', held);
  });

  it('runs once per source at a time', async () => {
    const sqs = await setUp(3);
    await start(sqs, { MaxNumberOfMessagesPerSecond: 1 });
    expect(await sqs.refusal('StartMessageMoveTask', { SourceArn: DLQ })).toMatchObject({
      code: 'InvalidParameterValueException',
      message:
        'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
    });
    await sqs.advance(5_000);
    await start(sqs);
  });

  it('ends a little after it is cancelled', async () => {
    const sqs = await setUp(10);
    const handle = await start(sqs, { MaxNumberOfMessagesPerSecond: 1 });
    await sqs.advance(1_500);
    expect(await list(sqs)).toMatchObject([{ ApproximateNumberOfMessagesMoved: 2, Status: 'RUNNING' }]);
    expect(await sqs.sqs('CancelMessageMoveTask', { TaskHandle: handle })).toEqual({
      ApproximateNumberOfMessagesMoved: 2,
    });
    expect((await list(sqs))[0]).toMatchObject({ Status: 'CANCELLING' });
    expect((await list(sqs))[0]).not.toHaveProperty('TaskHandle');
    await sqs.advance(10_000);
    const [after] = await list(sqs);
    expect(after?.Status).toBe('CANCELLED');
    expect(after?.ApproximateNumberOfMessagesMoved).toBeLessThan(10);
    expect((await sqs.counts('q-dlq'))[0]).toBe(10 - (after?.ApproximateNumberOfMessagesMoved as number));
    expect((await sqs.refusal('CancelMessageMoveTask', { TaskHandle: handle })).code).toBe('UnsupportedOperation');
  });

  it('fails when its destination disappears, and loses nothing', async () => {
    const sqs = await setUp(10);
    await sqs.create('destination');
    await start(sqs, { DestinationArn: SqsUnderTest.arn('destination'), MaxNumberOfMessagesPerSecond: 1 });
    await sqs.advance(2_500);
    await sqs.sqs('DeleteQueue', { QueueUrl: 'destination' });
    await sqs.advance(1_000);
    expect(await list(sqs)).toMatchObject([
      {
        Status: 'FAILED',
        FailureReason: 'AWS.SimpleQueueService.NonExistentQueue',
        ApproximateNumberOfMessagesMoved: 3,
      },
    ]);
    expect((await sqs.counts('q-dlq'))[0]).toBe(7);
  });

  it('fails on a message that did not come from a queue', async () => {
    const sqs = await setUp(0);
    await sqs.send('q-dlq', 'sent here');
    await start(sqs);
    await sqs.advance(1_000);
    expect(await list(sqs)).toMatchObject([{ Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' }]);
    expect(await sqs.counts('q-dlq')).toEqual([1, 0, 0]);
  });

  it('keeps the order of FIFO groups, whatever was deduplicated before', async () => {
    const sqs = new SqsUnderTest();
    await sqs.createWithDeadLetterQueue('q.fifo', 1);
    for (const body of ['1', '2', '3']) await sqs.sendTo('q.fifo', 'g', body);
    for (let receive = 0; receive < 2; receive++) {
      await sqs.receive('q.fifo', { MaxNumberOfMessages: 10, VisibilityTimeout: 0 });
    }
    await sqs.sqs('StartMessageMoveTask', { SourceArn: SqsUnderTest.arn('q-dlq.fifo') });
    await sqs.advance(1_000);
    expect(await sqs.bodies('q.fifo')).toEqual(['1', '2', '3']);
  });

  it('is listed newest first, one unless more are asked for, ten at most', async () => {
    const sqs = await setUp(0);
    for (let task = 0; task < 12; task++) {
      await start(sqs, { MaxNumberOfMessagesPerSecond: task + 1 });
      await sqs.advance(1_000);
    }
    const rates = async (max?: number) => (await list(sqs, max)).map((entry) => entry.MaxNumberOfMessagesPerSecond);
    expect(await rates()).toEqual([12]);
    expect(await rates(3)).toEqual([12, 11, 10]);
    expect(await rates(10)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    const refused = await sqs.refusal('ListMessageMoveTasks', { SourceArn: DLQ, MaxResults: 11 });
    expect(refused.code).toBe('InvalidParameterValueException');
  });

  it('goes on after a restart where it was', async () => {
    const store = new MapStore();
    const before = await setUp(5, store);
    const handle = await start(before, { MaxNumberOfMessagesPerSecond: 1 });
    await before.advance(1_500);
    const after = new SqsUnderTest({ store, start: before.clock.now() });
    expect(await list(after)).toMatchObject([
      { Status: 'RUNNING', TaskHandle: handle, ApproximateNumberOfMessagesMoved: 2 },
    ]);
    await after.advance(5_000);
    expect(await list(after)).toMatchObject([{ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 5 }]);
    expect((await after.bodies('q')).sort()).toEqual(['0', '1', '2', '3', '4']);
  });
});

describe('what a move task refuses', () => {
  it('a source that is no dead-letter queue, and queues that do not exist', async () => {
    const sqs = await setUp(0);
    expect(await sqs.refusal('StartMessageMoveTask', { SourceArn: SqsUnderTest.arn('q') })).toMatchObject({
      code: 'InvalidParameterValueException',
      message: 'Source queue must be configured as a Dead Letter Queue.',
    });
    const missing = SqsUnderTest.arn('nope');
    for (const [parameter, input] of [
      ['SourceArn', { SourceArn: missing }],
      ['DestinationArn', { SourceArn: DLQ, DestinationArn: missing }],
    ] as const) {
      expect(await sqs.refusal('StartMessageMoveTask', input)).toMatchObject({
        code: 'ResourceNotFoundException',
        status: 404,
        message: `The resource that you specified for the ${parameter} parameter doesn't exist.`,
      });
    }
    const tooFast = { SourceArn: DLQ, MaxNumberOfMessagesPerSecond: 501 };
    expect((await sqs.refusal('StartMessageMoveTask', tooFast)).code).toBe('InvalidParameterValueException');
  });

  it('a handle that is none, of an unknown source, of an unknown task', async () => {
    const sqs = await setUp(0);
    const handle = (sourceArn: string): string => btoa(JSON.stringify({ taskId: 'unknown', sourceArn }));
    expect(await sqs.refusal('CancelMessageMoveTask', { TaskHandle: 'foobared' })).toMatchObject({
      code: 'InvalidParameterValueException',
      status: 400,
      message: 'Value for parameter TaskHandle is invalid.',
    });
    expect(await sqs.refusal('CancelMessageMoveTask', { TaskHandle: handle(SqsUnderTest.arn('nope')) })).toMatchObject({
      code: 'ResourceNotFoundException',
      status: 404,
      message: "The resource that you specified for the SourceArn parameter doesn't exist.",
    });
    expect(await sqs.refusal('CancelMessageMoveTask', { TaskHandle: handle(DLQ) })).toMatchObject({
      code: 'ResourceNotFoundException',
      status: 404,
      message: 'Task does not exist.',
    });
  });
});
