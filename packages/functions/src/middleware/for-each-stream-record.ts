import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { InvalidInputError } from '@holdfast/kernel';
import type { InvocationContext, Log } from '../log.ts';
import { withCorrelationId } from './correlation.ts';
import { isNamed, noLog, permanentNames } from './for-each-message.ts';
import { ERROR_ATTRIBUTE } from './set-aside.ts';
import type { BatchAnswer } from './sqs-event.ts';

/** A record of Kinesis or of a table's stream, as Lambda hands it over. Those of `@types/aws-lambda` are such records. */
export interface StreamRecord {
  readonly eventID?: string | undefined;
  readonly kinesis?: { readonly sequenceNumber: string } | undefined;
  readonly dynamodb?: { readonly SequenceNumber?: string | undefined } | undefined;
}

/** What {@link forEachStreamRecord} gets when its options leave it out. */
export const FOR_EACH_STREAM_RECORD_DEFAULTS = { reserveMs: 1_000 } as const;

/** What {@link forEachStreamRecord} does beside processing. */
export interface ForEachStreamRecordOptions<Item> {
  /** Makes `permanentQueueUrl` possible. Set `useQueueUrlAsEndpoint: false`. */
  readonly sqs?: Pick<SQSClient, 'send'>;
  /**
   * Where records go that will never be good: whole, confirmed, and then the shard goes on. Without it they hold up the shard
   * until their retries are over, and the failure destination is told where in the stream they are.
   */
  readonly permanentQueueUrl?: string;
  /** Names of errors that are permanent beside `PermanentError`. */
  readonly permanentErrors?: readonly string[];
  /**
   * Records that have not begun when so little time of the invocation is left come back, in milliseconds.
   * @defaultValue 1_000
   */
  readonly reserveMs?: number;
  /** What a record belongs to. @defaultValue its `eventID` */
  readonly correlationIdOf?: (record: Item) => string;
  readonly log?: Log;
}

/** How an answer names a record. */
const sequenceNumberOf = ({ kinesis, dynamodb }: StreamRecord): string =>
  kinesis?.sequenceNumber ?? dynamodb?.SequenceNumber ?? '';

/**
 * Makes a handler of batches of a stream from what processes one record.
 *
 * One after the other, and no further than the first that fails: a stream has one place from which it goes on, so what was done
 * behind a failure would be done again. What came before is done with. A permanent error is set aside, whole, where
 * `permanentQueueUrl` says where to, and its shard goes on. `RetryAfterError` is an error as any other here: a shard waits as
 * long as its mapping does.
 *
 * The event source mapping must have `ReportBatchItemFailures`, or what failed is passed over with the rest.
 *
 * @example
 * ```ts
 * import { forEachStreamRecord, PermanentError } from '@holdfast/constructs/handlers';
 * import type { KinesisStreamRecord } from 'aws-lambda';
 *
 * export const handler = forEachStreamRecord(async ({ kinesis }: KinesisStreamRecord) => {
 *   const click = JSON.parse(Buffer.from(kinesis.data, 'base64').toString('utf8')) as { readonly page?: string };
 *   if (click.page === undefined) throw new PermanentError('a click on nothing');
 * });
 * ```
 * @throws InvalidInputError naming the option that is wrong
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
export const forEachStreamRecord = <Item extends StreamRecord>(
  process: (record: Item, context: InvocationContext) => unknown,
  options: ForEachStreamRecordOptions<Item> = {},
): ((event: { readonly Records: readonly Item[] }, context: InvocationContext) => Promise<BatchAnswer>) => {
  const { sqs, permanentQueueUrl, log = noLog } = options;
  const reserveMs = options.reserveMs ?? FOR_EACH_STREAM_RECORD_DEFAULTS.reserveMs;
  if (!(reserveMs >= 0)) throw new InvalidInputError('reserveMs', reserveMs, 'must not be negative');
  if (sqs === undefined && permanentQueueUrl !== undefined) {
    throw new InvalidInputError('sqs', undefined, 'must be given with permanentQueueUrl');
  }
  const permanent = permanentNames(options.permanentErrors);
  const correlationIdOf =
    options.correlationIdOf ?? ((record: Item): string => record.eventID ?? sequenceNumberOf(record));

  /** @returns whether the shard may go on behind it */
  const isDone = async (record: Item, error: unknown): Promise<boolean> => {
    const sequenceNumber = sequenceNumberOf(record);
    const isPermanent = isNamed(error, permanent);
    log.error('a record failed', { sequenceNumber, isPermanent, correlationId: correlationIdOf(record), error });
    if (!isPermanent || sqs === undefined || permanentQueueUrl === undefined) return false;
    try {
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: permanentQueueUrl,
          MessageBody: JSON.stringify(record),
          MessageAttributes: { [ERROR_ATTRIBUTE]: { DataType: 'String', StringValue: (error as Error).name } },
        }),
      );
      return true;
    } catch (cause) {
      log.error('could not set a record aside', { sequenceNumber, error: cause });
      return false;
    }
  };

  return async ({ Records }, context) => {
    for (const record of Records) {
      const comesBack = { batchItemFailures: [{ itemIdentifier: sequenceNumberOf(record) }] };
      if (context.getRemainingTimeInMillis() < reserveMs) return comesBack;
      try {
        await withCorrelationId(correlationIdOf(record), async () => process(record, context));
      } catch (error) {
        if (!(await isDone(record, error))) return comesBack;
      }
    }
    return { batchItemFailures: [] };
  };
};
