import type { ListShardsOutput, ListStreamsOutput } from '@aws-sdk/client-kinesis';
import { describe, expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

const call = <Output = Record<string, unknown>>(test: TestEngine, action: string, input: object = {}) =>
  test.call<Output>('kinesis', action, input);
const arn = (name: string) => `arn:aws:kinesis:us-east-1:000000000000:stream/${name}`;

const withStreams = async (...names: readonly string[]): Promise<TestEngine> => {
  const test = new TestEngine();
  for (const StreamName of names) await call(test, 'CreateStream', { StreamName, ShardCount: 3 });
  return test;
};

describe('lists of streams', () => {
  it('go on after a name or by a token, in order of names', async () => {
    const test = await withStreams('b', 'd', 'a', 'c');

    const first = await call<ListStreamsOutput>(test, 'ListStreams', { Limit: 2 });
    const byToken = await call<ListStreamsOutput>(test, 'ListStreams', { NextToken: first.NextToken });
    const byName = await call<ListStreamsOutput>(test, 'ListStreams', { ExclusiveStartStreamName: 'c' });

    expect([first.StreamNames, first.HasMoreStreams]).toEqual([['a', 'b'], true]);
    expect([byToken.StreamNames, byToken.HasMoreStreams]).toEqual([['c', 'd'], false]);
    expect(byName.StreamNames).toEqual(['d']);
    await expect(call(test, 'ListStreams', { NextToken: '%' })).rejects.toMatchObject({
      code: 'InvalidArgumentException',
      message: 'NextToken is invalid.',
    });
  });

  it('have the streams of the caller alone', async () => {
    const test = await withStreams('mine');

    const other = await test.call<ListStreamsOutput>('kinesis', 'ListStreams', {}, { account: '111111111111' });

    expect(other.StreamNames).toEqual([]);
  });
});

describe('lists of shards', () => {
  const ids = ({ Shards }: ListShardsOutput) => Shards?.map(({ ShardId }) => ShardId?.at(-1)).join('');

  it('go on by a token alone, which names the stream', async () => {
    const test = await withStreams('orders');

    const first = await call<ListShardsOutput>(test, 'ListShards', { StreamName: 'orders', MaxResults: 2 });
    const second = await call<ListShardsOutput>(test, 'ListShards', { NextToken: first.NextToken });

    expect([ids(first), ids(second)]).toEqual(['01', '2']);
    expect(second).not.toHaveProperty('NextToken');
    await expect(call(test, 'ListShards', { StreamName: 'orders', NextToken: first.NextToken })).rejects.toMatchObject({
      code: 'InvalidArgumentException',
    });
    await expect(call(test, 'ListShards', { NextToken: 'bm8=' })).rejects.toMatchObject({
      code: 'InvalidArgumentException',
      message: 'NextToken is invalid.',
    });
  });

  it('may leave out those that are closed, or begin after one', async () => {
    const test = await withStreams('orders');
    const NewStartingHashKey = '1000';
    await call(test, 'SplitShard', { StreamName: 'orders', ShardToSplit: 'shardId-000000000000', NewStartingHashKey });
    const list = async (input: object) =>
      ids(await call<ListShardsOutput>(test, 'ListShards', { StreamName: 'orders', ...input }));

    expect(await list({})).toBe('01234');
    expect(await list({ ShardFilter: { Type: 'AT_LATEST' } })).toBe('1234');
    expect(await list({ ExclusiveStartShardId: 'shardId-000000000002' })).toBe('34');
    expect(await list({ ShardFilter: { Type: 'AFTER_SHARD_ID', ShardId: 'shardId-000000000003' } })).toBe('4');
  });
});

describe('tags', () => {
  it('are the same by the older calls and by the newer ones', async () => {
    const test = await withStreams('orders');
    const [StreamName, ResourceARN] = ['orders', arn('orders')];
    await call(test, 'AddTagsToStream', { StreamName, Tags: { b: '2' } });
    await call(test, 'TagResource', { ResourceARN, Tags: { a: '1' } });
    const expected = [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ];

    expect(await call(test, 'ListTagsForResource', { ResourceARN })).toEqual({ Tags: expected });
    expect(await call(test, 'ListTagsForStream', { StreamName })).toEqual({ Tags: expected, HasMoreTags: false });
    const after = { StreamName, ExclusiveStartTagKey: 'a' };
    expect(await call(test, 'ListTagsForStream', after)).toEqual({ Tags: expected.slice(1), HasMoreTags: false });
    await call(test, 'UntagResource', { ResourceARN, TagKeys: ['b', 'none'] });
    expect(await call(test, 'ListTagsForResource', { ResourceARN })).toEqual({ Tags: expected.slice(0, 1) });
  });

  it('are fifty at most, and of a bounded length', async () => {
    const test = await withStreams('orders');
    const Tags = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`k${index}`, 'v']));
    await call(test, 'AddTagsToStream', { StreamName: 'orders', Tags });

    await expect(call(test, 'AddTagsToStream', { StreamName: 'orders', Tags: { more: 'v' } })).rejects.toMatchObject({
      code: 'InvalidArgumentException',
      message: expect.stringContaining('cannot have more than 50 tags'),
    });
    await expect(
      call(test, 'AddTagsToStream', { StreamName: 'orders', Tags: { ['k'.repeat(129)]: 'v' } }),
    ).rejects.toMatchObject({ code: 'ValidationException' });
  });
});
