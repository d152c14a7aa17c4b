import type * as Sdk from '@aws-sdk/client-kinesis';
import type { GetShardIteratorCommandInput } from '@aws-sdk/client-kinesis';
import {
  Constraints,
  compareSequenceNumbers,
  type Operations,
  operation,
  type RequestContext,
} from '../../core/index.ts';
import { invalidArgument, notFound } from './errors.ts';
import { justBefore, parseSequenceNumber } from './sequence-number.ts';
import { type KinesisRecord, type Shard, shardIdOf, shardIndexOf } from './shard.ts';
import { readIterator, writeIterator } from './shard-iterator.ts';
import type { Stream } from './stream.ts';
import { recordStreamMetric } from './stream-metrics.ts';
import type { StreamRegistry } from './stream-registry.ts';

const RECORDS_MAX = 10_000;
const RESPONSE_BYTES_MAX = 10 * 1_048_576;

const ITERATOR_TYPES = ['AFTER_SEQUENCE_NUMBER', 'LATEST', 'AT_TIMESTAMP', 'AT_SEQUENCE_NUMBER', 'TRIM_HORIZON'];

const CHOICES =
  'Must either specify (1) AT_SEQUENCE_NUMBER or AFTER_SEQUENCE_NUMBER and StartingSequenceNumber or (2) TRIM_HORIZON or LATEST and no StartingSequenceNumber.';

/** The position before a shard's first record that arrived at `timestamp` or later. */
export const positionBefore = (shard: Shard, timestamp: number): string =>
  shard.log.lastBefore(timestamp)?.sequenceNumber ?? shard.startingSequenceNumber;

const checkedSequenceNumber = (given: string, shard: Shard, { stored }: Stream): string => {
  const where = `StartingSequenceNumber ${given} used in GetShardIterator on shard ${shard.id} in stream ${stored.name} under account ${stored.account} is invalid`;
  const parts = parseSequenceNumber(given);
  if (parts === undefined) throw invalidArgument(`${where}.`);
  if (parts.shardIndex !== shard.stored.index) {
    throw invalidArgument(
      `Invalid StartingSequenceNumber. It encodes ${shardIdOf(parts.shardIndex)}, while it was used in a call to a shard with ${shard.id}`,
    );
  }
  if (parts.shardCreatedAt !== Math.floor(shard.stored.createdAt / 1_000) * 1_000) {
    throw invalidArgument(`${where} because it did not come from this stream.`);
  }
  return given;
};

const startOf = (input: GetShardIteratorCommandInput, stream: Stream, shard: Shard, now: number): string => {
  const { ShardIteratorType: type, StartingSequenceNumber: given, Timestamp } = input;
  const isByNumber = type === 'AT_SEQUENCE_NUMBER' || type === 'AFTER_SEQUENCE_NUMBER';
  if (isByNumber && given === undefined) {
    throw invalidArgument(`${CHOICES} Request specified ${type} and no StartingSequenceNumber.`);
  }
  if (!isByNumber && given !== undefined) {
    throw invalidArgument(`${CHOICES} Request specified ${type} and also a StartingSequenceNumber.`);
  }
  switch (type) {
    case 'TRIM_HORIZON':
      return shard.startingSequenceNumber;
    case 'LATEST':
      return shard.lastSequenceNumber;
    case 'AT_TIMESTAMP': {
      if (Timestamp === undefined) {
        throw invalidArgument(
          'Must specify timestampInMillis parameter for iterator of type AT_TIMESTAMP. Current request has no timestamp parameter.',
        );
      }
      if (Timestamp.getTime() > now) {
        throw invalidArgument(
          `The timestampInMillis parameter cannot be greater than the currentTimestampInMillis. timestampInMillis: ${Timestamp.getTime()}, currentTimestampInMillis: ${now}`,
        );
      }
      return positionBefore(shard, Timestamp.getTime());
    }
    default: {
      const checked = checkedSequenceNumber(given as string, shard, stream);
      return type === 'AT_SEQUENCE_NUMBER' ? justBefore(checked) : checked;
    }
  }
};

const childrenOf = (stream: Stream, parent: Shard) =>
  [...stream.shards.values()]
    .filter((shard) => shard.parentIds.includes(parent.id))
    .map((shard) => ({
      ShardId: shard.id,
      ParentShards: [...shard.parentIds],
      HashKeyRange: { StartingHashKey: shard.stored.startHashKey, EndingHashKey: shard.stored.endHashKey },
    }));

/** The records that fit into one response. */
const within = (records: readonly KinesisRecord[]): readonly KinesisRecord[] => {
  let bytes = 0;
  const end = records.findIndex((record, index) => {
    bytes += record.data.byteLength;
    return bytes > RESPONSE_BYTES_MAX && index > 0;
  });
  return end < 0 ? records : records.slice(0, end);
};

/** Reading by iterators. */
export const readOperations = (streams: StreamRegistry): Operations<typeof Sdk> => {
  const requireShard = (shardId: string, arn: string, name: string, account: string): [Stream, Shard] => {
    const stream = streams.find(arn);
    const index = shardIndexOf(shardId);
    const shard = index === undefined ? undefined : stream?.shards.get(index);
    if (stream === undefined || shard === undefined) {
      const shown = index === undefined ? shardId : shardIdOf(index);
      throw notFound(`Shard ${shown} in stream ${name} under account ${account} does not exist`);
    }
    return [stream, shard];
  };

  return {
    GetShardIterator: operation(
      ['StreamName', 'StreamARN', 'ShardId', 'ShardIteratorType', 'StartingSequenceNumber', 'Timestamp'],
      (input, context: RequestContext) => {
        new Constraints()
          .required('shardId', input.ShardId)
          .length('shardId', input.ShardId, 1, 128)
          .required('shardIteratorType', input.ShardIteratorType)
          .oneOf('shardIteratorType', input.ShardIteratorType, ITERATOR_TYPES)
          .check();
        const { name, account, arn } = streams.locate(input, context);
        const [stream, shard] = requireShard(input.ShardId as string, arn, name, account);
        const afterSequenceNumber = startOf(input, stream, shard, context.now);
        const shardIndex = shard.stored.index;
        return {
          ShardIterator: writeIterator({ createdAt: context.now, streamArn: arn, shardIndex, afterSequenceNumber }),
        };
      },
    ),

    GetRecords: operation(
      // The iterator names the stream; an ARN only routes the call.
      ['ShardIterator', 'Limit', 'StreamARN'],
      (input, context) => {
        new Constraints()
          .required('shardIterator', input.ShardIterator)
          .length('shardIterator', input.ShardIterator, 1, 512)
          .range('limit', input.Limit, 1, RECORDS_MAX)
          .check();
        const { now } = context;
        const iterator = readIterator(input.ShardIterator as string, now);
        const [, , , , account, resource] = iterator.streamArn.split(':') as [
          string,
          string,
          string,
          string,
          string,
          string,
        ];
        const name = resource.slice(resource.indexOf('/') + 1);
        const [stream, shard] = requireShard(shardIdOf(iterator.shardIndex), iterator.streamArn, name, account);
        streams.encryption.check(stream, 'kms:Decrypt', context);
        const records = within(shard.log.readAfter(iterator.afterSequenceNumber, input.Limit ?? RECORDS_MAX));
        const last = records.at(-1);
        const after = last?.sequenceNumber ?? iterator.afterSequenceNumber;
        const isAtTip = compareSequenceNumbers(after, shard.lastSequenceNumber) >= 0;
        const behindMs = isAtTip || last === undefined ? 0 : now - last.arrivedAt;
        recordStreamMetric(
          streams.environment.metrics,
          stream,
          'GetRecords.IteratorAgeMilliseconds',
          behindMs,
          'Milliseconds',
          now,
        );
        return {
          Records: records.map((record) => ({
            SequenceNumber: record.sequenceNumber,
            ApproximateArrivalTimestamp: new Date(record.arrivedAt),
            Data: record.data,
            PartitionKey: record.partitionKey,
            ...(stream.stored.encryptionKeyId === undefined ? {} : ({ EncryptionType: 'KMS' } as const)),
          })),
          MillisBehindLatest: behindMs,
          ...(isAtTip && !shard.isOpen
            ? { ChildShards: childrenOf(stream, shard) }
            : { NextShardIterator: writeIterator({ ...iterator, createdAt: now, afterSequenceNumber: after }) }),
        };
      },
    ),
  };
};
