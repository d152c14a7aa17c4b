import { parseArn } from '@holdfast/aws-model';
import { type EpochMs, utf8Bytes } from '@holdfast/kernel';
import {
  batchInfoOf,
  type DeliveryResult,
  type GivenUp,
  notSupported,
  type ServiceEnvironment,
  type StreamKind,
} from '../../../core/index.ts';

/** Records that were given up, and for whom they were read. */
interface DiscardedBatch extends GivenUp {
  readonly kind: StreamKind;
  readonly mappingUuid: string;
  readonly streamArn: string;
  readonly functionArn: string;
  /** Of the function, when it still exists. */
  readonly roleArn: string | undefined;
}

/**
 * What a failure destination gets: pointers into the stream, not the data. Buckets get the data as well.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
const writeFailureRecord = (batch: DiscardedBatch, now: EpochMs, hasPayload: boolean): string => {
  const { entries, response } = batch;
  const record = JSON.stringify({
    requestContext: {
      requestId: batch.requestId,
      functionArn: batch.functionArn,
      condition: batch.condition,
      approximateInvokeCount: batch.attempts,
    },
    ...(response === undefined
      ? {}
      : {
          responseContext: {
            statusCode: 200,
            executedVersion: response.executedVersion,
            functionError: response.isFunctionError ? 'Unhandled' : null,
          },
        }),
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    ...batchInfoOf(batch.kind, batch.streamArn, batch, now),
  });
  if (!hasPayload) return record;
  return `${record.slice(0, -1)},"payload":{"Records":[${entries.map((entry) => entry.text).join(',')}]}}`;
};

/** `aws/lambda/<mapping>/<shard>/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-<uuid>` */
const objectKey = ({ mappingUuid, shardId }: DiscardedBatch, now: EpochMs, uuid: string): string => {
  const [date, time] = new Date(now).toISOString().split('T') as [string, string];
  const day = date.replaceAll('-', '/');
  return `aws/lambda/${mappingUuid}/${shardId}/${day}/${date}T${time.slice(0, 8).replaceAll(':', '.')}-${uuid}`;
};

/** Sends the record of discarded records to queue, topic or bucket. */
export const sendFailureRecord = (
  environment: ServiceEnvironment,
  destinationArn: string,
  batch: DiscardedBatch,
  now: EpochMs,
): DeliveryResult => {
  const { deliver, ids } = environment;
  const sender = { roleArn: batch.roleArn };
  if (destinationArn.endsWith('.fifo')) return { ok: false, error: notSupported('FIFO destinations') };
  switch (parseArn(destinationArn)?.service) {
    case 'sqs':
      return deliver.to('queue', destinationArn, { body: writeFailureRecord(batch, now, false) }, sender);
    case 'sns':
      return deliver.to('topic', destinationArn, { message: writeFailureRecord(batch, now, false) }, sender);
    case 's3': {
      const body = utf8Bytes(writeFailureRecord(batch, now, true));
      return deliver.to('bucket', destinationArn, { key: objectKey(batch, now, ids.uuid()), body }, {});
    }
    default:
      return { ok: false, error: notSupported(`the destination ${destinationArn}`) };
  }
};
