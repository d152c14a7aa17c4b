import { base64OfBytes } from '@holdfast/kernel';
import type { SourceRecord } from '../../core/index.ts';
import type { KinesisRecord } from './shard.ts';

/**
 * A record as event source mappings hand it to functions; they add `invokeIdentityArn`, the role they read with.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
export const sourceRecord = (record: KinesisRecord, shardId: string, streamArn: string): SourceRecord => ({
  sequenceNumber: record.sequenceNumber,
  orderKey: record.partitionKey,
  arrivedAt: record.arrivedAt,
  eventRecord: () => ({
    kinesis: {
      kinesisSchemaVersion: '1.0',
      partitionKey: record.partitionKey,
      sequenceNumber: record.sequenceNumber,
      data: base64OfBytes(record.data),
      approximateArrivalTimestamp: record.arrivedAt / 1_000,
    },
    eventSource: 'aws:kinesis',
    eventVersion: '1.0',
    eventID: `${shardId}:${record.sequenceNumber}`,
    eventName: 'aws:kinesis:record',
    awsRegion: streamArn.split(':')[3],
    eventSourceARN: streamArn,
  }),
});
