import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type MessageAttributeValue, PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Message } from '@aws-sdk/client-sqs';
import type { UploadedObject } from '../s3-event.ts';
import { parseUploadKey } from '../uploads/upload-key.ts';

/** Why a message is not tried any more. */
export type GiveUpReason = 'MAX_RETRIES_EXCEEDED' | 'PERMANENT_ERROR' | 'UNKNOWN_SHAPE' | 'TOO_OLD';

/** A message that is not tried any more, with all that is known about it. */
export interface GivenUp {
  readonly message: Message;
  readonly reason: GiveUpReason;
  readonly objects: readonly UploadedObject[];
  readonly attempts: number;
  readonly lastError: string;
  readonly firstFailedAt: string;
}

const HEADLINE: Readonly<Record<GiveUpReason, string>> = {
  MAX_RETRIES_EXCEEDED: 'failed after all retries',
  PERMANENT_ERROR: 'failed for good',
  UNKNOWN_SHAPE: 'a dead letter nobody can read',
  TOO_OLD: 'waited too long for a free parser',
};

/** Objects named one by one in an alert. */
const OBJECTS_NAMED = 10;

/** Where the whole message is kept. The same message is always kept in the same place. */
export const archiveKey = (prefix: string, messageId: string): string => `${prefix}${messageId}.json`;

/** Keeps the whole message, as it was received. */
export const archive = async (
  s3: Pick<S3Client, 'send'>,
  bucket: string,
  key: string,
  { message, ...circumstances }: GivenUp,
): Promise<void> => {
  const { ReceiptHandle: _onlyOfThisReceive, ...kept } = message;
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: JSON.stringify({ ...circumstances, message: kept }, null, 2),
      ContentType: 'application/json',
    }),
  );
};

const asciiSubject = (text: string): string => {
  const ascii = text.replace(/[^\x20-\x7e]/g, '?');
  return ascii.length <= 100 ? ascii : `${ascii.slice(0, 97)}...`;
};

const attribute = (type: 'String' | 'Number', value: string): MessageAttributeValue => ({
  DataType: type,
  StringValue: value,
});

/** Tells people which upload will not come by itself, and where everything about it is kept. */
export const alert = async (
  sns: Pick<SNSClient, 'send'>,
  topicArn: string,
  givenUp: GivenUp,
  archiveUri: string,
): Promise<void> => {
  const { message, reason, objects, attempts, lastError, firstFailedAt } = givenUp;
  const first = objects[0];
  const what = first === undefined ? `message ${message.MessageId}` : first.key.replace(/^uploads\//, '');
  const lines = [
    ...objects.slice(0, OBJECTS_NAMED).map(({ bucket, key }) => `File: s3://${bucket}/${key}`),
    ...(objects.length > OBJECTS_NAMED ? [`... and ${objects.length - OBJECTS_NAMED} more`] : []),
    `Status: ${reason}`,
    `Retry attempts: ${attempts}`,
    `Last error: ${lastError}`,
    `First failed: ${firstFailedAt}`,
    `Kept as: ${archiveUri}`,
    'It will not be tried again by itself.',
  ];
  const vendorId = first === undefined ? undefined : parseUploadKey(first.key)?.vendorId;
  await sns.send(
    new PublishCommand({
      TopicArn: topicArn,
      Subject: asciiSubject(`Upload ${what}: ${HEADLINE[reason]}`),
      Message: lines.join('\n'),
      MessageAttributes: {
        status: attribute('String', reason),
        retry_count: attribute('Number', String(attempts)),
        last_error: attribute('String', lastError),
        ...(first === undefined
          ? {}
          : { s3_bucket: attribute('String', first.bucket), s3_key: attribute('String', first.key) }),
        ...(vendorId === undefined ? {} : { vendor_id: attribute('String', vendorId) }),
      },
    }),
  );
};
