import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { type MessageAttributeValue, PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import type { Message } from '@aws-sdk/client-sqs';
import type { EventDescription } from './retried-events.ts';

/** Why a message is not tried any more. */
export type GiveUpReason = 'MAX_RETRIES_EXCEEDED' | 'PERMANENT_ERROR' | 'UNKNOWN_SHAPE' | 'TOO_OLD';

/** A message that is not tried any more, with all that is known about it. */
export interface GivenUp {
  readonly message: Message;
  readonly reason: GiveUpReason;
  /** `undefined` for what nobody can read. */
  readonly description: EventDescription | undefined;
  readonly attempts: number;
  readonly lastError: string;
  readonly firstFailedAt: string;
}

const HEADLINE: Readonly<Record<GiveUpReason, string>> = {
  MAX_RETRIES_EXCEEDED: 'failed after all retries',
  PERMANENT_ERROR: 'failed for good',
  UNKNOWN_SHAPE: 'a dead letter nobody can read',
  TOO_OLD: 'waited too long for a free target',
};

/** Where the whole message is kept. The same message is always kept in the same place. */
export const archiveKey = (prefix: string, messageId: string): string => `${prefix}${messageId}.json`;

/** Keeps the whole message, as it was received. */
export const archive = async (
  s3: Pick<S3Client, 'send'>,
  bucket: string,
  key: string,
  { message, description, ...circumstances }: GivenUp,
): Promise<void> => {
  const { ReceiptHandle: _onlyOfThisReceive, ...kept } = message;
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: key,
      Body: JSON.stringify({ ...circumstances, ...description?.evidence, message: kept }, null, 2),
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

/** Tells people which event will not come by itself, and where everything about it is kept. */
export const alert = async (
  sns: Pick<SNSClient, 'send'>,
  topicArn: string,
  noun: string,
  givenUp: GivenUp,
  archiveUri: string,
): Promise<void> => {
  const { message, reason, description, attempts, lastError, firstFailedAt } = givenUp;
  const lines = [
    ...(description?.lines ?? []),
    `Status: ${reason}`,
    `Retry attempts: ${attempts}`,
    `Last error: ${lastError}`,
    `First failed: ${firstFailedAt}`,
    `Kept as: ${archiveUri}`,
    'It will not be tried again by itself.',
  ];
  const ofEvent = Object.entries(description?.attributes ?? {});
  await sns.send(
    new PublishCommand({
      TopicArn: topicArn,
      Subject: asciiSubject(`${noun} ${description?.name ?? `message ${message.MessageId}`}: ${HEADLINE[reason]}`),
      Message: lines.join('\n'),
      MessageAttributes: {
        status: attribute('String', reason),
        retry_count: attribute('Number', String(attempts)),
        last_error: attribute('String', lastError),
        ...Object.fromEntries(ofEvent.map(([name, value]) => [name, attribute('String', value)])),
      },
    }),
  );
};
