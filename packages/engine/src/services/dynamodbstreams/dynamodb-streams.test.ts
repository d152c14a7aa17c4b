import type { DescribeStreamOutput, GetRecordsOutput, ListStreamsOutput } from '@aws-sdk/client-dynamodb-streams';
import { DAY_MS, MINUTE_MS } from '@holdfast/kernel';
import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';

const TableName = 'orders';
const key = { id: { S: 'a' } };

const withTable = async (StreamViewType = 'NEW_AND_OLD_IMAGES', options: { store?: MapStore } = {}) => {
  const test = new TestEngine(options);
  const { TableDescription } = await test.call<{ TableDescription: { LatestStreamArn: string } }>(
    'dynamodb',
    'CreateTable',
    {
      TableName,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      StreamSpecification: { StreamEnabled: true, StreamViewType },
    },
  );
  return { test, arn: TableDescription.LatestStreamArn };
};

const put = (test: TestEngine, rest: object = {}) =>
  test.call('dynamodb', 'PutItem', { TableName, Item: { ...key, ...rest } });

const call = <Output>(test: TestEngine, action: string, input: object) =>
  test.call<Output>('dynamodbstreams', action, input);

const shardOf = async (test: TestEngine, StreamArn: string) => {
  const { StreamDescription } = await call<DescribeStreamOutput>(test, 'DescribeStream', { StreamArn });
  return StreamDescription?.Shards?.[0];
};

const iterator = async (test: TestEngine, StreamArn: string, ShardIteratorType = 'TRIM_HORIZON', rest: object = {}) => {
  const ShardId = (await shardOf(test, StreamArn))?.ShardId;
  const request = { StreamArn, ShardId, ShardIteratorType, ...rest };
  return (await call<{ ShardIterator: string }>(test, 'GetShardIterator', request)).ShardIterator;
};

const read = async (test: TestEngine, arn: string, ...from: [string?, object?]) => {
  const ShardIterator = await iterator(test, arn, ...from);
  return (await call<GetRecordsOutput>(test, 'GetRecords', { ShardIterator })).Records ?? [];
};

describe('the stream of a table', () => {
  it('tells of inserts, changes and removals with both images', async () => {
    const { test, arn } = await withTable();
    await put(test, { n: { N: '1' }, raw: { B: new Uint8Array([1, 2]) } });
    await put(test, { n: { N: '2' } });
    await test.call('dynamodb', 'DeleteItem', { TableName, Key: key });

    const records = await read(test, arn);

    expect(arn).toBe('arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2025-01-01T00:00:00.000');
    expect(records.map((record) => record.eventName)).toEqual(['INSERT', 'MODIFY', 'REMOVE']);
    expect(records[0]).toMatchObject({
      eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: 'us-east-1',
      dynamodb: { Keys: key, NewImage: { ...key, n: { N: '1' } }, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
    expect(records[0]?.dynamodb).not.toHaveProperty('OldImage');
    expect(records[1]?.dynamodb).toMatchObject({ NewImage: { n: { N: '2' } }, OldImage: { n: { N: '1' } } });
    expect(records[2]?.dynamodb).not.toHaveProperty('NewImage');
    expect(records[2]).not.toHaveProperty('userIdentity');
    const numbers = records.map((record) => record.dynamodb?.SequenceNumber as string);
    expect([...numbers].sort()).toEqual(numbers);
    expect(numbers[0]).toMatch(/^\d{21}$/);
  });

  it.each([
    ['KEYS_ONLY', []],
    ['NEW_IMAGE', ['NewImage']],
    ['OLD_IMAGE', ['OldImage']],
    ['NEW_AND_OLD_IMAGES', ['NewImage', 'OldImage']],
  ])('carries with %s the images %j', async (viewType, images) => {
    const { test, arn } = await withTable(viewType);
    await put(test, { n: { N: '1' } });
    await put(test, { n: { N: '2' } });

    const [, record] = await read(test, arn);

    expect(Object.keys(record?.dynamodb ?? {}).filter((name) => name.endsWith('Image'))).toEqual(images);
  });

  it('does not tell of writes that change nothing or fail', async () => {
    const { test, arn } = await withTable();
    await put(test, { n: { N: '1' } });
    await put(test, { n: { N: '1.0' } });
    await test.call('dynamodb', 'DeleteItem', { TableName, Key: { id: { S: 'missing' } } });
    await expect(
      test.call('dynamodb', 'PutItem', { TableName, Item: key, ConditionExpression: 'attribute_not_exists(id)' }),
    ).rejects.toThrow('The conditional request failed');

    expect(await read(test, arn)).toHaveLength(1);
  });

  it('tells of every item of a transaction', async () => {
    const { test, arn } = await withTable('KEYS_ONLY');
    await test.call('dynamodb', 'TransactWriteItems', {
      TransactItems: ['a', 'b'].map((id) => ({ Put: { TableName, Item: { id: { S: id } } } })),
    });

    expect((await read(test, arn)).map((record) => record.dynamodb?.Keys?.['id']?.S)).toEqual(['a', 'b']);
  });

  it('names the service that deleted an expired item', async () => {
    const { test, arn } = await withTable();
    await test.call('dynamodb', 'UpdateTimeToLive', {
      TableName,
      TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
    });
    await put(test, { expires: { N: String(test.clock.now() / 1_000 + 10) } });

    await test.advance(5 * MINUTE_MS);

    expect((await read(test, arn))[1]).toMatchObject({
      eventName: 'REMOVE',
      userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
    });
  });

  it('keeps its records for a day', async () => {
    const { test, arn } = await withTable();
    await put(test);
    await test.advance(DAY_MS - 1);
    expect(await read(test, arn)).toHaveLength(1);

    await test.advance(1);

    expect(await read(test, arn)).toHaveLength(0);
  });

  it('is read after a number, at a number, and from the latest on', async () => {
    const { test, arn } = await withTable('KEYS_ONLY');
    await put(test, { n: { N: '1' } });
    await put(test, { n: { N: '2' } });
    const latest = await iterator(test, arn, 'LATEST');
    const [first] = await read(test, arn);
    const SequenceNumber = first?.dynamodb?.SequenceNumber;

    expect(await read(test, arn, 'AT_SEQUENCE_NUMBER', { SequenceNumber })).toHaveLength(2);
    expect(await read(test, arn, 'AFTER_SEQUENCE_NUMBER', { SequenceNumber })).toHaveLength(1);
    expect((await call<GetRecordsOutput>(test, 'GetRecords', { ShardIterator: latest })).Records).toEqual([]);
  });

  it('cannot be read with an iterator older than fifteen minutes', async () => {
    const { test, arn } = await withTable();
    const ShardIterator = await iterator(test, arn);
    await test.advance(15 * MINUTE_MS + 1);

    await expect(call(test, 'GetRecords', { ShardIterator })).rejects.toMatchObject({
      code: 'ExpiredIteratorException',
    });
  });

  it('ends with its table, and its records can still be read to the end', async () => {
    const { test, arn } = await withTable();
    await put(test);
    await test.call('dynamodb', 'DeleteTable', { TableName });

    const described = await call<DescribeStreamOutput>(test, 'DescribeStream', { StreamArn: arn });
    const ShardIterator = await iterator(test, arn);
    const answer = await call<GetRecordsOutput>(test, 'GetRecords', { ShardIterator });

    expect(described.StreamDescription?.StreamStatus).toBe('DISABLED');
    expect(answer.Records).toHaveLength(1);
    expect(answer).not.toHaveProperty('NextShardIterator');
    await test.advance(DAY_MS);
    await expect(call(test, 'DescribeStream', { StreamArn: arn })).rejects.toThrow(
      `Requested resource not found: Stream: ${arn} not found`,
    );
  });

  it('is another one when it is enabled again', async () => {
    const { test, arn } = await withTable();
    const update = (StreamSpecification: object) =>
      test.call('dynamodb', 'UpdateTable', { TableName, StreamSpecification });
    await update({ StreamEnabled: false });
    await put(test);
    await update({ StreamEnabled: true, StreamViewType: 'KEYS_ONLY' });

    const { Streams } = await call<ListStreamsOutput>(test, 'ListStreams', { TableName });

    expect(Streams?.map((stream) => stream.StreamLabel)).toEqual([
      '2025-01-01T00:00:00.000',
      '2025-01-01T00:00:00.001',
    ]);
    expect(await read(test, arn)).toHaveLength(0);
  });

  it('survives a restart with its records and goes on', async () => {
    const store = new MapStore();
    const { test: before, arn } = await withTable('NEW_IMAGE', { store });
    await put(before, { raw: { B: new Uint8Array([1, 2]) } });

    const after = new TestEngine({ store, start: before.clock.now() });
    await put(after, { raw: { B: new Uint8Array([3]) } });

    const records = await read(after, arn);
    expect(records.map((record) => [...(record.dynamodb?.NewImage?.['raw']?.B ?? [])])).toEqual([[1, 2], [3]]);
  });
});
