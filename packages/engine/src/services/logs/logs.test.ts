import type { GetMetricStatisticsCommandOutput } from '@aws-sdk/client-cloudwatch';
import type {
  DescribeLogGroupsCommandOutput,
  DescribeLogStreamsCommandOutput,
  FilterLogEventsCommandOutput,
  GetLogEventsCommandOutput,
  PutLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@holdfast/kernel';
import { describe, expect, it } from 'vitest';
import { MemoryStore, type Operation, type Store } from '../../core/index.ts';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';
import { LogsService } from './service.ts';

const G = { logGroupName: '/aws/lambda/f' };
const S = { ...G, logStreamName: 'one' };

const started = async (store?: Store): Promise<TestEngine> => {
  const test = new TestEngine(store === undefined ? {} : { store });
  await test.call('logs', 'CreateLogGroup', G);
  await test.call('logs', 'CreateLogStream', S);
  return test;
};

const put = (test: TestEngine, messages: readonly string[], at = test.clock.now(), target: object = S) =>
  test.call<PutLogEventsCommandOutput>('logs', 'PutLogEvents', {
    ...target,
    logEvents: messages.map((message, index) => ({ timestamp: at + index, message })),
  });

const get = (test: TestEngine, input: object = {}) =>
  test.call<GetLogEventsCommandOutput>('logs', 'GetLogEvents', { ...S, ...input });

const filter = (test: TestEngine, input: object = {}) =>
  test.call<FilterLogEventsCommandOutput>('logs', 'FilterLogEvents', { ...G, ...input });

const messages = (answer: { events?: { message?: string | undefined }[] | undefined }) =>
  answer.events?.map(({ message }) => message);

const sum = async (test: TestEngine, metric: object): Promise<number | undefined> => {
  const { Datapoints } = await test.call<GetMetricStatisticsCommandOutput>('cloudwatch', 'GetMetricStatistics', {
    StartTime: new Date(test.clock.now() - HOUR_MS),
    EndTime: new Date(test.clock.now() + HOUR_MS),
    Period: 7_200,
    Statistics: ['Sum'],
    ...metric,
  });
  return Datapoints?.[0]?.Sum;
};

describe('putting and getting events', () => {
  it('gives the newest page first and walks back and forth with tokens', async () => {
    const test = await started();
    await put(test, ['a', 'b', 'c', 'd', 'e']);

    const newest = await get(test, { limit: 2 });
    const older = await get(test, { limit: 2, nextToken: newest.nextBackwardToken });
    const forth = await get(test, { limit: 2, nextToken: older.nextForwardToken });
    const end = await get(test, { limit: 2, nextToken: forth.nextForwardToken });

    expect(messages(newest)).toEqual(['d', 'e']);
    expect(messages(older)).toEqual(['b', 'c']);
    expect(messages(forth)).toEqual(['d', 'e']);
    expect(messages(end)).toEqual([]);
    expect(end.nextForwardToken).toBe(forth.nextForwardToken);
  });

  it('gives the oldest page first from the head, within a time range whose end is excluded', async () => {
    const test = await started();
    const start = test.clock.now();
    await put(test, ['a', 'b', 'c', 'd', 'e']);

    const page = await get(test, { startFromHead: true, startTime: start + 1, endTime: start + 4 });

    expect(messages(page)).toEqual(['b', 'c', 'd']);
  });

  it('lets a reader at the end see what comes later with the same token', async () => {
    const test = await started();
    const empty = await get(test, { startFromHead: true });
    await put(test, ['late']);

    expect(messages(await get(test, { nextToken: empty.nextForwardToken }))).toEqual(['late']);
  });

  it('orders events by time, whatever order the batches came in', async () => {
    const test = await started();
    await put(test, ['new'], test.clock.now());
    await put(test, ['old'], test.clock.now() - MINUTE_MS);

    expect(messages(await get(test, { startFromHead: true }))).toEqual(['old', 'new']);
  });

  it('reads across sealed chunks in both directions', async () => {
    const test = await started();
    const start = test.clock.now();
    for (let batch = 0; batch < 30; batch++) {
      const lines = Array.from({ length: 200 }, (_, index) => `${batch * 200 + index}`);
      await put(test, lines, start + batch * 100);
    }

    const seen: (string | undefined)[] = [];
    let token: string | undefined;
    for (;;) {
      const page: GetLogEventsCommandOutput = await get(test, { limit: 700, startFromHead: true, nextToken: token });
      if (page.nextForwardToken === token) break;
      token = page.nextForwardToken;
      seen.push(...(messages(page) ?? []));
    }
    const back: (string | undefined)[] = [];
    token = undefined;
    for (;;) {
      const page: GetLogEventsCommandOutput = await get(test, { limit: 700, nextToken: token });
      if (page.nextBackwardToken === token) break;
      token = page.nextBackwardToken;
      back.unshift(...(messages(page) ?? []));
    }

    expect(seen).toHaveLength(6_000);
    expect(new Set(seen).size).toBe(6_000);
    expect(back).toEqual(seen);
  });

  it.each([
    [
      'a missing group',
      { logGroupName: 'no', logEvents: [{ timestamp: 1, message: 'x' }] },
      'The specified log group does not exist.',
    ],
    [
      'a missing stream',
      { logStreamName: 'no', logEvents: [{ timestamp: 1, message: 'x' }] },
      'The specified log stream does not exist.',
    ],
    ['no events', { logEvents: [] }, 'Member must have length greater than or equal to 1'],
    [
      'events out of order',
      {
        logEvents: [
          { timestamp: 2, message: 'x' },
          { timestamp: 1, message: 'y' },
        ],
      },
      'Log events in a single PutLogEvents request must be in chronological order.',
    ],
    [
      'a span of more than a day',
      {
        logEvents: [
          { timestamp: 1, message: 'x' },
          { timestamp: 2 + DAY_MS, message: 'y' },
        ],
      },
      'cannot span more than 24 hours',
    ],
    [
      'more than a mebibyte',
      { logEvents: [{ timestamp: 1, message: 'x'.repeat(1_048_576) }] },
      'Upload too large: 1048602 bytes exceeds limit of 1048576',
    ],
    [
      '10,001 events',
      { logEvents: Array.from({ length: 10_001 }, () => ({ timestamp: 1, message: 'x' })) },
      'less than or equal to 10000',
    ],
  ])('refuses %s', async (_, input, message) => {
    const test = await started();
    await expect(test.call('logs', 'PutLogEvents', { ...S, ...input })).rejects.toThrow(message);
  });

  it('rejects old and future events one by one and keeps the rest', async () => {
    const test = await started();
    const now = test.clock.now();
    const old = await put(test, ['old'], now - 14 * DAY_MS - 1);
    const mixed = await test.call<PutLogEventsCommandOutput>('logs', 'PutLogEvents', {
      ...S,
      logEvents: [
        { timestamp: now, message: 'fine' },
        { timestamp: now + 3 * HOUR_MS, message: 'future' },
      ],
    });

    expect(old.rejectedLogEventsInfo).toEqual({ tooOldLogEventEndIndex: 1 });
    expect(mixed.rejectedLogEventsInfo).toEqual({ tooNewLogEventStartIndex: 1 });
    expect(messages(await get(test))).toEqual(['fine']);
  });
});

it('what services write makes its group and stream', async () => {
  const test = new TestEngine();
  const { clock } = test;
  const { ids } = test.engine;
  const sink = new LogsService({ clock, ids, store: new MemoryStore(), metrics: { record() {} } } as never);
  const target = { account: '000000000000', region: 'us-east-1', group: G.logGroupName, stream: '[1]abc' };

  sink.append(target, [{ at: clock.now(), message: 'START' }]);
  sink.append(target, [{ at: clock.now(), message: 'END' }]);

  const read = sink.operations['GetLogEvents'] as Operation<object, GetLogEventsCommandOutput>;
  const answer = await read.run({ ...G, logStreamName: '[1]abc' }, test.engine.context());
  expect(messages(answer)).toEqual(['START', 'END']);
});

describe('filtering events', () => {
  it('merges streams by time and pages with tokens', async () => {
    const test = await started();
    await test.call('logs', 'CreateLogStream', { ...G, logStreamName: 'two' });
    const now = test.clock.now();
    await put(test, ['a', 'c'], now);
    await put(test, ['b', 'd'], now, { ...G, logStreamName: 'two' });

    const all = await filter(test);
    const first = await filter(test, { limit: 3 });
    const rest = await filter(test, { limit: 3, nextToken: first.nextToken });

    expect(messages(all)).toEqual(['a', 'b', 'c', 'd']);
    expect(all.nextToken).toBeUndefined();
    expect(messages(first)).toEqual(['a', 'b', 'c']);
    expect(messages(rest)).toEqual(['d']);
    expect(new Set(all.events?.map(({ eventId }) => eventId)).size).toBe(4);
  });

  it('comes newest first when asked, page by page', async () => {
    const test = await started();
    await test.call('logs', 'CreateLogStream', { ...G, logStreamName: 'two' });
    await put(test, ['a', 'c', 'e']);
    await put(test, ['b', 'd'], test.clock.now(), { ...G, logStreamName: 'two' });

    const first = await filter(test, { limit: 2, startFromHead: false });
    const second = await filter(test, { limit: 3, nextToken: first.nextToken });

    expect(messages(first)).toEqual(['e', 'd']);
    expect(messages(second)).toEqual(['c', 'b', 'a']);
    expect(second.nextToken).toBeUndefined();
  });

  it('selects by pattern, stream, prefix and time, the end included', async () => {
    const test = await started();
    await test.call('logs', 'CreateLogStream', { ...G, logStreamName: 'two' });
    const now = test.clock.now();
    await put(test, ['ERROR a', 'INFO b', 'ERROR c'], now);
    await put(test, ['ERROR d'], now, { ...G, logStreamName: 'two' });

    expect(messages(await filter(test, { filterPattern: 'ERROR', logStreamNames: ['one'] }))).toEqual([
      'ERROR a',
      'ERROR c',
    ]);
    expect(messages(await filter(test, { logStreamNamePrefix: 't' }))).toEqual(['ERROR d']);
    expect(messages(await filter(test, { startTime: now + 1, endTime: now + 2 }))).toEqual(['INFO b', 'ERROR c']);
    await expect(filter(test, { logStreamNames: ['no'] })).rejects.toThrow('The specified log stream does not exist.');
    await expect(filter(test, { filterPattern: '{' })).rejects.toThrow('Invalid filter pattern');
  });

  it('answers what `aws logs tail --follow` asks, by name or ARN', async () => {
    const test = await started();
    await put(test, ['a']);
    const identifier = `arn:aws:logs:us-east-1:000000000000:log-group:${G.logGroupName}`;

    const answer = await test.call<FilterLogEventsCommandOutput>('logs', 'FilterLogEvents', {
      logGroupIdentifier: identifier,
      interleaved: true,
      startTime: test.clock.now() - MINUTE_MS,
    });

    expect(messages(answer)).toEqual(['a']);
  });
});

describe('groups and streams', () => {
  it('are listed by name, with prefix, pattern and pages', async () => {
    const test = new TestEngine();
    for (const logGroupName of ['b', 'a', 'Abc', 'c']) await test.call('logs', 'CreateLogGroup', { logGroupName });
    const names = async (input: object) => {
      const answer = await test.call<DescribeLogGroupsCommandOutput>('logs', 'DescribeLogGroups', input);
      return answer.logGroups?.map(({ logGroupName }) => logGroupName);
    };
    const first = await test.call<DescribeLogGroupsCommandOutput>('logs', 'DescribeLogGroups', { limit: 2 });

    expect(await names({})).toEqual(['Abc', 'a', 'b', 'c']);
    expect(await names({ logGroupNamePrefix: 'A' })).toEqual(['Abc']);
    expect(await names({ logGroupNamePattern: 'a' })).toEqual(['Abc', 'a']);
    expect(await names({ nextToken: first.nextToken })).toEqual(['b', 'c']);
    expect(first.logGroups?.[0]).toMatchObject({
      arn: 'arn:aws:logs:us-east-1:000000000000:log-group:Abc:*',
      logGroupArn: 'arn:aws:logs:us-east-1:000000000000:log-group:Abc',
      metricFilterCount: 0,
      storedBytes: 0,
    });
  });

  it('list streams by name or by their newest event', async () => {
    const test = await started();
    await test.call('logs', 'CreateLogStream', { ...G, logStreamName: 'a-late' });
    await test.advance(1_000);
    await put(test, ['x'], test.clock.now(), { ...G, logStreamName: 'a-late' });
    await put(test, ['x'], test.clock.now() - 500);
    const names = async (input: object) => {
      const answer = await test.call<DescribeLogStreamsCommandOutput>('logs', 'DescribeLogStreams', { ...G, ...input });
      return answer.logStreams?.map(({ logStreamName }) => logStreamName);
    };

    expect(await names({})).toEqual(['a-late', 'one']);
    expect(await names({ orderBy: 'LastEventTime' })).toEqual(['one', 'a-late']);
    expect(await names({ orderBy: 'LastEventTime', descending: true, limit: 1 })).toEqual(['a-late']);
    expect(await names({ logStreamNamePrefix: 'o' })).toEqual(['one']);
    await expect(names({ orderBy: 'LastEventTime', logStreamNamePrefix: 'o' })).rejects.toThrow(
      'Cannot order by LastEventTime with a logStreamNamePrefix.',
    );
  });

  it('exist once, keep tags, and go with everything in them', async () => {
    const test = await started();
    const resourceArn = `arn:aws:logs:us-east-1:000000000000:log-group:${G.logGroupName}:*`;
    await test.call('logs', 'TagResource', { resourceArn, tags: { team: 'a', stage: 'dev' } });
    await test.call('logs', 'UntagResource', { resourceArn, tagKeys: ['stage'] });

    expect(await test.call('logs', 'ListTagsLogGroup', G)).toEqual({ tags: { team: 'a' } });
    await expect(test.call('logs', 'CreateLogGroup', G)).rejects.toThrow('The specified log group already exists');
    await expect(test.call('logs', 'CreateLogStream', S)).rejects.toThrow('The specified log stream already exists');
    await put(test, ['x']);
    await test.call('logs', 'DeleteLogGroup', G);
    await test.call('logs', 'CreateLogGroup', G);
    await expect(get(test)).rejects.toThrow('The specified log stream does not exist.');
  });

  it('forget events past the retention period', async () => {
    const test = await started();
    await test.call('logs', 'PutRetentionPolicy', { ...G, retentionInDays: 1 });
    await put(test, ['yesterday']);
    await test.advance(DAY_MS);
    await put(test, ['today'], test.clock.now() + 1);
    await test.advance(10);

    expect(messages(await get(test))).toEqual(['today']);
    expect(messages(await filter(test))).toEqual(['today']);
    await expect(test.call('logs', 'PutRetentionPolicy', { ...G, retentionInDays: 2 })).rejects.toThrow(
      "Value '2' at 'retentionInDays' failed to satisfy constraint",
    );
  });

  it('refuse live tail, deliveries and exports by name', async () => {
    const test = await started();
    for (const action of ['StartLiveTail', 'PutDeliveryDestination', 'CreateExportTask']) {
      await expect(test.call('logs', action, {})).rejects.toThrow(
        `Holdfast does not support Amazon CloudWatch Logs ${action}`,
      );
    }
  });
});

describe('metrics from logs', () => {
  const emf = (extra: object = {}, root: object = {}) =>
    JSON.stringify({
      _aws: {
        Timestamp: 1_735_689_600_000,
        CloudWatchMetrics: [
          { Namespace: 'Shop', Dimensions: [['Service'], []], Metrics: [{ Name: 'Orders', Unit: 'Count' }], ...extra },
        ],
      },
      Service: 'checkout',
      Orders: [2, 3],
      ...root,
    });

  it('come out of embedded metric format, once per dimension set', async () => {
    const test = await started();
    await put(test, [emf()]);

    const Dimensions = [{ Name: 'Service', Value: 'checkout' }];
    expect(await sum(test, { Namespace: 'Shop', MetricName: 'Orders', Dimensions })).toBe(5);
    expect(await sum(test, { Namespace: 'Shop', MetricName: 'Orders' })).toBe(5);
  });

  it('come out of lines of console.log in Node.js functions, and of none with another prefix', async () => {
    const test = await started();
    const broken = '2025-01-01T00:00:00.000Z\tid\tINFO\t{"_aws"';
    await put(test, [`2025-01-01T00:00:00.000Z\tid\tINFO\t${emf()}\n`, `note: ${emf()}`, broken]);

    expect(await sum(test, { Namespace: 'Shop', MetricName: 'Orders' })).toBe(5);
    const Dimensions = [{ Name: 'LogGroupName', Value: G.logGroupName }];
    expect(await sum(test, { Namespace: 'AWS/Logs', MetricName: 'EMFParsingErrors', Dimensions })).toBeUndefined();
  });

  it('count documents that are no valid embedded metrics', async () => {
    const test = await started();
    await put(test, ['{"_aws": {', emf({}, { Service: 7 }), emf({ Namespace: 1 })]);

    const Dimensions = [{ Name: 'LogGroupName', Value: G.logGroupName }];
    expect(await sum(test, { Namespace: 'AWS/Logs', MetricName: 'EMFParsingErrors', Dimensions })).toBe(1);
    expect(await sum(test, { Namespace: 'AWS/Logs', MetricName: 'EMFValidationErrors', Dimensions })).toBe(2);
    expect(await sum(test, { Namespace: 'Shop', MetricName: 'Orders' })).toBeUndefined();
  });

  it('are counted by metric filters, with values and dimensions from the event', async () => {
    const test = await started();
    const transformation = { metricNamespace: 'Shop', metricName: 'Errors', metricValue: '1' };
    await test.call('logs', 'PutMetricFilter', {
      ...G,
      filterName: 'errors',
      filterPattern: 'ERROR',
      metricTransformations: [{ ...transformation, defaultValue: 0 }],
    });
    await test.call('logs', 'PutMetricFilter', {
      ...G,
      filterName: 'bytes',
      filterPattern: '{ $.bytes > 0 }',
      metricTransformations: [
        { metricNamespace: 'Shop', metricName: 'Bytes', metricValue: '$.bytes', dimensions: { Vendor: '$.vendor' } },
      ],
    });
    await put(test, ['INFO fine']);
    const quiet = await sum(test, { Namespace: 'Shop', MetricName: 'Errors' });
    await put(test, ['ERROR a', 'INFO b', 'ERROR c', '{"bytes": 7, "vendor": "V1"}', '{"bytes": 9}']);

    expect(quiet).toBe(0);
    expect(await sum(test, { Namespace: 'Shop', MetricName: 'Errors' })).toBe(2);
    const Dimensions = [{ Name: 'Vendor', Value: 'V1' }];
    expect(await sum(test, { Namespace: 'Shop', MetricName: 'Bytes', Dimensions })).toBe(7);
  });

  it('are refused with a default value beside dimensions, or two transformations', async () => {
    const test = await started();
    const transformation = { metricNamespace: 'Shop', metricName: 'Errors', metricValue: '1' };
    const define = (metricTransformations: object[]) =>
      test.call('logs', 'PutMetricFilter', { ...G, filterName: 'f', filterPattern: '', metricTransformations });

    await expect(define([{ ...transformation, defaultValue: 0, dimensions: { A: '$.a' } }])).rejects.toThrow(
      'dimensions and default value are mutually exclusive',
    );
    await expect(define([transformation, transformation])).rejects.toThrow(
      'Member must have length less than or equal to 1',
    );
    await expect(define([{ ...transformation, metricValue: 'one' }])).rejects.toThrow('metricValue');
  });

  it('can be tried out without storing anything', async () => {
    const answer = await new TestEngine().call('logs', 'TestMetricFilter', {
      filterPattern: '{ $.a = 1 }',
      logEventMessages: ['{"a":1}', '{"a":2}', 'text'],
    });

    expect(answer).toEqual({
      matches: [{ eventNumber: 1, eventMessage: '{"a":1}', extractedValues: { '$.a': '1' } }],
    });
  });
});

describe('after a restart', () => {
  it('events, sealed or not, metric filters and settings are still there', async () => {
    const store = new MapStore();
    const before = await started(store);
    const start = before.clock.now();
    await before.call('logs', 'PutRetentionPolicy', { ...G, retentionInDays: 7 });
    await before.call('logs', 'PutMetricFilter', {
      ...G,
      filterName: 'all',
      filterPattern: '',
      metricTransformations: [{ metricNamespace: 'Shop', metricName: 'Lines', metricValue: '1' }],
    });
    for (let batch = 0; batch < 25; batch++) {
      await put(
        before,
        Array.from({ length: 100 }, (_, index) => `${batch * 100 + index}`),
        start + batch * 100,
      );
    }
    const expected = await filter(before, { limit: 10_000 });

    const after = new TestEngine({ store });
    const found = await filter(after, { limit: 10_000 });
    await put(after, ['more'], start + 5_000);

    expect(found.events).toEqual(expected.events);
    expect(found.events).toHaveLength(2_500);
    const { logGroups } = await after.call<DescribeLogGroupsCommandOutput>('logs', 'DescribeLogGroups');
    expect(logGroups?.[0]).toMatchObject({ retentionInDays: 7, metricFilterCount: 1 });
    expect(messages(await filter(after, { startTime: start + 5_000 }))).toEqual(['more']);
  });

  it('nothing of a deleted group comes back', async () => {
    const store = new MapStore();
    const before = await started(store);
    await put(
      before,
      Array.from({ length: 2_500 }, (_, index) => `${index}`),
    );
    await before.call('logs', 'DeleteLogGroup', G);

    for (const name of ['groups', 'streams', 'tails', 'chunks', 'metricFilters']) {
      expect([...store.collection(`logs.${name}`).entries()]).toEqual([]);
    }
  });
});
