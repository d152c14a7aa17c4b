import type { Message, MessageAttributeValue, SendMessageCommandInput } from '@aws-sdk/client-sqs';
import { setMember } from '@holdfast/kernel';
import { ATTRIBUTES_MAX, attributesWithNotes, notesOf } from './message-notes.ts';
import type { AnyMessage, QueueMessageAttribute } from './sqs-event.ts';

/** What a hop changes of a message. */
export interface Hop {
  /** Replays so far, this one included. @default - as many as before */
  readonly replays?: number;
  /** Not in FIFO queues, which delay no single message. */
  readonly delaySeconds?: number;
  /** Added where there is room: a message's own attributes come first. */
  readonly added?: Readonly<Record<string, string>>;
}

const asSent = ({ dataType, stringValue, binaryValue }: QueueMessageAttribute): MessageAttributeValue =>
  binaryValue === undefined
    ? { DataType: dataType, StringValue: stringValue }
    : { DataType: dataType, BinaryValue: Buffer.from(binaryValue, 'base64') };

/**
 * A message as it is sent on to another queue: with body, group, trace, all attributes, bytes too, and the time at which
 * it was first sent.
 *
 * In a FIFO queue its deduplication id is its own id and the replay's number: the same hop tried twice within five minutes
 * is one message, the next replay is another.
 */
export const sentOn = (message: AnyMessage, queueUrl: string, hop: Hop = {}): SendMessageCommandInput => {
  const { messageId, body, attributes } = message;
  const { MessageGroupId, AWSTraceHeader } = attributes;
  const { firstSentAt, replays: before } = notesOf(message);
  const replays = hop.replays ?? before;
  const own = attributesWithNotes(message, { replays, firstSentAt });
  for (const [name, stringValue] of Object.entries(hop.added ?? {})) {
    if (Object.hasOwn(own, name) || Object.keys(own).length >= ATTRIBUTES_MAX) continue;
    setMember(own, name, { dataType: 'String', stringValue });
  }
  const isFifo = queueUrl.endsWith('.fifo');
  return {
    QueueUrl: queueUrl,
    MessageBody: body,
    MessageAttributes: Object.fromEntries(Object.entries(own).map(([name, value]) => [name, asSent(value)])),
    ...(isFifo ? { MessageDeduplicationId: `${messageId}-${replays}` } : {}),
    ...(isFifo || hop.delaySeconds === undefined ? {} : { DelaySeconds: hop.delaySeconds }),
    ...(MessageGroupId === undefined ? {} : { MessageGroupId }),
    ...(AWSTraceHeader === undefined
      ? {}
      : { MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: AWSTraceHeader } } }),
  };
};

/** A message that was received with all its attributes, as Lambda would hand it over. */
export const asHandedOver = (message: Message): AnyMessage => ({
  messageId: message.MessageId ?? '',
  body: message.Body ?? '',
  attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0', ...message.Attributes },
  messageAttributes: Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType = '', StringValue, BinaryValue }]) => [
      name,
      BinaryValue === undefined
        ? { dataType: DataType, stringValue: StringValue }
        : { dataType: DataType, binaryValue: Buffer.from(BinaryValue).toString('base64') },
    ]),
  ),
});
