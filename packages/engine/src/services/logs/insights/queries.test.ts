import type { GetQueryResultsCommandOutput } from '@aws-sdk/client-cloudwatch-logs';
import { MINUTE_MS, TookTooLongError } from '@holdfast/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { MapStore } from '../../../map-store.ts';
import { TestEngine } from '../../../test-engine.ts';

let store: MapStore;
let test: TestEngine;
let start: number;

const LINES = [
  '{"level":"ERROR","vendor":"V1","ms":120,"order":{"lines":[{"sku":"a"}]}}',
  '{"level":"INFO","vendor":"V1","ms":20,"paid":true}',
  '{"level":"ERROR","vendor":"V2","ms":300}',
  'user=ann action=login took 12ms',
  'user=bob action=logout took 7ms',
  'REPORT RequestId: 8f5-1\tDuration: 12.34 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB\t',
];

beforeEach(async () => {
  store = new MapStore();
  test = new TestEngine({ store });
  start = test.clock.now();
  await test.call('logs', 'CreateLogGroup', { logGroupName: 'g' });
  await test.call('logs', 'CreateLogStream', { logGroupName: 'g', logStreamName: 's' });
  const logEvents = LINES.map((message, index) => ({ timestamp: start + index * MINUTE_MS, message }));
  await test.call('logs', 'PutLogEvents', { logGroupName: 'g', logStreamName: 's', logEvents });
});

const run = async (queryString: string, input: object = {}) => {
  const { queryId } = await test.call<{ queryId: string }>('logs', 'StartQuery', {
    logGroupName: 'g',
    startTime: start / 1_000,
    endTime: start / 1_000 + 3_600,
    queryString,
    ...input,
  });
  return test.call<GetQueryResultsCommandOutput>('logs', 'GetQueryResults', { queryId });
};
/** Cells of the rows without the pointer, joined. */
const rows = async (queryString: string, input: object = {}) =>
  (await run(queryString, input)).results?.map((row) =>
    row
      .filter(({ field }) => field !== '@ptr')
      .map(({ field, value }) => `${field}=${value}`)
      .join(' '),
  );

describe('queries of log events', () => {
  it.each<[query: string, expected: string[]]>([
    ['fields vendor, ms | filter level = "ERROR"', ['vendor=V2 ms=300', 'vendor=V1 ms=120']],
    ['fields @timestamp | sort @timestamp asc | limit 1', ['@timestamp=2025-01-01 00:00:00.000']],
    ['filter ms > 100 and vendor like /V[12]/ | fields ms * 2 as twice | sort twice', ['twice=600', 'twice=240']],
    ['filter @message like /(?i)ACTION=LOGIN/ | parse @message /(?i)USER=(?<who>\\w+)/ | display who', ['who=ann']],
    [
      'filter @type = "REPORT" | stats max(@memorySize / 1000 / 1000) as has, max(@maxMemoryUsed / 1000 / 1000) as used, has - used as over',
      ['has=128 used=64 over=64'],
    ],
    ['filter paid = 1 | display ms, paid', ['ms=20 paid=1']],
    ['filter vendor in ["V2", "V3"] | display ms', ['ms=300']],
    ['filter vendor not in ["V2"] and ispresent(vendor) | display ms', ['ms=20', 'ms=120']],
    [
      'filter @message like "login" | parse @message "user=* action=* took *ms" as user, action, took | display user, took',
      ['user=ann took=12'],
    ],
    [
      'parse /user=(?<who>\\w+)/ | filter ispresent(who) | stats count(*) as n by who | sort who asc',
      ['who=ann n=1', 'who=bob n=1'],
    ],
    [
      'filter ispresent(level) | stats count(*), avg(ms) as mean, max(ms), pct(ms, 50) by level | sort level asc',
      [
        'level=ERROR count(*)=2 mean=210 max(ms)=300 pct(ms, 50)=120',
        'level=INFO count(*)=1 mean=20 max(ms)=20 pct(ms, 50)=20',
      ],
    ],
    [
      'stats count(*) as n by bin(5m) | sort n desc',
      ['bin(5m)=2025-01-01 00:00:00.000 n=5', 'bin(5m)=2025-01-01 00:05:00.000 n=1'],
    ],
    ['stats sum(ms) / count(ms) as mean, count_distinct(vendor) as vendors', ['mean=146.6667 vendors=2']],
    ['stats latest(ms) as last, earliest(ms) as first', ['last=300 first=120']],
    ['filter level = "ERROR" | stats count(*) as n by vendor | stats max(n) as most', ['most=1']],
    ['fields level | filter ispresent(level) | dedup level', ['level=ERROR', 'level=INFO']],
    [
      'filter @type = "REPORT" | display @requestId, @duration, @billedDuration, @memorySize / 1000 / 1000 as mb',
      ['@requestId=8f5-1 @duration=12.34 @billedDuration=13 mb=128'],
    ],
    [
      'fields order.lines.0.sku as sku | filter sku = "a" | display sku, toupper(sku) as up, strlen(sku) as n',
      ['sku=a up=A n=1'],
    ],
    ['fields coalesce(vendor, "none") as v | filter v = "none" | stats count(*) as n', ['n=3']],
    ['filter not (ispresent(ms)) | stats count(*) as n # those without', ['n=3']],
    ['filter strcontains(@message, "took") = 1 | display substr(@message, 5, 3) as who', ['who=bob', 'who=ann']],
    ['filter level = "FATAL" | stats count(*) as n', ['n=0']],
  ])('%s', async (query, expected) => {
    expect(await rows(query)).toEqual(expected);
  });

  it('show time and message, newest first, when nothing else is asked for', async () => {
    const { results, statistics, status } = await run('filter level = "ERROR"', { limit: 1 });
    expect(results).toEqual([
      [
        { field: '@timestamp', value: '2025-01-01 00:02:00.000' },
        { field: '@message', value: LINES[2] },
        { field: '@ptr', value: expect.any(String) },
      ],
    ]);
    expect({ status, statistics }).toEqual({
      status: 'Complete',
      statistics: { recordsMatched: 2, recordsScanned: 6, bytesScanned: expect.any(Number) },
    });
  });

  it('are given up when a regular expression does not end', async () => {
    const given: number[] = [];
    test = new TestEngine({
      briefly: (limitMs) => {
        given.push(limitMs);
        throw new TookTooLongError('given up');
      },
    });
    await test.call('logs', 'CreateLogGroup', { logGroupName: 'g' });
    expect(await run('filter @message like /^(a+)+$/')).toMatchObject({ status: 'Timeout', results: [] });
    expect(given).toEqual([15_000]);
  });

  it('are of the range that is asked for', async () => {
    expect(await rows('stats count(*) as n', { endTime: start / 1_000 + 60 })).toEqual(['n=2']);
  });

  it.each<[query: string, message: string]>([
    ['fields', 'unexpected end of query'],
    ['fields @message | count', 'unexpected symbol found count'],
    ['filter level = "ERROR', 'unexpected symbol found "'],
    ['parse @message "a * b *" as x', 'parse takes as many names as the pattern has asterisks'],
    ['stats count(*) by bin(5 minutes)', 'unexpected symbol found minutes'],
    ['stats count(*) by bin("soon")', 'must be a length of time'],
    ['fields geoip(x)', 'Holdfast does not support the function geoip in queries of logs'],
    ['pattern @message', 'Holdfast does not support pattern in queries of logs'],
  ])('refuse %s', async (query, message) => {
    await expect(run(query)).rejects.toThrow(message);
  });

  it('are listed with their sources', async () => {
    await run('fields @message');
    const { queries } = await test.call<{ queries: object[] }>('logs', 'DescribeQueries', { logGroupName: 'g' });
    const seconds = start / 1_000;
    expect(queries).toEqual([
      {
        queryLanguage: 'CWLI',
        queryId: expect.any(String),
        queryString: `SOURCE "g" START=${seconds}000 END=${seconds + 3_600}999 | fields @message`,
        status: 'Complete',
        createTime: start,
        logGroupName: 'g',
      },
    ]);
    expect(await test.call('logs', 'DescribeQueries', { logGroupName: 'g', status: 'Scheduled' })).toEqual({
      queries: [],
    });
    await expect(run('fields @message', { logGroupName: 'none' })).rejects.toThrow(
      "Log group 'none' does not exist for account ID '000000000000'",
    );
  });

  it('can be saved, over a restart', async () => {
    const { queryDefinitionId } = await test.call<{ queryDefinitionId: string }>('logs', 'PutQueryDefinition', {
      name: 'errors',
      queryString: 'filter level = "ERROR"',
      logGroupNames: ['g'],
    });
    await test.call('logs', 'PutQueryDefinition', { queryDefinitionId, name: 'errors', queryString: 'limit 1' });
    test = new TestEngine({ store });
    expect(await test.call('logs', 'DescribeQueryDefinitions', { queryDefinitionNamePrefix: 'err' })).toMatchObject({
      queryDefinitions: [{ queryDefinitionId, name: 'errors', queryString: 'limit 1', logGroupNames: [] }],
    });
    expect(await test.call('logs', 'DeleteQueryDefinition', { queryDefinitionId })).toEqual({ success: true });
    await expect(test.call('logs', 'DeleteQueryDefinition', { queryDefinitionId })).rejects.toThrow('does not exist');
  });
});
