import type * as Sdk from '@aws-sdk/client-kinesis';
import type { ShardFilter } from '@aws-sdk/client-kinesis';
import { base64OfText, type EpochMs, textOfBase64 } from '@holdfast/kernel';
import { Constraints, type Operations, operation } from '../../core/index.ts';
import { invalid, invalidArgument, limitExceeded, notFound } from './errors.ts';
import { uniformStarts } from './hash-key.ts';
import { type Shard, shardIdOf, shardIndexOf } from './shard.ts';
import { describeShard, Resharding } from './shard-layout.ts';
import type { Stream } from './stream.ts';
import type { StreamRegistry } from './stream-registry.ts';

const HASH_KEY = /^(?:0|[1-9]\d{0,38})$/;
const HASH_KEY_SHOWN = '0|([1-9]\\d{0,38})';
const FILTERS = [
  'AFTER_SHARD_ID',
  'AT_TRIM_HORIZON',
  'FROM_TRIM_HORIZON',
  'AT_LATEST',
  'AT_TIMESTAMP',
  'FROM_TIMESTAMP',
];
const LISTED_SHARDS_DEFAULT = 1_000;

const requireShard = (stream: Stream, shardId: string): Shard => {
  const index = shardIndexOf(shardId);
  const shard = index === undefined ? undefined : stream.shards.get(index);
  if (shard !== undefined) return shard;
  const shown = index === undefined ? shardId : shardIdOf(index);
  const { name, account } = stream.stored;
  throw notFound(`Could not find shard ${shown} in stream ${name} under account ${account}.`);
};

const requireOpen = (stream: Stream, shardId: string): Shard => {
  const shard = requireShard(stream, shardId);
  if (shard.isOpen) return shard;
  const { name, account } = stream.stored;
  throw invalidArgument(
    `Shard ${shard.id} in stream ${name} under account ${account} has already been merged or split, and thus is not eligible for merging or splitting.`,
  );
};

const refuseOnDemand = ({ stored }: Stream, action: string): void => {
  if (stored.mode === 'PROVISIONED') return;
  throw invalid(`Request is invalid. ${action} is not supported for stream ${stored.name} in ON_DEMAND mode.`);
};

/** Which shards a ListShards filter shows, by when they were open. */
const filterOf = (filter: ShardFilter | undefined, stream: Stream): ((shard: Shard) => boolean) => {
  const openAt = (at: EpochMs) => (shard: Shard) =>
    shard.stored.openedAt <= at && (shard.stored.closedAt === undefined || shard.stored.closedAt > at);
  const timestamp = (): EpochMs => {
    if (filter?.Timestamp === undefined) throw invalidArgument(`Timestamp is required for filter ${filter?.Type}.`);
    return Math.max(filter.Timestamp.getTime(), stream.stored.createdAt);
  };
  switch (filter?.Type) {
    case 'AT_LATEST':
      return (shard) => shard.isOpen;
    case 'AT_TRIM_HORIZON': {
      // Every closed shard that is still kept was open at the trim horizon unless it came into being later.
      const kept = new Set([...stream.shards.values()].map((shard) => shard.id));
      return (shard) => shard.parentIds.every((id) => !kept.has(id));
    }
    case 'AT_TIMESTAMP':
      return openAt(timestamp());
    case 'FROM_TIMESTAMP': {
      const from = timestamp();
      return ({ stored }) => stored.closedAt === undefined || stored.closedAt > from;
    }
    case 'AFTER_SHARD_ID': {
      const after = shardIndexOf(filter.ShardId ?? '');
      if (after === undefined) throw invalidArgument('ShardId is required for filter AFTER_SHARD_ID.');
      return ({ stored }) => stored.index > after;
    }
    default:
      return () => true;
  }
};

interface ListToken {
  readonly arn: string;
  readonly after: number;
  readonly filter: ShardFilter | undefined;
}

const readToken = (token: string): ListToken => {
  try {
    const { filter, ...rest } = JSON.parse(textOfBase64(token) ?? '') as ListToken;
    const at = filter?.Timestamp;
    return {
      ...rest,
      filter: at === undefined || filter === undefined ? filter : { ...filter, Timestamp: new Date(at) },
    };
  } catch {
    throw invalidArgument('NextToken is invalid.');
  }
};

/** Listing and changing the shards of streams. Shards close and open at once. */
export const shardOperations = (streams: StreamRegistry): Operations<typeof Sdk> => ({
  ListShards: operation(
    [
      'StreamName',
      'StreamARN',
      'NextToken',
      'ExclusiveStartShardId',
      'MaxResults',
      'ShardFilter',
      'StreamCreationTimestamp',
    ],
    (input, context) => {
      new Constraints()
        .range('maxResults', input.MaxResults, 1, 10_000)
        .oneOf('shardFilter.type', input.ShardFilter?.Type, FILTERS)
        .check();
      const { NextToken: given, StreamName, StreamARN } = input;
      if (given !== undefined && StreamName !== undefined) {
        throw invalidArgument('NextToken and StreamName cannot be provided together.');
      }
      if (given === undefined && StreamName === undefined && StreamARN === undefined) {
        throw invalidArgument('Either NextToken or StreamName should be provided.');
      }
      const token = given === undefined ? undefined : readToken(given);
      const stream = streams.require(token === undefined ? input : { StreamARN: token.arn }, context);
      const filter = token === undefined ? input.ShardFilter : token.filter;
      const after = token?.after ?? shardIndexOf(input.ExclusiveStartShardId ?? '') ?? -1;
      const isShown = filterOf(filter, stream);
      const rest = [...stream.shards.values()].filter((shard) => shard.stored.index > after && isShown(shard));
      const page = rest.slice(0, input.MaxResults ?? LISTED_SHARDS_DEFAULT);
      const last = page.at(-1);
      const next: ListToken | undefined =
        page.length < rest.length && last !== undefined
          ? { arn: stream.stored.arn, after: last.stored.index, filter }
          : undefined;
      return {
        Shards: page.map(describeShard),
        ...(next === undefined ? {} : { NextToken: base64OfText(JSON.stringify(next)) }),
      };
    },
  ),

  SplitShard: operation(['StreamName', 'StreamARN', 'ShardToSplit', 'NewStartingHashKey'], (input, context) => {
    new Constraints()
      .required('shardToSplit', input.ShardToSplit)
      .required('newStartingHashKey', input.NewStartingHashKey)
      .pattern('newStartingHashKey', input.NewStartingHashKey, HASH_KEY, HASH_KEY_SHOWN)
      .check();
    const stream = streams.require(input, context);
    refuseOnDemand(stream, 'SplitShard');
    const shard = requireOpen(stream, input.ShardToSplit as string);
    const at = BigInt(input.NewStartingHashKey as string);
    const { name, account } = stream.stored;
    if (at <= shard.start + 1n || at >= shard.end) {
      throw invalidArgument(
        `NewStartingHashKey ${at} used in SplitShard() on shard ${shard.id} in stream ${name} under account ${account} is not both greater than one plus the shard's StartingHashKey ${shard.start} and less than the shard's EndingHashKey ${shard.end}.`,
      );
    }
    const resharding = new Resharding(stream, context.now);
    resharding.split(shard.stored.index, at);
    streams.change(stream, resharding.change);
    return {};
  }),

  MergeShards: operation(['StreamName', 'StreamARN', 'ShardToMerge', 'AdjacentShardToMerge'], (input, context) => {
    new Constraints()
      .required('shardToMerge', input.ShardToMerge)
      .required('adjacentShardToMerge', input.AdjacentShardToMerge)
      .check();
    const stream = streams.require(input, context);
    refuseOnDemand(stream, 'MergeShards');
    const first = requireOpen(stream, input.ShardToMerge as string);
    const second = requireOpen(stream, input.AdjacentShardToMerge as string);
    const [left, right] = first.start < second.start ? [first, second] : [second, first];
    if (left.end + 1n !== right.start) {
      const { name, account } = stream.stored;
      throw invalidArgument(
        `Shards ${first.id} and ${second.id} in stream ${name} under account ${account} are not an adjacent pair of shards eligible for merging`,
      );
    }
    const resharding = new Resharding(stream, context.now);
    resharding.merge(left.stored.index, right.stored.index);
    streams.change(stream, resharding.change);
    return {};
  }),

  UpdateShardCount: operation(['StreamName', 'StreamARN', 'TargetShardCount', 'ScalingType'], (input, context) => {
    new Constraints()
      .required('targetShardCount', input.TargetShardCount)
      .range('targetShardCount', input.TargetShardCount, 1, Number.MAX_SAFE_INTEGER)
      .required('scalingType', input.ScalingType)
      .oneOf('scalingType', input.ScalingType, ['UNIFORM_SCALING'])
      .check();
    const stream = streams.require(input, context);
    refuseOnDemand(stream, 'UpdateShardCount');
    const target = input.TargetShardCount as number;
    const current = stream.openShards.length;
    const shown = `Current open shard count: ${current} Target shard count: ${target}`;
    if (target > current * 2) {
      throw limitExceeded(`UpdateShardCount cannot scale up over double your current open shard count. ${shown}`);
    }
    if (target < current / 2) {
      throw limitExceeded(`UpdateShardCount cannot scale down below half your current open shard count. ${shown}`);
    }
    const resharding = new Resharding(stream, context.now);
    resharding.reshape(stream.openShards, uniformStarts(target));
    streams.change(stream, resharding.change);
    const { name: StreamName, arn: StreamARN } = stream.stored;
    return { StreamName, CurrentShardCount: current, TargetShardCount: target, StreamARN };
  }),
});
