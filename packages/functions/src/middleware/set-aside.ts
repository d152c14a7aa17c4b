import { type MessageAttributeValue, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { QueueMessage, QueueMessageAttribute } from './sqs-event.ts';

/** Message attribute that names the error for which a message was set aside. */
export const ERROR_ATTRIBUTE = 'holdfast_error';

/** SQS takes no more attributes with a message. */
const ATTRIBUTES_MAX = 10;

const asSent = ({ dataType, stringValue, binaryValue }: QueueMessageAttribute): MessageAttributeValue =>
  binaryValue === undefined
    ? { DataType: dataType, StringValue: stringValue }
    : { DataType: dataType, BinaryValue: Buffer.from(binaryValue, 'base64') };

/** With the error's name where there is room: the message's own attributes come first. */
const attributesOf = (message: QueueMessage, error: unknown): Record<string, MessageAttributeValue> => {
  const own = Object.fromEntries(
    Object.entries(message.messageAttributes).map(([name, attribute]) => [name, asSent(attribute)]),
  );
  if (ERROR_ATTRIBUTE in own || Object.keys(own).length === ATTRIBUTES_MAX) return own;
  const name = error instanceof Error ? error.name : 'Error';
  return { ...own, [ERROR_ATTRIBUTE]: { DataType: 'String', StringValue: name } };
};

/** Sends a message to the queue of those that will never be good, as it came, with group and trace. */
export const setAside = async (
  sqs: Pick<SQSClient, 'send'>,
  queueUrl: string,
  message: QueueMessage,
  error: unknown,
): Promise<void> => {
  const { MessageGroupId, AWSTraceHeader } = message.attributes;
  await sqs.send(
    new SendMessageCommand({
      QueueUrl: queueUrl,
      MessageBody: message.body,
      MessageAttributes: attributesOf(message, error),
      ...(MessageGroupId === undefined ? {} : { MessageGroupId }),
      // The message's own id: the same message set aside twice within five minutes is one.
      ...(queueUrl.endsWith('.fifo') ? { MessageDeduplicationId: message.messageId } : {}),
      ...(AWSTraceHeader === undefined
        ? {}
        : { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: AWSTraceHeader } } }),
    }),
  );
};
