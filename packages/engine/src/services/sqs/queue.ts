import { type EpochMs, type Timer, utf8Length } from '@holdfast/kernel';
import { IndexedHeap } from '@holdfast/kernel';
import { type ServiceEnvironment, ServiceError } from '../../core/index.ts';
import { Arrivals } from './arrivals.ts';
import { DeduplicationWindow } from './deduplication.ts';
import { invalidValue, queueDoesNotExist } from './errors.ts';
import { FifoOrder } from './fifo-order.ts';
import { DELAYED, GONE, IN_FLIGHT, Message, type MessageContent, VISIBLE } from './message.ts';
import { attributesBytes } from './message-attributes.ts';
import type { MessageDraft } from './message-draft.ts';
import { type AttributeMap, type QueueSettings, settingsOf } from './queue-attributes.ts';
import { QueueMetrics } from './queue-metrics.ts';
import {
  type QueueStore,
  type RestoredMessage,
  readContent,
  type StoredDeduplication,
  type StoredMessage,
  type StoredQueue,
  storeMessage,
} from './queue-store.ts';
import { fingerprintOf, readReceiptHandle, writeReceiptHandle } from './receipt-handle.ts';
import { ReceiveAttempts, type StoredAttempt } from './receive-attempts.ts';
import type { ReceiveOrder } from './receive-order.ts';
import { SequenceNumbers } from './sequence-numbers.ts';
import { StandardOrder } from './standard-order.ts';
import { type Waiter, Waiters } from './waiters.ts';

/** How many messages of one queue can be in flight; standard queues and (since late 2024) FIFO queues alike. */
export const IN_FLIGHT_MAX = 120_000;
/** No message stays invisible longer than this after a receive, whatever its timeout is changed to. */
export const VISIBILITY_FROM_RECEIVE_MAX_MS = 43_200_000;
export const VISIBILITY_SECONDS_MAX = 43_200;
/**
 * A changed `DeduplicationScope` counts from here on: attributes take up to a minute to spread, and this is the one
 * where recordings show it.
 */
export const SCOPE_SETTLING_MS = 60_000;

/** What a queue needs from around it. */
export interface QueueSurroundings {
  readonly environment: ServiceEnvironment;
  readonly store: QueueStore;
  /** The queue with this ARN, for dead-lettering. */
  find(arn: string): Queue | undefined;
  /** Called whenever messages of this queue may have become receivable; outlives the queue. */
  listenersOf(arn: string): Set<() => void>;
}

export interface QueueCounts {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** The answer to a send. */
export interface Sent {
  readonly messageId: string;
  readonly sequenceNumber: string | undefined;
}

/** What the sender determines of a message. */
type SentContent = Omit<MessageContent, 'id' | 'sentAt' | 'sequenceNumber' | 'deadLetterSourceArn'>;

/** Messages that become visible by themselves, in order of time. */
const timedHeap = (): IndexedHeap<Message> =>
  new IndexedHeap<Message>(
    (a, b) => a.visibleAt < b.visibleAt || (a.visibleAt === b.visibleAt && a.sequence < b.sequence),
    (message, position) => {
      message.heapPosition = position;
    },
    (message) => message.heapPosition,
  );

/**
 * One queue: its messages and what may happen to them.
 *
 * ```text
 *  send ─▶ DELAYED ──▶ VISIBLE ──receive──▶ IN_FLIGHT ──delete──▶ gone
 *                        ▲  │                   │
 *                        │  └─ too many receives: to the dead-letter queue, at the next receive
 *                        └──── timeout over or set to 0
 *  any state, retention over ──▶ gone
 * ```
 *
 * Nothing happens by itself: what is due (delays, timeouts, retention) is settled at the start of each operation.
 * Only while somebody waits or listens does the queue keep one timer, for the earliest change. Every operation costs
 * O(log n) at most.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-visibility-timeout.html
 */
export class Queue {
  readonly key: string;
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly isFifo: boolean;
  readonly createdAt: EpochMs;
  readonly metrics: QueueMetrics;
  modifiedAt: EpochMs;
  purgedAt: EpochMs | undefined;
  tags: Readonly<Record<string, string>>;
  attributes: AttributeMap;
  settings: QueueSettings;

  readonly #surroundings: QueueSurroundings;
  #messages = new Map<number, Message>();
  #order: ReceiveOrder;
  #arrivals = new Arrivals();
  #timed = timedHeap();
  readonly #waiters = new Waiters();
  readonly #listeners: Set<() => void>;
  readonly #deduplication: DeduplicationWindow;
  readonly #attempts: ReceiveAttempts;
  readonly #sequenceNumbers = new SequenceNumbers();
  /** Until then deduplication goes by the scope that was set before. */
  #scopeSettlesAt: EpochMs | undefined;
  #lastSequence = 0;
  #visibleCount = 0;
  #inFlightCount = 0;
  #delayedCount = 0;
  #timer: Timer | undefined;

  constructor(key: string, arn: string, stored: StoredQueue, surroundings: QueueSurroundings) {
    this.key = key;
    this.arn = arn;
    this.name = stored.name;
    this.account = stored.account;
    this.region = stored.region;
    this.createdAt = stored.createdAt;
    this.modifiedAt = stored.modifiedAt;
    this.purgedAt = stored.purgedAt;
    this.tags = stored.tags;
    this.attributes = stored.attributes;
    this.settings = settingsOf(stored.attributes);
    this.isFifo = this.settings.isFifo;
    this.#order = this.#newOrder();
    this.#surroundings = surroundings;
    this.#listeners = surroundings.listenersOf(arn);
    this.#attempts = new ReceiveAttempts(key, surroundings.store.attempts);
    this.#scopeSettlesAt = stored.scopeSettlesAt;
    this.#deduplication = new DeduplicationWindow((entryKey) =>
      surroundings.store.deduplication.delete(`${key}/${entryKey}`),
    );
    this.metrics = new QueueMetrics(surroundings.environment, stored, (now) => {
      const { visible, inFlight, delayed } = this.counts(now);
      const order = this.#order;
      const oldest = this.#arrivals.oldestArrivalAt();
      const oldestQuiet = order.isFair
        ? this.#arrivals.oldestArrivalAt((message) => order.isQuiet(message))
        : undefined;
      return {
        visible,
        notVisible: inFlight,
        delayed,
        oldestAgeMs: oldest === undefined ? 0 : now - oldest,
        oldestQuietAgeMs: order.isFair ? now - (oldestQuiet ?? now) : undefined,
        isEmpty: this.#messages.size === 0,
        ofGroups: order.groupGauges(),
      };
    });
  }

  /** Writes the queue itself, not its messages. */
  save(): void {
    this.#surroundings.store.queues.put(this.key, {
      name: this.name,
      account: this.account,
      region: this.region,
      attributes: this.attributes,
      tags: this.tags,
      createdAt: this.createdAt,
      modifiedAt: this.modifiedAt,
      purgedAt: this.purgedAt,
      scopeSettlesAt: this.#scopeSettlesAt,
    });
  }

  /** Puts back a message read from the store. To be called in order of sequence, before anything else happens. */
  restore({ message, groupId, sequenceNumber, isReceived }: RestoredMessage, now: EpochMs): void {
    const { sequence } = message;
    this.#lastSequence = Math.max(this.#lastSequence, sequence);
    if (sequenceNumber !== undefined) this.#sequenceNumbers.seen(sequenceNumber);
    this.#messages.set(sequence, message);
    this.#arrivals.add(message);
    this.#order.arrived(message, groupId);
    if (message.visibleAt <= now) {
      message.state = VISIBLE;
      this.#visibleCount += 1;
      this.#order.shown(message, DELAYED);
    } else if (isReceived) {
      message.state = IN_FLIGHT;
      this.#inFlightCount += 1;
      this.#timed.push(message);
      this.#order.restoredInFlight(message);
    } else {
      this.#delayedCount += 1;
      this.#timed.push(message);
    }
  }

  /** Puts back deduplication entries read from the store, in any order. */
  restoreDeduplication(entries: readonly (readonly [string, StoredDeduplication])[]): void {
    const inOrder = [...entries].sort(([, a], [, b]) => a[2] - b[2]);
    for (const [entryKey, [messageId, sequenceNumber, at]] of inOrder) {
      this.#sequenceNumbers.seen(sequenceNumber);
      this.#deduplication.add(entryKey, { messageId, sequenceNumber, at });
    }
  }

  /** Puts back receive attempts read from the store; after the messages. */
  restoreAttempts(entries: readonly (readonly [string, StoredAttempt])[]): void {
    this.#attempts.restore(entries, this.#messages);
  }

  /** Takes up work after the state was read back. */
  resume(now: EpochMs): void {
    if (this.#messages.size > 0) this.metrics.active(now);
    this.#rearm();
  }

  counts(now: EpochMs): QueueCounts {
    this.#settle(now);
    return { visible: this.#visibleCount, inFlight: this.#inFlightCount, delayed: this.#delayedCount };
  }

  /** Whether the limit of messages in flight is reached. */
  isFull(now: EpochMs): boolean {
    this.#settle(now);
    return this.#inFlightCount >= IN_FLIGHT_MAX;
  }

  /** Stores one message. Call {@link announce} once after the last of a batch. */
  send(draft: MessageDraft, delayMs: number | undefined, now: EpochMs): Sent {
    const { environment, store } = this.#surroundings;
    this.#settle(now);
    this.metrics.active(now);
    let deduplicationKey: string | undefined;
    if (this.isFifo) {
      deduplicationKey = this.#deduplicationKeyOf(draft, now);
      const first = this.#deduplication.find(deduplicationKey, now);
      if (first !== undefined) {
        this.metrics.deduplicated(now);
        return first;
      }
    }
    const id = environment.ids.uuid();
    const sequenceNumber = this.isFifo ? this.#sequenceNumbers.next(now) : undefined;
    this.#enterNew(draft, id, sequenceNumber, delayMs ?? this.settings.delayMs, now);
    if (deduplicationKey !== undefined) {
      const entry = { messageId: id, sequenceNumber: sequenceNumber as string, at: now };
      this.#deduplication.add(deduplicationKey, entry);
      store.deduplication.put(`${this.key}/${deduplicationKey}`, [id, entry.sequenceNumber, now]);
    }
    this.metrics.sent(draft.bytes, now);
    return { messageId: id, sequenceNumber };
  }

  /**
   * Takes a message that is redriven from a dead-letter queue: a new message with a new id, with full retention and no
   * receives. Deduplication does not apply: nothing may get lost on the way back.
   */
  redrive(content: MessageContent, now: EpochMs): void {
    const { environment } = this.#surroundings;
    this.#settle(now);
    this.metrics.active(now);
    const sequenceNumber = this.isFifo ? this.#sequenceNumbers.next(now) : undefined;
    this.#enterNew(content, environment.ids.uuid(), sequenceNumber, this.settings.delayMs, now);
    this.metrics.sent(utf8Length(content.body) + attributesBytes(content.attributes), now);
  }

  /**
   * Takes over a message that `source` gave up on. Id, body, attributes and receive count stay; a standard queue keeps
   * the time of the first send for retention, a FIFO queue starts anew.
   */
  adopt(message: Message, content: MessageContent, sourceArn: string, now: EpochMs): void {
    this.#settle(now);
    this.metrics.active(now);
    const adopted = new Message(
      ++this.#lastSequence,
      message.fingerprint,
      this.isFifo ? now : message.enqueuedAt,
      now,
      now,
      message.receiveCount,
      message.firstReceivedAt,
      message.receiveCount,
    );
    this.#enter(adopted, { ...content, deadLetterSourceArn: sourceArn }, now);
  }

  /**
   * Receives up to `max` messages. Messages that were received too often go to the dead-letter queue instead; when
   * that no longer exists they are received as ever.
   */
  receive(
    now: EpochMs,
    max: number,
    visibilityTimeoutMs: number = this.settings.visibilityTimeoutMs,
    attemptId?: string,
  ): readonly Message[] {
    this.#settle(now);
    this.metrics.active(now);
    if (attemptId !== undefined) {
      const repeated = this.#repeatAttempt(attemptId, visibilityTimeoutMs, now);
      if (repeated !== undefined) return repeated;
    }
    const received: Message[] = [];
    const redrive = this.settings.redrive;
    let deadLetterQueue: Queue | undefined;
    const room = Math.min(max, IN_FLIGHT_MAX - this.#inFlightCount);
    while (received.length < room) {
      const message = this.#order.take();
      if (message === undefined) break;
      if (redrive !== undefined && message.receiveCount - message.receivesElsewhere >= redrive.maxReceiveCount) {
        deadLetterQueue ??= this.#surroundings.find(redrive.deadLetterTargetArn);
        if (deadLetterQueue !== undefined) {
          const content = this.contentOf(message);
          this.#leave(message, true);
          deadLetterQueue.adopt(message, content, this.arn, now);
          continue;
        }
      }
      this.#hide(message, visibilityTimeoutMs, now);
      received.push(message);
    }
    this.#order.taken();
    deadLetterQueue?.announce(now);
    if (attemptId !== undefined && received.length > 0) this.#attempts.remember(attemptId, received, now);
    this.#rearm();
    return received;
  }

  /** Parks a receive until messages come, or until `waitMs` is over. Returns what makes it leave without an answer. */
  wait(waiter: Waiter, waitMs: number, now: EpochMs): () => void {
    const { timers } = this.#surroundings.environment;
    const leave = this.#waiters.add(waiter, (end) => timers.schedule(now + waitMs, end));
    this.#rearm();
    return leave;
  }

  /**
   * Tells those who wait and listen that something may be receivable. One call per operation, after its last change:
   * a batch is announced as a whole.
   */
  announce(now: EpochMs): void {
    if (this.#waiters.size > 0) this.#serveWaiters(now);
    if (this.#listeners.size > 0 && this.#order.hasReceivable) {
      for (const listener of [...this.#listeners]) listener();
    }
    this.#rearm();
  }

  /** What a message of this queue carries. */
  contentOf(message: Message): MessageContent {
    return message.content ?? readContent(this.#surroundings.store.messages.get(this.#keyOf(message)) as StoredMessage);
  }

  /** Up to `max` messages behind a sequence number, oldest first, in any state; looking counts as nothing. O(messages). */
  look(now: EpochMs, after: number, max: number): { readonly messages: readonly Message[]; readonly hasMore: boolean } {
    this.#settle(now);
    const messages: Message[] = [];
    for (const message of this.#arrivals) {
      if (message.sequence <= after) continue;
      if (messages.length === max) return { messages, hasMore: true };
      messages.push(message);
    }
    return { messages, hasMore: false };
  }

  /** The handle of the latest receive of a message. */
  receiptHandleOf(message: Message, id: string): string {
    return writeReceiptHandle(this.key, message.sequence, message.receiveCount, id);
  }

  /**
   * Deletes by receipt handle. A message that is already gone is fine. On a standard queue the handle of an earlier
   * receive deletes too, even if the message was received again since: recorded from AWS, which documents that it may not.
   *
   * @throws ServiceError ReceiptHandleIsInvalid, or on FIFO queues InvalidParameterValue when the visibility is over
   */
  delete(receiptHandle: string, now: EpochMs): void {
    this.#settle(now);
    const { message, isLatestReceive } = this.#findByHandle(receiptHandle);
    if (message !== undefined && this.isFifo && (!isLatestReceive || message.state !== IN_FLIGHT)) {
      throw invalidValue(receiptHandle, 'ReceiptHandle', 'The receipt handle has expired.');
    }
    this.metrics.active(now);
    this.metrics.deleted(now);
    if (message === undefined) return;
    this.#leave(message, false);
    if (this.isFifo) this.announce(now);
  }

  /**
   * Changes how long a received message stays invisible, from now on. On a standard queue the handle of an earlier
   * receive does so too: recorded from AWS.
   *
   * @throws ServiceError
   */
  changeVisibility(receiptHandle: string, seconds: number, now: EpochMs): void {
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > VISIBILITY_SECONDS_MAX) {
      throw invalidValue(seconds, 'VisibilityTimeout', `Must be between 0 and ${VISIBILITY_SECONDS_MAX}.`);
    }
    this.#settle(now);
    const { message, isLatestReceive } = this.#findByHandle(receiptHandle);
    if (message === undefined || (this.isFifo && (!isLatestReceive || message.state !== IN_FLIGHT))) {
      throw invalidValue(
        receiptHandle,
        'ReceiptHandle',
        'Message does not exist or is not available for visibility timeout change.',
      );
    }
    if (message.state !== IN_FLIGHT) return;
    const visibleAt = now + seconds * 1_000;
    if (visibleAt - message.receivedAt > VISIBILITY_FROM_RECEIVE_MAX_MS) {
      throw invalidValue(
        seconds,
        'VisibilityTimeout',
        `Total VisibilityTimeout for the message is beyond the limit [${VISIBILITY_SECONDS_MAX} seconds].`,
      );
    }
    this.metrics.active(now);
    message.visibleAt = visibleAt;
    this.#timed.moved(message);
    this.#saveReceive(message);
    if (seconds === 0) {
      this.#settle(now);
      this.announce(now);
    } else {
      this.#rearm();
    }
  }

  /** Removes every message, in flight or not, and forgets the deduplication ids. */
  purge(now: EpochMs): void {
    this.purgedAt = now;
    this.#dropAll();
    this.metrics.active(now);
    this.save();
  }

  /** Takes over changed attributes (checked and merged by the caller). */
  configure(attributes: AttributeMap, now: EpochMs): void {
    const before = this.settings;
    this.attributes = attributes;
    this.settings = settingsOf(attributes);
    this.modifiedAt = now;
    if (before.deduplicationPerGroup !== this.settings.deduplicationPerGroup) {
      this.#scopeSettlesAt = this.#isScopeSettled(now) ? now + SCOPE_SETTLING_MS : undefined;
    }
    this.save();
    if (this.isFifo && before.delayMs !== this.settings.delayMs) this.#delayAgain(now);
    this.#settle(now);
    this.announce(now);
  }

  /** Takes the next receivable message out of the queue for good, to be moved elsewhere. */
  takeOut(now: EpochMs): Message | undefined {
    this.#settle(now);
    const message = this.#order.take();
    if (message !== undefined) this.#leave(message, true);
    this.#order.taken();
    return message;
  }

  /** The next message that {@link takeOut} would take. */
  peek(now: EpochMs): Message | undefined {
    this.#settle(now);
    return this.#order.peek();
  }

  /** Ends the queue: its messages are gone, waiting receives fail. */
  close(now: EpochMs): void {
    this.#dropAll();
    this.#surroundings.store.queues.delete(this.key);
    this.metrics.close();
    this.#timer?.cancel();
    this.#timer = undefined;
    for (let waiter = this.#waiters.shift(); waiter !== undefined; waiter = this.#waiters.shift()) {
      waiter.reject(queueDoesNotExist());
    }
    this.modifiedAt = now;
  }

  /** To be called after {@link QueueSurroundings.listenersOf} gained a listener. */
  listen(): void {
    this.#rearm();
  }

  #enterNew(draft: SentContent, id: string, sequenceNumber: string | undefined, delayMs: number, now: EpochMs): void {
    const content: MessageContent = {
      id,
      body: draft.body,
      md5OfBody: draft.md5OfBody,
      attributes: draft.attributes,
      md5OfAttributes: draft.md5OfAttributes,
      sentAt: now,
      senderId: draft.senderId,
      traceHeader: draft.traceHeader,
      groupId: draft.groupId,
      deduplicationId: draft.deduplicationId,
      sequenceNumber,
      deadLetterSourceArn: undefined,
    };
    const message = new Message(++this.#lastSequence, fingerprintOf(id), now, now, now + delayMs, 0, 0, 0);
    this.#enter(message, content, now);
  }

  #enter(message: Message, content: MessageContent, now: EpochMs): void {
    this.#messages.set(message.sequence, message);
    this.#arrivals.add(message);
    this.#order.arrived(message, content.groupId);
    if (message.visibleAt <= now) {
      message.state = VISIBLE;
      this.#visibleCount += 1;
      this.#order.shown(message, DELAYED);
    } else {
      this.#delayedCount += 1;
      this.#timed.push(message);
    }
    if (this.#surroundings.store.isKept) this.#saveMessage(message, content);
    else message.content = content;
  }

  #hide(message: Message, visibilityTimeoutMs: number, now: EpochMs): void {
    message.state = IN_FLIGHT;
    if (message.receiveCount === 0) message.firstReceivedAt = now;
    message.receiveCount += 1;
    message.receivedAt = now;
    message.visibleAt = now + visibilityTimeoutMs;
    this.#visibleCount -= 1;
    this.#inFlightCount += 1;
    this.#order.hidden(message);
    this.#timed.push(message);
    this.#saveReceive(message);
  }

  #leave(message: Message, taken: boolean): void {
    const from = message.state;
    message.state = GONE;
    if (from === VISIBLE) this.#visibleCount -= 1;
    else {
      this.#timed.remove(message);
      if (from === IN_FLIGHT) this.#inFlightCount -= 1;
      else this.#delayedCount -= 1;
    }
    this.#order.removed(message, from, taken);
    this.#arrivals.remove(message);
    this.#messages.delete(message.sequence);
    this.#forget(message);
  }

  /** All messages at once; none is taken out of what held it, as there may be a million. */
  #dropAll(): void {
    if (this.#surroundings.store.isKept) for (const message of this.#arrivals) this.#forget(message);
    this.#messages = new Map();
    this.#order = this.#newOrder();
    this.#arrivals = new Arrivals();
    this.#timed = timedHeap();
    this.#visibleCount = 0;
    this.#inFlightCount = 0;
    this.#delayedCount = 0;
    this.#deduplication.clear();
    this.#attempts.clear();
  }

  /** Takes a message that is gone out of the store. */
  #forget(message: Message): void {
    const { store } = this.#surroundings;
    if (!store.isKept) return;
    const key = this.#keyOf(message);
    store.messages.delete(key);
    if (message.receiveCount > message.receivesElsewhere) store.receives.delete(key);
  }

  /**
   * Does what has become due: shows messages whose time has come, drops those whose retention is over. Each at its time,
   * so that the order of groups does not hang on how often somebody looks.
   */
  #settle(now: EpochMs): void {
    for (;;) {
      const message = this.#timed.peek();
      const shownAt = message?.visibleAt ?? Number.POSITIVE_INFINITY;
      const expiresAt = this.#nextExpiryAt();
      if (Math.min(shownAt, expiresAt) > now) break;
      if (message !== undefined && shownAt <= expiresAt) this.#show(message);
      else this.#leave(this.#arrivals.enqueuedBefore(expiresAt - this.settings.retentionMs) as Message, false);
    }
  }

  #nextExpiryAt(): EpochMs {
    return (this.#arrivals.firstEnqueuedAt ?? Number.POSITIVE_INFINITY) + this.settings.retentionMs + 1;
  }

  #show(message: Message): void {
    this.#timed.pop();
    const from = message.state;
    if (from === IN_FLIGHT) this.#inFlightCount -= 1;
    else this.#delayedCount -= 1;
    message.state = VISIBLE;
    this.#visibleCount += 1;
    this.#order.shown(message, from);
  }

  #newOrder(): ReceiveOrder {
    return this.isFifo ? new FifoOrder() : new StandardOrder();
  }

  #keyOf(message: Message): string {
    return `${this.key}/${message.sequence}`;
  }

  #saveMessage(message: Message, content: MessageContent): void {
    this.#surroundings.store.messages.put(this.#keyOf(message), storeMessage(message, content));
  }

  #saveReceive(message: Message): void {
    const { store } = this.#surroundings;
    if (!store.isKept) return;
    store.receives.put(this.#keyOf(message), [
      message.receiveCount,
      message.visibleAt,
      message.firstReceivedAt,
      message.receivedAt,
    ]);
  }

  #findByHandle(receiptHandle: string): { readonly message: Message | undefined; readonly isLatestReceive: boolean } {
    const receipt = readReceiptHandle(receiptHandle);
    if (receipt === undefined || receipt.queueKey !== this.key) {
      throw new ServiceError(
        'ReceiptHandleIsInvalid',
        `The input receipt handle "${receiptHandle}" is not a valid receipt handle.`,
        400,
      );
    }
    const message = this.#messages.get(receipt.sequence);
    if (message === undefined || message.fingerprint !== receipt.fingerprint) {
      return { message: undefined, isLatestReceive: false };
    }
    return { message, isLatestReceive: message.receiveCount === receipt.receiveCount };
  }

  #serveWaiters(now: EpochMs): void {
    for (;;) {
      const waiter = this.#waiters.peek();
      if (waiter === undefined || !this.#order.hasReceivable) return;
      const messages = this.receive(now, waiter.max, waiter.visibilityTimeoutMs, waiter.attemptId);
      if (messages.length === 0) return;
      this.#waiters.shift();
      waiter.resolve(messages);
    }
  }

  /** Keeps the one timer at the earliest change while anybody waits or listens. */
  #rearm(): void {
    if (this.#waiters.size === 0 && this.#listeners.size === 0) {
      this.#timer?.cancel();
      this.#timer = undefined;
      return;
    }
    let at = this.#timed.peek()?.visibleAt;
    if (this.isFifo && this.#inFlightCount > 0) {
      // The end of a retention can unblock a group.
      const expiresAt = this.#nextExpiryAt();
      if (at === undefined || expiresAt < at) at = expiresAt;
    }
    if (at === undefined || (this.#timer !== undefined && this.#timer.at <= at)) return;
    this.#timer?.cancel();
    this.#timer = this.#surroundings.environment.timers.schedule(at, (now) => {
      this.#timer = undefined;
      this.#settle(now);
      this.announce(now);
    });
  }

  /** FIFO: a changed delay also holds for messages that wait for their first receive. */
  #delayAgain(now: EpochMs): void {
    for (const message of this.#arrivals) {
      if (message.receiveCount > 0 || message.state === IN_FLIGHT) continue;
      const content = this.contentOf(message);
      const visibleAt = content.sentAt + this.settings.delayMs;
      if (message.state === DELAYED) {
        message.visibleAt = visibleAt;
        this.#timed.moved(message);
      } else if (visibleAt > now) {
        message.visibleAt = visibleAt;
        message.state = DELAYED;
        this.#visibleCount -= 1;
        this.#delayedCount += 1;
        this.#timed.push(message);
        this.#order.delayed(message);
      }
      if (this.#surroundings.store.isKept) this.#saveMessage(message, content);
    }
  }

  #isScopeSettled(now: EpochMs): boolean {
    return this.#scopeSettlesAt === undefined || now >= this.#scopeSettlesAt;
  }

  #deduplicationKeyOf(draft: MessageDraft, now: EpochMs): string {
    const id = draft.deduplicationId as string;
    // Neither ids nor groups contain spaces.
    return this.settings.deduplicationPerGroup === this.#isScopeSettled(now) ? `${draft.groupId} ${id}` : id;
  }

  /** The same messages again, with the same handles, while nothing has happened to any of them. */
  #repeatAttempt(attemptId: string, visibilityTimeoutMs: number, now: EpochMs): readonly Message[] | undefined {
    const messages = this.#attempts.repeat(attemptId, now + visibilityTimeoutMs, now);
    for (const message of messages ?? []) {
      message.visibleAt = now + visibilityTimeoutMs;
      this.#timed.moved(message);
      this.#saveReceive(message);
    }
    return messages;
  }
}
