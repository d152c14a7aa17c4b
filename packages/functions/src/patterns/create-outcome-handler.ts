import type { DynamoDBStreamEvent, KinesisStreamEvent, SQSEvent } from 'aws-lambda';
import type { Ambient } from '../ambient.ts';
import type { Log } from '../log.ts';
import { type Choice, carryOut, choiceOf } from './chosen-outcome.ts';

export interface OutcomeHandlerDeps extends Pick<Ambient, 'sleep'> {
  readonly log: Log;
}

type AnyRecord = (SQSEvent | KinesisStreamEvent | DynamoDBStreamEvent)['Records'][number];

/** An event itself, the detail of one from a bus, or the records of a queue or stream. */
export type OutcomeEvent = Choice & { readonly detail?: Choice; readonly Records?: readonly AnyRecord[] };

const textOf = (record: AnyRecord): string => {
  if ('body' in record) return record.body;
  if ('kinesis' in record) return Buffer.from(record.kinesis.data, 'base64').toString('utf8');
  const { outcome, fails } = record.dynamodb?.NewImage ?? {};
  return JSON.stringify({ outcome: outcome?.S ?? 'ok', ...(fails?.N === undefined ? {} : { fails: Number(fails.N) }) });
};

/** How an answer names a record. */
const nameOf = (record: AnyRecord): string => {
  if ('body' in record) return record.messageId;
  return 'kinesis' in record ? record.kinesis.sequenceNumber : (record.dynamodb?.SequenceNumber ?? '');
};

/**
 * Lets each event choose what becomes of it, for every kind of invocation: asynchronous, by a rule, from a queue, from a
 * stream. Records are tried in order; streams stop at the first that fails, queues go on.
 */
export const createOutcomeHandler = ({ log, sleep }: OutcomeHandlerDeps) => {
  return async (event: OutcomeEvent) => {
    const { Records } = event;
    if (Records === undefined) {
      await carryOut(event.detail ?? event, undefined, sleep);
      log.info('done', { event });
      return { status: 'done' };
    }
    const failed: string[] = [];
    for (const record of Records) {
      const attempt = 'body' in record ? Number(record.attributes.ApproximateReceiveCount) : undefined;
      try {
        await carryOut(choiceOf(textOf(record)), attempt, sleep);
      } catch (error) {
        log.error((error as Error).message, { record: nameOf(record) });
        failed.push(nameOf(record));
        if (!('body' in record)) break;
      }
    }
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };
};
