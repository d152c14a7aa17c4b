import type { Message as ReceivedMessage } from '@aws-sdk/client-sqs';
import { base64OfBytes, type Digest, setMember } from '@holdfast/kernel';
import type { SourceMessage, SourceMessageAttribute } from '../../core/index.ts';
import type { Message, MessageContent } from './message.ts';
import { md5OfAttributes, selectAttributes } from './message-attributes.ts';

/** Which parts of a message a `ReceiveMessage` asks for. */
export interface RequestedParts {
  readonly systemAttributes: ReadonlySet<string>;
  readonly messageAttributeNames: readonly string[] | undefined;
}

/** System attributes of a message, all of them, as strings. */
const systemAttributesOf = (message: Message, content: MessageContent): Record<string, string> => {
  const attributes: Record<string, string> = {
    ApproximateReceiveCount: String(message.receiveCount),
    SentTimestamp: String(content.sentAt),
    SenderId: content.senderId,
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
  };
  if (content.groupId !== undefined) attributes['MessageGroupId'] = content.groupId;
  if (content.deduplicationId !== undefined) attributes['MessageDeduplicationId'] = content.deduplicationId;
  if (content.sequenceNumber !== undefined) attributes['SequenceNumber'] = content.sequenceNumber;
  if (content.traceHeader !== undefined) attributes['AWSTraceHeader'] = content.traceHeader;
  if (content.deadLetterSourceArn !== undefined) attributes['DeadLetterQueueSourceArn'] = content.deadLetterSourceArn;
  return attributes;
};

/** A message as `ReceiveMessage` answers it, with nothing that was not asked for. */
export const receivedMessage = (
  message: Message,
  content: MessageContent,
  receiptHandle: string,
  requested: RequestedParts,
  digest: Digest,
): ReceivedMessage => {
  const received: ReceivedMessage = {
    MessageId: content.id,
    ReceiptHandle: receiptHandle,
    MD5OfBody: content.md5OfBody,
    Body: content.body,
  };
  if (requested.systemAttributes.size > 0) {
    const all = systemAttributesOf(message, content);
    const asked = requested.systemAttributes.has('All')
      ? all
      : Object.fromEntries(Object.entries(all).filter(([name]) => requested.systemAttributes.has(name)));
    if (Object.keys(asked).length > 0) received.Attributes = asked;
  }
  const attributes = selectAttributes(content.attributes, requested.messageAttributeNames);
  if (attributes !== undefined) {
    received.MD5OfMessageAttributes =
      attributes === content.attributes ? content.md5OfAttributes : md5OfAttributes(attributes, digest);
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
export const sourceMessage = (message: Message, content: MessageContent, receiptHandle: string): SourceMessage => {
  const messageAttributes: Record<string, SourceMessageAttribute> = {};
  for (const [name, { dataType, stringValue, binaryValue }] of Object.entries(content.attributes ?? {})) {
    const value: SourceMessageAttribute =
      binaryValue === undefined ? { dataType, stringValue } : { dataType, binaryValue: base64OfBytes(binaryValue) };
    setMember(messageAttributes, name, value);
  }
  return {
    messageId: content.id,
    receiptHandle,
    body: content.body,
    md5OfBody: content.md5OfBody,
    attributes: systemAttributesOf(message, content),
    messageAttributes,
    md5OfMessageAttributes: content.md5OfAttributes,
  };
};
