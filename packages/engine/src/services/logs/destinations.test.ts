import type { DescribeDestinationsCommandOutput } from '@aws-sdk/client-cloudwatch-logs';
import type { GetRecordsCommandOutput } from '@aws-sdk/client-kinesis';
import { gunzipSync, strFromU8 } from 'fflate';
import { beforeEach, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';

const OWNER = '000000000000';
const SENDER = '111111111111';
const STREAM = `arn:aws:kinesis:us-east-1:${OWNER}:stream/k`;
const DESTINATION = `arn:aws:logs:us-east-1:${OWNER}:destination:central`;

let store: MapStore;
let test: TestEngine;
beforeEach(async () => {
  store = new MapStore();
  test = new TestEngine({ store });
  await test.call('kinesis', 'CreateStream', { StreamName: 'k', ShardCount: 1 });
  await test.advance(60_000);
});

const put = (input: object = {}) =>
  test.call('logs', 'PutDestination', {
    destinationName: 'central',
    targetArn: STREAM,
    roleArn: `arn:aws:iam::${OWNER}:role/r`,
    ...input,
  });
const allow = (AWS: string) =>
  test.call('logs', 'PutDestinationPolicy', {
    destinationName: 'central',
    accessPolicy: JSON.stringify({
      Statement: { Effect: 'Allow', Principal: { AWS }, Action: 'logs:PutSubscriptionFilter', Resource: DESTINATION },
    }),
  });
const as = (account: string, action: string, input: object) => test.call('logs', action, input, { account });
const subscribe = async (account: string) => {
  await as(account, 'CreateLogGroup', { logGroupName: 'g' });
  await as(account, 'CreateLogStream', { logGroupName: 'g', logStreamName: 's' });
  return as(account, 'PutSubscriptionFilter', {
    logGroupName: 'g',
    filterName: 'all',
    filterPattern: '',
    destinationArn: DESTINATION,
  });
};
const streamed = async () => {
  const { ShardIterator } = await test.call<{ ShardIterator: string }>('kinesis', 'GetShardIterator', {
    StreamName: 'k',
    ShardId: 'shardId-000000000000',
    ShardIteratorType: 'TRIM_HORIZON',
  });
  const { Records } = await test.call<GetRecordsCommandOutput>('kinesis', 'GetRecords', { ShardIterator });
  return Records?.map(({ Data }) => JSON.parse(strFromU8(gunzipSync(Data as Uint8Array)))) ?? [];
};

it('a destination takes log events of another account, when its policy says so, over a restart', async () => {
  await put();
  await expect(subscribe(SENDER)).rejects.toMatchObject({ code: 'AccessDeniedException' });
  await allow(SENDER);
  await as(SENDER, 'DeleteLogGroup', { logGroupName: 'g' });
  await subscribe(SENDER);
  test = new TestEngine({ store });
  await as(SENDER, 'PutLogEvents', {
    logGroupName: 'g',
    logStreamName: 's',
    logEvents: [{ timestamp: test.clock.now(), message: 'far away' }],
  });

  const records = await streamed();

  expect(records.map(({ messageType }) => messageType)).toEqual(['CONTROL_MESSAGE', 'CONTROL_MESSAGE', 'DATA_MESSAGE']);
  expect(records[2]).toMatchObject({ owner: SENDER, logGroup: 'g', logEvents: [{ message: 'far away' }] });
});

it('destinations are changed in place, listed by prefix, tagged and deleted', async () => {
  await put({ tags: { a: '1' } });
  await allow(SENDER);
  await put({ tags: { b: '2' } });
  await put({ destinationName: 'other' });
  await test.call('logs', 'TagResource', { resourceArn: DESTINATION, tags: { c: '3' } });

  const { destinations } = await test.call<DescribeDestinationsCommandOutput>('logs', 'DescribeDestinations', {
    DestinationNamePrefix: 'c',
  });

  expect(destinations).toMatchObject([
    { destinationName: 'central', arn: DESTINATION, targetArn: STREAM, accessPolicy: expect.stringContaining(SENDER) },
  ]);
  expect(await test.call('logs', 'ListTagsForResource', { resourceArn: DESTINATION })).toEqual({
    tags: { a: '1', b: '2', c: '3' },
  });
  await test.call('logs', 'DeleteDestination', { destinationName: 'central' });
  await expect(test.call('logs', 'DeleteDestination', { destinationName: 'central' })).rejects.toThrow(
    'The specified destination does not exist.',
  );
});

it.each([
  [{ targetArn: `${STREAM}-none` }, 'Could not deliver test message to specified destination.'],
  [{ targetArn: `arn:aws:firehose:us-east-1:${OWNER}:deliverystream/f` }, 'Holdfast does not support'],
  [{ destinationName: 'a:b' }, "at 'destinationName' failed to satisfy constraint"],
])('a destination is refused with %j', async (input, text) => {
  await expect(put(input)).rejects.toThrow(text);
});
