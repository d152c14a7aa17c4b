import { MINUTE_MS, SECOND_MS } from '@holdfast/kernel';
import { describe, expect, it } from 'vitest';
import { WINDOW_STATE_MAX_BYTES } from '../../../core/index.ts';
import { MapStore } from '../../../map-store.ts';
import type { SimulatedFunction } from '../../../test-engine.ts';
import { StreamBench, throws } from './stream-bench.ts';

type Outcome = ReturnType<SimulatedFunction>;

interface WindowEvent {
  readonly Records: readonly {
    readonly kinesis?: { readonly data: string; readonly sequenceNumber: string };
    readonly dynamodb?: { readonly Keys: { readonly id: { readonly S: string } } };
  }[];
  readonly window?: { readonly start: string; readonly end: string };
  readonly state?: { readonly seen?: string };
  readonly isFinalInvokeForWindow?: boolean;
  readonly isWindowTerminatedEarly?: boolean;
}

const textOf = (event: WindowEvent): string =>
  event.Records.map(({ kinesis, dynamodb }) =>
    kinesis === undefined ? dynamodb?.Keys.id.S : Buffer.from(kinesis.data, 'base64').toString(),
  ).join('');

/** Appends the texts of the records to the state. */
const appends = (event: WindowEvent): Outcome => ({
  result: { state: { seen: `${event.state?.seen ?? ''}${textOf(event)}` } },
});

/** `<records> on <state>` with `final` or `early`, for every run so far. */
const runsOf = (bench: StreamBench): string[] =>
  bench.test.invocations.map(({ payload }) => {
    const event = JSON.parse(payload) as WindowEvent;
    const flag = event.isFinalInvokeForWindow ? 'final ' : event.isWindowTerminatedEarly ? 'early ' : '';
    return `${flag}${textOf(event)} on ${(event.state?.seen ?? '').slice(0, 10)}`;
  });

const listen = (bench: StreamBench, run: (event: WindowEvent) => Outcome): void => {
  bench.test.functions.set('worker', ({ payload }) => run(JSON.parse(payload) as WindowEvent));
};

const kinesis = async (input: object = {}, run: (event: WindowEvent) => Outcome = appends): Promise<StreamBench> => {
  const bench = await StreamBench.kinesis();
  listen(bench, run);
  await bench.map({ StartingPosition: 'TRIM_HORIZON', TumblingWindowInSeconds: 60, ...input });
  await bench.test.advance(SECOND_MS);
  return bench;
};

/** Put one after the other, each worked on before the next. */
const put = async (bench: StreamBench, ...texts: string[]): Promise<void> => {
  for (const text of texts) {
    await bench.put([text]);
    await bench.test.advance(SECOND_MS);
  }
};

describe('a tumbling window', () => {
  it('carries the state from batch to batch, and ends with an invocation without records', async () => {
    const bench = await kinesis();
    await put(bench, 'a', 'b');
    await bench.test.advance(MINUTE_MS);

    expect(runsOf(bench)).toEqual(['a on ', 'b on a', 'final  on ab']);
    const payloads = bench.test.invocations.map(({ payload }) => JSON.parse(payload) as object);
    const beside = {
      window: { start: '2025-01-01T00:00:00Z', end: '2025-01-01T00:01:00Z' },
      shardId: 'shardId-000000000000',
      eventSourceARN: bench.streamArn,
      isWindowTerminatedEarly: false,
    };
    expect(payloads[0]).toEqual({ Records: [expect.anything()], ...beside, state: {}, isFinalInvokeForWindow: false });
    expect(payloads[2]).toEqual({ Records: [], ...beside, state: { seen: 'ab' }, isFinalInvokeForWindow: true });
    expect(await bench.get()).toMatchObject({ TumblingWindowInSeconds: 60, LastProcessingResult: 'OK' });
  });

  it('ends at its time and not before', async () => {
    const bench = await kinesis();
    await put(bench, 'a');
    await bench.test.advance(58 * SECOND_MS - 1);
    expect(runsOf(bench)).toEqual(['a on ']);
    await bench.test.advance(2);
    expect(runsOf(bench)).toEqual(['a on ', 'final  on a']);
  });

  it('takes records by the time of their arrival, however late they are read', async () => {
    const bench = await StreamBench.kinesis();
    listen(bench, appends);
    await bench.put(['a', 'b']);
    await bench.test.advance(MINUTE_MS);
    await bench.put(['c']);
    await bench.test.advance(3 * MINUTE_MS);
    await bench.map({ StartingPosition: 'TRIM_HORIZON', TumblingWindowInSeconds: 60 });
    await bench.test.advance(SECOND_MS);

    expect(runsOf(bench)).toEqual(['ab on ', 'final  on ab', 'c on ', 'final  on c']);
  });

  it('that gets no records asks for no invocation', async () => {
    const bench = await kinesis();
    await bench.test.advance(10 * MINUTE_MS);
    await put(bench, 'a');
    await bench.test.advance(10 * MINUTE_MS);

    expect(runsOf(bench)).toEqual(['a on ', 'final  on a']);
  });

  it('ends a batching window that is longer', async () => {
    const bench = await kinesis({ MaximumBatchingWindowInSeconds: 300 });
    await put(bench, 'a', 'b');
    await bench.test.advance(MINUTE_MS);

    expect(runsOf(bench)).toEqual(['ab on ', 'final  on ab']);
  });

  it('works for tables', async () => {
    const bench = await StreamBench.dynamodb();
    listen(bench, appends);
    await bench.map({ StartingPosition: 'LATEST', TumblingWindowInSeconds: 60 });
    await put(bench, 'a', 'b');
    await bench.test.advance(MINUTE_MS);

    expect(runsOf(bench)).toEqual(['a on ', 'b on a', 'final  on ab']);
  });

  it('ends with its shard, and the children begin with a fresh state', async () => {
    const bench = await kinesis();
    await put(bench, 'a');
    await bench.test.call('kinesis', 'SplitShard', {
      StreamName: 'orders',
      ShardToSplit: 'shardId-000000000000',
      NewStartingHashKey: '5',
    });
    await put(bench, 'b');

    expect(runsOf(bench)).toEqual(['a on ', 'final  on a', 'b on ']);
  });

  it('ends under the settings that it began with', async () => {
    const bench = await kinesis();
    await put(bench, 'a');
    await bench.update({ TumblingWindowInSeconds: 0 });
    await put(bench, 'b');
    await bench.test.advance(MINUTE_MS);
    await put(bench, 'c');

    expect(runsOf(bench)).toEqual(['a on ', 'b on a', 'final  on ab', 'c on ']);
    expect(JSON.parse(bench.test.invocations[3]?.payload ?? '')).toEqual({ Records: [expect.anything()] });
  });
});

describe('the state of a tumbling window', () => {
  it.each<[string, Outcome]>([
    ['is missing', { result: { batchItemFailures: [] } }],
    ['is null', { result: { state: null } }],
    ['has no response around it', { result: null }],
    ['is lost with an error', throws()],
  ])('fails the invocation when it %s', async (_what, outcome) => {
    const bench = await kinesis({ MaximumRetryAttempts: 1 }, (event) =>
      textOf(event) === 'bad' ? outcome : appends(event),
    );
    await put(bench, 'a', 'bad');
    await bench.test.advance(5 * SECOND_MS);
    await put(bench, 'b');
    await bench.test.advance(MINUTE_MS);

    expect(runsOf(bench)).toEqual(['a on ', 'bad on a', 'bad on a', 'b on a', 'final  on ab']);
  });

  it('is handed over early when it is too large, and the window goes on without it', async () => {
    const seen = 'x'.repeat(WINDOW_STATE_MAX_BYTES);
    const bench = await kinesis({}, (event) =>
      textOf(event) === 'big' ? { result: { state: { seen } } } : appends(event),
    );
    await put(bench, 'big', 'a');
    await bench.test.advance(MINUTE_MS);

    expect(runsOf(bench)).toEqual(['big on ', 'early  on xxxxxxxxxx', 'a on ', 'final  on a']);
  });

  it('keeps what was done of a batch before the item that failed', async () => {
    let failures = 1;
    const bench = await StreamBench.kinesis();
    listen(bench, (event) => {
      const at = event.Records.findIndex(({ kinesis }) => kinesis?.data === btoa('c'));
      if (at < 0 || failures-- <= 0) return appends(event);
      const Records = event.Records.slice(0, at);
      const { result } = appends({ ...event, Records }) as { result: object };
      const itemIdentifier = event.Records[at]?.kinesis?.sequenceNumber;
      return { result: { ...result, batchItemFailures: [{ itemIdentifier }] } };
    });
    await bench.put(['a', 'b', 'c', 'd']);
    await bench.map({
      StartingPosition: 'TRIM_HORIZON',
      TumblingWindowInSeconds: 60,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    await bench.test.advance(MINUTE_MS);

    expect(runsOf(bench)).toEqual(['abcd on ', 'cd on ab', 'final  on abcd']);
  });

  it('survives the process, with the place in the shard that it belongs to', async () => {
    const store = new MapStore();
    const before = await StreamBench.kinesis(undefined, 1, store);
    listen(before, appends);
    await before.map({ StartingPosition: 'LATEST', TumblingWindowInSeconds: 60 });
    await put(before, 'a', 'b');

    const after = await StreamBench.resume(before, store);
    listen(after, appends);
    await put(after, 'c');
    await after.test.advance(MINUTE_MS);
    expect(runsOf(after)).toEqual(['c on ab', 'final  on abc']);

    const last = await StreamBench.resume(after, store);
    await last.test.advance(10 * MINUTE_MS);
    expect(runsOf(last)).toEqual([]);
  });

  it('is handed over after a restart when its end was not heard, or it was too large', async () => {
    const store = new MapStore();
    const before = await StreamBench.kinesis(undefined, 1, store);
    const seen = 'x'.repeat(WINDOW_STATE_MAX_BYTES);
    listen(before, (event) => (textOf(event) === 'big' ? { result: { state: { seen } } } : throws()));
    await before.map({ StartingPosition: 'LATEST', TumblingWindowInSeconds: 60 });
    await put(before, 'big');
    await before.test.advance(2 * MINUTE_MS);
    expect(new Set(runsOf(before))).toEqual(new Set(['big on ', 'early  on xxxxxxxxxx']));

    const after = await StreamBench.resume(before, store);
    listen(after, appends);
    await after.test.advance(SECOND_MS);
    expect(runsOf(after)).toEqual(['early  on xxxxxxxxxx', 'final  on ']);
  });

  it('goes through the parts of a bisected batch', async () => {
    const bench = await StreamBench.kinesis();
    listen(bench, (event) => (textOf(event).includes('!') ? throws() : appends(event)));
    await bench.put(['a', 'b', '!', 'c']);
    await bench.map({
      StartingPosition: 'TRIM_HORIZON',
      TumblingWindowInSeconds: 60,
      BisectBatchOnFunctionError: true,
      MaximumRetryAttempts: 0,
    });
    await bench.test.advance(MINUTE_MS);

    expect(runsOf(bench)).toEqual(['ab!c on ', 'ab on ', '!c on ab', '! on ab', 'c on ab', 'final  on abc']);
  });

  it('is offered at the end until the function takes it, and nothing else meanwhile', async () => {
    let failures = 3;
    const bench = await kinesis({ MaximumRetryAttempts: 0 }, (event) =>
      event.isFinalInvokeForWindow && failures-- > 0 ? throws() : appends(event),
    );
    await put(bench, 'a');
    await bench.test.advance(MINUTE_MS);
    await put(bench, 'b');
    await bench.test.advance(10 * SECOND_MS);

    expect(runsOf(bench)).toEqual(['a on ', ...Array<string>(4).fill('final  on a'), 'b on ']);
  });
});
