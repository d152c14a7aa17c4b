import type { SourceMessage, SourceMessageAttribute } from '../queue-source.ts';

/** A message as functions see it in `Records`. */
export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly messageAttributes: Readonly<Record<string, object>>;
  readonly md5OfMessageAttributes?: string | null;
  readonly md5OfBody: string;
  readonly eventSource: 'aws:sqs';
  readonly eventSourceARN: string;
  readonly awsRegion: string;
}

const lowerCamel = (attribute: SourceMessageAttribute): object => ({
  ...(attribute.stringValue === undefined ? {} : { stringValue: attribute.stringValue }),
  ...(attribute.binaryValue === undefined ? {} : { binaryValue: attribute.binaryValue }),
  stringListValues: [],
  binaryListValues: [],
  dataType: attribute.dataType,
});

/**
 * Writes a received message as an event record. Without attributes their checksum is absent from plain small batches
 * and `null` in large or windowed ones, as recorded from AWS.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
 */
export const toSqsRecord = (
  message: SourceMessage,
  queueArn: string,
  region: string,
  isLargeBatch: boolean,
): SqsRecord => {
  const md5 = message.md5OfMessageAttributes;
  return {
    messageId: message.messageId,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: message.attributes,
    messageAttributes: Object.fromEntries(
      Object.entries(message.messageAttributes).map(([name, attribute]) => [name, lowerCamel(attribute)]),
    ),
    ...(md5 !== undefined ? { md5OfMessageAttributes: md5 } : isLargeBatch ? { md5OfMessageAttributes: null } : {}),
    md5OfBody: message.md5OfBody,
    eventSource: 'aws:sqs',
    eventSourceARN: queueArn,
    awsRegion: region,
  };
};
