import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, type SQSClient } from '@aws-sdk/client-sqs';
import { CORRELATION_ATTRIBUTE } from '../middleware/correlation.ts';
import type { Envelope } from './envelope.ts';
import { IngestionError } from './errors.ts';

/** What SQS takes at once: the messages of a batch may weigh 1 MiB together since August 2025, 256 KiB before. */
export const SQS_BATCH = { entriesMax: 10, bytesMax: 1_048_576 } as const;

const entryOf = (envelope: Envelope, index: number): SendMessageBatchRequestEntry => ({
  Id: String(index),
  MessageBody: JSON.stringify(envelope),
  MessageAttributes: { [CORRELATION_ATTRIBUTE]: { DataType: 'String', StringValue: envelope.correlationId } },
});

/** Names, types and values of attributes weigh as the body does. */
const bytesOf = ({ MessageBody = '', MessageAttributes = {} }: SendMessageBatchRequestEntry): number =>
  Object.entries(MessageAttributes).reduce(
    (bytes, [name, { DataType = '', StringValue = '' }]) => bytes + Buffer.byteLength(name + DataType + StringValue),
    Buffer.byteLength(MessageBody),
  );

/** Messages in as few batches as SQS's bounds on number and bytes allow, in their order. */
export const batchesOf = (envelopes: readonly Envelope[]): readonly (readonly SendMessageBatchRequestEntry[])[] => {
  const batches: SendMessageBatchRequestEntry[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const [index, envelope] of envelopes.entries()) {
    const entry = entryOf(envelope, index);
    const weight = bytesOf(entry);
    const last = batches.at(-1);
    if (last === undefined || last.length === SQS_BATCH.entriesMax || bytes + weight > SQS_BATCH.bytesMax) {
      batches.push([entry]);
      bytes = weight;
    } else {
      last.push(entry);
      bytes += weight;
    }
  }
  return batches;
};

/** Sends envelopes into the queue. @throws IngestionError (TRANSIENT) when SQS did not take all */
export const createPublisher =
  (sqs: Pick<SQSClient, 'send'>, queueUrl: string) =>
  async (envelopes: readonly Envelope[]): Promise<void> => {
    for (const batch of batchesOf(envelopes)) {
      const { Failed = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: [...batch] }));
      const [first] = Failed;
      if (first !== undefined) throw new IngestionError('TRANSIENT', `${first.Code}: ${first.Message ?? ''}`);
    }
  };
