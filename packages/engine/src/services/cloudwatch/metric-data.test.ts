import type { GetMetricDataCommandOutput, ListMetricsCommandOutput } from '@aws-sdk/client-cloudwatch';
import { HOUR_MS, MINUTE_MS } from '@holdfast/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

let test: TestEngine;
let start: number;

const put = (name: string, value: number, dimensions: object[] = []) =>
  test.call('cloudwatch', 'PutMetricData', {
    Namespace: 'Shop',
    MetricData: [{ MetricName: name, Value: value, Dimensions: dimensions }],
  });

/** A function in a dynamic label. */
const dynamic = (content: string): string => ['$', '{', content, '}'].join('');

const stat = (MetricName: string, extra: object = {}) => ({
  MetricStat: { Metric: { Namespace: 'Shop', MetricName }, Period: 60, Stat: 'Sum', ...extra },
});

const get = (queries: object[], input: object = {}) =>
  test.call<GetMetricDataCommandOutput>('cloudwatch', 'GetMetricData', {
    MetricDataQueries: queries,
    StartTime: new Date(start),
    EndTime: new Date(start + 5 * MINUTE_MS),
    ScanBy: 'TimestampAscending',
    ...input,
  });

/** Values by minute since the start. */
const points = (answer: GetMetricDataCommandOutput, index = 0): (readonly [number, number])[] => {
  const { Timestamps = [], Values = [] } = answer.MetricDataResults?.[index] ?? {};
  return Timestamps.map((at, place) => [(at.getTime() - start) / MINUTE_MS, Values[place] as number] as const);
};

/** `a` is 1, 2, -, 4, 5 and `b` is 10, -, 30, 40, - over five minutes. */
beforeEach(async () => {
  test = new TestEngine();
  start = test.clock.now();
  const a = [1, 2, undefined, 4, 5];
  const b = [10, undefined, 30, 40, undefined];
  for (let minute = 0; minute < 5; minute++) {
    for (const [name, value] of [
      ['a', a[minute]],
      ['b', b[minute]],
    ] as const) {
      if (value !== undefined) await put(name, value);
    }
    await test.advance(MINUTE_MS);
  }
});

describe('metric data', () => {
  it('comes newest first unless asked otherwise', async () => {
    const newest = await get([{ Id: 'a', ...stat('a') }], { ScanBy: undefined });
    const oldest = await get([{ Id: 'a', ...stat('a') }]);

    expect(points(newest)).toEqual([
      [4, 5],
      [3, 4],
      [1, 2],
      [0, 1],
    ]);
    expect(points(oldest)).toEqual([
      [0, 1],
      [1, 2],
      [3, 4],
      [4, 5],
    ]);
    expect(oldest.MetricDataResults?.[0]).toMatchObject({ Id: 'a', Label: 'a', StatusCode: 'Complete' });
  });

  it('comes in pages', async () => {
    const queries = [
      { Id: 'a', ...stat('a') },
      { Id: 'b', ...stat('b') },
    ];
    const first = await get(queries, { MaxDatapoints: 5 });
    const second = await get(queries, { MaxDatapoints: 5, NextToken: first.NextToken });

    expect(points(first, 0)).toHaveLength(4);
    expect(points(first, 1)).toEqual([[0, 10]]);
    expect(first.MetricDataResults?.[1]?.StatusCode).toBe('PartialData');
    expect(points(second, 0)).toEqual([]);
    expect(points(second, 1)).toEqual([
      [2, 30],
      [3, 40],
    ]);
    expect(second.NextToken).toBeUndefined();
  });

  it.each<[string, (readonly [number, number])[]]>([
    [
      'a + b',
      [
        [0, 11],
        [3, 44],
      ],
    ],
    [
      '(a + b) * 2 - 1',
      [
        [0, 21],
        [3, 87],
      ],
    ],
    [
      '-a ^ 2',
      [
        [0, -1],
        [1, -4],
        [3, -16],
        [4, -25],
      ],
    ],
    ['b / (a - 4)', [[0, 10 / -3]]],
    [
      'SUM([a, b])',
      [
        [0, 11],
        [1, 2],
        [2, 30],
        [3, 44],
        [4, 5],
      ],
    ],
    [
      'SUM(METRICS())',
      [
        [0, 11],
        [1, 2],
        [2, 30],
        [3, 44],
        [4, 5],
      ],
    ],
    [
      'MAX([a, b])',
      [
        [0, 10],
        [1, 2],
        [2, 30],
        [3, 40],
        [4, 5],
      ],
    ],
    [
      'AVG([a, b])',
      [
        [0, 5.5],
        [1, 2],
        [2, 30],
        [3, 22],
        [4, 5],
      ],
    ],
    [
      'a / SUM(a)',
      [
        [0, 1 / 12],
        [1, 2 / 12],
        [3, 4 / 12],
        [4, 5 / 12],
      ],
    ],
    [
      'FILL(a, 0)',
      [
        [0, 1],
        [1, 2],
        [2, 0],
        [3, 4],
        [4, 5],
      ],
    ],
    [
      'FILL(b, REPEAT)',
      [
        [0, 10],
        [1, 10],
        [2, 30],
        [3, 40],
        [4, 40],
      ],
    ],
    [
      'FILL(a, 0) + FILL(b, 0)',
      [
        [0, 11],
        [1, 2],
        [2, 30],
        [3, 44],
        [4, 5],
      ],
    ],
    [
      'DIFF(a)',
      [
        [1, 1],
        [3, 2],
        [4, 1],
      ],
    ],
    [
      'RATE(a) * 60',
      [
        [1, 1],
        [3, 1],
        [4, 1],
      ],
    ],
    [
      'RUNNING_SUM(a)',
      [
        [0, 1],
        [1, 3],
        [3, 7],
        [4, 12],
      ],
    ],
    [
      'IF(a > 2, a, 0)',
      [
        [0, 0],
        [1, 0],
        [3, 4],
        [4, 5],
      ],
    ],
    [
      'IF(a > 2 AND a < 5, 1, 0)',
      [
        [0, 0],
        [1, 0],
        [3, 1],
        [4, 0],
      ],
    ],
    [
      'a * PERIOD(a)',
      [
        [0, 60],
        [1, 120],
        [3, 240],
        [4, 300],
      ],
    ],
    [
      'ABS(a - 3)',
      [
        [0, 2],
        [1, 1],
        [3, 1],
        [4, 2],
      ],
    ],
  ])('computes %s', async (Expression, expected) => {
    const answer = await get([
      { Id: 'a', ...stat('a'), ReturnData: false },
      { Id: 'b', ...stat('b'), ReturnData: false },
      { Id: 'e', Expression },
    ]);

    const found = points(answer);
    expect(found.map(([minute]) => minute)).toEqual(expected.map(([minute]) => minute));
    found.forEach(([, value], index) => {
      expect(value).toBeCloseTo((expected[index] as readonly [number, number])[1]);
    });
  });

  it('lets expressions use expressions', async () => {
    const answer = await get([
      { Id: 'rate', Expression: 'total / 2', Label: 'half' },
      { Id: 'total', Expression: 'a + b', ReturnData: false },
      { Id: 'a', ...stat('a'), ReturnData: false },
      { Id: 'b', ...stat('b'), ReturnData: false },
    ]);

    expect(answer.MetricDataResults).toHaveLength(1);
    expect(answer.MetricDataResults?.[0]?.Label).toBe('half');
    expect(points(answer)).toEqual([
      [0, 5.5],
      [3, 22],
    ]);
  });

  it.each<[object[], string]>([
    [[{ Id: 'E', Expression: '1' }], 'is not matching the expected pattern'],
    [[{ Id: 'e', Expression: 'nobody + 1' }], "Error in expression 'e': Undefined ID 'nobody'."],
    [
      [
        { Id: 'e', Expression: 'f' },
        { Id: 'f', Expression: 'e' },
      ],
      'Circular dependency',
    ],
    [[{ Id: 'e', Expression: '1 +' }], "Error in expression 'e': Unexpected end of expression."],
    [[{ Id: 'e', Expression: '1 + 1' }], 'must return a time series'],
    [[{ Id: 'e', Expression: "SEARCH('(x', 'Sum', 60)" }], "Error in expression 'e': Expected ) in search."],
    [
      [{ Id: 'e', Expression: "SEARCH('x', 'Mean', 60)" }],
      'The value Mean for parameter SEARCH.Stat is not supported.',
    ],
    [[{ Id: 'a', ...stat('a'), Label: dynamic('STDDEV') }], `Holdfast does not support ${dynamic('STDDEV')} in labels`],
    [[{ Id: 'e', Expression: 'ANOMALY_DETECTION_BAND(e)' }], 'metric math function ANOMALY_DETECTION_BAND'],
    [[{ Id: 'e', Expression: 'SELECT MAX(x) FROM y' }], 'Metrics Insights'],
    [[{ Id: 'e' }], 'Exactly one of the parameters'],
    [
      [
        { Id: 'a', ...stat('a') },
        { Id: 'a', ...stat('a') },
      ],
      'are not unique',
    ],
    [[{ Id: 'a', ...stat('a'), AccountId: '1' }], 'with AccountId'],
    [[], 'The parameter MetricDataQueries is required.'],
  ])('refuses %j', async (queries, message) => {
    await expect(get(queries)).rejects.toThrow(message);
  });
});

describe('labels', () => {
  const labels = async (queries: object[]) => (await get(queries)).MetricDataResults?.map(({ Label }) => Label);

  it.each<[queries: object[], expected: string[]]>([
    [[{ ...stat('a') }], ['a']],
    [
      [{ ...stat('a') }, { ...stat('a', { Stat: 'Maximum' }) }],
      ['a Sum', 'a Maximum'],
    ],
    [
      [{ ...stat('a') }, { ...stat('a', { Period: 300 }) }],
      ['a 60', 'a 300'],
    ],
    [
      [{ ...stat('a') }, { ...stat('a', { Stat: 'Minimum', Period: 300 }) }],
      ['a Sum 60', 'a Minimum 300'],
    ],
    [
      [{ ...stat('a') }, { ...stat('b', { Stat: 'Minimum' }) }],
      ['a', 'b'],
    ],
    [[{ ...stat('a'), Label: 'mine' }], ['mine']],
    [
      [
        {
          ...stat('a'),
          Label: `${dynamic("PROP('MetricName')")} ${dynamic("PROP('Stat')")} ${dynamic('MAX')} at ${dynamic('MAX_TIME')}`,
        },
      ],
      ['a Sum 5 at 2025-01-01T00:04:00Z'],
    ],
    [[{ ...stat('none'), Label: `${dynamic('LABEL')}: ${dynamic('AVG')}` }], ['none: --']],
  ])('of %j are %j', async (queries, expected) => {
    expect(await labels(queries.map((query, index) => ({ Id: `q${index}`, ...query })))).toEqual(expected);
  });
});

describe('SEARCH', () => {
  beforeEach(async () => {
    for (const vendor of ['north', 'south', 'NorthWest']) {
      await put('UploadErrors', 1, [{ Name: 'Vendor', Value: vendor }]);
      await put('Uploads', 10, [{ Name: 'Vendor', Value: vendor }]);
    }
  });
  const found = async (Expression: string, Label?: string) =>
    (await get([{ Id: 'e', Expression, Label }], { EndTime: new Date(start + 10 * MINUTE_MS) })).MetricDataResults?.map(
      ({ Label: label, Values }) => `${label}=${Values}`,
    );

  it.each<[expression: string, expected: string[]]>([
    [`SEARCH('{Shop,Vendor} MetricName="Uploads"', 'Sum', 60)`, ['north=10', 'south=10', 'NorthWest=10']],
    [
      `SEARCH('{Shop,Vendor} upload north', 'Sum', 60)`,
      ['north UploadErrors=1', 'north Uploads=10', 'NorthWest UploadErrors=1', 'NorthWest Uploads=10'],
    ],
    [`SEARCH('{Shop,Vendor} "Uploads" NOT "north"', 'Sum', 60)`, ['south=10', 'NorthWest=10']],
    [`SEARCH('Vendor=("north" OR "south") MetricName="Uploads"', 'Sum', 60)`, ['north=10', 'south=10']],
    [`SEARCH('{Shop} "Uploads"', 'Sum', 60)`, []],
    [`SUM(SEARCH('{Shop,Vendor} "Uploads"', 'Sum', 60))`, ['e=30']],
  ])('%s', async (expression, expected) => {
    expect(await found(expression)).toEqual(expected);
  });

  it('puts a label before what tells its series apart', async () => {
    expect(await found(`SEARCH('{Shop,Vendor} "Uploads" "south"', 'Sum', 60)`, 'all')).toEqual(['all Uploads=10']);
  });
});

it('says which dimensions were too many', async () => {
  const dimensions = Array.from({ length: 31 }, (_, at) => ({ Name: `d${at}`, Value: 'v' }));
  await expect(put('c', 1, dimensions)).rejects.toThrow("Value '[{name=d0, value=v}, {name=d1, value=v},");
});

describe('the list of metrics', () => {
  it('is filtered by namespace, name, dimensions and recent activity', async () => {
    await put('c', 1, [{ Name: 'Vendor', Value: 'V1' }]);
    await put('c', 1, [{ Name: 'Vendor', Value: 'V2' }]);
    const list = async (input: object) => {
      const { Metrics } = await test.call<ListMetricsCommandOutput>('cloudwatch', 'ListMetrics', input);
      return Metrics?.map(
        ({ MetricName, Dimensions }) => `${MetricName}${Dimensions?.map(({ Value }) => `/${Value}`) ?? ''}`,
      );
    };

    expect(await list({ Namespace: 'Shop' })).toEqual(['a', 'b', 'c/V1', 'c/V2']);
    expect(await list({ MetricName: 'c', Dimensions: [{ Name: 'Vendor' }] })).toEqual(['c/V1', 'c/V2']);
    expect(await list({ Dimensions: [{ Name: 'Vendor', Value: 'V2' }] })).toEqual(['c/V2']);
    expect(await list({ Namespace: 'Other' })).toEqual([]);
    await test.advance(4 * HOUR_MS);
    await put('b', 1);
    expect(await list({ RecentlyActive: 'PT3H' })).toEqual(['b']);
  });

  it('comes in pages of 500', async () => {
    for (let index = 0; index < 501; index++) await put(`m${index}`, 1);
    const first = await test.call<ListMetricsCommandOutput>('cloudwatch', 'ListMetrics');
    const second = await test.call<ListMetricsCommandOutput>('cloudwatch', 'ListMetrics', {
      NextToken: first.NextToken,
    });

    expect(first.Metrics).toHaveLength(500);
    expect(second.Metrics).toHaveLength(3);
  });
});
