import { makeArn } from '@holdfast/aws-model';
import { type EventOrigin, originOf, textOf } from './identity.ts';

/** What an event source mapping of a stream hands to its function. */
export interface KinesisEvent {
  Records: {
    kinesis: {
      kinesisSchemaVersion: '1.0';
      partitionKey: string;
      sequenceNumber: string;
      /** Base64. */
      data: string;
      /** Seconds. */
      approximateArrivalTimestamp: number;
    };
    eventSource: 'aws:kinesis';
    eventVersion: '1.0';
    eventID: string;
    eventName: 'aws:kinesis:record';
    invokeIdentityArn: string;
    awsRegion: string;
    eventSourceARN: string;
  }[];
}

/** A record, as far as a test cares. */
export interface KinesisRecordInput {
  /** Bytes, text, or what is put as JSON. */
  readonly data: unknown;
  /** @defaultValue key */
  readonly partitionKey?: string;
}

/** Where the records come from. */
export interface KinesisEventOptions extends EventOrigin {
  /** @defaultValue stream */
  readonly stream?: string;
  /** Number of the shard, from 0. @defaultValue 0 */
  readonly shard?: number;
}

/** Every sequence number of this shape is above the first of its shard. */
const SEQUENCE_BASE = 49_546_986_683_135_544_286_507_457_936_321_625_675_700_192_471_156_785_154n;

/** An event of records of one shard: sequence numbers rise, and event ids name shard and number. */
export const kinesisEvent = (
  records: readonly KinesisRecordInput[],
  options: KinesisEventOptions = {},
): KinesisEvent => {
  const { account, region, at } = originOf(options);
  const { stream = 'stream', shard = 0 } = options;
  const shardId = `shardId-${String(shard).padStart(12, '0')}`;
  return {
    Records: records.map(({ data, partitionKey = 'key' }, index) => {
      const sequenceNumber = String(SEQUENCE_BASE + BigInt(index));
      return {
        kinesis: {
          kinesisSchemaVersion: '1.0',
          partitionKey,
          sequenceNumber,
          data: Buffer.from(data instanceof Uint8Array ? data : Buffer.from(textOf(data, 'data'))).toString('base64'),
          approximateArrivalTimestamp: at.getTime() / 1_000,
        },
        eventSource: 'aws:kinesis',
        eventVersion: '1.0',
        eventID: `${shardId}:${sequenceNumber}`,
        eventName: 'aws:kinesis:record',
        invokeIdentityArn: makeArn('iam', '', account, 'role/reader'),
        awsRegion: region,
        eventSourceARN: makeArn('kinesis', region, account, `stream/${stream}`),
      };
    }),
  };
};
