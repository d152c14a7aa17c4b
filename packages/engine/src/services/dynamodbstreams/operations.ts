import type * as Sdk from '@aws-sdk/client-dynamodb-streams';
import type { KeySchemaElement } from '@aws-sdk/client-dynamodb-streams';
import { base64OfText, type EpochMs, textOfBase64 } from '@holdfast/kernel';
import { Constraints, compareSequenceNumbers, type Operations, operation } from '../../core/index.ts';
import { type ChangeRecord, describeRecord } from './change-record.ts';
import { invalid, iteratorExpired, shardNotFound, streamNotFound, trimmed } from './errors.ts';
import { itemBytes } from './image.ts';
import type { StreamTable } from './stream-table.ts';
import type { TableStream } from './table-stream.ts';

/** How long an iterator may be used. */
export const ITERATOR_LIFETIME_MS = 15 * 60_000;

const RECORDS_MAX = 1_000;
const RESPONSE_BYTES_MAX = 1_048_576;
const ITERATOR_TYPES = ['AFTER_SEQUENCE_NUMBER', 'LATEST', 'AT_SEQUENCE_NUMBER', 'TRIM_HORIZON'];

interface Iterator {
  readonly createdAt: EpochMs;
  readonly streamArn: string;
  /** The next record is the first after it. */
  readonly afterSequenceNumber: string;
}

/** `<stream ARN>|1|<opaque>`, as AWS's look. */
const writeIterator = ({ createdAt, streamArn, afterSequenceNumber }: Iterator): string =>
  `${streamArn}|1|${base64OfText(`${createdAt}|${afterSequenceNumber}`)}`;

const readIterator = (text: string, now: EpochMs): Iterator => {
  const [streamArn = '', , opaque = ''] = text.split('|');
  const match = /^(\d+)\|(\d+)$/.exec(textOfBase64(opaque) ?? '');
  if (match === null) throw invalid('Invalid ShardIterator');
  const createdAt = Number(match[1]);
  if (now - createdAt > ITERATOR_LIFETIME_MS) throw iteratorExpired();
  return { createdAt, streamArn, afterSequenceNumber: match[2] as string };
};

const startOf = (stream: TableStream, type: string, given: string | undefined): string => {
  const isByNumber = type === 'AT_SEQUENCE_NUMBER' || type === 'AFTER_SEQUENCE_NUMBER';
  if (isByNumber !== (given !== undefined)) {
    throw invalid(
      isByNumber
        ? `SequenceNumber must be specified for ShardIteratorType ${type}`
        : `SequenceNumber must not be specified for ShardIteratorType ${type}`,
    );
  }
  if (type === 'TRIM_HORIZON') return stream.startingSequenceNumber;
  if (type === 'LATEST') return stream.lastSequenceNumber;
  if (!/^\d{21,40}$/.test(given as string)) throw invalid(`Invalid SequenceNumber: ${given}`);
  const number = BigInt(given as string);
  const oldest = stream.log.oldest?.sequenceNumber ?? stream.lastSequenceNumber;
  if (number > BigInt(stream.startingSequenceNumber) && compareSequenceNumbers(given as string, oldest) < 0) {
    throw trimmed();
  }
  return String(type === 'AT_SEQUENCE_NUMBER' ? number - 1n : number);
};

/** The records that fit into one response. */
const within = (records: readonly ChangeRecord[]): readonly ChangeRecord[] => {
  let bytes = 0;
  const end = records.findIndex(({ keys, newImage, oldImage }, index) => {
    bytes += itemBytes(keys) + itemBytes(newImage ?? {}) + itemBytes(oldImage ?? {});
    return bytes > RESPONSE_BYTES_MAX && index > 0;
  });
  return end < 0 ? records : records.slice(0, end);
};

/** What readers of streams call. */
export const streamsOperations = (streams: StreamTable): Operations<typeof Sdk> => {
  const require = (arn: string | undefined): TableStream => {
    new Constraints().required('streamArn', arn).length('streamArn', arn, 37, 1_024).check();
    const stream = streams.find(arn as string);
    if (stream === undefined) throw streamNotFound(arn as string);
    return stream;
  };

  return {
    ListStreams: operation(['TableName', 'Limit', 'ExclusiveStartStreamArn'], (input, context) => {
      new Constraints().range('limit', input.Limit, 1, 100).check();
      const { TableName: table, ExclusiveStartStreamArn: after } = input;
      const rest = streams
        .of(context.account, context.region)
        .filter(({ stored }) => table === undefined || stored.tableName === table || stored.tableArn === table)
        .filter(({ stored }) => after === undefined || stored.arn > after);
      const page = rest.slice(0, input.Limit ?? 100);
      const last = page.at(-1);
      return {
        Streams: page.map(({ stored }) => ({
          StreamArn: stored.arn,
          TableName: stored.tableName,
          StreamLabel: stored.label,
        })),
        ...(page.length < rest.length && last !== undefined ? { LastEvaluatedStreamArn: last.stored.arn } : {}),
      };
    }),

    DescribeStream: operation(['StreamArn', 'Limit', 'ExclusiveStartShardId'], (input) => {
      new Constraints().range('limit', input.Limit, 1, 100).check();
      const stream = require(input.StreamArn);
      const { stored } = stream;
      const after = input.ExclusiveStartShardId;
      const shard = {
        ShardId: stream.shardId,
        SequenceNumberRange: {
          StartingSequenceNumber: stream.startingSequenceNumber,
          ...(stream.isOpen ? {} : { EndingSequenceNumber: stream.lastSequenceNumber }),
        },
      };
      return {
        StreamDescription: {
          StreamArn: stored.arn,
          StreamLabel: stored.label,
          StreamStatus: stream.isOpen ? 'ENABLED' : 'DISABLED',
          StreamViewType: stored.viewType,
          CreationRequestDateTime: new Date(stored.createdAt),
          TableName: stored.tableName,
          KeySchema: stored.keySchema as KeySchemaElement[],
          Shards: after === undefined || stream.shardId > after ? [shard] : [],
        },
      };
    }),

    GetShardIterator: operation(['StreamArn', 'ShardId', 'ShardIteratorType', 'SequenceNumber'], (input, context) => {
      new Constraints()
        .required('shardId', input.ShardId)
        .length('shardId', input.ShardId, 28, 65)
        .required('shardIteratorType', input.ShardIteratorType)
        .oneOf('shardIteratorType', input.ShardIteratorType, ITERATOR_TYPES)
        .check();
      const stream = require(input.StreamArn);
      if (stream.shardId !== input.ShardId) throw shardNotFound(input.ShardId as string, stream.stored.arn);
      const afterSequenceNumber = startOf(stream, input.ShardIteratorType as string, input.SequenceNumber);
      const iterator = { createdAt: context.now, streamArn: stream.stored.arn, afterSequenceNumber };
      return { ShardIterator: writeIterator(iterator) };
    }),

    GetRecords: operation(['ShardIterator', 'Limit'], (input, context) => {
      new Constraints()
        .required('shardIterator', input.ShardIterator)
        .range('limit', input.Limit, 1, RECORDS_MAX)
        .check();
      const iterator = readIterator(input.ShardIterator as string, context.now);
      const stream = require(iterator.streamArn);
      const records = within(stream.log.readAfter(iterator.afterSequenceNumber, input.Limit ?? RECORDS_MAX));
      const afterSequenceNumber = records.at(-1)?.sequenceNumber ?? iterator.afterSequenceNumber;
      const isAtEnd = !stream.isOpen && compareSequenceNumbers(afterSequenceNumber, stream.lastSequenceNumber) >= 0;
      const next = writeIterator({ ...iterator, createdAt: context.now, afterSequenceNumber });
      return {
        Records: records.map((record) => describeRecord(record, stream.stored)),
        ...(isAtEnd ? {} : { NextShardIterator: next }),
      };
    }),
  };
};
