import type { DynamoDBRecord, KinesisStreamRecord, SQSRecord } from 'aws-lambda';
import type { Ambient } from '../ambient.ts';
import type { InvocationContext, Log } from '../log.ts';
import { forEachMessage } from '../middleware/for-each-message.ts';
import { forEachStreamRecord } from '../middleware/for-each-stream-record.ts';
import { type Choice, carryOut, choiceOf } from './chosen-outcome.ts';

export interface OutcomeHandlerDeps extends Pick<Ambient, 'sleep'> {
  readonly log: Log;
}

type AnyRecord = SQSRecord | KinesisStreamRecord | DynamoDBRecord;

/** An event itself, the detail of one from a bus, or the records of a queue or stream. */
export type OutcomeEvent = Choice & { readonly detail?: Choice; readonly Records?: readonly AnyRecord[] };

/** What a record of a stream says is to become of it. */
const textOf = (record: KinesisStreamRecord | DynamoDBRecord): string => {
  if ('kinesis' in record) return Buffer.from(record.kinesis.data, 'base64').toString('utf8');
  const { outcome, fails } = record.dynamodb?.NewImage ?? {};
  return JSON.stringify({ outcome: outcome?.S ?? 'ok', ...(fails?.N === undefined ? {} : { fails: Number(fails.N) }) });
};

/**
 * Lets each event choose what becomes of it, for every kind of invocation: asynchronous, by a rule, from a queue, from a
 * stream. Streams stop at the first record that fails, queues go on.
 */
export const createOutcomeHandler = ({ log, sleep }: OutcomeHandlerDeps) => {
  const ofQueue = forEachMessage(
    ({ body, attributes }) => carryOut(choiceOf(body), Number(attributes.ApproximateReceiveCount), sleep),
    { log },
  );
  const ofStream = forEachStreamRecord<KinesisStreamRecord | DynamoDBRecord>(
    (record) => carryOut(choiceOf(textOf(record)), undefined, sleep),
    { log },
  );
  return async (event: OutcomeEvent, context: InvocationContext) => {
    const { Records } = event;
    if (Records === undefined) {
      await carryOut(event.detail ?? event, undefined, sleep);
      log.info('done', { event });
      return { status: 'done' };
    }
    const isQueue = (records: typeof Records): records is readonly SQSRecord[] => 'body' in (records[0] ?? {});
    return isQueue(Records)
      ? ofQueue({ Records }, context)
      : ofStream({ Records: Records as readonly (KinesisStreamRecord | DynamoDBRecord)[] }, context);
  };
};
