import { describe, expect, it } from 'vitest';
import { MapStore } from '../../../map-store.ts';
import { type Behaviour, LambdaBench, throws } from '../lambda-bench.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:failures';
const DLQ = 'arn:aws:sqs:us-east-1:000000000000:dead';

const configure = (bench: LambdaBench, config: object): Promise<unknown> =>
  bench.call('PutFunctionEventInvokeConfig', { FunctionName: 'fn', ...config });

const setDeadLetterQueue = (bench: LambdaBench): Promise<unknown> =>
  bench.call('UpdateFunctionConfiguration', { FunctionName: 'fn', DeadLetterConfig: { TargetArn: DLQ } });

const reserve = (bench: LambdaBench, places: number): Promise<unknown> =>
  bench.call('PutFunctionConcurrency', { FunctionName: 'fn', ReservedConcurrentExecutions: places });

/** Holds the only place of a function with a reservation of one. */
const occupy = async (bench: LambdaBench): Promise<void> => {
  await reserve(bench, 1);
  void bench.call('Invoke', { FunctionName: 'fn', Payload: new TextEncoder().encode('{"hold":true}') });
};

const holdsForDays: Behaviour = ({ payload }) => ({
  durationMs: payload.includes('hold') ? 7 * 86_400_000 : 1,
});

interface WrittenRecord {
  version: string;
  timestamp: string;
  requestContext: { requestId: string; functionArn: string; condition: string; approximateInvokeCount: number };
  requestPayload: unknown;
  responseContext?: { statusCode: number; executedVersion: string; functionError?: string };
  responsePayload?: unknown;
}

const recordsIn = (bench: LambdaBench, arn: string): WrittenRecord[] =>
  bench.toQueue.filter((sent) => sent.arn === arn).map((sent) => JSON.parse(sent.message.body) as WrittenRecord);

describe('the queue of asynchronous events', () => {
  it('answers 202 at once and runs the function once when all is well', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');

    const answer = await bench.call('Invoke', { FunctionName: 'fn', InvocationType: 'Event' });
    expect(bench.invocations).toHaveLength(0);
    await bench.advance(1_000);

    expect(answer).toMatchObject({ StatusCode: 202 });
    expect(answer['ExecutedVersion']).toBeUndefined();
    expect(bench.invocations).toHaveLength(1);
    expect([bench.total('AsyncEventsReceived'), bench.total('Invocations'), bench.total('AsyncEventsDropped')]).toEqual(
      [1, 1, 0],
    );
  });

  it('runs a throwing function at 0, 60 and 180 seconds under one request id, then reports three runs', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', throws);
    await setDeadLetterQueue(bench);
    await configure(bench, { DestinationConfig: { OnFailure: { Destination: QUEUE } } });
    const start = bench.clock.now();

    const requestId = await bench.sendEvent('fn', { sku: 'A-1' });
    await bench.advance(600_000);

    expect(bench.invocationTimes(start)).toEqual([0, 60_001, 180_002]);
    expect(new Set(bench.invocations.map((invocation) => invocation.requestId))).toEqual(new Set([requestId]));
    expect(recordsIn(bench, QUEUE)).toEqual([
      {
        version: '1.0',
        timestamp: new Date(start + 180_003).toISOString(),
        requestContext: {
          requestId,
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:fn:$LATEST',
          condition: 'RetriesExhausted',
          approximateInvokeCount: 3,
        },
        requestPayload: { sku: 'A-1' },
        responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
        responsePayload: { errorType: 'Error', errorMessage: 'no such product' },
      },
    ]);
    expect(bench.toQueue.find((sent) => sent.arn === DLQ)?.message).toEqual({
      body: '{"sku":"A-1"}',
      attributes: {
        RequestID: { dataType: 'String', stringValue: requestId },
        ErrorCode: { dataType: 'Number', stringValue: '200' },
        ErrorMessage: { dataType: 'String', stringValue: 'no such product' },
      },
    });
    expect([bench.total('Invocations'), bench.total('Errors'), bench.total('AsyncEventsDropped')]).toEqual([3, 3, 1]);
  });

  it('gives up at once, never run, while reserved concurrency is zero', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn');
    await reserve(bench, 0);
    await configure(bench, { DestinationConfig: { OnFailure: { Destination: QUEUE } } });

    await bench.sendEvent('fn');

    const [record] = recordsIn(bench, QUEUE);
    expect(record?.requestContext).toMatchObject({ condition: 'ZeroReservedConcurrency', approximateInvokeCount: 0 });
    expect(record).not.toHaveProperty('responseContext');
    expect(record).not.toHaveProperty('responsePayload');
    expect(
      ['AsyncEventsReceived', 'AsyncEventsDropped', 'Invocations', 'Errors', 'Throttles'].map((n) => bench.total(n)),
    ).toEqual([1, 1, 0, 0, 0]);
  });

  it.each([
    [60, 1],
    [90, 2],
  ])(
    'with a maximum age of %i s gives up %i run(s) in, as soon as the next wait would be too long',
    async (age, runs) => {
      const bench = new LambdaBench();
      await bench.createFunction('fn', throws);
      await configure(bench, {
        MaximumEventAgeInSeconds: age,
        DestinationConfig: { OnFailure: { Destination: QUEUE } },
      });
      const start = bench.clock.now();

      await bench.sendEvent('fn');
      await bench.advance(600_000);

      expect(recordsIn(bench, QUEUE)[0]?.requestContext).toMatchObject({
        condition: 'EventAgeExceeded',
        approximateInvokeCount: runs,
      });
      expect(bench.toQueue[0]?.at).toBe(start + (runs - 1) * 60_000 + runs);
    },
  );

  it('retries a throttled event at 1, 3, 7 and 15 seconds without spending its retries', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', ({ payload }) => ({ durationMs: payload.includes('hold') ? 10_000 : 1 }));
    await configure(bench, { DestinationConfig: { OnSuccess: { Destination: QUEUE } } });
    const start = bench.clock.now();
    await occupy(bench);

    await bench.sendEvent('fn');
    await bench.advance(60_000);

    expect(bench.invocationTimes(start)).toEqual([0, 15_000]);
    expect(bench.total('Throttles')).toBe(4);
    expect(recordsIn(bench, QUEUE)[0]?.requestContext).toMatchObject({
      condition: 'Success',
      approximateInvokeCount: 1,
    });
  });

  it('fails an event that only ever was throttled at the moment its age is exceeded', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', holdsForDays);
    await setDeadLetterQueue(bench);
    await configure(bench, {
      MaximumEventAgeInSeconds: 100,
      DestinationConfig: { OnFailure: { Destination: QUEUE } },
    });
    await occupy(bench);
    const start = bench.clock.now();

    await bench.sendEvent('fn');
    await bench.advance(600_000);

    expect(bench.toQueue.map((sent) => sent.at - start)).toEqual([100_000, 100_000]);
    expect(recordsIn(bench, QUEUE)[0]).toMatchObject({
      requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 0 },
      responseContext: { statusCode: 429, executedVersion: '$LATEST' },
      responsePayload: {
        Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
        Type: 'User',
        message: 'Rate Exceeded.',
      },
    });
    expect(bench.toQueue.find((sent) => sent.arn === DLQ)?.message.attributes?.['ErrorCode']?.stringValue).toBe('429');
  });

  it('keeps a throttled event for six hours by default, trying every five minutes in the end', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', holdsForDays);
    await setDeadLetterQueue(bench);
    await occupy(bench);
    const start = bench.clock.now();

    await bench.sendEvent('fn');
    await bench.advance(24 * 3_600_000);

    expect(bench.toQueue.map((sent) => sent.at - start)).toEqual([6 * 3_600_000]);
    // 1 + 2 + … + 256 = 511 s in ten attempts, then one every 300 s.
    expect(bench.total('Throttles')).toBe(10 + Math.floor((21_600 - 511 - 1) / 300));
  });

  it('runs the code that is current at dispatch, not at acceptance', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', ({ payload }) => ({ durationMs: payload.includes('hold') ? 2_000 : 1 }));
    await occupy(bench);
    await bench.sendEvent('fn');

    await bench.call('UpdateFunctionConfiguration', {
      FunctionName: 'fn',
      Environment: { Variables: { STAGE: 'new' } },
    });
    await bench.advance(10_000);

    expect(bench.invocations.at(-1)?.spec.environment).toEqual({ STAGE: 'new' });
    expect(bench.invocations).toHaveLength(2);
  });

  it('still knows a waiting event, its age and its runs after a restart', async () => {
    const store = new MapStore();
    const before = new LambdaBench({ store });
    await before.createFunction('fn', throws);
    await setDeadLetterQueue(before);
    const start = before.clock.now();
    const requestId = await before.sendEvent('fn', { big: 'x'.repeat(10_000) });
    await before.advance(10);

    const after = new LambdaBench({ store, start: start + 30_000, seed: 2 });
    after.functions.set('fn', throws);
    await after.advance(600_000);

    expect(after.invocationTimes(start)).toEqual([60_001, 180_002]);
    expect(after.invocations[0]?.requestId).toBe(requestId);
    expect(after.toQueue).toHaveLength(1);
    expect(after.toQueue[0]?.message.body).toBe(JSON.stringify({ big: 'x'.repeat(10_000) }));
    expect(store.collections.get('lambda.events')?.size).toBe(0);
    expect([...store.bytes.keys()].filter((id) => id.startsWith('lambda.events'))).toEqual([]);
  });

  it('dispatches an event again that was running when the process ended', async () => {
    const store = new MapStore();
    const before = new LambdaBench({ store });
    await before.createFunction('fn', () => ({ durationMs: 60_000 }));
    const requestId = await before.sendEvent('fn');
    expect(before.invocations).toHaveLength(1);

    const after = new LambdaBench({ store, start: before.clock.now() + 1_000, seed: 2 });
    await after.advance(0);

    expect(after.invocations.map((invocation) => invocation.requestId)).toEqual([requestId]);
  });

  it('never runs an event twice within one life of the process', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', () => ({ durationMs: 50 }));
    await reserve(bench, 3);

    for (let n = 0; n < 100; n++) await bench.sendEvent('fn', { n });
    await bench.advance(3_600_000);

    const payloads = bench.invocations.map((invocation) => invocation.payload);
    expect(payloads).toHaveLength(100);
    expect(new Set(payloads).size).toBe(100);
  });

  it('works through a burst that is far larger than the concurrency in minutes, not in hours', async () => {
    const bench = new LambdaBench();
    await bench.createFunction('fn', () => ({ durationMs: 1_000 }));
    await reserve(bench, 50);

    for (let n = 0; n < 1_000; n++) await bench.call('Invoke', { FunctionName: 'fn', InvocationType: 'Event' });
    await bench.advance(600_000);

    expect(bench.invocations).toHaveLength(1_000);
  });

  it('keeps 100,000 waiting events with one timer, one write for each change, and no lost or doubled run', async () => {
    const store = new MapStore();
    const bench = new LambdaBench({ store, keepsPoints: false });
    await bench.createFunction('fn', () => ({ durationMs: 10 }));
    await reserve(bench, 900);
    const events = 100_000;
    const writesBefore = store.writes;

    // As AWS's own services send them: callers may only send ten thousand per second.
    for (let n = 0; n < events; n++) {
      expect(bench.service.deliver('arn:aws:lambda:us-east-1:000000000000:function:fn', String(n), {}).ok).toBe(true);
    }
    expect(bench.timers.size).toBe(1);
    await bench.advance(1_500);

    const runs = bench.invocations.length;
    expect(runs).toBeGreaterThan(900);
    expect(new Set(bench.invocations.map((invocation) => invocation.payload)).size).toBe(runs);
    expect(store.writes - writesBefore).toBe(events + bench.total('Throttles'));
    expect(bench.service.pendingEventCount).toBe(events - runs);
    expect(bench.timers.size).toBe(1);
  });

  it('reports the last error of an event that grew too old while the process was away', async () => {
    const store = new MapStore();
    const before = new LambdaBench({ store });
    await before.createFunction('fn', throws);
    await configure(before, { DestinationConfig: { OnFailure: { Destination: QUEUE } } });
    await before.sendEvent('fn');
    await before.advance(10);

    const after = new LambdaBench({ store, start: before.clock.now() + 7 * 3_600_000, seed: 2 });
    await after.advance(0);

    expect(recordsIn(after, QUEUE)[0]).toMatchObject({
      requestContext: { condition: 'EventAgeExceeded', approximateInvokeCount: 1 },
      responsePayload: { errorMessage: 'no such product' },
    });
  });

  it('waits like a throttle when the runtime itself fails, without spending a retry', async () => {
    const bench = new LambdaBench();
    const start = bench.clock.now();
    let failures = 2;
    await bench.createFunction('fn', () => {
      if (failures-- > 0) throw new Error('no worker left');
      return {};
    });
    await configure(bench, { DestinationConfig: { OnSuccess: { Destination: QUEUE } } });

    await bench.sendEvent('fn');
    await bench.advance(10_000);

    expect(bench.invocationTimes(start)).toEqual([0, 1_000, 3_000]);
    expect(recordsIn(bench, QUEUE)[0]?.requestContext.approximateInvokeCount).toBe(1);
  });

  it('stops a function that invokes itself after sixteen runs, unless that is allowed', async () => {
    const runsOf = async (setting: string): Promise<[number, number]> => {
      const bench = new LambdaBench();
      await bench.createFunction('fn', ({ traceHeader }) => {
        if (bench.invocations.length < 40) {
          void bench.call('Invoke', { FunctionName: 'fn', InvocationType: 'Event' }, { traceHeader });
        }
        return {};
      });
      await bench.call('PutFunctionRecursionConfig', { FunctionName: 'fn', RecursiveLoop: setting });
      await bench.sendEvent('fn');
      await bench.advance(60_000);
      return [bench.invocations.length, bench.total('RecursiveInvocationsDropped')];
    };

    expect(await runsOf('Terminate')).toEqual([16, 1]);
    expect(await runsOf('Allow')).toEqual([40, 0]);
  });
});
