import type {
  GetRecordsOutput,
  GetShardIteratorOutput,
  ListShardsOutput,
  PutRecordOutput,
  PutRecordsOutput,
  StreamDescriptionSummary,
} from '@aws-sdk/client-kinesis';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '@holdfast/kernel';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';

const NAME = { StreamName: 'orders' };
const FIRST = 'shardId-000000000000';

const call = <Output = Record<string, unknown>>(test: TestEngine, action: string, input: object) =>
  test.call<Output>('kinesis', action, input);

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (data: Uint8Array | undefined): string => new TextDecoder().decode(data);

const withStream = async (ShardCount = 1, options: ConstructorParameters<typeof TestEngine>[0] = {}) => {
  const test = new TestEngine(options);
  await call(test, 'CreateStream', { ...NAME, ShardCount });
  return test;
};

const put = (test: TestEngine, data: string, PartitionKey = 'k', rest: object = {}) =>
  call<PutRecordOutput>(test, 'PutRecord', { ...NAME, Data: bytes(data), PartitionKey, ...rest });

const iterator = async (test: TestEngine, input: object = {}): Promise<string> => {
  const request = { ...NAME, ShardId: FIRST, ShardIteratorType: 'TRIM_HORIZON', ...input };
  return (await call<GetShardIteratorOutput>(test, 'GetShardIterator', request)).ShardIterator as string;
};

const read = async (test: TestEngine, input: object = {}) => {
  const ShardIterator = await iterator(test, input);
  const { Records } = await call<GetRecordsOutput>(test, 'GetRecords', { ShardIterator });
  return (Records ?? []).map((record) => textOf(record.Data));
};

const shards = async (test: TestEngine, input: object = {}) =>
  (await call<ListShardsOutput>(test, 'ListShards', { ...NAME, ...input })).Shards ?? [];

describe('streams', () => {
  it('are active as soon as they are created, with their shards side by side', async () => {
    const test = await withStream(2);

    const { StreamDescription } = await call(test, 'DescribeStream', NAME);

    expect(StreamDescription).toMatchObject({
      StreamARN: 'arn:aws:kinesis:us-east-1:000000000000:stream/orders',
      StreamStatus: 'ACTIVE',
      StreamModeDetails: { StreamMode: 'PROVISIONED' },
      RetentionPeriodHours: 24,
      EncryptionType: 'NONE',
      HasMoreShards: false,
      Shards: [
        {
          ShardId: FIRST,
          HashKeyRange: { StartingHashKey: '0', EndingHashKey: '170141183460469231731687303715884105727' },
        },
        {
          ShardId: 'shardId-000000000001',
          HashKeyRange: {
            StartingHashKey: '170141183460469231731687303715884105728',
            EndingHashKey: '340282366920938463463374607431768211455',
          },
        },
      ],
    });
  });

  it('begin with four shards on demand', async () => {
    const test = new TestEngine();
    await call(test, 'CreateStream', { ...NAME, StreamModeDetails: { StreamMode: 'ON_DEMAND' } });

    const { StreamDescriptionSummary: summary } = await call<{ StreamDescriptionSummary: StreamDescriptionSummary }>(
      test,
      'DescribeStreamSummary',
      NAME,
    );

    expect(summary).toMatchObject({ OpenShardCount: 4, StreamModeDetails: { StreamMode: 'ON_DEMAND' } });
  });

  it('are refused twice and missed once gone, in the words of AWS', async () => {
    const test = await withStream();

    await expect(call(test, 'CreateStream', { ...NAME, ShardCount: 1 })).rejects.toMatchObject({
      code: 'ResourceInUseException',
      message: 'Stream orders under account 000000000000 already exists.',
    });
    await call(test, 'DeleteStream', NAME);
    await expect(call(test, 'DescribeStream', NAME)).rejects.toMatchObject({
      code: 'ResourceNotFoundException',
      message: 'Stream orders under account 000000000000 not found.',
    });
  });

  it('refuse enhanced fan-out by name', async () => {
    const test = await withStream();

    const answer = call(test, 'SubscribeToShard', { ConsumerARN: 'x', ShardId: FIRST });

    await expect(answer).rejects.toThrow('Holdfast does not support Amazon Kinesis SubscribeToShard.');
  });

  it('keep tags, encryption and mode', async () => {
    const test = await withStream();
    const ResourceARN = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders';

    await call(test, 'AddTagsToStream', { ...NAME, Tags: { b: '2', a: '1' } });
    await call(test, 'TagResource', { ResourceARN, Tags: { c: '3' } });
    await call(test, 'RemoveTagsFromStream', { ...NAME, TagKeys: ['b'] });
    await call(test, 'StartStreamEncryption', { ...NAME, EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' });

    expect(await call(test, 'ListTagsForStream', { ...NAME, Limit: 1 })).toEqual({
      Tags: [{ Key: 'a', Value: '1' }],
      HasMoreTags: true,
    });
    expect(await put(test, 'x')).toMatchObject({ EncryptionType: 'KMS' });
    expect(await call(test, 'DescribeStreamSummary', NAME)).toMatchObject({
      StreamDescriptionSummary: { EncryptionType: 'KMS', KeyId: 'alias/aws/kinesis' },
    });
  });

  it('take a retention period between a day and a year, in the right direction', async () => {
    const test = await withStream();
    const increase = (RetentionPeriodHours: number) =>
      call(test, 'IncreaseStreamRetentionPeriod', { ...NAME, RetentionPeriodHours });

    await increase(8_760);
    await expect(increase(24)).rejects.toMatchObject({
      code: 'InvalidArgumentException',
      message:
        'Requested retention period (24 hours) for stream orders can not be shorter than existing retention period (8760 hours). Use DecreaseRetentionPeriod API.',
    });
    await expect(increase(23)).rejects.toThrow(
      'Minimum allowed retention period is 24 hours. Requested retention period (23 hours) is too short.',
    );
    await expect(increase(8_761)).rejects.toThrow('Maximum allowed retention period is 8760 hours.');
  });
});

describe('records', () => {
  it('get increasing sequence numbers of 56 digits and come back in order', async () => {
    const test = await withStream();
    const numbers: string[] = [];
    for (const data of ['a', 'b', 'c']) numbers.push((await put(test, data)).SequenceNumber as string);

    expect(numbers.every((number) => /^\d{56}$/.test(number))).toBe(true);
    expect([...numbers].sort()).toEqual(numbers);
    expect(await read(test)).toEqual(['a', 'b', 'c']);
    expect(await read(test, { ShardIteratorType: 'AT_SEQUENCE_NUMBER', StartingSequenceNumber: numbers[1] })).toEqual([
      'b',
      'c',
    ]);
    expect(
      await read(test, { ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', StartingSequenceNumber: numbers[1] }),
    ).toEqual(['c']);
  });

  it('go to the shard of the MD5 of their key, or of the explicit hash key', async () => {
    const test = await withStream(2);

    const answer = await call<PutRecordsOutput>(test, 'PutRecords', {
      ...NAME,
      Records: [
        // MD5 of "a" begins with 0c, of "b" with 92.
        { Data: bytes('1'), PartitionKey: 'a' },
        { Data: bytes('2'), PartitionKey: 'b' },
        { Data: bytes('3'), PartitionKey: 'a', ExplicitHashKey: '340282366920938463463374607431768211455' },
      ],
    });

    expect(answer.FailedRecordCount).toBe(0);
    expect(answer.Records?.map((record) => record.ShardId?.slice(-1))).toEqual(['0', '1', '1']);
    const tooGreat = put(test, 'x', 'k', { ExplicitHashKey: '340282366920938463463374607431768211456' });
    await expect(tooGreat).rejects.toThrow(
      'Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified value was 340282366920938463463374607431768211456',
    );
  });

  it('are limited in size and number', async () => {
    const test = await withStream();

    await expect(
      call(test, 'PutRecord', { ...NAME, Data: new Uint8Array(1_048_577), PartitionKey: 'k' }),
    ).rejects.toMatchObject({
      code: 'ValidationException',
      message:
        "1 validation error detected: Value 'java.nio.HeapByteBuffer[pos=0 lim=1048577 cap=1048577]' at 'data' failed to satisfy constraint: Member must have length less than or equal to 1048576",
    });
    const Records = Array.from({ length: 501 }, () => ({ Data: bytes('x'), PartitionKey: 'k' }));
    await expect(call(test, 'PutRecords', { ...NAME, Records })).rejects.toThrow(
      "at 'records' failed to satisfy constraint: Member must have length less than or equal to 500",
    );
  });

  it('are read from the latest on, or from a time on', async () => {
    const test = await withStream();
    await put(test, 'old');
    await test.advance(MINUTE_MS);
    const latest = await iterator(test, { ShardIteratorType: 'LATEST' });
    const Timestamp = new Date(test.clock.now());
    await put(test, 'new');

    const { Records } = await call<GetRecordsOutput>(test, 'GetRecords', { ShardIterator: latest });

    expect(Records?.map((record) => textOf(record.Data))).toEqual(['new']);
    expect(await read(test, { ShardIteratorType: 'AT_TIMESTAMP', Timestamp })).toEqual(['new']);
  });

  it('tell how far behind a reader is', async () => {
    const test = await withStream();
    await put(test, 'a');
    await test.advance(1_000);
    await put(test, 'b');
    await test.advance(1_000);

    const ShardIterator = await iterator(test);
    const first = await call<GetRecordsOutput>(test, 'GetRecords', { ShardIterator, Limit: 1 });
    const second = await call<GetRecordsOutput>(test, 'GetRecords', { ShardIterator: first.NextShardIterator });

    expect([first.MillisBehindLatest, second.MillisBehindLatest]).toEqual([2_000, 0]);
    expect(second.NextShardIterator).toBeDefined();
  });

  it('cannot be read with an iterator older than five minutes', async () => {
    const test = await withStream();
    const ShardIterator = await iterator(test);

    await test.advance(300_000);
    await call(test, 'GetRecords', { ShardIterator });
    await test.advance(1);

    await expect(call(test, 'GetRecords', { ShardIterator })).rejects.toMatchObject({
      code: 'ExpiredIteratorException',
      message:
        'Iterator expired. The iterator was created at time Wed Jan 01 00:00:00 UTC 2025 while right now it is Wed Jan 01 00:05:00 UTC 2025 which is further in the future than the tolerated delay of 300000 milliseconds.',
    });
    await expect(call(test, 'GetRecords', { ShardIterator: 'AAAA' })).rejects.toThrow('Invalid ShardIterator.');
  });

  it('leave the stream when their retention period is over, and come no earlier in the order afterwards', async () => {
    const test = await withStream();
    const first = await put(test, 'a');
    await test.advance(DAY_MS - 1);
    expect(await read(test)).toEqual(['a']);

    await test.advance(1);

    expect(await read(test)).toEqual([]);
    const next = await put(test, 'b');
    expect(String(next.SequenceNumber) > String(first.SequenceNumber)).toBe(true);
  });

  it('refuse sequence numbers of other shards', async () => {
    const test = await withStream(2);
    const { SequenceNumber } = await put(test, 'x', 'a');
    const from = (StartingSequenceNumber: string | undefined, ShardId: string, type = 'AT_SEQUENCE_NUMBER') =>
      iterator(test, { ShardId, ShardIteratorType: type, StartingSequenceNumber });

    await expect(from(SequenceNumber, 'shardId-000000000001')).rejects.toThrow(
      'Invalid StartingSequenceNumber. It encodes shardId-000000000000, while it was used in a call to a shard with shardId-000000000001',
    );
    await expect(from('5', FIRST)).rejects.toThrow(
      'StartingSequenceNumber 5 used in GetShardIterator on shard shardId-000000000000 in stream orders under account 000000000000 is invalid.',
    );
    await expect(from(undefined, FIRST)).rejects.toThrow(
      'Request specified AT_SEQUENCE_NUMBER and no StartingSequenceNumber.',
    );
    await expect(from(undefined, 'shardId-000000000007', 'LATEST')).rejects.toThrow(
      'Shard shardId-000000000007 in stream orders under account 000000000000 does not exist',
    );
  });
});

describe('resharding', () => {
  it('closes the parent of a split and opens its children', async () => {
    const test = await withStream();
    await put(test, 'before');

    await call(test, 'SplitShard', {
      ...NAME,
      ShardToSplit: FIRST,
      NewStartingHashKey: '170141183460469231731687303715884105728',
    });
    const after = await put(test, 'after', 'a');

    expect(after.ShardId).toBe('shardId-000000000001');
    const [parent, ...children] = await shards(test);
    expect(parent?.SequenceNumberRange?.EndingSequenceNumber).toBeDefined();
    expect(children.map((shard) => shard.ParentShardId)).toEqual([FIRST, FIRST]);
    const ShardIterator = await iterator(test);
    const end = await call<GetRecordsOutput>(test, 'GetRecords', { ShardIterator });
    expect(end.NextShardIterator).toBeUndefined();
    expect(end.ChildShards?.map((child) => child.ShardId)).toEqual(['shardId-000000000001', 'shardId-000000000002']);
    expect((await shards(test, { ShardFilter: { Type: 'AT_LATEST' } })).length).toBe(2);
    expect((await shards(test, { ShardFilter: { Type: 'AT_TRIM_HORIZON' } })).map((shard) => shard.ShardId)).toEqual([
      FIRST,
    ]);
  });

  it('merges adjacent shards only', async () => {
    const test = await withStream(3);
    const merge = (a: number, b: number) =>
      call(test, 'MergeShards', {
        ...NAME,
        ShardToMerge: `shardId-00000000000${a}`,
        AdjacentShardToMerge: `shardId-00000000000${b}`,
      });

    await expect(merge(0, 2)).rejects.toThrow(
      'Shards shardId-000000000000 and shardId-000000000002 in stream orders under account 000000000000 are not an adjacent pair of shards eligible for merging',
    );
    await merge(0, 1);
    await expect(merge(0, 2)).rejects.toThrow('has already been merged or split');

    const child = (await shards(test)).at(-1);
    expect(child).toMatchObject({ ParentShardId: FIRST, AdjacentParentShardId: 'shardId-000000000001' });
  });

  it('forgets closed shards when their last record has expired', async () => {
    const test = await withStream();
    await call(test, 'UpdateShardCount', { ...NAME, TargetShardCount: 2, ScalingType: 'UNIFORM_SCALING' });

    await test.advance(25 * HOUR_MS);

    expect((await shards(test)).map((shard) => shard.ShardId?.slice(-1))).toEqual(['1', '2']);
    await put(test, 'still', 'a');
  });

  it('doubles or halves at most', async () => {
    const test = await withStream(2);
    const update = (TargetShardCount: number) =>
      call(test, 'UpdateShardCount', { ...NAME, TargetShardCount, ScalingType: 'UNIFORM_SCALING' });

    await expect(update(5)).rejects.toThrow(
      'UpdateShardCount cannot scale up over double your current open shard count.',
    );
    expect(await update(3)).toMatchObject({ CurrentShardCount: 2, TargetShardCount: 3 });
  });

  it('always covers every hash key exactly once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 24 }), { maxLength: 8 }), async (targets) => {
        const test = await withStream(3);
        for (const TargetShardCount of targets) {
          await call(test, 'UpdateShardCount', { ...NAME, TargetShardCount, ScalingType: 'UNIFORM_SCALING' }).catch(
            () => undefined,
          );
        }
        let next = 0n;
        const open = await shards(test, { ShardFilter: { Type: 'AT_LATEST' } });
        const ranges = open
          .map((shard) => [
            BigInt(shard.HashKeyRange?.StartingHashKey ?? -1),
            BigInt(shard.HashKeyRange?.EndingHashKey ?? -1),
          ])
          .sort(([a = 0n], [b = 0n]) => (a < b ? -1 : 1));
        for (const [start, end] of ranges) {
          expect(start).toBe(next);
          next = (end as bigint) + 1n;
        }
        expect(next).toBe(1n << 128n);
      }),
      { numRuns: 50 },
    );
  });
});

describe('a restart', () => {
  it('brings back streams, shards and records, and goes on with greater sequence numbers', async () => {
    const store = new MapStore();
    const before = await withStream(1, { store });
    await put(before, 'a');
    await call(before, 'SplitShard', { ...NAME, ShardToSplit: FIRST, NewStartingHashKey: '5' });
    const { SequenceNumber: last } = await put(before, 'b', 'a');

    const after = new TestEngine({ store, start: before.clock.now() });

    expect(await read(after)).toEqual(['a']);
    expect(await read(after, { ShardId: 'shardId-000000000002' })).toEqual(['b']);
    const { SequenceNumber: next } = await put(after, 'c', 'a');
    expect(String(next) > String(last)).toBe(true);
  });
});
