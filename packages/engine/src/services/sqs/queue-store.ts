import { base64OfBytes, bytesOfBase64 } from '@holdfast/kernel';
import { type Collection, ForeignDataError, type Store } from '../../core/index.ts';
import { Message, type MessageAttribute, type MessageContent } from './message.ts';
import type { AttributeMap } from './queue-attributes.ts';
import { fingerprintOf } from './receipt-handle.ts';
import type { StoredAttempt } from './receive-attempts.ts';

/** A queue as it is stored; under its key. */
export interface StoredQueue {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly attributes: AttributeMap;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly purgedAt: number | undefined;
  /** Messages up to this sequence were purged, though they may still be stored. */
  readonly purgedThrough?: number | undefined;
  /** Until then deduplication goes by the scope that was set before. */
  readonly scopeSettlesAt?: number | undefined;
}

interface StoredAttribute {
  readonly type: string;
  readonly text?: string | undefined;
  readonly base64?: string | undefined;
}

/**
 * A message as it is stored, once, when it comes into a queue. Members that are `undefined` are not written: for most
 * messages most of them are.
 */
export interface StoredMessage {
  readonly id: string;
  readonly sentAt: number;
  readonly group?: string | undefined;
  readonly number?: string | undefined;
  /** The next three are not written where they are the same as `sentAt`. */
  readonly enqueuedAt?: number | undefined;
  readonly arrivedAt?: number | undefined;
  readonly visibleAt?: number | undefined;
  /** The last three are not written where they are 0. */
  readonly receiveCount?: number | undefined;
  readonly firstReceivedAt?: number | undefined;
  readonly receivesElsewhere?: number | undefined;
  /** From here on, {@link AT_START_UP_TO}, it is not wanted at start. */
  readonly md5: string;
  readonly senderId: string;
  readonly trace?: string | undefined;
  readonly deduplication?: string | undefined;
  readonly source?: string | undefined;
  readonly attributesMd5?: string | undefined;
  readonly attributes?: Readonly<Record<string, StoredAttribute>> | undefined;
  readonly body: string;
}

/** The member of stored messages that comes behind all that {@link restoreMessage} needs. */
export const AT_START_UP_TO = 'md5' satisfies keyof StoredMessage;

/** What is read of a message at start. */
export type StoredMessageHead = Pick<
  StoredMessage,
  | 'id'
  | 'sentAt'
  | 'group'
  | 'number'
  | 'enqueuedAt'
  | 'arrivedAt'
  | 'visibleAt'
  | 'receiveCount'
  | 'firstReceivedAt'
  | 'receivesElsewhere'
>;

/** How a message begins that came without delay, group and past, which is how nearly all of a million do. */
const BEGINNING = '{"id":"';
const MIDDLE = '","sentAt":';
const ZERO = 48;
const ID_END = BEGINNING.length + 36;

/**
 * What is read of a message at start, of its JSON without the brace that closes it; `undefined` when that ends too early.
 */
export const readHead = (text: string): StoredMessageHead | undefined => {
  if (text.startsWith(BEGINNING) && text.startsWith(MIDDLE, ID_END)) {
    const sentAt = wholeNumberIn(text, ID_END + MIDDLE.length);
    const id = text.slice(BEGINNING.length, ID_END);
    if (sentAt !== undefined && !id.includes('\\')) return { id, sentAt };
  }
  const head = JSON.parse(`${text}}`) as StoredMessageHead;
  return head.sentAt === undefined ? undefined : head;
};

/** The number that a text is from `start` on. A million times, `Number` of a part would take four times as long. */
const wholeNumberIn = (text: string, start: number): number | undefined => {
  let number = 0;
  for (let at = start; at < text.length; at++) {
    const digit = text.charCodeAt(at) - ZERO;
    if (!(digit >= 0 && digit <= 9)) return undefined;
    number = number * 10 + digit;
  }
  return number;
};

/** Receive state: receive count, visible again at, first receive, latest receive unless it is the first. Rewritten on each receive. */
export type StoredReceive = readonly [number, number, number, number?];

export const storeReceive = ({ receiveCount, visibleAt, firstReceivedAt, receivedAt }: Message): StoredReceive =>
  // Most are received once, and to write a time takes longer than to look whether it must be written.
  receivedAt === firstReceivedAt
    ? [receiveCount, visibleAt, firstReceivedAt]
    : [receiveCount, visibleAt, firstReceivedAt, receivedAt];

/** A deduplication entry: message id, sequence number, first sent at. */
export type StoredDeduplication = readonly [string, string, number];

/** The service's collections. Keys of everything inside a queue start with the queue's key and a slash. */
export interface QueueStore {
  readonly queues: Collection<StoredQueue>;
  readonly messages: Collection<StoredMessage>;
  readonly receives: Collection<StoredReceive>;
  readonly deduplication: Collection<StoredDeduplication>;
  readonly attempts: Collection<StoredAttempt>;
  /** ARN of a deleted queue, and when. */
  readonly deletions: Collection<number>;
  /** Whether anything that is written here is kept. */
  readonly isKept: boolean;
}

export const QUEUES = 'sqs.queues';
export const MESSAGES = 'sqs.messages';

/** The number of a queue that its key is made of. @throws ForeignDataError */
export const queueNumberOf = (key: string, collection: string): number => {
  if (!/^[\da-z]{1,10}$/.test(key)) throw new ForeignDataError(collection, key, 'queues are named by numbers');
  return Number.parseInt(key, 36);
};

export const openQueueStore = (store: Store): QueueStore => ({
  queues: store.collection(QUEUES),
  messages: store.collection(MESSAGES),
  receives: store.collection('sqs.receives'),
  deduplication: store.collection('sqs.deduplication'),
  attempts: store.collection('sqs.attempts'),
  deletions: store.collection('sqs.deletions'),
  isKept: store.isVolatile !== true,
});

const storeAttribute = (attribute: MessageAttribute): StoredAttribute => ({
  type: attribute.dataType,
  text: attribute.stringValue,
  base64: attribute.binaryValue === undefined ? undefined : base64OfBytes(attribute.binaryValue),
});

const readAttribute = (stored: StoredAttribute): MessageAttribute => ({
  dataType: stored.type,
  stringValue: stored.text,
  binaryValue: stored.base64 === undefined ? undefined : bytesOfBase64(stored.base64),
});

const mapValues = <From, To>(map: Readonly<Record<string, From>>, convert: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(map).map(([name, value]) => [name, convert(value)]));

/** It came without delay and past, and with nothing but its body. */
const isPlain = (message: Message, content: MessageContent): boolean =>
  message.visibleAt === content.sentAt &&
  message.arrivedAt === content.sentAt &&
  message.enqueuedAt === content.sentAt &&
  message.receiveCount === 0 &&
  content.groupId === undefined &&
  content.sequenceNumber === undefined &&
  content.traceHeader === undefined &&
  content.deduplicationId === undefined &&
  content.deadLetterSourceArn === undefined &&
  content.attributes === undefined;

export const storeMessage = (message: Message, content: MessageContent): StoredMessage => {
  const { id, sentAt, md5OfBody: md5, senderId, body } = content;
  // The same JSON, in three quarters of the time: members without a value are not written, but asked for.
  if (isPlain(message, content)) return { id, sentAt, md5, senderId, body };
  return {
    id,
    sentAt,
    group: content.groupId,
    number: content.sequenceNumber,
    enqueuedAt: message.enqueuedAt === sentAt ? undefined : message.enqueuedAt,
    arrivedAt: message.arrivedAt === sentAt ? undefined : message.arrivedAt,
    visibleAt: message.visibleAt === sentAt ? undefined : message.visibleAt,
    receiveCount: message.receiveCount || undefined,
    firstReceivedAt: message.firstReceivedAt || undefined,
    receivesElsewhere: message.receivesElsewhere || undefined,
    md5,
    senderId,
    trace: content.traceHeader,
    deduplication: content.deduplicationId,
    source: content.deadLetterSourceArn,
    attributesMd5: content.md5OfAttributes,
    attributes: content.attributes && mapValues(content.attributes, storeAttribute),
    body,
  };
};

export const readContent = (stored: StoredMessage): MessageContent => ({
  id: stored.id,
  body: stored.body,
  md5OfBody: stored.md5,
  attributes: stored.attributes && mapValues(stored.attributes, readAttribute),
  md5OfAttributes: stored.attributesMd5,
  sentAt: stored.sentAt,
  senderId: stored.senderId,
  traceHeader: stored.trace,
  groupId: stored.group,
  deduplicationId: stored.deduplication,
  sequenceNumber: stored.number,
  deadLetterSourceArn: stored.source,
});

/** A message read back at start, and what the queue needs of what it carries. */
export interface RestoredMessage {
  readonly message: Message;
  readonly groupId: string | undefined;
  readonly sequenceNumber: string | undefined;
  /** It was received in this queue. */
  readonly isReceived: boolean;
}

/** The message as it was when it came in, plus what its latest receive changed. */
export const restoreMessage = (
  sequence: number,
  stored: StoredMessageHead,
  receive: StoredReceive | undefined,
): RestoredMessage => {
  const { sentAt } = stored;
  const message = new Message(
    sequence,
    fingerprintOf(stored.id),
    stored.enqueuedAt ?? sentAt,
    stored.arrivedAt ?? sentAt,
    stored.visibleAt ?? sentAt,
    stored.receiveCount ?? 0,
    stored.firstReceivedAt ?? 0,
    stored.receivesElsewhere ?? 0,
  );
  if (receive !== undefined) {
    const [receiveCount, visibleAt, firstReceivedAt, receivedAt = firstReceivedAt] = receive;
    message.receiveCount = receiveCount;
    message.visibleAt = visibleAt;
    message.firstReceivedAt = firstReceivedAt;
    message.receivedAt = receivedAt;
  }
  return {
    message,
    groupId: stored.group,
    sequenceNumber: stored.number,
    isReceived: receive !== undefined,
  };
};
