import { DynamoDBStreamsClient, GetRecordsCommand, GetShardIteratorCommand } from '@aws-sdk/client-dynamodb-streams';
import {
  KinesisClient,
  GetRecordsCommand as KinesisGetRecordsCommand,
  GetShardIteratorCommand as KinesisGetShardIteratorCommand,
} from '@aws-sdk/client-kinesis';
import type { Target } from './target.ts';
import type { Stays, StreamBatch, StreamEventOf } from './way-back.ts';

/** Sequence numbers are longer than numbers are exact, and as text they sort only at one length. */
const isAtMost = (sequence: string, last: string): boolean => BigInt(sequence) <= BigInt(last);

const regionOf = (arn: string): string => arn.split(':')[3] ?? '';

const GONE: Stays = { reason: 'its records are no longer in the stream: their retention has ended' };

/** As an event source mapping hands them over. */
const kinesisEvent = async (kinesis: KinesisClient, batch: StreamBatch): Promise<string | Stays> => {
  const { streamArn, shardId, startSequenceNumber, endSequenceNumber, batchSize } = batch;
  const { ShardIterator } = await kinesis.send(
    new KinesisGetShardIteratorCommand({
      StreamARN: streamArn,
      ShardId: shardId,
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
      StartingSequenceNumber: startSequenceNumber,
    }),
  );
  const { Records = [] } = await kinesis.send(
    new KinesisGetRecordsCommand({ StreamARN: streamArn, ShardIterator, Limit: batchSize }),
  );
  const found = Records.filter(({ SequenceNumber = '0' }) => isAtMost(SequenceNumber, endSequenceNumber));
  if (found.length < batchSize) return GONE;
  return JSON.stringify({
    Records: found.map(({ SequenceNumber, PartitionKey, Data, ApproximateArrivalTimestamp }) => ({
      kinesis: {
        kinesisSchemaVersion: '1.0',
        partitionKey: PartitionKey,
        sequenceNumber: SequenceNumber,
        data: Buffer.from(Data ?? []).toString('base64'),
        approximateArrivalTimestamp: (ApproximateArrivalTimestamp?.getTime() ?? 0) / 1_000,
      },
      eventSource: 'aws:kinesis',
      eventVersion: '1.0',
      eventID: `${shardId}:${SequenceNumber}`,
      eventName: 'aws:kinesis:record',
      awsRegion: regionOf(streamArn),
      eventSourceARN: streamArn,
    })),
  });
};

/** A stream's record as JSON has it: bytes in base 64, and times in seconds. */
const asJson = (_: string, value: unknown): unknown => {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (typeof value === 'object' && value !== null && 'ApproximateCreationDateTime' in value) {
    const { ApproximateCreationDateTime: at } = value;
    return at instanceof Date ? { ...value, ApproximateCreationDateTime: at.getTime() / 1_000 } : value;
  }
  return value;
};

const tableEvent = async (streams: DynamoDBStreamsClient, batch: StreamBatch): Promise<string | Stays> => {
  const { streamArn, shardId, startSequenceNumber, endSequenceNumber, batchSize } = batch;
  const { ShardIterator } = await streams.send(
    new GetShardIteratorCommand({
      StreamArn: streamArn,
      ShardId: shardId,
      ShardIteratorType: 'AT_SEQUENCE_NUMBER',
      SequenceNumber: startSequenceNumber,
    }),
  );
  const { Records = [] } = await streams.send(new GetRecordsCommand({ ShardIterator, Limit: batchSize }));
  const found = Records.filter(({ dynamodb }) => isAtMost(dynamodb?.SequenceNumber ?? '0', endSequenceNumber));
  if (found.length < batchSize) return GONE;
  return JSON.stringify({ Records: found.map((record) => ({ ...record, eventSourceARN: streamArn })) }, asJson);
};

/** Reads the records of failed batches from their streams while they can still be read. */
export const streamEvents = (target: Target): StreamEventOf => {
  const kinesis = new KinesisClient(target);
  const streams = new DynamoDBStreamsClient(target);
  return async (batch) => {
    try {
      return await (batch.streamArn.split(':')[2] === 'kinesis'
        ? kinesisEvent(kinesis, batch)
        : tableEvent(streams, batch));
    } catch (error) {
      const { name, message } = error as Error;
      if (/TrimmedDataAccess|ExpiredIterator|ResourceNotFound|InvalidArgument/.test(name)) return GONE;
      return { reason: `its records could not be read: ${name}: ${message}` };
    }
  };
};
