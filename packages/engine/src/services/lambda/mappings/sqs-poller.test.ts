import { describe, expect, it } from 'vitest';
import { MapStore } from '../../../map-store.ts';
import { type Behaviour, LambdaBench, throws } from '../lambda-bench.ts';
import type { FakeQueue } from '../queues-bench.ts';

interface Records {
  Records: { messageId: string; body: string; attributes: Record<string, string>; [more: string]: unknown }[];
}

const batchOf = (invocation: { payload: string }): Records['Records'] =>
  (JSON.parse(invocation.payload) as Records).Records;

const bodiesOf = (invocation: { payload: string }): string[] => batchOf(invocation).map((record) => record.body);

const mapped = async (
  behaviour: Behaviour,
  mapping: object = {},
  more: { facts?: object; fn?: object } = {},
): Promise<{ bench: LambdaBench; queue: FakeQueue; uuid: string }> => {
  const bench = new LambdaBench();
  const queue = bench.queues.add('orders', more.facts);
  await bench.createFunction('fn', behaviour, more.fn);
  const { UUID } = await bench.call<{ UUID: string }>('CreateEventSourceMapping', {
    EventSourceArn: queue.arn,
    FunctionName: 'fn',
    ...mapping,
  });
  await bench.advance(1_000);
  return { bench, queue, uuid: UUID };
};

const numbered = (count: number): { body: string; messageId: string }[] =>
  Array.from({ length: count }, (_, index) => ({ body: `${index + 1}`, messageId: `m${index + 1}` }));

describe('a queue mapped to a function', () => {
  it('hands over batches up to the batch size and deletes what succeeded', async () => {
    const { bench, queue } = await mapped(() => ({}), { BatchSize: 4 });

    bench.queues.send(queue, ...numbered(10));
    await bench.advance(10);

    expect(bench.invocations.map(bodiesOf)).toEqual([
      ['1', '2', '3', '4'],
      ['5', '6', '7', '8'],
      ['9', '10'],
    ]);
    expect(queue.deleted).toHaveLength(10);
  });

  it('tells the queue with which messages a run failed, and with what', async () => {
    const { bench, queue } = await mapped(throws, { BatchSize: 2 });
    bench.queues.send(queue, ...numbered(2));
    await bench.advance(10);
    expect(bench.queues.failedRuns).toEqual([
      { arn: queue.arn, messageIds: ['m1', 'm2'], error: expect.stringContaining('"errorType"') },
    ]);

    const reporting = await mapped(() => ({ result: { batchItemFailures: [{ itemIdentifier: 'm2' }] } }), {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    reporting.bench.queues.send(reporting.queue, ...numbered(2));
    await reporting.bench.advance(10);
    expect(reporting.bench.queues.failedRuns).toEqual([{ arn: queue.arn, messageIds: ['m2'], error: undefined }]);
  });

  it('shows a message as recorded from AWS', async () => {
    const { bench, queue } = await mapped(() => ({}));

    bench.queues.send(queue, {
      messageId: 'm1',
      body: 'hello',
      md5OfBody: '5d41402abc4b2a76b9719d911017c592',
      md5OfMessageAttributes: 'abc',
      attributes: { SenderId: 'AIDA', SentTimestamp: '1', ApproximateFirstReceiveTimestamp: '2' },
      messageAttributes: {
        Author: { dataType: 'String', stringValue: 'x' },
        Raw: { dataType: 'Binary', binaryValue: 'AQI=' },
      },
    });
    await bench.advance(10);

    expect(batchOf(bench.invocations[0] as { payload: string })).toEqual([
      {
        messageId: 'm1',
        receiptHandle: 'm1#1',
        body: 'hello',
        attributes: {
          ApproximateReceiveCount: '1',
          SenderId: 'AIDA',
          SentTimestamp: '1',
          ApproximateFirstReceiveTimestamp: '2',
        },
        messageAttributes: {
          Author: { stringValue: 'x', stringListValues: [], binaryListValues: [], dataType: 'String' },
          Raw: { binaryValue: 'AQI=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
        },
        md5OfBody: '5d41402abc4b2a76b9719d911017c592',
        md5OfMessageAttributes: 'abc',
        eventSource: 'aws:sqs',
        eventSourceARN: queue.arn,
        awsRegion: 'us-east-1',
      },
    ]);
  });

  it('leaves a failed batch to its visibility timeout and then tries it again', async () => {
    const { bench, queue } = await mapped(throws);
    const start = bench.clock.now();

    bench.queues.send(queue, ...numbered(2));
    await bench.advance(65_000);

    expect(bench.invocationTimes(start)).toEqual([0, 30_000, 60_000]);
    expect(batchOf(bench.invocations[1] as { payload: string })[0]).toMatchObject({
      messageId: 'm1',
      receiptHandle: 'm1#2',
      attributes: { ApproximateReceiveCount: '2' },
    });
    expect(queue.deleted).toEqual([]);
  });

  it('deletes only what a partial batch response does not list', async () => {
    const { bench, queue } = await mapped(() => ({ result: { batchItemFailures: [{ itemIdentifier: 'm2' }] } }), {
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });

    bench.queues.send(queue, ...numbered(3));
    await bench.advance(10);

    expect(queue.deleted).toEqual(['m1', 'm3']);
  });

  it('ignores a partial batch response when the mapping does not ask for one', async () => {
    const { bench, queue } = await mapped(() => ({ result: { batchItemFailures: [{ itemIdentifier: 'm2' }] } }));

    bench.queues.send(queue, ...numbered(3));
    await bench.advance(10);

    expect(queue.deleted).toEqual(['m1', 'm2', 'm3']);
  });

  it('deletes messages that no filter wants without invoking', async () => {
    const { bench, queue } = await mapped(() => ({}), {
      FilterCriteria: {
        Filters: [{ Pattern: '{"body":{"kind":["order"]}}' }, { Pattern: '{"body":{"n":[{"numeric":[">",5]}]}}' }],
      },
    });

    bench.queues.send(
      queue,
      { messageId: 'a', body: '{"kind":"order"}' },
      { messageId: 'b', body: '{"kind":"return"}' },
      { messageId: 'c', body: 'plain text' },
      { messageId: 'd', body: '{"n":6}' },
    );
    await bench.advance(10);

    expect(bench.invocations.map(bodiesOf)).toEqual([['{"kind":"order"}', '{"n":6}']]);
    expect([...queue.deleted].sort()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('collects for the batching window, or until the batch is full', async () => {
    const { bench, queue } = await mapped(() => ({}), { BatchSize: 100, MaximumBatchingWindowInSeconds: 10 });
    const start = bench.clock.now();

    bench.queues.send(queue, ...numbered(30));
    await bench.advance(4_000);
    bench.queues.send(queue, ...numbered(5));
    await bench.advance(20_000);
    bench.queues.send(queue, ...numbered(100));
    await bench.advance(1_000);

    expect(bench.invocations.map((invocation) => bodiesOf(invocation).length)).toEqual([35, 100]);
    expect(bench.invocationTimes(start)).toEqual([10_000, 24_000]);
    expect(batchOf(bench.invocations[0] as { payload: string })[0]).toHaveProperty('md5OfMessageAttributes', null);
  });

  it('holds messages longer than the queue says when window and function need it', async () => {
    const { bench, queue } = await mapped(
      throws,
      { MaximumBatchingWindowInSeconds: 20 },
      { fn: { Timeout: 25 }, facts: { visibilityTimeoutSeconds: 30 } },
    );
    const start = bench.clock.now();

    bench.queues.send(queue, ...numbered(1));
    await bench.advance(130_000);

    // 20 s window; visible again 20 + 25 + 30 = 75 s after the receive; another window.
    expect(bench.invocationTimes(start)).toEqual([20_000, 95_000]);
  });

  it('cuts a batch where the payload would pass 6 MB', async () => {
    const { bench, queue } = await mapped(() => ({}));
    const body = 'x'.repeat(1_000_000);

    bench.queues.send(queue, ...Array.from({ length: 8 }, () => ({ body })));
    await bench.advance(10);

    expect(bench.invocations.map((invocation) => bodiesOf(invocation).length)).toEqual([6, 2]);
    expect(queue.deleted).toHaveLength(8);
  });

  it('starts with five batches at once and adds 300 a minute while messages wait', async () => {
    const { bench, queue } = await mapped(() => ({ durationMs: 3_600_000 }), { BatchSize: 1 });

    bench.queues.send(queue, ...numbered(2_000));
    await bench.advance(0);
    const running = [bench.invocations.length];
    for (const _ of [1, 2, 3]) {
      await bench.advance(60_000);
      running.push(bench.invocations.length);
    }
    await bench.advance(600_000);
    running.push(bench.invocations.length);

    // The account's own limit of 1,000 ends the growth here.
    expect(running).toEqual([5, 305, 605, 905, 1_000]);
  });

  it('never runs more batches at once than the maximum concurrency', async () => {
    const { bench, queue } = await mapped(
      () => ({ durationMs: 100_000 }),
      { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 3 } },
      { facts: { visibilityTimeoutSeconds: 600 } },
    );

    bench.queues.send(queue, ...numbered(10));
    await bench.advance(99_999);

    expect(bench.invocations).toHaveLength(3);
    expect(queue.waiting).toHaveLength(7);
  });

  it('offers a throttled batch again until its visibility timeout is over, then lets it go', async () => {
    const { bench, queue } = await mapped(() => ({}));
    await bench.call('PutFunctionConcurrency', { FunctionName: 'fn', ReservedConcurrentExecutions: 0 });

    bench.queues.send(queue, { messageId: 'm1', body: 'a' });
    await bench.advance(29_999);
    const throttles = bench.total('Throttles');
    await bench.advance(1);

    expect(bench.invocations).toHaveLength(0);
    // At 0, 1, 3, 7 and 15 s; the next, at 31 s, would be too late.
    expect(throttles).toBe(5);
    expect(queue.inFlight.get('m1#2')).toBeDefined();
  });

  it('runs a throttled batch as soon as an attempt finds room', async () => {
    const { bench, queue } = await mapped(() => ({}));
    await bench.call('PutFunctionConcurrency', { FunctionName: 'fn', ReservedConcurrentExecutions: 0 });
    const start = bench.clock.now();

    bench.queues.send(queue, { messageId: 'm1', body: 'a' });
    await bench.advance(2_000);
    await bench.call('DeleteFunctionConcurrency', { FunctionName: 'fn' });
    await bench.advance(10_000);

    expect(bench.invocationTimes(start)).toEqual([3_000]);
    expect(queue.deleted).toEqual(['m1']);
  });

  it('runs fewer batches at once after function errors, unless the function reports failures itself', async () => {
    const peakAfterErrors = async (mapping: object): Promise<number> => {
      const { bench, queue } = await mapped(() => ({ ...throws({} as never), durationMs: 1_000 }), {
        BatchSize: 1,
        ...mapping,
      });
      bench.queues.send(queue, ...numbered(3_000));
      await bench.advance(20_000);
      const before = bench.invocations.length;
      await bench.advance(1_000);
      return bench.invocations.length - before;
    };

    expect(await peakAfterErrors({})).toBe(2);
    expect(await peakAfterErrors({ FunctionResponseTypes: ['ReportBatchItemFailures'] })).toBeGreaterThan(50);
  });

  it('does not look into the queue at fixed times', async () => {
    const { bench, queue } = await mapped(() => ({}));
    bench.queues.send(queue, ...numbered(1));
    await bench.advance(10);
    const calls = queue.receiveCalls;

    await bench.advance(24 * 3_600_000);

    expect(queue.receiveCalls).toBe(calls);
  });

  it('never blocks another mapping', async () => {
    const { bench, queue } = await mapped(() => ({ durationMs: 3_600_000 }), {
      BatchSize: 1,
      ScalingConfig: { MaximumConcurrency: 2 },
    });
    const other = bench.queues.add('returns');
    await bench.createFunction('other');
    await bench.call('CreateEventSourceMapping', { EventSourceArn: other.arn, FunctionName: 'other' });
    await bench.advance(1_000);

    bench.queues.send(queue, ...numbered(100));
    bench.queues.send(other, { messageId: 'r1', body: 'x' });
    await bench.advance(10);

    expect(other.deleted).toEqual(['r1']);
  });

  it('receives nothing while the function is missing', async () => {
    const { bench, queue } = await mapped(() => ({}));
    await bench.call('DeleteFunction', { FunctionName: 'fn' });

    bench.queues.send(queue, ...numbered(3));
    await bench.advance(60_000);

    expect(queue.waiting).toHaveLength(3);
    expect(queue.receiveCalls).toBe(1);
  });

  it('stops receiving when disabled and resumes when enabled', async () => {
    const { bench, queue, uuid } = await mapped(() => ({}));

    await bench.call('UpdateEventSourceMapping', { UUID: uuid, Enabled: false });
    bench.queues.send(queue, ...numbered(3));
    await bench.advance(60_000);
    expect(bench.invocations).toHaveLength(0);
    await bench.call('UpdateEventSourceMapping', { UUID: uuid, Enabled: true });
    await bench.advance(1_000);

    expect(queue.deleted).toHaveLength(3);
  });

  it('polls again after a restart', async () => {
    const store = new MapStore();
    const before = new LambdaBench({ store });
    const queue = before.queues.add('orders');
    await before.createFunction('fn');
    await before.call('CreateEventSourceMapping', { EventSourceArn: queue.arn, FunctionName: 'fn' });

    const after = new LambdaBench({ store, seed: 2 });
    const same = after.queues.add('orders');
    await after.advance(1_000);
    after.queues.send(same, ...numbered(2));
    await after.advance(10);

    expect(same.deleted).toEqual(['m1', 'm2']);
  });

  it('gives up messages that became visible again while it had no place to run them', async () => {
    const body = 'x'.repeat(1_000_000);
    const { bench, queue } = await mapped(
      () => ({ durationMs: 40_000 }),
      { ScalingConfig: { MaximumConcurrency: 2 } },
      { facts: { visibilityTimeoutSeconds: 30 } },
    );

    bench.queues.send(queue, ...Array.from({ length: 20 }, (_, n) => ({ body, messageId: `m${n}` })));
    await bench.advance(35_000);

    expect(bench.invocations).toHaveLength(2);
    await bench.advance(10_000);

    // m12 to m15 had been received with the first two batches, and went back to the queue at 30 s.
    const third = batchOf(bench.invocations[2] as { payload: string });
    expect(third.map((record) => record.messageId)).toEqual(['m16', 'm17', 'm18', 'm19', 'm0', 'm1']);
  });
});
