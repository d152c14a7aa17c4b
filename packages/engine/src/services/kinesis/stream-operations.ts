import type * as Sdk from '@aws-sdk/client-kinesis';
import { base64OfText, textOfBase64 } from '@holdfast/kernel';
import { Constraints, type Operations, operation, type RequestContext } from '../../core/index.ts';
import { inUse, invalid, invalidArgument } from './errors.ts';
import { uniformStarts } from './hash-key.ts';
import { shardIndexOf } from './shard.ts';
import { describeShard, firstShards } from './shard-layout.ts';
import type { Stream, StreamMode } from './stream.ts';
import type { StreamNaming, StreamRegistry } from './stream-registry.ts';
import { checkTags } from './tag-operations.ts';

/** The stream after which a list goes on. */
const streamNameIn = (token: string): string => {
  const name = textOfBase64(token);
  if (name === undefined) throw invalidArgument('NextToken is invalid.');
  return name;
};

/** Shards of a new on-demand stream. */
const ON_DEMAND_SHARDS = 4;
const SHARDS_MAX = 20_000;
export const RETENTION_HOURS_MIN = 24;
export const RETENTION_HOURS_MAX = 8_760;
const DESCRIBED_SHARDS_MAX = 100;

const naming = ['StreamName', 'StreamARN'] as const;

const modeOf = (mode: string | undefined): StreamMode => {
  new Constraints().oneOf('streamModeDetails.streamMode', mode, ['PROVISIONED', 'ON_DEMAND']).check();
  return mode === 'ON_DEMAND' ? 'ON_DEMAND' : 'PROVISIONED';
};

const encryptionOf = ({ stored }: Stream) =>
  stored.encryptionKeyId === undefined
    ? ({ EncryptionType: 'NONE' } as const)
    : ({ EncryptionType: 'KMS', KeyId: stored.encryptionKeyId } as const);

const summaryOf = ({ stored }: Stream) => ({
  StreamName: stored.name,
  StreamARN: stored.arn,
  StreamStatus: 'ACTIVE' as const,
  StreamModeDetails: { StreamMode: stored.mode },
  StreamCreationTimestamp: new Date(stored.createdAt),
});

const describedOf = (stream: Stream) => ({
  ...summaryOf(stream),
  RetentionPeriodHours: stream.stored.retentionHours,
  EnhancedMonitoring: [{ ShardLevelMetrics: [] }],
  ...encryptionOf(stream),
});

const checkEncryption = ({
  EncryptionType,
  KeyId,
}: {
  readonly EncryptionType?: string | undefined;
  readonly KeyId?: string | undefined;
}): void => {
  new Constraints()
    .required('encryptionType', EncryptionType)
    .oneOf('encryptionType', EncryptionType, ['KMS', 'NONE'])
    .required('keyId', KeyId)
    .length('keyId', KeyId, 1, 2_048)
    .check();
};

/** Life and settings of streams. Every change counts at once: a stream is `ACTIVE` from the beginning. */
export const streamOperations = (streams: StreamRegistry): Operations<typeof Sdk> => {
  const changeRetention = (
    input: StreamNaming & { readonly RetentionPeriodHours: number | undefined },
    context: RequestContext,
    direction: 'longer' | 'shorter',
  ): Record<string, never> => {
    const hours = input.RetentionPeriodHours;
    new Constraints().required('retentionPeriodHours', hours).check();
    const stream = streams.require(input, context);
    const wanted = hours as number;
    const requested = `Requested retention period (${wanted} hours)`;
    if (wanted < RETENTION_HOURS_MIN) {
      throw invalidArgument(
        `Minimum allowed retention period is ${RETENTION_HOURS_MIN} hours. ${requested} is too short.`,
      );
    }
    if (wanted > RETENTION_HOURS_MAX) {
      throw invalidArgument(
        `Maximum allowed retention period is ${RETENTION_HOURS_MAX} hours. ${requested} is too long.`,
      );
    }
    const { retentionHours, name } = stream.stored;
    const existing = `existing retention period (${retentionHours} hours)`;
    if (direction === 'longer' && wanted < retentionHours) {
      throw invalidArgument(
        `${requested} for stream ${name} can not be shorter than ${existing}. Use DecreaseRetentionPeriod API.`,
      );
    }
    if (direction === 'shorter' && wanted > retentionHours) {
      throw invalidArgument(
        `${requested} for stream ${name} can not be longer than ${existing}. Use IncreaseRetentionPeriod API.`,
      );
    }
    if (wanted !== retentionHours) streams.change(stream, { retentionHours: wanted });
    return {};
  };

  return {
    CreateStream: operation(['StreamName', 'ShardCount', 'StreamModeDetails', 'Tags'], (input, context) => {
      new Constraints()
        .required('streamName', input.StreamName)
        .range('shardCount', input.ShardCount, 1, SHARDS_MAX)
        .check();
      // Recorded: who says neither mode nor shards gets a stream on demand.
      const unsaid = input.ShardCount === undefined ? 'ON_DEMAND' : 'PROVISIONED';
      const mode = modeOf(input.StreamModeDetails === undefined ? unsaid : input.StreamModeDetails.StreamMode);
      if (mode === 'ON_DEMAND' && input.ShardCount !== undefined) {
        throw invalid('ShardCount is not expected when StreamMode=ON_DEMAND');
      }
      if (mode === 'PROVISIONED' && input.ShardCount === undefined) {
        throw invalid('ShardCount must be provided when StreamMode is PROVISIONED.');
      }
      const { name, account, arn } = streams.locate({ StreamName: input.StreamName }, context);
      const tags = checkTags(input.Tags ?? {}, {}, name, account);
      if (streams.find(arn) !== undefined) throw inUse(`Stream ${name} under account ${account} already exists.`);
      const shards = firstShards(uniformStarts(input.ShardCount ?? ON_DEMAND_SHARDS), context.now);
      streams.create({
        id: streams.environment.ids.hex(16),
        arn,
        name,
        account,
        region: context.region,
        createdAt: context.now,
        mode,
        retentionHours: RETENTION_HOURS_MIN,
        encryptionKeyId: undefined,
        tags,
        shards,
        nextShardIndex: shards.length,
      });
      return {};
    }),

    DeleteStream: operation(
      // There are no registered consumers that it could concern.
      [...naming, 'EnforceConsumerDeletion'],
      (input, context) => {
        streams.delete(streams.require(input, context));
        return {};
      },
    ),

    DescribeStream: operation([...naming, 'Limit', 'ExclusiveStartShardId'], (input, context) => {
      new Constraints().range('limit', input.Limit, 1, 10_000).check();
      const stream = streams.require(input, context);
      const after = shardIndexOf(input.ExclusiveStartShardId ?? '') ?? -1;
      const rest = [...stream.shards.values()].filter((shard) => shard.stored.index > after);
      const page = rest.slice(0, Math.min(input.Limit ?? DESCRIBED_SHARDS_MAX, DESCRIBED_SHARDS_MAX));
      return {
        StreamDescription: {
          ...describedOf(stream),
          Shards: page.map(describeShard),
          HasMoreShards: page.length < rest.length,
        },
      };
    }),

    DescribeStreamSummary: operation(naming, (input, context) => {
      const stream = streams.require(input, context);
      return {
        StreamDescriptionSummary: {
          ...describedOf(stream),
          OpenShardCount: stream.openShards.length,
          ConsumerCount: 0,
        },
      };
    }),

    ListStreams: operation(['Limit', 'ExclusiveStartStreamName', 'NextToken'], (input, context) => {
      new Constraints().range('limit', input.Limit, 1, 10_000).check();
      const after = input.NextToken === undefined ? input.ExclusiveStartStreamName : streamNameIn(input.NextToken);
      const rest = streams.of(context).filter(({ stored }) => after === undefined || stored.name > after);
      const page = rest.slice(0, input.Limit ?? 100);
      const last = page.at(-1);
      const hasMore = page.length < rest.length;
      return {
        StreamNames: page.map(({ stored }) => stored.name),
        StreamSummaries: page.map(summaryOf),
        HasMoreStreams: hasMore,
        ...(hasMore && last !== undefined ? { NextToken: base64OfText(last.stored.name) } : {}),
      };
    }),

    IncreaseStreamRetentionPeriod: operation([...naming, 'RetentionPeriodHours'], (input, context) =>
      changeRetention(input, context, 'longer'),
    ),

    DecreaseStreamRetentionPeriod: operation([...naming, 'RetentionPeriodHours'], (input, context) =>
      changeRetention(input, context, 'shorter'),
    ),

    StartStreamEncryption: operation([...naming, 'EncryptionType', 'KeyId'], (input, context) => {
      checkEncryption(input);
      streams.change(streams.require(input, context), { encryptionKeyId: input.KeyId });
      return {};
    }),

    StopStreamEncryption: operation([...naming, 'EncryptionType', 'KeyId'], (input, context) => {
      checkEncryption(input);
      streams.change(streams.require(input, context), { encryptionKeyId: undefined });
      return {};
    }),

    UpdateStreamMode: operation(['StreamARN', 'StreamModeDetails'], (input, context) => {
      new Constraints().required('streamModeDetails', input.StreamModeDetails).check();
      const mode = modeOf(input.StreamModeDetails?.StreamMode);
      streams.change(streams.require(input, context), { mode });
      return {};
    }),
  };
};
