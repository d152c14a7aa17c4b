import { PublishCommand, type SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { UploadMessage } from '../uploads/upload-message.ts';
import type { UploadRecord } from '../uploads/upload-record.ts';

/** Who hears that an upload has ended. */
export interface Audience {
  readonly notificationTopicArn: string;
  readonly validationQueueUrl: string;
  readonly errorQueueUrl: string;
}

/** SNS allows 100 characters of printable ASCII. */
const subject = (text: string): string => {
  const ascii = text.replace(/[^\x20-\x7e]/g, '?');
  return ascii.length <= 100 ? ascii : `${ascii.slice(0, 97)}...`;
};

const HEADLINE = {
  COMPLETED: 'all rows taken',
  COMPLETED_WITH_ERRORS: 'some rows were not taken',
  FAILED: 'the file could not be read',
} as const;

/** The notice in the vendor's words. */
export const noticeText = (record: UploadRecord): { readonly subject: string; readonly message: string } => {
  const headline = HEADLINE[record.status as keyof typeof HEADLINE] ?? record.status;
  const lines = [`File: ${record.file_key}`, `Status: ${record.status}`];
  if (record.reason !== undefined) lines.push(`Reason: ${record.reason}`, `Detail: ${record.detail ?? ''}`);
  if (record.rows !== undefined) {
    lines.push(`Rows: ${record.rows}, taken: ${record.accepted}, not taken: ${record.rejected}`);
    lines.push(`Products: ${record.products}`);
  }
  if (record.error_report !== undefined)
    lines.push(`Rows not taken, with reasons: s3://${record.bucket}/${record.error_report}`);
  return {
    subject: subject(`Upload ${record.file_key.replace(/^uploads\//, '')}: ${headline}`),
    message: lines.join('\n'),
  };
};

const stringAttribute = (value: string) => ({ DataType: 'String', StringValue: value });

/**
 * Tells the vendor how an upload ended, and the validator and the error processor that there is work.
 *
 * Sent at least once: between this and the record's `announced` a crash leads to a second notice. `notice_id` is the
 * same then, so that a reader can tell.
 */
export const announce = async (
  clients: { readonly sns: Pick<SNSClient, 'send'>; readonly sqs: Pick<SQSClient, 'send'> },
  audience: Audience,
  record: UploadRecord,
): Promise<void> => {
  const body: UploadMessage = {
    vendorId: record.vendor_id,
    fileKey: record.file_key,
    etag: record.etag,
    uploadId: record.upload_id,
  };
  const sendTo = (queueUrl: string) =>
    clients.sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(body) }));

  if ((record.products ?? 0) > 0) await sendTo(audience.validationQueueUrl);
  if (record.status === 'FAILED' || (record.rejected ?? 0) > 0) await sendTo(audience.errorQueueUrl);

  const { subject: Subject, message: Message } = noticeText(record);
  await clients.sns.send(
    new PublishCommand({
      TopicArn: audience.notificationTopicArn,
      Subject,
      Message,
      MessageAttributes: {
        vendor_id: stringAttribute(record.vendor_id),
        file_key: stringAttribute(record.file_key),
        status: stringAttribute(record.status),
        notice_id: stringAttribute(`${record.upload_id}-${record.version}`),
      },
    }),
  );
};

/** Tells that an object lies among the uploads where nothing reads it. */
export const announceMisplaced = async (
  sns: Pick<SNSClient, 'send'>,
  topicArn: string,
  object: { readonly bucket: string; readonly key: string; readonly etag: string | undefined; readonly reason: string },
): Promise<void> => {
  await sns.send(
    new PublishCommand({
      TopicArn: topicArn,
      Subject: subject(`Upload ${object.key.replace(/^uploads\//, '')}: not read, ${object.reason}`),
      Message: [
        `File: s3://${object.bucket}/${object.key}`,
        'Status: MISPLACED',
        `Reason: ${object.reason}`,
        'Files are read from uploads/<vendor>/<file>.csv. This one stays where it is, and nothing in it was taken.',
      ].join('\n'),
      MessageAttributes: {
        file_key: stringAttribute(object.key),
        status: stringAttribute('MISPLACED'),
        notice_id: stringAttribute(`misplaced-${object.etag ?? object.key}`),
      },
    }),
  );
};
