import { HOUR_MS, SECOND_MS } from '@holdfast/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MapStore } from '../../../map-store.ts';
import { TestEngine } from '../../../test-engine.ts';
import { createFunction } from '../function-bench.ts';

const STREAM_ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders';

/** A record: its key, when it is put, and how often the function fails on it; `Infinity` for poison. */
interface Planned {
  readonly key: string;
  readonly atMs: number;
  readonly failures: number;
}

interface Scenario {
  readonly records: readonly Planned[];
  readonly shards: number;
  readonly lanes: number;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly bisects: boolean;
  readonly limits: { readonly retries: number; readonly ageSeconds: number };
  /** Whether the function reports failures or throws. */
  readonly reports: boolean;
  readonly durationsMs: readonly number[];
  readonly throttledUntilMs: number | undefined;
  readonly splitAtMs: number | undefined;
  readonly mergeAtMs: number | undefined;
  /** Another parallelization factor in the middle. */
  readonly change: { readonly atMs: number; readonly lanes: number } | undefined;
  readonly restartAtMs: number | undefined;
  /** 0: no tumbling windows. */
  readonly tumblingSeconds: number;
}

/** Without end in retries there must be one in age. */
const limits = fc.constantFrom(
  ...[0, 1, 2, 3].flatMap((retries) => [-1, 60].map((ageSeconds) => ({ retries, ageSeconds }))),
  { retries: -1, ageSeconds: 60 },
);

const freeScenarios: fc.Arbitrary<Scenario> = fc.record({
  limits,
  records: fc.array(
    fc.record({
      key: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
      atMs: fc.integer({ min: 0, max: 30_000 }),
      failures: fc.oneof(
        { weight: 6, arbitrary: fc.constant(0) },
        { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) },
        { weight: 1, arbitrary: fc.constant(Number.POSITIVE_INFINITY) },
      ),
    }),
    { minLength: 1, maxLength: 30 },
  ),
  shards: fc.integer({ min: 1, max: 2 }),
  lanes: fc.integer({ min: 1, max: 3 }),
  batchSize: fc.integer({ min: 1, max: 10 }),
  windowSeconds: fc.constantFrom(0, 2),
  bisects: fc.boolean(),
  reports: fc.boolean(),
  durationsMs: fc.array(fc.integer({ min: 1, max: 3_000 }), { minLength: 1, maxLength: 5 }),
  throttledUntilMs: fc.option(fc.integer({ min: 1, max: 90_000 }), { nil: undefined }),
  splitAtMs: fc.option(fc.integer({ min: 1, max: 30_000 }), { nil: undefined }),
  mergeAtMs: fc.option(fc.integer({ min: 1, max: 30_000 }), { nil: undefined }),
  change: fc.option(fc.record({ atMs: fc.integer({ min: 500, max: 60_000 }), lanes: fc.integer({ min: 1, max: 4 }) }), {
    nil: undefined,
  }),
  restartAtMs: fc.option(fc.integer({ min: 1, max: 90_000 }), { nil: undefined }),
  tumblingSeconds: fc.constantFrom(0, 0, 1, 7),
});

/** With tumbling windows there is one lane. */
const scenarios = freeScenarios.map((scenario): Scenario => {
  const { tumblingSeconds, change } = scenario;
  if (tumblingSeconds === 0) return scenario;
  return { ...scenario, lanes: 1, change: change === undefined ? undefined : { ...change, lanes: 1 } };
});

/** Nothing may be tried again, and yet the last record is offered three times: each time one before it is done. */
const progressWithoutRetries: Scenario = {
  limits: { retries: 0, ageSeconds: -1 },
  records: [0, 1, 1, 1].map((failures) => ({ key: 'a', atMs: 0, failures })),
  shards: 1,
  lanes: 1,
  batchSize: 4,
  windowSeconds: 2,
  bisects: false,
  reports: true,
  durationsMs: [1],
  throttledUntilMs: undefined,
  splitAtMs: undefined,
  mergeAtMs: undefined,
  change: undefined,
  restartAtMs: undefined,
  tumblingSeconds: 0,
};

interface EventRecord {
  readonly kinesis: { readonly data: string; readonly sequenceNumber: string };
}

interface Delivery {
  readonly ids: readonly number[];
  readonly atMs: number;
  /** First record that failed; `undefined` when none did. */
  readonly failedAt: number | undefined;
}

interface WindowEvent {
  readonly Records: readonly EventRecord[];
  readonly window?: { readonly start: string; readonly end: string };
  readonly state?: { readonly ids?: readonly number[] };
  readonly isFinalInvokeForWindow?: boolean;
}

/** What the last invocation for a window got. */
interface ClosedWindow {
  readonly ids: readonly number[];
  readonly startMs: number;
  readonly endMs: number;
}

const idOf = ({ kinesis }: EventRecord): number => Number(Buffer.from(kinesis.data, 'base64').toString());

/** Runs a scenario to its end and keeps everything that was seen. */
class Run {
  readonly deliveries: Delivery[] = [];
  readonly closed: ClosedWindow[] = [];
  readonly discarded: number[] = [];
  readonly arrivedAtMs = new Map<number, number>();
  readonly #scenario: Scenario;
  readonly #store = new MapStore();
  readonly #failuresLeft: number[];
  #test: TestEngine;
  #startMs: number;

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
    this.#failuresLeft = scenario.records.map((record) => record.failures);
    this.#test = new TestEngine({ store: this.#store });
    this.#startMs = this.#test.clock.now();
    this.#simulate();
  }

  get nowMs(): number {
    return this.#test.clock.now() - this.#startMs;
  }

  #simulate(): void {
    const { reports, durationsMs } = this.#scenario;
    this.#test.functions.set('worker', ({ payload }) => {
      const { Records, window, state, isFinalInvokeForWindow } = JSON.parse(payload) as WindowEvent;
      const before = state?.ids ?? [];
      if (window !== undefined && isFinalInvokeForWindow === true) {
        const [startMs, endMs] = [window.start, window.end].map((text) => Date.parse(text) - this.#startMs);
        this.closed.push({ ids: before, startMs: startMs as number, endMs: endMs as number });
        return { result: { state }, durationMs: durationsMs[0] as number };
      }
      const ids = Records.map(idOf);
      const failedAt = ids.findIndex((id) => (this.#failuresLeft[id] ?? 0) > 0);
      if (failedAt >= 0)
        this.#failuresLeft[ids[failedAt] as number] = (this.#failuresLeft[ids[failedAt] as number] ?? 1) - 1;
      this.deliveries.push({ ids, atMs: this.nowMs, failedAt: failedAt < 0 ? undefined : failedAt });
      const durationMs = durationsMs[this.deliveries.length % durationsMs.length] as number;
      const after = { ids: [...before, ...(failedAt < 0 ? ids : ids.slice(0, failedAt))] };
      if (failedAt < 0) return { result: { state: after }, durationMs };
      if (!reports) return { error: { errorType: 'Error', errorMessage: 'no' }, durationMs };
      const itemIdentifier = Records[failedAt]?.kinesis.sequenceNumber;
      return { result: { state: after, batchItemFailures: [{ itemIdentifier }] }, durationMs };
    });
  }

  async #prepare(): Promise<void> {
    const { shards, lanes, batchSize, windowSeconds, bisects, reports, tumblingSeconds } = this.#scenario;
    const { retries, ageSeconds } = this.#scenario.limits;
    const test = this.#test;
    await test.call('kinesis', 'CreateStream', { StreamName: 'orders', ShardCount: shards });
    await test.call('s3', 'CreateBucket', { Bucket: 'failures' });
    await createFunction(test, 'worker');
    await this.#throttle(this.#scenario.throttledUntilMs !== undefined);
    await test.call('lambda', 'CreateEventSourceMapping', {
      EventSourceArn: STREAM_ARN,
      FunctionName: 'worker',
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: batchSize,
      MaximumBatchingWindowInSeconds: windowSeconds,
      ParallelizationFactor: lanes,
      TumblingWindowInSeconds: tumblingSeconds,
      BisectBatchOnFunctionError: bisects,
      MaximumRetryAttempts: retries,
      MaximumRecordAgeInSeconds: ageSeconds,
      FunctionResponseTypes: reports ? ['ReportBatchItemFailures'] : [],
      DestinationConfig: { OnFailure: { Destination: 'arn:aws:s3:::failures' } },
    });
  }

  #throttle(isThrottled: boolean): Promise<unknown> {
    return this.#test.call('lambda', 'PutFunctionConcurrency', {
      FunctionName: 'worker',
      ReservedConcurrentExecutions: isThrottled ? 0 : 100,
    });
  }

  async #put(id: number): Promise<void> {
    this.arrivedAtMs.set(id, this.nowMs);
    await this.#test.call('kinesis', 'PutRecord', {
      StreamName: 'orders',
      Data: Buffer.from(String(id)),
      PartitionKey: this.#scenario.records[id]?.key,
    });
  }

  /** Open shards by hash key. */
  async #openShards(): Promise<readonly { id: string; start: bigint; end: bigint }[]> {
    const { Shards } = await this.#test.call<{
      Shards: { ShardId: string; HashKeyRange: { StartingHashKey: string; EndingHashKey: string } }[];
    }>('kinesis', 'ListShards', { StreamName: 'orders', ShardFilter: { Type: 'AT_LATEST' } });
    return Shards.map(({ ShardId, HashKeyRange }) => ({
      id: ShardId,
      start: BigInt(HashKeyRange.StartingHashKey),
      end: BigInt(HashKeyRange.EndingHashKey),
    })).sort((a, b) => (a.start < b.start ? -1 : 1));
  }

  async #split(): Promise<void> {
    const [first] = await this.#openShards();
    if (first === undefined) return;
    await this.#test.call('kinesis', 'SplitShard', {
      StreamName: 'orders',
      ShardToSplit: first.id,
      NewStartingHashKey: String((first.start + first.end) / 2n),
    });
  }

  async #merge(): Promise<void> {
    const [first, second] = await this.#openShards();
    if (first === undefined || second === undefined) return;
    await this.#test.call('kinesis', 'MergeShards', {
      StreamName: 'orders',
      ShardToMerge: first.id,
      AdjacentShardToMerge: second.id,
    });
  }

  async #changeLanes(ParallelizationFactor: number): Promise<void> {
    const { EventSourceMappings } = await this.#test.call<{
      EventSourceMappings: { UUID: string; State: string }[];
    }>('lambda', 'ListEventSourceMappings', {});
    for (const { UUID, State } of EventSourceMappings) {
      if (State !== 'Enabled') continue;
      await this.#test.call('lambda', 'UpdateEventSourceMapping', { UUID, ParallelizationFactor });
    }
  }

  /** As after `kill -9`: only what was stored is left. */
  #restart(): void {
    this.#test = new TestEngine({ store: this.#store, start: this.#test.clock.now(), seed: 2 });
    this.#simulate();
  }

  async #readDiscarded(): Promise<void> {
    const { Contents = [] } = await this.#test.call<{ Contents?: { Key: string }[] }>('s3', 'ListObjectsV2', {
      Bucket: 'failures',
    });
    for (const { Key } of Contents) {
      const { Body } = await this.#test.call<{ Body: Uint8Array }>('s3', 'GetObject', { Bucket: 'failures', Key });
      const { payload } = JSON.parse(new TextDecoder().decode(Body)) as { payload: { Records: EventRecord[] } };
      this.discarded.push(...payload.Records.map(idOf));
    }
  }

  async toItsEnd(): Promise<void> {
    await this.#prepare();
    const { records, splitAtMs, mergeAtMs, change, restartAtMs, throttledUntilMs } = this.#scenario;
    const steps = records.map(({ atMs }, id) => ({ atMs, act: (): unknown => this.#put(id) }));
    if (splitAtMs !== undefined) steps.push({ atMs: splitAtMs, act: () => this.#split() });
    if (mergeAtMs !== undefined) steps.push({ atMs: mergeAtMs, act: () => this.#merge() });
    if (change !== undefined) steps.push({ atMs: change.atMs, act: () => this.#changeLanes(change.lanes) });
    if (restartAtMs !== undefined) steps.push({ atMs: restartAtMs, act: () => this.#restart() });
    if (throttledUntilMs !== undefined) steps.push({ atMs: throttledUntilMs, act: () => this.#throttle(false) });
    steps.sort((a, b) => a.atMs - b.atMs);
    for (const { atMs, act } of steps) {
      await this.#test.advance(Math.max(0, atMs - this.nowMs));
      await act();
    }
    await this.#test.advance(HOUR_MS);
    await this.#readDiscarded();
  }
}

/** Records that a delivery finished: all, or with a report those before the first that failed. */
const doneBy = ({ ids, failedAt }: Delivery, reports: boolean): readonly number[] =>
  failedAt === undefined ? ids : reports ? ids.slice(0, failedAt) : [];

/** How often in a row a record was offered without any record of its batch being done. */
const attemptsBetweenProgress = (deliveries: readonly Delivery[], reports: boolean): readonly number[] => {
  const counts = [0];
  for (const delivery of deliveries) {
    if (delivery.failedAt !== undefined && doneBy(delivery, reports).length > 0) counts.push(0);
    else counts.push((counts.pop() as number) + 1);
  }
  return counts;
};

describe('a mapping from a stream, whatever its settings and whatever fails', () => {
  it('loses no record without a failure record, keeps the order of each key, and stays within its attempts', async () => {
    await fc.assert(
      fc.asyncProperty(scenarios, async (scenario) => {
        const run = new Run(scenario);
        await run.toItsEnd();
        const { records, reports, bisects, batchSize, restartAtMs, change } = scenario;
        const { retries, ageSeconds } = scenario.limits;
        const done = run.deliveries.flatMap((delivery) => doneBy(delivery, reports));

        // Nothing is lost, and nothing is both done and given up.
        const settled = new Set([...done, ...run.discarded]);
        expect(settled.size).toBe(records.length);
        if (restartAtMs === undefined) {
          expect(new Set(done).size).toBe(done.length);
          expect(new Set(run.discarded).size).toBe(run.discarded.length);
          expect(run.discarded.filter((id) => done.includes(id))).toEqual([]);
        }

        // What was done is in the state of its window when that closes.
        const closed = run.closed.flatMap(({ ids }) => ids);
        if (scenario.tumblingSeconds === 0) expect(run.closed).toEqual([]);
        else if (restartAtMs === undefined) expect(closed.toSorted()).toEqual(done.toSorted());
        else {
          expect(closed.filter((id) => !done.includes(id))).toEqual([]);
          expect(done.filter((id) => !closed.includes(id) && !run.discarded.includes(id))).toEqual([]);
        }
        for (const { ids, startMs, endMs } of run.closed) {
          const arrivals = ids.map((id) => run.arrivedAtMs.get(id) as number);
          expect(new Set(ids).size).toBe(ids.length);
          expect(arrivals.filter((atMs) => atMs < startMs || atMs >= endMs)).toEqual([]);
        }

        // Once a record came without an earlier one of its key, the earlier one never comes again.
        const order = [...run.arrivedAtMs.keys()];
        for (const key of new Set(records.map((record) => record.key))) {
          const ofKey = order.filter((id) => records[id]?.key === key);
          let oldest = 0;
          for (const { ids } of run.deliveries) {
            const places = ids.filter((id) => records[id]?.key === key).map((id) => ofKey.indexOf(id));
            if (places.length === 0) continue;
            expect(places[0]).toBeGreaterThanOrEqual(oldest);
            expect(places).toEqual(places.map((_, index) => (places[0] as number) + index));
            oldest = places[0] as number;
          }
        }

        // Attempts and ages. A restart and an update begin to count anew, and so does every partial success: the rest
        // of its batch has all its retries before it.
        const lives = 1 + [restartAtMs, change].filter((interruption) => interruption !== undefined).length;
        const attemptsMax = retries < 0 ? Number.POSITIVE_INFINITY : (1 + retries + (bisects ? batchSize : 0)) * lives;
        for (let id = 0; id < records.length; id++) {
          const own = run.deliveries.filter((delivery) => delivery.ids.includes(id));
          for (const inVain of attemptsBetweenProgress(own, reports)) expect(inVain).toBeLessThanOrEqual(attemptsMax);
          if (ageSeconds < 0) continue;
          const deadline = (run.arrivedAtMs.get(id) as number) + ageSeconds * SECOND_MS;
          expect(own.every(({ atMs }) => atMs < deadline)).toBe(true);
        }
      }),
      { numRuns: 200, examples: [[progressWithoutRetries]] },
    );
  });
});
