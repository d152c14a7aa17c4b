import { liveDigest } from '@holdfast/kernel/live';
import { describe, expect, it } from 'vitest';
import { type SimulatedFunction, TestEngine } from '../../../test-engine.ts';
import { createFunction } from '../function-bench.ts';
import { RESPONSE_MAX_BYTES } from '../invocations/executor.ts';
import { markOf, RECURSION_MAX } from '../invocations/trace-header.ts';
import { SINKS, type SinkKind } from './failure-sinks-bench.ts';

/** With blanks, text beyond ASCII and a number beyond JavaScript's: what is passed on must be these very bytes. */
const EVENT = '{ "sku": "Ä-1",  "serial": 12345678901234567890, "none":null }';
const REDUCED = JSON.parse(EVENT) as unknown;
const HOLD = '{"hold":true}';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const reserve = (test: TestEngine, places: number): Promise<unknown> =>
  test.call('lambda', 'PutFunctionConcurrency', { FunctionName: 'worker', ReservedConcurrentExecutions: places });

/** Keeps a place of a function taken for as long as its simulation says. */
const hold = (test: TestEngine, FunctionName: string): void => {
  void test.call('lambda', 'Invoke', { FunctionName, Payload: encode(HOLD) });
};

type Ending = ReturnType<SimulatedFunction>;

/** Ends every run of the event in this way, and keeps a place for `heldMs` when asked to. */
const always =
  (ending: Ending, heldMs = 0): (() => SimulatedFunction) =>
  () =>
  ({ payload }) =>
    payload === HOLD ? { durationMs: heldMs } : ending;

/** The runtime itself fails, `times` times. */
const broken =
  (times: number, then: Ending = {}) =>
  (): SimulatedFunction => {
    let left = times;
    return () => {
      if (left-- > 0) throw new Error('no worker left');
      return then;
    };
  };

const THROWN = { errorType: 'OrderError', errorMessage: 'no such product' };
const throws: Ending = { error: THROWN };
/** As in the payload; the request id is filled in by the simulation. */
const platform = (errorType: string, text: string, kind: 'timeout' | 'exit' | 'init-error', durationMs: number) => ({
  simulate:
    (): SimulatedFunction =>
    ({ requestId }) => ({
      kind,
      durationMs,
      error: { errorType, errorMessage: `RequestId: ${requestId} Error: ${text}` },
    }),
  answer: (requestId: string) => ({ errorType, errorMessage: `RequestId: ${requestId} Error: ${text}` }),
});

const TIMEOUT = platform('Sandbox.Timedout', 'Task timed out after 3.00 seconds', 'timeout', 3_000);
const MEMORY = platform('Runtime.ExitError', 'Runtime exited with error: signal: killed', 'exit', 10);
const CRASH = platform('Runtime.ExitError', 'Runtime exited without providing a reason', 'exit', 10);
const INIT = platform('Runtime.ImportModuleError', "Cannot find module 'index'", 'init-error', 10);

/** As JSON text one byte too many. */
const TOO_LARGE = 'x'.repeat(RESPONSE_MAX_BYTES - 1);
const TOO_LARGE_TEXT = 'Response payload size exceeded maximum allowed payload size (6291556 bytes).';
const MARK = markOf(liveDigest, 'arn:aws:lambda:us-east-1:000000000000:function:worker');
const STOPPED = 'Lambda stopped the recursive invocation loop.';

const throttled = (Reason: string) => ({ Reason, Type: 'User', message: 'Rate Exceeded.' });
const RESERVED = throttled('ReservedFunctionConcurrentInvocationLimitExceeded');
const POOL = throttled('ConcurrentInvocationLimitExceeded');

interface Failure {
  readonly simulate: () => SimulatedFunction;
  readonly accountConcurrency?: number;
  /** What happens before the event is sent. */
  readonly before?: (test: TestEngine) => Promise<unknown> | unknown;
  /** What happens half a minute after it was sent. */
  readonly meanwhile?: (test: TestEngine) => Promise<unknown> | unknown;
  readonly config?: { readonly MaximumRetryAttempts?: number; readonly MaximumEventAgeInSeconds?: number };
  /** When the event was handed to the runtime, in milliseconds after it was accepted. */
  readonly starts: readonly number[];
  readonly endsAt: number;
  readonly condition: string;
  readonly count: number;
  readonly answer: ((requestId: string) => object) | undefined;
  readonly statusCode?: number;
  readonly errorMessage?: (requestId: string) => string;
  readonly errors: number;
  readonly throttles: number;
  readonly loops?: number;
  /** That the event comes with. */
  readonly traceHeader?: string;
}

const ofHandler = { ...THROWN, trace: [] };
const thrice = { condition: 'RetriesExhausted', count: 3, errors: 3, throttles: 0 };
const endedByPlatform = ({ simulate, answer }: typeof TIMEOUT, durationMs: number): Failure => ({
  ...thrice,
  simulate,
  answer,
  errorMessage: (requestId) => answer(requestId).errorMessage,
  starts: [0, 60_000 + durationMs, 180_000 + 2 * durationMs],
  endsAt: 180_000 + 3 * durationMs,
});
const refusedTillTooOld = {
  config: { MaximumEventAgeInSeconds: 100 },
  starts: [],
  endsAt: 100_000,
  condition: 'EventAgeExceeded',
  count: 0,
  statusCode: 429,
  errorMessage: () => 'Rate Exceeded.',
  errors: 0,
  throttles: 7,
};

/** A free place is found after refusals at 0, 1 and 3 seconds; from there on all is as if nothing had been refused. */
const refusedAtFirst = {
  ...thrice,
  answer: () => ofHandler,
  starts: [7_000, 67_001, 187_002],
  endsAt: 187_003,
  throttles: 3,
};

const holdReserved = async (test: TestEngine): Promise<void> => {
  await reserve(test, 1);
  hold(test, 'worker');
};
const holdPool =
  (heldMs: number) =>
  async (test: TestEngine): Promise<void> => {
    test.functions.set('other', () => ({ durationMs: heldMs }));
    await createFunction(test, 'other');
    hold(test, 'other');
  };

const FAILURES: Record<string, Failure> = {
  'a function error': {
    ...thrice,
    simulate: always(throws),
    answer: () => ofHandler,
    starts: [0, 60_001, 180_002],
    endsAt: 180_003,
  },
  'a function error without retries': {
    simulate: always(throws),
    config: { MaximumRetryAttempts: 0 },
    starts: [0],
    endsAt: 1,
    condition: 'RetriesExhausted',
    count: 1,
    answer: () => ofHandler,
    errors: 1,
    throttles: 0,
  },
  'a timeout': endedByPlatform(TIMEOUT, 3_000),
  'running out of memory': endedByPlatform(MEMORY, 10),
  'a crash': endedByPlatform(CRASH, 10),
  'an initialisation error': endedByPlatform(INIT, 10),
  'a response that is too large': {
    ...thrice,
    simulate: always({ result: TOO_LARGE }),
    answer: () => ({ errorType: 'Function.ResponseSizeTooLarge', errorMessage: TOO_LARGE_TEXT }),
    errorMessage: () => TOO_LARGE_TEXT,
    starts: [0, 60_001, 180_002],
    endsAt: 180_003,
  },
  'a loop that is stopped': {
    simulate: always({}),
    traceHeader: `Root=1-67891234-000000000000000000000000;Lineage=${MARK}:${RECURSION_MAX}`,
    starts: [],
    endsAt: 0,
    condition: 'RetriesExhausted',
    count: 0,
    answer: () => ({ message: STOPPED }),
    statusCode: 400,
    errorMessage: () => STOPPED,
    errors: 0,
    throttles: 0,
    loops: 1,
  },
  'a throttle by reserved concurrency until it is too old': {
    ...refusedTillTooOld,
    simulate: always(throws, 200_000),
    before: holdReserved,
    answer: () => RESERVED,
  },
  'a throttle by reserved concurrency and then function errors': {
    ...refusedAtFirst,
    simulate: always(throws, 5_000),
    before: holdReserved,
  },
  'an exhausted account pool until it is too old': {
    ...refusedTillTooOld,
    accountConcurrency: 1,
    simulate: always(throws),
    before: holdPool(200_000),
    answer: () => POOL,
  },
  'an exhausted account pool and then function errors': {
    ...refusedAtFirst,
    accountConcurrency: 1,
    simulate: always(throws),
    before: holdPool(5_000),
  },
  'a reserved concurrency of zero': {
    simulate: always(throws),
    before: (test) => reserve(test, 0),
    starts: [],
    endsAt: 0,
    condition: 'ZeroReservedConcurrency',
    count: 0,
    answer: undefined,
    statusCode: 429,
    errorMessage: () => 'Rate Exceeded.',
    errors: 0,
    throttles: 0,
  },
  'a reserved concurrency that becomes zero between two runs': {
    simulate: always(throws),
    meanwhile: (test) => reserve(test, 0),
    starts: [0],
    endsAt: 60_001,
    condition: 'ZeroReservedConcurrency',
    count: 1,
    answer: undefined,
    statusCode: 429,
    errorMessage: () => 'Rate Exceeded.',
    errors: 1,
    throttles: 0,
  },
  'a system error until it is too old': {
    ...refusedTillTooOld,
    simulate: broken(1_000),
    starts: [0, 1_000, 3_000, 7_000, 15_000, 31_000, 63_000],
    answer: () => ({ message: 'no worker left' }),
    statusCode: 500,
    errorMessage: () => 'no worker left',
    throttles: 0,
  },
  'a system error and then function errors': {
    ...refusedAtFirst,
    simulate: broken(3, throws),
    starts: [0, 1_000, 3_000, 7_000, 67_001, 187_002],
    throttles: 0,
  },
  'an age that the first wait would exceed': {
    simulate: always(throws),
    config: { MaximumEventAgeInSeconds: 60 },
    starts: [0],
    endsAt: 1,
    condition: 'EventAgeExceeded',
    count: 1,
    answer: () => ofHandler,
    errors: 1,
    throttles: 0,
  },
  'an age that the second wait would exceed': {
    simulate: always(throws),
    config: { MaximumEventAgeInSeconds: 90 },
    starts: [0, 60_001],
    endsAt: 60_002,
    condition: 'EventAgeExceeded',
    count: 2,
    answer: () => ofHandler,
    errors: 2,
    throttles: 0,
  },
  'an age that is reached by throttles after a function error': {
    ...refusedTillTooOld,
    simulate: always(throws, 200_000),
    meanwhile: holdReserved,
    starts: [0],
    count: 1,
    answer: () => RESERVED,
    errors: 1,
    throttles: 6,
  },
};

const DESTINATIONS = Object.keys(SINKS) as SinkKind[];
const DEAD_LETTER_QUEUES: SinkKind[] = ['sqs', 'sns'];
type Sinks = readonly [destination: SinkKind | undefined, deadLetterQueue: SinkKind | undefined];
const COMBINATIONS: Sinks[] = [undefined, ...DESTINATIONS].flatMap((destination) =>
  [undefined, ...DEAD_LETTER_QUEUES].map((deadLetterQueue): Sinks => [destination, deadLetterQueue]),
);

const metric = async (test: TestEngine, start: number, MetricName: string): Promise<number> => {
  const { Datapoints = [] } = await test.call<{ Datapoints?: { Sum: number }[] }>('cloudwatch', 'GetMetricStatistics', {
    Namespace: 'AWS/Lambda',
    MetricName,
    Dimensions: [{ Name: 'FunctionName', Value: 'worker' }],
    StartTime: new Date(start - 3_600_000),
    EndTime: new Date(start + 86_400_000),
    Period: 86_400,
    Statistics: ['Sum'],
  });
  return Datapoints.reduce((total, { Sum }) => total + Sum, 0);
};

const METRICS = [
  'AsyncEventsReceived',
  'AsyncEventsDropped',
  'Errors',
  'Throttles',
  'DeadLetterErrors',
  'DestinationDeliveryFailures',
  'RecursiveInvocationsDropped',
] as const;

const metricsOf = async (test: TestEngine, start: number): Promise<Record<string, number>> =>
  Object.fromEntries(
    await Promise.all(METRICS.map(async (name) => [name, await metric(test, start, name)] as [string, number])),
  );

/** A worker whose records go to `destination` and whose failed events to `deadLetterQueue`, both real. */
const scene = async (
  [destination, deadLetterQueue]: Sinks,
  { simulate, config = {}, accountConcurrency = 1_000 }: Pick<Failure, 'simulate' | 'config' | 'accountConcurrency'>,
  outcome: 'OnFailure' | 'OnSuccess' = 'OnFailure',
) => {
  const test = new TestEngine({ settings: { accountConcurrency } });
  const records = destination && (await SINKS[destination](test, 'records'));
  const dead = deadLetterQueue && (await SINKS[deadLetterQueue](test, 'dead'));
  test.functions.set('worker', simulate());
  await createFunction(test, 'worker', dead === undefined ? {} : { DeadLetterConfig: { TargetArn: dead.arn } });
  const settings = {
    ...config,
    ...(records === undefined ? {} : { DestinationConfig: { [outcome]: { Destination: records.arn } } }),
  };
  if (Object.keys(settings).length > 0) {
    await test.call('lambda', 'PutFunctionEventInvokeConfig', { FunctionName: 'worker', ...settings });
  }
  return { test, records, dead };
};

const sendEvent = async (test: TestEngine, traceHeader?: string): Promise<string> => {
  const context = { ...test.engine.context(), traceHeader };
  const input = { FunctionName: 'worker', InvocationType: 'Event', Payload: encode(EVENT) };
  expect(await test.engine.call('lambda', 'Invoke', input, context)).toMatchObject({ StatusCode: 202 });
  return context.requestId;
};

const FUNCTION_ARN = 'arn:aws:lambda:us-east-1:000000000000:function:worker:$LATEST';

/** What the kind of destination adds to a record or does to its text. */
const expectArrival = (
  kind: SinkKind,
  arrival: { text: string; sentAt?: number | undefined; envelope?: unknown },
  endedAt: number,
  outcome: 'Success' | 'Failure',
): void => {
  if (kind === 'events') {
    expect(arrival.envelope).toMatchObject({
      source: 'lambda',
      'detail-type': `Lambda Function Invocation Result - ${outcome}`,
      account: '000000000000',
      region: 'us-east-1',
      resources: ['arn:aws:events:us-east-1:000000000000:event-bus/records', FUNCTION_ARN],
    });
    return;
  }
  expect(arrival.text).toContain(`"requestPayload":${EVENT}`);
  if (arrival.sentAt !== undefined) expect(arrival.sentAt).toBe(endedAt);
  if (kind === 's3') {
    const [day = '', clock = ''] = new Date(endedAt).toISOString().slice(0, 19).split('T');
    const folder = `aws/lambda/async/worker/${day.replaceAll('-', '/')}/${day}T${clock.replaceAll(':', '.')}-`;
    expect(arrival.envelope).toMatch(/-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    expect((arrival.envelope as string).startsWith(folder)).toBe(true);
  }
};

describe.each(Object.entries(FAILURES))('an asynchronous event that ends by %s', (_, failure) => {
  it.each(COMBINATIONS)('leaves what it should with destination %s and dead-letter queue %s', async (...sinks) => {
    const { test, records, dead } = await scene(sinks, failure);
    await failure.before?.(test);
    const start = test.clock.now();

    const requestId = await sendEvent(test, failure.traceHeader);
    await test.advance(30_000);
    await failure.meanwhile?.(test);
    await test.advance(7 * 3_600_000);

    const starts = test.invocations.filter(({ spec, payload }) => spec.functionName === 'worker' && payload === EVENT);
    expect(starts.map(({ startedAt }) => startedAt - start)).toEqual(failure.starts);
    expect(starts.every((run) => run.requestId === requestId)).toBe(true);

    const arrivals = (await records?.arrivals()) ?? [];
    expect(arrivals).toHaveLength(records === undefined ? 0 : 1);
    for (const arrival of arrivals) {
      const { statusCode = 200 } = failure;
      expect(JSON.parse(arrival.text)).toEqual({
        version: '1.0',
        timestamp: new Date(start + failure.endsAt).toISOString(),
        requestContext: {
          requestId,
          functionArn: FUNCTION_ARN,
          condition: failure.condition,
          approximateInvokeCount: failure.count,
        },
        requestPayload: REDUCED,
        ...(failure.answer === undefined
          ? {}
          : {
              responseContext: {
                statusCode,
                executedVersion: '$LATEST',
                ...(statusCode === 200 ? { functionError: 'Unhandled' } : {}),
              },
              responsePayload: failure.answer(requestId),
            }),
      });
      expectArrival(sinks[0] as SinkKind, arrival, start + failure.endsAt, 'Failure');
    }

    expect((await dead?.arrivals()) ?? []).toEqual(
      dead === undefined
        ? []
        : [
            {
              text: EVENT,
              sentAt: start + failure.endsAt,
              attributes: {
                RequestID: ['String', requestId],
                ErrorCode: ['Number', String(failure.statusCode ?? 200)],
                ErrorMessage: ['String', failure.errorMessage?.(requestId) ?? THROWN.errorMessage],
              },
            },
          ],
    );

    expect(await metricsOf(test, start)).toEqual({
      AsyncEventsReceived: 1,
      AsyncEventsDropped: 1,
      Errors: failure.errors,
      Throttles: failure.throttles,
      DeadLetterErrors: 0,
      DestinationDeliveryFailures: 0,
      RecursiveInvocationsDropped: failure.loops ?? 0,
    });
  });
});

describe('an asynchronous event that succeeds', () => {
  it.each(DESTINATIONS.filter((kind) => kind !== 's3'))('leaves one record in %s and nothing else', async (kind) => {
    const success = { simulate: always({ result: { ok: true } }) };
    const { test, records, dead } = await scene([kind, 'sqs'], success, 'OnSuccess');
    const start = test.clock.now();

    const requestId = await sendEvent(test);
    await test.advance(7 * 3_600_000);

    const arrivals = (await records?.arrivals()) ?? [];
    expect(arrivals.map(({ text }) => JSON.parse(text) as unknown)).toEqual([
      {
        version: '1.0',
        timestamp: new Date(start + 1).toISOString(),
        requestContext: { requestId, functionArn: FUNCTION_ARN, condition: 'Success', approximateInvokeCount: 1 },
        requestPayload: REDUCED,
        responseContext: { statusCode: 200, executedVersion: '$LATEST' },
        responsePayload: { ok: true },
      },
    ]);
    for (const arrival of arrivals) expectArrival(kind, arrival, start + 1, 'Success');
    expect(await dead?.arrivals()).toEqual([]);
    expect(await metricsOf(test, start)).toMatchObject({ AsyncEventsReceived: 1, AsyncEventsDropped: 0, Errors: 0 });
  });

  it('may not leave its record in a bucket', async () => {
    await expect(scene(['s3', undefined], { simulate: always({}) }, 'OnSuccess')).rejects.toThrow(
      'The provided destination config DestinationConfig(onSuccess=OnSuccess(destination=arn:aws:s3:::records), onFailure=null) is invalid.',
    );
  });
});

describe('an asynchronous event whose targets are gone', () => {
  const failure = FAILURES['a function error without retries'] as Failure;

  it.each(DESTINATIONS)('counts the record that %s refused, and still reaches the dead-letter queue', async (kind) => {
    const { test, records, dead } = await scene([kind, 'sqs'], failure);
    await records?.remove();
    const start = test.clock.now();

    await sendEvent(test);
    await test.advance(3_600_000);

    expect(await dead?.arrivals()).toMatchObject([{ text: EVENT }]);
    expect(await metricsOf(test, start)).toMatchObject({
      AsyncEventsDropped: 1,
      DestinationDeliveryFailures: 1,
      DeadLetterErrors: 0,
    });
  });

  it.each(DEAD_LETTER_QUEUES)(
    'counts what the dead-letter queue in %s refused, and still leaves a record',
    async (kind) => {
      const { test, records, dead } = await scene(['sqs', kind], failure);
      await dead?.remove();
      const start = test.clock.now();

      await sendEvent(test);
      await test.advance(3_600_000);

      expect(await records?.arrivals()).toHaveLength(1);
      expect(await metricsOf(test, start)).toMatchObject({
        AsyncEventsDropped: 1,
        DestinationDeliveryFailures: 0,
        DeadLetterErrors: 1,
      });
    },
  );
});

describe('an asynchronous event sent to an alias', () => {
  it("ends by the alias's own configuration, with the version that ran in its record, and the function's queue", async () => {
    const { test, records, dead } = await scene(['sqs', 'sqs'], { simulate: always(throws) });
    await test.call('lambda', 'PublishVersion', { FunctionName: 'worker' });
    await test.call('lambda', 'CreateAlias', { FunctionName: 'worker', Name: 'live', FunctionVersion: '1' });
    await test.call('lambda', 'PutFunctionEventInvokeConfig', {
      FunctionName: 'worker',
      Qualifier: 'live',
      MaximumRetryAttempts: 1,
      DestinationConfig: { OnFailure: { Destination: records?.arn } },
    });

    const Payload = encode(EVENT);
    await test.call('lambda', 'Invoke', {
      FunctionName: 'worker',
      Qualifier: 'live',
      InvocationType: 'Event',
      Payload,
    });
    await test.advance(3_600_000);

    const arrivals = (await records?.arrivals()) ?? [];
    expect(arrivals.map(({ text }) => JSON.parse(text) as unknown)).toMatchObject([
      {
        requestContext: {
          functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:worker:live',
          condition: 'RetriesExhausted',
          approximateInvokeCount: 2,
        },
        responseContext: { statusCode: 200, executedVersion: '1', functionError: 'Unhandled' },
      },
    ]);
    expect(await dead?.arrivals()).toMatchObject([{ text: EVENT }]);
  });
});

describe('a loop through what a function leaves behind', () => {
  const WORKER = 'arn:aws:lambda:us-east-1:000000000000:function:worker';
  const letIn = (test: TestEngine, service: string): Promise<unknown> =>
    test.call('lambda', 'AddPermission', {
      FunctionName: 'worker',
      StatementId: service,
      Action: 'lambda:InvokeFunction',
      Principal: `${service}.amazonaws.com`,
    });
  const leadBack: Partial<Record<SinkKind, (test: TestEngine) => Promise<unknown>>> = {
    lambda: (test) =>
      test.call('lambda', 'PutFunctionEventInvokeConfig', {
        FunctionName: 'records',
        DestinationConfig: { OnSuccess: { Destination: WORKER }, OnFailure: { Destination: WORKER } },
      }),
    sns: async (test) => {
      await letIn(test, 'sns');
      const TopicArn = 'arn:aws:sns:us-east-1:000000000000:records';
      await test.call('sns', 'Subscribe', { TopicArn, Protocol: 'lambda', Endpoint: WORKER });
    },
    events: async (test) => {
      await letIn(test, 'events');
      const Targets = [{ Id: 'worker', Arn: WORKER }];
      await test.call('events', 'PutTargets', { EventBusName: 'records', Rule: 'all', Targets });
    },
  };

  it.each(Object.keys(leadBack) as SinkKind[])('is stopped after sixteen runs and reported once: %s', async (kind) => {
    const { test, records, dead } = await scene([kind, 'sqs'], { simulate: always({}) });
    await leadBack[kind]?.(test);
    const Destination = records?.arn;
    await test.call('lambda', 'PutFunctionEventInvokeConfig', {
      FunctionName: 'worker',
      DestinationConfig: { OnSuccess: { Destination }, OnFailure: { Destination } },
    });
    const start = test.clock.now();

    // Ten runs lie behind it: records within records soon grow beyond what a topic takes.
    await sendEvent(test, `Lineage=${MARK}:10`);
    await test.advance(7 * 3_600_000);

    expect(test.invocations.filter(({ spec }) => spec.functionName === 'worker')).toHaveLength(6);
    // The event that was stopped first, and the report of it that came round again.
    expect(await metricsOf(test, start)).toMatchObject({ RecursiveInvocationsDropped: 2, DeadLetterErrors: 0 });
    expect(await dead?.arrivals()).toHaveLength(1);
  });
});
