import { makeArn } from '@holdfast/aws-model';
import { type EventOrigin, md5, originOf, textOf, uuidOf } from './identity.ts';

/** An attribute of a message as functions get it. */
export interface SqsMessageAttribute {
  readonly dataType: string;
  readonly stringValue?: string;
  /** Base64. */
  readonly binaryValue?: string;
}

/** One message of an {@link SqsEvent}. */
export interface SqsEventRecord {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: {
    ApproximateReceiveCount: string;
    SentTimestamp: string;
    SenderId: string;
    ApproximateFirstReceiveTimestamp: string;
    SequenceNumber?: string;
    MessageGroupId?: string;
    MessageDeduplicationId?: string;
  };
  messageAttributes: Record<string, SqsMessageAttribute>;
  md5OfBody: string;
  md5OfMessageAttributes?: string;
  eventSource: 'aws:sqs';
  eventSourceARN: string;
  awsRegion: string;
}

/** What an event source mapping of a queue hands to its function. */
export interface SqsEvent {
  Records: SqsEventRecord[];
}

/** A message, as far as a test cares. */
export interface SqsMessageInput {
  /** Text, or what is sent as JSON. */
  readonly body: unknown;
  readonly messageAttributes?: Readonly<Record<string, SqsMessageAttribute>>;
  /** @defaultValue 1 */
  readonly receiveCount?: number;
  /** Of a FIFO queue. */
  readonly groupId?: string;
}

/** Where the messages of an event come from. */
export interface SqsEventOptions extends EventOrigin {
  /** Name of the queue; one that ends with `.fifo` gives sequence numbers and groups. @defaultValue queue */
  readonly queue?: string;
}

const withLength = (bytes: Buffer): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

/** @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html */
const md5OfAttributes = (attributes: Readonly<Record<string, SqsMessageAttribute>>): string =>
  md5(
    Buffer.concat(
      Object.keys(attributes)
        .sort()
        .flatMap((name) => {
          const { dataType, stringValue, binaryValue } = attributes[name] as SqsMessageAttribute;
          const isBinary = dataType.startsWith('Binary');
          const value = isBinary ? Buffer.from(binaryValue ?? '', 'base64') : Buffer.from(stringValue ?? '');
          return [
            withLength(Buffer.from(name)),
            withLength(Buffer.from(dataType)),
            Buffer.of(isBinary ? 2 : 1),
            withLength(value),
          ];
        }),
    ),
  );

/**
 * An event of messages. Digests are those of body and attributes, times agree with each other.
 *
 * @example
 * ```ts
 * const answer = await handler(sqsEvent([{ body: { order: 4711 } }], { queue: 'orders' }));
 * ```
 */
export const sqsEvent = (messages: readonly SqsMessageInput[], options: SqsEventOptions = {}): SqsEvent => {
  const { account, region, at } = originOf(options);
  const { queue = 'queue' } = options;
  const isFifo = queue.endsWith('.fifo');
  return {
    Records: messages.map(({ body: given, messageAttributes = {}, receiveCount = 1, groupId }, index) => {
      const body = textOf(given, 'body');
      const messageId = uuidOf('message', queue, body, index);
      return {
        messageId,
        receiptHandle: Buffer.from(uuidOf('receipt', messageId, receiveCount)).toString('base64'),
        body,
        attributes: {
          ApproximateReceiveCount: String(receiveCount),
          SentTimestamp: String(at.getTime()),
          SenderId: account,
          ApproximateFirstReceiveTimestamp: String(at.getTime()),
          ...(isFifo
            ? {
                SequenceNumber: String(18_849_496_460_467_696_128n + BigInt(index) * 256n),
                MessageDeduplicationId: uuidOf('once', body),
              }
            : {}),
          ...(isFifo || groupId !== undefined ? { MessageGroupId: groupId ?? 'group' } : {}),
        },
        messageAttributes: { ...messageAttributes },
        md5OfBody: md5(body),
        ...(Object.keys(messageAttributes).length === 0
          ? {}
          : { md5OfMessageAttributes: md5OfAttributes(messageAttributes) }),
        eventSource: 'aws:sqs',
        eventSourceARN: makeArn('sqs', region, account, queue),
        awsRegion: region,
      };
    }),
  };
};
