import type { EpochMs, IndexedHeap } from '@holdfast/kernel';

/** Where a message is in its life. Numbers, because they are compared on every operation. */
export const DELAYED = 0;
export const VISIBLE = 1;
export const IN_FLIGHT = 2;
export const GONE = 3;
export type MessageState = typeof DELAYED | typeof VISIBLE | typeof IN_FLIGHT | typeof GONE;

/** One user attribute. Binary values stay bytes. */
export interface MessageAttribute {
  readonly dataType: string;
  readonly stringValue: string | undefined;
  readonly binaryValue: Uint8Array | undefined;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** What a message carries through its whole life, dead-lettering included. */
export interface MessageContent {
  readonly id: string;
  readonly body: string;
  readonly md5OfBody: string;
  readonly attributes: MessageAttributes | undefined;
  /** MD5 over all attributes; `undefined` without attributes. */
  readonly md5OfAttributes: string | undefined;
  /** What `SentTimestamp` says. */
  readonly sentAt: EpochMs;
  readonly senderId: string;
  readonly traceHeader: string | undefined;
  readonly groupId: string | undefined;
  readonly deduplicationId: string | undefined;
  /** FIFO queues only. */
  readonly sequenceNumber: string | undefined;
  readonly deadLetterSourceArn: string | undefined;
}

/**
 * A message in one queue. Flat and always of the same shape; its links and heap positions are fields of its own so
 * that a queue of a million messages allocates nothing but the messages.
 *
 * What it carries is not here but in the store, which has it anyway: however long bodies are, a waiting message
 * takes the same few hundred bytes of memory.
 */
export class Message {
  /** Number within the queue, in order of arrival. */
  readonly sequence: number;
  /** Part of its id, see {@link fingerprintOf}. */
  readonly fingerprint: number;
  /** Retention counts from here. A standard dead-letter queue keeps the time of the first send. */
  readonly enqueuedAt: EpochMs;
  /** When it came into this queue; the age metric counts from here. */
  readonly arrivedAt: EpochMs;
  /** Receives in queues it was dead-lettered from. */
  readonly receivesElsewhere: number;
  /** Only where no store keeps it. */
  content: MessageContent | undefined = undefined;

  state: MessageState = DELAYED;
  /** Receives across queues, as `ApproximateReceiveCount` shows them. */
  receiveCount: number;
  firstReceivedAt: EpochMs;
  /** The latest receive; the twelve hours of visibility count from here. */
  receivedAt: EpochMs = 0;
  /** End of delay or of visibility timeout. */
  visibleAt: EpochMs;
  /** Place in the order of receiving; smaller is sooner. */
  order = 0;

  group: MessageGroup | undefined = undefined;
  previous: Message | undefined = undefined;
  next: Message | undefined = undefined;
  older: Message | undefined = undefined;
  newer: Message | undefined = undefined;
  heapPosition = -1;
  elderPosition = -1;

  constructor(
    sequence: number,
    fingerprint: number,
    enqueuedAt: EpochMs,
    arrivedAt: EpochMs,
    visibleAt: EpochMs,
    receiveCount: number,
    firstReceivedAt: EpochMs,
    receivesElsewhere: number,
  ) {
    this.sequence = sequence;
    this.fingerprint = fingerprint;
    this.enqueuedAt = enqueuedAt;
    this.arrivedAt = arrivedAt;
    this.visibleAt = visibleAt;
    this.receiveCount = receiveCount;
    this.firstReceivedAt = firstReceivedAt;
    this.receivesElsewhere = receivesElsewhere;
  }
}

/**
 * The messages of one `MessageGroupId` (or of none): a linked list, and a place in the heap of groups that have
 * something to give.
 */
export class MessageGroup {
  readonly id: string | undefined;
  head: Message | undefined = undefined;
  tail: Message | undefined = undefined;
  /** Messages of the group in the queue, in any state. */
  size = 0;
  inFlight = 0;
  /** Standard queues: those that can be received. */
  visible = 0;
  /** Place among the groups that have something to give; smaller is sooner. */
  front = 0;
  heapPosition = -1;
  /** Standard queues: messages that came back and keep their old place in the order. */
  returned: IndexedHeap<Message> | undefined = undefined;

  constructor(id: string | undefined) {
    this.id = id;
  }

  append(message: Message): void {
    message.previous = this.tail;
    message.next = undefined;
    if (this.tail === undefined) this.head = message;
    else this.tail.next = message;
    this.tail = message;
  }

  unlink(message: Message): void {
    if (message.previous === undefined) this.head = message.next;
    else message.previous.next = message.next;
    if (message.next === undefined) this.tail = message.previous;
    else message.next.previous = message.previous;
    message.previous = undefined;
    message.next = undefined;
  }
}

export const groupBefore = (a: MessageGroup, b: MessageGroup): boolean => a.front < b.front;
export const placeGroup = (group: MessageGroup, position: number): void => {
  group.heapPosition = position;
};
export const positionOfGroup = (group: MessageGroup): number => group.heapPosition;
