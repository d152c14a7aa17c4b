import type { GetRecordsCommandOutput } from '@aws-sdk/client-kinesis';
import { SECOND_MS } from '@holdfast/kernel';
import { gunzipSync, strFromU8 } from 'fflate';
import { beforeEach, describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';
import { createFunction } from '../lambda/function-bench.ts';

const ACCOUNT = '000000000000';
const FUNCTION = `arn:aws:lambda:us-east-1:${ACCOUNT}:function:f`;
const STREAM = `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/k`;
const ROLE = `arn:aws:iam::${ACCOUNT}:role/r`;

let store: MapStore;
let test: TestEngine;
beforeEach(async () => {
  store = new MapStore();
  test = new TestEngine({ store });
  await test.call('logs', 'CreateLogGroup', { logGroupName: 'g' });
  await test.call('logs', 'CreateLogStream', { logGroupName: 'g', logStreamName: 's' });
});

const put = (input: object = {}) =>
  test.call('logs', 'PutSubscriptionFilter', {
    logGroupName: 'g',
    filterName: 'errors',
    filterPattern: 'ERROR',
    destinationArn: FUNCTION,
    ...input,
  });
const log = (...messages: string[]) =>
  test.call('logs', 'PutLogEvents', {
    logGroupName: 'g',
    logStreamName: 's',
    logEvents: messages.map((message) => ({ timestamp: test.clock.now(), message })),
  });
const unpacked = (data: Uint8Array) => JSON.parse(strFromU8(gunzipSync(data)));
const makeFunction = async (Principal = 'logs.us-east-1.amazonaws.com') => {
  await createFunction(test, 'f');
  const permission = { FunctionName: 'f', StatementId: 's', Action: 'lambda:InvokeFunction', Principal };
  await test.call('lambda', 'AddPermission', permission);
};

describe('subscription filters', () => {
  it('invoke a function with what matches, compressed, over a restart', async () => {
    await makeFunction();
    await put();
    test = new TestEngine({ store });
    await log('ERROR one', 'fine', 'ERROR two');
    await log('fine');
    await test.advance(SECOND_MS);

    const payloads = test.invocations.map(({ payload }) => JSON.parse(payload));
    expect(payloads).toHaveLength(1);
    expect(unpacked(Buffer.from(payloads[0].awslogs.data, 'base64'))).toEqual({
      messageType: 'DATA_MESSAGE',
      owner: ACCOUNT,
      logGroup: 'g',
      logStream: 's',
      subscriptionFilters: ['errors'],
      logEvents: ['ERROR one', 'ERROR two'].map((message) => ({
        id: expect.stringMatching(/^\d{56}$/),
        timestamp: expect.any(Number),
        message,
      })),
    });
  });

  it('put into a stream, after a message that tries whether that works', async () => {
    await test.call('kinesis', 'CreateStream', { StreamName: 'k', ShardCount: 1 });
    await test.advance(60 * SECOND_MS);
    await put({ destinationArn: STREAM, roleArn: ROLE, filterPattern: '' });
    await log('one');

    const { ShardIterator } = await test.call('kinesis', 'GetShardIterator', {
      StreamName: 'k',
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    const { Records = [] } = await test.call<GetRecordsCommandOutput>('kinesis', 'GetRecords', { ShardIterator });
    const messages = Records.map(({ Data }) => unpacked(Data as Uint8Array));
    expect(messages.map(({ messageType }) => messageType)).toEqual(['CONTROL_MESSAGE', 'DATA_MESSAGE']);
    expect(messages[1].logEvents).toMatchObject([{ message: 'one' }]);
  });

  it('are described, changed and deleted, two at most', async () => {
    await makeFunction('logs.amazonaws.com');
    await put();
    await put({ filterPattern: '', distribution: 'Random' });
    await put({ filterName: 'second' });
    await expect(put({ filterName: 'third' })).rejects.toThrow('Resource limit exceeded.');
    expect(
      await test.call('logs', 'DescribeSubscriptionFilters', { logGroupName: 'g', filterNamePrefix: 'err' }),
    ).toEqual({
      subscriptionFilters: [
        {
          filterName: 'errors',
          logGroupName: 'g',
          filterPattern: '',
          destinationArn: FUNCTION,
          distribution: 'Random',
          applyOnTransformedLogs: false,
          creationTime: test.clock.now(),
        },
      ],
    });
    await test.call('logs', 'DeleteSubscriptionFilter', { logGroupName: 'g', filterName: 'errors' });
    await expect(
      test.call('logs', 'DeleteSubscriptionFilter', { logGroupName: 'g', filterName: 'errors' }),
    ).rejects.toThrow('The specified subscription filter does not exist.');
  });

  it.each<[input: object, message: string]>([
    [{}, 'Cross-account lambda invocation passing is not allowed.'],
    [{ destinationArn: STREAM }, 'destinationArn for vendor kinesis cannot be used without roleArn'],
    [{ destinationArn: STREAM, roleArn: ROLE }, 'Could not deliver test message to specified Kinesis stream.'],
    [
      { destinationArn: `arn:aws:firehose:us-east-1:${ACCOUNT}:deliverystream/d`, roleArn: ROLE },
      'Holdfast does not support subscription filters to firehose',
    ],
    [{ filterPattern: '{ $.a = ' }, 'Invalid filter pattern'],
  ])('refuse %j', async (input, message) => {
    await expect(put(input)).rejects.toThrow(message);
  });

  it('need a permission of the function', async () => {
    await makeFunction('s3.amazonaws.com');
    await expect(put()).rejects.toThrow('Could not execute the lambda function.');
  });
});
