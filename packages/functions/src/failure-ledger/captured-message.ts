import type { Message, MessageAttributeValue } from '@aws-sdk/client-sqs';
import type { SQSMessageAttribute, SQSRecord } from 'aws-lambda';
import { ARCHIVE_PREFIX } from '../archive-prefix.ts';

/** Where a message is kept: the same message is always kept in the same place. */
export const captureKey = ({ eventSourceARN, messageId }: SQSRecord): string =>
  `${ARCHIVE_PREFIX}${eventSourceARN.split(':')[5]}/${messageId}`;

const attributeOf = ({ dataType, stringValue, binaryValue }: SQSMessageAttribute): MessageAttributeValue => ({
  DataType: dataType,
  ...(stringValue === undefined ? {} : { StringValue: stringValue }),
  ...(binaryValue === undefined ? {} : { BinaryValue: new Uint8Array(Buffer.from(binaryValue, 'base64')) }),
});

/** A record as the SDK would have received it, without the one receive that its capture was. */
export const capturedMessage = ({ messageId, body, attributes, messageAttributes }: SQSRecord): Message => {
  const named = Object.entries(attributes).filter((each): each is [string, string] => each[1] !== undefined);
  return {
    MessageId: messageId,
    Body: body,
    Attributes: {
      ...Object.fromEntries(named),
      ApproximateReceiveCount: String(Math.max(0, Number(attributes.ApproximateReceiveCount) - 1)),
    },
    MessageAttributes: Object.fromEntries(
      Object.entries(messageAttributes).map(([name, attribute]) => [name, attributeOf(attribute)]),
    ),
  };
};
