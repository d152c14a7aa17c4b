import { type DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { S3Event, S3EventRecord, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Ambient } from '../ambient.ts';
import { conditionally } from '../conditional-write.ts';
import type { InvocationContext, Log } from '../log.ts';
import { forEachMessage } from '../middleware/for-each-message.ts';
import type { BatchAnswer } from '../middleware/sqs-event.ts';
import { capturedMessage, captureKey } from './captured-message.ts';
import type { FailureLedgerSettings } from './settings.ts';

/** Everything a failure ledger touches. */
export interface FailureLedgerDeps extends Pick<Ambient, 'now'> {
  readonly s3: Pick<S3Client, 'send'>;
  readonly dynamodb: Pick<DynamoDBClient, 'send'>;
  readonly log: Log;
  readonly settings: FailureLedgerSettings;
}

/** So much of a body is searched without a look into the bucket; an item of DynamoDB has 400 KB. */
const BODY_START_CHARS = 8_192;

/** Readers of the index are told that something is gone, for so long. */
const GONE_SECONDS = 86_400;

const DAY_SECONDS = 86_400;

/** What was kept before stays as it was. */
const unlessThere = async (put: Promise<unknown>): Promise<void> => {
  try {
    await put;
  } catch (error) {
    if ((error as Error).name !== 'PreconditionFailed') throw error;
  }
};

const isOfObjects = (event: SQSEvent | S3Event): event is S3Event => event.Records[0]?.eventSource === 'aws:s3';

/**
 * Takes failures out of dead-letter queues into a bucket and an index, each once: whatever is received twice has the same
 * key, and the index keeps the first. The object comes first, then the index, and the mapping deletes the message only
 * then: a crash between them leaves the message in its queue. When an object goes, by a redrive or by its age, its line
 * in the index says so.
 */
export const createFailureLedger = (
  deps: FailureLedgerDeps,
): ((event: SQSEvent | S3Event, context: InvocationContext) => Promise<BatchAnswer | undefined>) => {
  const { s3, dynamodb, log, now, settings } = deps;
  const { table: TableName, bucket: Bucket, retentionDays } = settings;

  const capture = async (record: SQSRecord): Promise<void> => {
    const Key = captureKey(record);
    const { Body = '', ...message } = capturedMessage(record);
    const nowMs = now();
    const capturedAt = new Date(nowMs).toISOString();
    const expiresAt = Math.floor(nowMs / 1_000) + retentionDays * DAY_SECONDS;
    const queueArn = record.eventSourceARN;
    await unlessThere(
      s3.send(
        new PutObjectCommand({
          Bucket,
          Key,
          Body: JSON.stringify({ queueArn, capturedAt, message: { ...message, Body } }),
          ContentType: 'application/json',
          IfNoneMatch: '*',
        }),
      ),
    );
    const Item = marshall({
      id: Key,
      day: capturedAt.slice(0, 10),
      changedAt: capturedAt,
      queueArn,
      capturedAt,
      message: JSON.stringify(message),
      bodyStart: Body.slice(0, BODY_START_CHARS),
      isBodyWhole: Body.length <= BODY_START_CHARS,
      expiresAt,
    });
    const isNew = await conditionally(
      dynamodb.send(new PutItemCommand({ TableName, Item, ConditionExpression: 'attribute_not_exists(id)' })),
    );
    log.info(isNew ? 'captured' : 'captured before', { messageId: record.messageId, queueArn, key: Key });
  };

  const forget = async ({ s3: { object } }: S3EventRecord): Promise<void> => {
    const Key = { id: { S: decodeURIComponent(object.key.replaceAll('+', ' ')) } };
    const nowMs = now();
    const at = new Date(nowMs).toISOString();
    await conditionally(
      dynamodb.send(
        new UpdateItemCommand({
          TableName,
          Key,
          UpdateExpression: 'SET #day = :day, changedAt = :at, goneAt = :at, expiresAt = :end',
          ConditionExpression: 'attribute_exists(id)',
          ExpressionAttributeNames: { '#day': 'day' },
          ExpressionAttributeValues: marshall({
            ':day': at.slice(0, 10),
            ':at': at,
            ':end': Math.floor(nowMs / 1_000) + GONE_SECONDS,
          }),
        }),
      ),
    );
  };

  return async (event, context) => {
    if (!isOfObjects(event)) {
      // As it lay in its queue: who processes a message sees it as its sender made it.
      const records = new Map(event.Records.map((record) => [record.messageId, record]));
      return forEachMessage(({ messageId }) => capture(records.get(messageId) as SQSRecord), { log })(event, context);
    }
    for (const record of event.Records) await forget(record);
    return undefined;
  };
};
