import type { Message as ReceivedMessage } from '@aws-sdk/client-sqs';
import type { Digest } from '@holdfast/kernel';
import type { SourceMessage, SourceMessageAttribute } from '../../core/index.ts';
import type { Message } from './message.ts';
import { md5OfAttributes, selectAttributes } from './message-attributes.ts';

/** Which parts of a message a `ReceiveMessage` asks for. */
export interface RequestedParts {
  readonly systemAttributes: ReadonlySet<string>;
  readonly messageAttributeNames: readonly string[] | undefined;
}

/** System attributes of a message, all of them, as strings. */
export const systemAttributesOf = (message: Message): Record<string, string> => {
  const attributes: Record<string, string> = {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(message.sentAt),
    SenderId: message.senderId,
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
  };
  if (message.groupId !== undefined) attributes['MessageGroupId'] = message.groupId;
  if (message.deduplicationId !== undefined) attributes['MessageDeduplicationId'] = message.deduplicationId;
  if (message.sequenceNumber !== undefined) attributes['SequenceNumber'] = message.sequenceNumber;
  if (message.traceHeader !== undefined) attributes['AWSTraceHeader'] = message.traceHeader;
  if (message.deadLetterSourceArn !== undefined) attributes['DeadLetterQueueSourceArn'] = message.deadLetterSourceArn;
  return attributes;
};

/** A message as `ReceiveMessage` answers it, with nothing that was not asked for. */
export const receivedMessage = (
  message: Message,
  receiptHandle: string,
  requested: RequestedParts,
  digest: Digest,
): ReceivedMessage => {
  const received: ReceivedMessage = {
    MessageId: message.id,
    ReceiptHandle: receiptHandle,
    MD5OfBody: message.md5OfBody,
    Body: message.body,
  };
  if (requested.systemAttributes.size > 0) {
    const all = systemAttributesOf(message);
    const asked = requested.systemAttributes.has('All')
      ? all
      : Object.fromEntries(Object.entries(all).filter(([name]) => requested.systemAttributes.has(name)));
    if (Object.keys(asked).length > 0) received.Attributes = asked;
  }
  const attributes = selectAttributes(message.attributes, requested.messageAttributeNames);
  if (attributes !== undefined) {
    received.MD5OfMessageAttributes =
      attributes === message.attributes ? message.md5OfAttributes : md5OfAttributes(attributes, digest);
    received.MessageAttributes = Object.fromEntries(
      Object.entries(attributes).map(([name, { dataType, stringValue, binaryValue }]) => [
        name,
        binaryValue === undefined
          ? { StringValue: stringValue, DataType: dataType }
          : { BinaryValue: binaryValue, DataType: dataType },
      ]),
    );
  }
  return received;
};

/** A message as pollers inside the engine get it. */
export const sourceMessage = (message: Message, receiptHandle: string): SourceMessage => {
  const messageAttributes: Record<string, SourceMessageAttribute> = {};
  for (const [name, { dataType, stringValue, binaryValue }] of Object.entries(message.attributes ?? {})) {
    messageAttributes[name] =
      binaryValue === undefined
        ? { dataType, stringValue }
        : { dataType, binaryValue: Buffer.from(binaryValue).toString('base64') };
  }
  return {
    messageId: message.id,
    receiptHandle,
    body: message.body,
    md5OfBody: message.md5OfBody,
    attributes: systemAttributesOf(message),
    messageAttributes,
    md5OfMessageAttributes: message.md5OfAttributes,
  };
};
