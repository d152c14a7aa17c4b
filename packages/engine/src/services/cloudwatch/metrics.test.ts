import type { GetMetricStatisticsCommandOutput } from '@aws-sdk/client-cloudwatch';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@holdfast/kernel';
import { describe, expect, it } from 'vitest';
import { MemoryStore, type MetricSink, type Operation, type Store } from '../../core/index.ts';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';
import { CloudWatchService } from './service.ts';

const statistics = async (test: TestEngine, input: object): Promise<GetMetricStatisticsCommandOutput> =>
  test.call('cloudwatch', 'GetMetricStatistics', {
    Namespace: 'Shop',
    MetricName: 'Latency',
    StartTime: new Date(test.clock.now() - HOUR_MS),
    EndTime: new Date(test.clock.now() + HOUR_MS),
    Period: 60,
    Statistics: ['SampleCount', 'Sum', 'Average', 'Minimum', 'Maximum'],
    ...input,
  });

const put = (test: TestEngine, ...data: object[]) =>
  test.call('cloudwatch', 'PutMetricData', {
    Namespace: 'Shop',
    MetricData: data.map((datum) => ({ MetricName: 'Latency', ...datum })),
  });

const sinkOf = (test: TestEngine, store: Store = new MemoryStore()): MetricSink & CloudWatchService =>
  new CloudWatchService({ clock: test.clock, timers: test.engine.timers, store } as never);

const point = (test: TestEngine, value = 1) => ({
  account: '000000000000',
  region: 'us-east-1',
  namespace: 'AWS/SQS',
  name: 'NumberOfMessagesSent',
  value,
  at: test.clock.now(),
});

describe('metric data', () => {
  it('comes back aggregated per period', async () => {
    const test = new TestEngine();
    await put(test, { Value: 1 }, { Value: 3 }, { Values: [10, 20], Counts: [2, 1] });

    const { Datapoints } = await statistics(test, {});

    expect(Datapoints).toEqual([
      {
        Timestamp: new Date(test.clock.now()),
        Unit: 'None',
        SampleCount: 5,
        Sum: 44,
        Average: 8.8,
        Minimum: 1,
        Maximum: 20,
      },
    ]);
  });

  it('merges minutes into longer periods counted from the start time', async () => {
    const test = new TestEngine();
    const start = test.clock.now();
    for (let minute = 0; minute < 10; minute++) {
      await put(test, { Value: minute });
      await test.advance(MINUTE_MS);
    }

    const { Datapoints } = await statistics(test, {
      StartTime: new Date(start + 2 * MINUTE_MS),
      EndTime: new Date(start + 12 * MINUTE_MS),
      Period: 300,
      Statistics: ['Sum'],
    });

    expect(Datapoints?.map(({ Timestamp, Sum }) => [(Timestamp as Date).getTime() - start, Sum])).toEqual([
      [2 * MINUTE_MS, 2 + 3 + 4 + 5 + 6],
      [7 * MINUTE_MS, 7 + 8 + 9],
    ]);
  });

  it.each<[statistic: string, expected: number]>([
    ['tm90', 45.5],
    ['TM(10%:90%)', 50.5],
    ['TM(98:)', 99.5],
    ['IQM', 50.5],
    ['TC(10:20)', 10],
    ['tc10', 10],
    ['TS(:4)', 10],
    ['ts2', 3],
    ['WM(:98%)', 50.47],
    ['WM(10:90)', 50.4],
    ['PR(:25)', 25],
    ['PR(25:75)', 50],
  ])('of 1 to 100 has %s %d', async (statistic, expected) => {
    const test = new TestEngine();
    await put(test, { Values: Array.from({ length: 100 }, (_, index) => index + 1) });
    const { Datapoints } = await statistics(test, { Statistics: undefined, ExtendedStatistics: [statistic] });
    expect(Datapoints?.[0]?.ExtendedStatistics?.[statistic]).toBeCloseTo(expected, 6);
  });

  it('has percentiles, but none of statistic sets', async () => {
    const test = new TestEngine();
    await put(test, { Values: Array.from({ length: 100 }, (_, index) => index + 1) });
    await put(test, {
      MetricName: 'Sets',
      StatisticValues: { SampleCount: 3, Sum: 6, Minimum: 1, Maximum: 3 },
    });

    const plain = await statistics(test, { Statistics: [], ExtendedStatistics: ['p50', 'p99', 'p99.9'] });
    const sets = await statistics(test, { MetricName: 'Sets', Statistics: ['Average'], ExtendedStatistics: ['p50'] });

    expect(plain.Datapoints?.[0]?.ExtendedStatistics).toEqual({ p50: 50, p99: 99, 'p99.9': 100 });
    expect(sets.Datapoints?.[0]).toMatchObject({ Average: 2, ExtendedStatistics: {} });
  });

  it('keeps percentiles of many distinct values within one per cent', async () => {
    const test = new TestEngine();
    const service = sinkOf(test);
    const dimensions = { FunctionName: 'f' };
    for (let value = 1; value <= 10_000; value++) {
      service.record({ ...point(test, value), name: 'Duration', dimensions });
    }

    const getStatistics = service.operations['GetMetricStatistics'] as Operation<
      object,
      GetMetricStatisticsCommandOutput
    >;
    const { Datapoints } = await getStatistics.run(
      {
        Namespace: 'AWS/SQS',
        MetricName: 'Duration',
        Dimensions: [{ Name: 'FunctionName', Value: 'f' }],
        StartTime: new Date(test.clock.now()),
        EndTime: new Date(test.clock.now() + 1),
        Period: 60,
        ExtendedStatistics: ['p90'],
      },
      test.engine.context(),
    );

    const p90 = Datapoints?.[0]?.ExtendedStatistics?.['p90'] as number;
    expect(Math.abs(p90 - 9_000) / 9_000).toBeLessThan(0.011);
  });

  it('keeps units and dimension sets apart and ignores the order of dimensions', async () => {
    const test = new TestEngine();
    const a = { Name: 'a', Value: '1' };
    const b = { Name: 'b', Value: '2' };
    await put(test, { Value: 1, Dimensions: [a, b] }, { Value: 2, Dimensions: [b, a] }, { Value: 4, Dimensions: [a] });
    await put(test, { Value: 8, Dimensions: [a, b], Unit: 'Seconds' });

    const all = await statistics(test, { Dimensions: [b, a], Statistics: ['Sum'] });
    const seconds = await statistics(test, { Dimensions: [b, a], Statistics: ['Sum'], Unit: 'Seconds' });
    const bare = await statistics(test, { Statistics: ['Sum'] });

    expect(all.Datapoints?.map(({ Unit, Sum }) => [Unit, Sum])).toEqual([
      ['None', 3],
      ['Seconds', 8],
    ]);
    expect(seconds.Datapoints?.map(({ Sum }) => Sum)).toEqual([8]);
    expect(bare.Datapoints).toEqual([]);
  });

  it('keeps seconds only at high resolution; other values stand at the start of their minute', async () => {
    const test = new TestEngine();
    await put(test, { Value: 1, StorageResolution: 1 }, { MetricName: 'Coarse', Value: 1 });
    await test.advance(5_000);
    await put(test, { Value: 2, StorageResolution: 1 });

    const fine = await statistics(test, {
      StartTime: new Date(test.clock.now() - 5_000),
      EndTime: new Date(test.clock.now() + 5_000),
      Period: 5,
      Statistics: ['Sum'],
    });
    const coarse = await statistics(test, {
      MetricName: 'Coarse',
      StartTime: new Date(test.clock.now() - MINUTE_MS),
      EndTime: new Date(test.clock.now() + MINUTE_MS),
      Period: 5,
    });

    expect(fine.Datapoints?.map(({ Sum }) => Sum)).toEqual([1, 2]);
    expect(coarse.Datapoints?.map(({ Timestamp, Sum }) => [Timestamp?.getTime(), Sum])).toEqual([
      [test.clock.now() - (test.clock.now() % MINUTE_MS), 1],
    ]);
  });

  it.each([
    ['a timestamp more than two weeks old', { Timestamp: -14 * DAY_MS - 1, Value: 1 }, 'two weeks in the past'],
    ['a timestamp more than two hours ahead', { Timestamp: 2 * HOUR_MS + 1, Value: 1 }, 'two hours in the future'],
    ['NaN', { Value: Number.NaN }, 'NaN'],
    ['a value beyond 2^360', { Value: 2 ** 361 }, 'invalid'],
    ['no value at all', {}, 'The parameter MetricData.member.1.Value is required.'],
    ['two kinds of value', { Value: 1, Values: [1] }, 'mutually exclusive'],
    ['counts of another length', { Values: [1], Counts: [1, 2] }, 'same size'],
    ['an unknown unit', { Value: 1, Unit: 'Parsecs' }, 'Member must satisfy enum value set'],
    ['an odd resolution', { Value: 1, StorageResolution: 5 }, 'StorageResolution must be 1 or 60'],
    ['a dimension without a value', { Value: 1, Dimensions: [{ Name: 'a' }] }, 'Member must not be null'],
  ])('refuses %s, and then takes none of the request', async (_, bad, message) => {
    const test = new TestEngine();
    const { Timestamp, ...rest } = bad as { Timestamp?: number };
    const datum = Timestamp === undefined ? rest : { ...rest, Timestamp: new Date(test.clock.now() + Timestamp) };

    await expect(put(test, datum, { Value: 1 })).rejects.toThrow(message);

    expect((await statistics(test, {})).Datapoints).toEqual([]);
  });

  it('refuses 1,001 data points and the AWS/ namespace', async () => {
    const test = new TestEngine();
    const data = Array.from({ length: 1_001 }, () => ({ Value: 1 }));

    await expect(put(test, ...data)).rejects.toThrow('must not have a size greater than 1000');
    await expect(
      test.call('cloudwatch', 'PutMetricData', {
        Namespace: 'AWS/SQS',
        MetricData: [{ MetricName: 'x', Value: 1 }],
      }),
    ).rejects.toThrow('The value AWS/ for parameter Namespace is invalid.');
  });

  it.each([
    [
      { StartTime: new Date(5), EndTime: new Date(5) },
      'The parameter StartTime must be less than the parameter EndTime.',
    ],
    [{ Statistics: [] }, 'At least one of the parameters Statistics and ExtendedStatistics must be specified.'],
    [{ Period: 90 }, 'multiple of 60'],
    [
      { StartTime: new Date(0), EndTime: new Date(2_880 * MINUTE_MS) },
      'up to 2880 datapoints, which exceeds the limit of 1440',
    ],
    [{ ExtendedStatistics: ['tm101'] }, 'The value tm101 for parameter ExtendedStatistics is not supported.'],
    [
      { ExtendedStatistics: ['TM(90%:10%)'] },
      'The value TM(90%:10%) for parameter ExtendedStatistics is not supported.',
    ],
    [
      { ExtendedStatistics: ['PR(10%:90%)'] },
      'The value PR(10%:90%) for parameter ExtendedStatistics is not supported.',
    ],
    [{ ExtendedStatistics: ['p101'] }, 'The value p101 for parameter ExtendedStatistics is not supported.'],
  ])('refuses to read with %j', async (input, message) => {
    await expect(statistics(new TestEngine(), input)).rejects.toThrow(message);
  });
});

describe('durability', () => {
  it('has acknowledged data after a restart without any time passing', async () => {
    const store = new MapStore();
    const before = new TestEngine({ store });
    await put(before, { Value: 1 }, { Value: 5, StorageResolution: 1 });

    const after = new TestEngine({ store });
    await put(after, { Value: 7 });

    const { Datapoints } = await statistics(after, {});
    expect(Datapoints?.[0]).toMatchObject({ SampleCount: 3, Sum: 13, Maximum: 7 });
    const fine = await statistics(after, {
      StartTime: new Date(after.clock.now()),
      EndTime: new Date(after.clock.now() + 1_000),
      Period: 1,
    });
    expect(fine.Datapoints?.[0]).toMatchObject({ Sum: 5 });
  });

  it('writes a service metric once per minute, however often it is recorded', async () => {
    const store = new MapStore();
    const test = new TestEngine();
    const service = sinkOf(test, store);
    const dimensions = { QueueName: 'q' };

    for (let message = 0; message < 1_000; message++) service.record({ ...point(test), dimensions });
    await test.advance(MINUTE_MS);

    expect(store.writes).toBe(2);
  });

  it('drops data points older than fifteen days, and series that have none left', async () => {
    const store = new MapStore();
    const test = new TestEngine();
    const service = sinkOf(test, store);
    service.record({ ...point(test), name: 'Old' });
    await test.advance(16 * DAY_MS);
    service.record(point(test));
    await test.advance(MINUTE_MS);

    expect([...store.collection('cloudwatch.series').entries()]).toHaveLength(1);
    expect([...store.collection('cloudwatch.buckets').entries()]).toHaveLength(1);
  });
});
