import { DeleteMessageBatchCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Ambient } from '../ambient.ts';
import type { MetricSink } from '../emf.ts';
import { type Environment, numberWithin, optionalText, requiredText } from '../environment.ts';
import type { Log } from '../log.ts';
import { sentOn } from '../middleware/sent-on.ts';
import { carryOut, choiceOf } from './chosen-outcome.ts';
import { tellMessageAge } from './message-age.ts';

/**
 * What a processor does with a batch in which messages failed: fails it as a whole, deletes by hand what succeeded and
 * fails the rest, or reports the ones that failed.
 */
export type ProcessorVariant = 'whole-batch' | 'delete-by-hand' | 'item-failures';

const VARIANTS: readonly ProcessorVariant[] = ['whole-batch', 'delete-by-hand', 'item-failures'];

export interface SqsProcessorDeps extends Pick<Ambient, 'now' | 'sleep'> {
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly log: Log;
  readonly metrics: MetricSink;
  readonly queueUrl: string;
  readonly variant: ProcessorVariant;
  /** Where messages are kept that fail at an age at which they would soon expire. */
  readonly keep?: { readonly queueUrl: string; readonly maxAgeMs: number } | undefined;
}

/** As long as SQS keeps messages at most. */
const AGE_MAX_SECONDS = 1_209_600;

const keepSettings = (environment: Environment): SqsProcessorDeps['keep'] => {
  const queueUrl = optionalText(environment, 'KEEP_QUEUE_URL');
  if (queueUrl === undefined) return undefined;
  const bounds = { min: 1, max: AGE_MAX_SECONDS };
  return { queueUrl, maxAgeMs: numberWithin(environment, 'MAX_AGE_SECONDS', AGE_MAX_SECONDS, bounds) * 1_000 };
};

/** @throws {@link InvalidInputError} when the queue is not named */
export const readSqsProcessorSettings = (environment: Environment) => ({
  queueUrl: requiredText(environment, 'QUEUE_URL'),
  variant: VARIANTS.find((variant) => variant === environment['VARIANT']) ?? 'item-failures',
  keep: keepSettings(environment),
});

/** Processes messages whose body says what is to become of them, in one of three ways. */
export const createSqsProcessor = (deps: SqsProcessorDeps) => {
  const { sqs, log, metrics, queueUrl, variant, keep, now, sleep } = deps;

  /** Whether a message that failed would expire before long, and is kept elsewhere now: confirmed, so it may go. */
  const isKept = async (record: SQSRecord): Promise<boolean> => {
    if (keep === undefined || now() - Number(record.attributes.SentTimestamp) < keep.maxAgeMs) return false;
    const { messageId } = record;
    try {
      await sqs.send(new SendMessageCommand(sentOn(record, keep.queueUrl)));
      log.warn('kept before it expired', { messageId });
      return true;
    } catch (error) {
      // It comes back; the rest of its batch is not to come back with it.
      log.error('could not keep a message that is about to expire', { messageId, error });
      return false;
    }
  };

  /** @returns what the message failed with, if it did and has to come back */
  const process = async (record: SQSRecord): Promise<Error | undefined> => {
    const { messageId, body, attributes } = record;
    try {
      await carryOut(choiceOf(body), Number(attributes.ApproximateReceiveCount), sleep);
      log.info('Message processed successfully!', { messageId });
      return undefined;
    } catch (error) {
      log.error(`Error processing message: ${(error as Error).message}`, { messageId });
      return (await isKept(record)) ? undefined : (error as Error);
    }
  };

  /** Two calls of ten for the largest batches without a window: SQS takes no more at once. */
  const deleteAll = async (records: readonly SQSRecord[]): Promise<void> => {
    for (let first = 0; first < records.length; first += 10) {
      const Entries = records
        .slice(first, first + 10)
        .map(({ messageId, receiptHandle }) => ({ Id: messageId, ReceiptHandle: receiptHandle }));
      await sqs.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
    }
  };

  return async ({ Records }: SQSEvent): Promise<SQSBatchResponse> => {
    const failed = new Map<SQSRecord, Error>();
    for (const record of Records) {
      const error = await process(record);
      if (error !== undefined) failed.set(record, error);
    }
    const [first] = failed.values();
    if (keep !== undefined) {
      const sent = [...failed.keys()].map(({ attributes }) => Number(attributes.SentTimestamp));
      tellMessageAge(metrics, queueUrl.slice(queueUrl.lastIndexOf('/') + 1), sent, now());
    }
    if (first !== undefined && variant !== 'item-failures') {
      if (variant === 'delete-by-hand') await deleteAll(Records.filter((record) => !failed.has(record)));
      throw first;
    }
    return { batchItemFailures: [...failed.keys()].map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
};
