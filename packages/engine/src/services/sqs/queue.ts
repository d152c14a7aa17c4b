import { type EpochMs, utf8Length } from '@holdfast/kernel';
import type { ServiceEnvironment } from '../../core/index.ts';
import { Audience } from './audience.ts';
import { invalidValue, queueDoesNotExist } from './errors.ts';
import { FifoSends, type Sent } from './fifo-sends.ts';
import type { Leftovers } from './leftovers.ts';
import type { Message, MessageContent } from './message.ts';
import { attributesBytes } from './message-attributes.ts';
import type { MessageDraft } from './message-draft.ts';
import { type AttributeMap, type QueueSettings, settingsOf } from './queue-attributes.ts';
import { QueueMessages } from './queue-messages.ts';
import { QueueMetrics } from './queue-metrics.ts';
import type { QueueStore, RestoredMessage, StoredDeduplication, StoredQueue } from './queue-store.ts';
import { Receipts, VISIBILITY_SECONDS_MAX } from './receipts.ts';
import { ReceiveAttempts, type StoredAttempt } from './receive-attempts.ts';
import type { Waiter } from './waiters.ts';

/** How many messages of one queue can be in flight; standard queues and (since late 2024) FIFO queues alike. */
export const IN_FLIGHT_MAX = 120_000;

/** What a queue needs from around it. */
export interface QueueSurroundings {
  readonly environment: ServiceEnvironment;
  readonly store: QueueStore;
  readonly leftovers: Leftovers;
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

/** A message as its sender wants it, and the delay it asked for itself. */
export interface Sending {
  readonly draft: MessageDraft;
  readonly delayMs: number | undefined;
}

/** A message on its way to the dead-letter queue. */
interface GivenUp {
  readonly message: Message;
  readonly content: MessageContent;
}

/** What the sender determines of a message. */
type SentContent = Omit<MessageContent, 'id' | 'sentAt' | 'sequenceNumber' | 'deadLetterSourceArn'>;

/**
 * One queue: what may be done to its messages, by whom and when.
 *
 * Nothing happens by itself: what is due (delays, timeouts, retention) is settled at the start of each operation. Each
 * ends by telling those who wait and listen, once. Every operation costs O(log n) at most.
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
  /** Messages up to this sequence are gone, though they may still be stored. */
  purgedThrough: number;
  tags: Readonly<Record<string, string>>;
  attributes: AttributeMap;
  settings: QueueSettings;

  readonly #surroundings: QueueSurroundings;
  readonly #messages: QueueMessages;
  readonly #receipts: Receipts;
  readonly #audience: Audience;
  readonly #attempts: ReceiveAttempts;
  /** FIFO queues only. */
  readonly #sends: FifoSends | undefined;

  constructor(key: string, arn: string, stored: StoredQueue, surroundings: QueueSurroundings) {
    const { environment, store } = surroundings;
    this.key = key;
    this.arn = arn;
    this.name = stored.name;
    this.account = stored.account;
    this.region = stored.region;
    this.createdAt = stored.createdAt;
    this.modifiedAt = stored.modifiedAt;
    this.purgedAt = stored.purgedAt;
    this.purgedThrough = stored.purgedThrough ?? 0;
    this.tags = stored.tags;
    this.attributes = stored.attributes;
    this.settings = settingsOf(stored.attributes);
    this.isFifo = this.settings.isFifo;
    this.#surroundings = surroundings;
    this.#messages = new QueueMessages(key, this.isFifo, store, this.purgedThrough);
    this.#receipts = new Receipts(key, this.isFifo, this.#messages);
    this.#audience = this.#newAudience();
    this.#attempts = new ReceiveAttempts(key, store.attempts);
    this.#sends = this.isFifo
      ? new FifoSends(key, store.deduplication, this.settings.deduplicationPerGroup, stored.scopeSettlesAt)
      : undefined;
    this.metrics = new QueueMetrics(environment, stored, (now) => {
      this.#settle(now);
      return this.#messages.gauges(now);
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
      purgedThrough: this.purgedThrough || undefined,
      scopeSettlesAt: this.#sends?.scopeSettlesAt,
    });
  }

  /** Puts back a message read from the store. To be called in order of sequence, before anything else happens. */
  restore(restored: RestoredMessage, now: EpochMs): void {
    if (restored.sequenceNumber !== undefined) this.#sends?.seen(restored.sequenceNumber);
    this.#messages.restore(restored, now);
  }

  /** Puts back deduplication entries read from the store, in any order. */
  restoreDeduplication(entries: readonly (readonly [string, StoredDeduplication])[]): void {
    this.#sends?.restore(entries);
  }

  /** Puts back receive attempts read from the store; after the messages. */
  restoreAttempts(entries: readonly (readonly [string, StoredAttempt])[]): void {
    this.#attempts.restore(entries, (sequence) => this.#messages.withSequence(sequence));
  }

  /** Takes up work after the state was read back. */
  resume(now: EpochMs): void {
    if (this.#messages.size > 0) this.metrics.active(now);
    this.#audience.rearm();
  }

  counts(now: EpochMs): QueueCounts {
    this.#settle(now);
    const { visible, inFlight, delayed } = this.#messages;
    return { visible, inFlight, delayed };
  }

  /** Whether the limit of messages in flight is reached. */
  isFull(now: EpochMs): boolean {
    this.#settle(now);
    return this.#messages.inFlight >= IN_FLIGHT_MAX;
  }

  send(sending: Sending, now: EpochMs): Sent {
    this.#begin(now);
    const sent = this.#send(sending, now);
    this.#audience.announce(now);
    return sent;
  }

  /** Sends a batch; whoever waits gets it as a whole. */
  sendAll(sendings: readonly Sending[], now: EpochMs): readonly Sent[] {
    this.#begin(now);
    const sent = sendings.map((sending) => this.#send(sending, now));
    this.#audience.announce(now);
    return sent;
  }

  /**
   * Takes messages that are redriven from a dead-letter queue: new messages with new ids, with full retention and no
   * receives. Deduplication does not apply: nothing may get lost on the way back.
   */
  redrive(contents: readonly MessageContent[], now: EpochMs): void {
    this.#begin(now);
    for (const content of contents) {
      this.#enter(content, this.#sends?.nextSequenceNumber(now), this.settings.delayMs, now);
      this.metrics.sent(utf8Length(content.body) + attributesBytes(content.attributes), now);
    }
    this.#audience.announce(now);
  }

  /**
   * Takes over messages that `source` gave up on. Ids, bodies, attributes and receive counts stay; a standard queue
   * keeps the time of the first send for retention, a FIFO queue starts anew.
   */
  adopt(givenUp: readonly GivenUp[], sourceArn: string, now: EpochMs): void {
    this.#begin(now);
    for (const { message, content } of givenUp) {
      this.#messages.adopt(message, { ...content, deadLetterSourceArn: sourceArn }, now);
    }
    this.#audience.announce(now);
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
    this.#begin(now);
    if (attemptId !== undefined) {
      const repeated = this.#repeatAttempt(attemptId, visibilityTimeoutMs, now);
      if (repeated !== undefined) return repeated;
    }
    const received: Message[] = [];
    const givenUp: GivenUp[] = [];
    const deadLetterQueue = this.#deadLetterQueue();
    const room = Math.min(max, IN_FLIGHT_MAX - this.#messages.inFlight);
    while (received.length < room) {
      const message = this.#messages.take();
      if (message === undefined) break;
      if (deadLetterQueue !== undefined && this.#isGivenUp(message)) {
        givenUp.push({ message, content: this.contentOf(message) });
        this.#messages.remove(message, true);
      } else {
        this.#messages.hide(message, visibilityTimeoutMs, now);
        received.push(message);
      }
    }
    this.#messages.taken();
    if (givenUp.length > 0) deadLetterQueue?.adopt(givenUp, this.arn, now);
    if (attemptId !== undefined && received.length > 0) this.#attempts.remember(attemptId, received, now);
    this.#audience.rearm();
    return received;
  }

  /** Parks a receive until messages come, or until `waitMs` is over. Returns what makes it leave without an answer. */
  wait(waiter: Waiter, waitMs: number, now: EpochMs): () => void {
    return this.#audience.wait(waiter, waitMs, now);
  }

  /** What a message of this queue carries. */
  contentOf(message: Message): MessageContent {
    return this.#messages.contentOf(message);
  }

  /** Up to `max` messages behind a sequence number, oldest first, in any state; looking counts as nothing. */
  look(now: EpochMs, after: number, max: number): { readonly messages: readonly Message[]; readonly hasMore: boolean } {
    this.#settle(now);
    return this.#messages.after(after, max);
  }

  /** The handle of the latest receive of a message. */
  receiptHandleOf(message: Message, id: string): string {
    return this.#receipts.handleOf(message, id);
  }

  /** Deletes by receipt handle. @throws ServiceError see {@link Receipts.toDelete} */
  delete(receiptHandle: string, now: EpochMs): void {
    this.#settle(now);
    const message = this.#receipts.toDelete(receiptHandle);
    this.metrics.active(now);
    this.metrics.deleted(now);
    if (message === undefined) return;
    this.#messages.remove(message, false);
    if (this.isFifo) this.#audience.announce(now);
  }

  /** Changes how long a received message stays invisible, from now on. @throws ServiceError see {@link Receipts.toHide} */
  changeVisibility(receiptHandle: string, seconds: number, now: EpochMs): void {
    if (!Number.isInteger(seconds) || seconds < 0 || seconds > VISIBILITY_SECONDS_MAX) {
      throw invalidValue(seconds, 'VisibilityTimeout', `Must be between 0 and ${VISIBILITY_SECONDS_MAX}.`);
    }
    this.#settle(now);
    const visibleAt = now + seconds * 1_000;
    const message = this.#receipts.toHide(receiptHandle, seconds, visibleAt);
    if (message === undefined) return;
    this.metrics.active(now);
    this.#messages.hideUntil(message, visibleAt);
    this.#settle(now);
    if (seconds === 0) this.#audience.announce(now);
    else this.#audience.rearm();
  }

  /** Removes every message, in flight or not, and forgets the deduplication ids. */
  purge(now: EpochMs): void {
    this.purgedAt = now;
    this.purgedThrough = this.#messages.lastSequence;
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
    this.#sends?.setScope(this.settings.deduplicationPerGroup, now);
    this.save();
    if (this.isFifo && before.delayMs !== this.settings.delayMs) {
      this.#messages.delayAgain(this.settings.delayMs, now);
    }
    this.#settle(now);
    this.#audience.announce(now);
  }

  /** Takes the next receivable message out of the queue for good, to be moved elsewhere. */
  takeOut(now: EpochMs): Message | undefined {
    this.#settle(now);
    const message = this.#messages.take();
    if (message !== undefined) this.#messages.remove(message, true);
    this.#messages.taken();
    return message;
  }

  /** The next message that {@link takeOut} would take. */
  peek(now: EpochMs): Message | undefined {
    this.#settle(now);
    return this.#messages.peek();
  }

  /** Ends the queue: its messages are gone, waiting receives fail. */
  close(now: EpochMs): void {
    this.#dropAll();
    this.#surroundings.store.queues.delete(this.key);
    this.metrics.close();
    this.#audience.close(queueDoesNotExist);
    this.modifiedAt = now;
  }

  /** To be called after {@link QueueSurroundings.listenersOf} gained a listener. */
  listen(): void {
    this.#audience.rearm();
  }

  #newAudience(): Audience {
    const { environment, listenersOf } = this.#surroundings;
    const queue = this;
    return new Audience(environment.timers, listenersOf.call(this.#surroundings, this.arn), {
      get hasReceivable() {
        return queue.#messages.hasReceivable;
      },
      get nextChangeAt() {
        return queue.#nextChangeAt();
      },
      settle: (now) => this.#settle(now),
      receiveFor: ({ max, visibilityTimeoutMs, attemptId }, now) =>
        this.receive(now, max, visibilityTimeoutMs, attemptId),
    });
  }

  #begin(now: EpochMs): void {
    this.#settle(now);
    this.metrics.active(now);
  }

  #settle(now: EpochMs): void {
    this.#messages.settle(now, this.settings.retentionMs);
  }

  #nextChangeAt(): EpochMs | undefined {
    const at = this.#messages.nextShownAt;
    if (!this.isFifo || this.#messages.inFlight === 0) return at;
    // The end of a retention can unblock a group.
    const expiresAt = this.#messages.nextExpiryAt(this.settings.retentionMs);
    return at === undefined || expiresAt < at ? expiresAt : at;
  }

  #send({ draft, delayMs }: Sending, now: EpochMs): Sent {
    const repeated = this.#sends?.repeated(draft, now);
    if (repeated !== undefined) {
      this.metrics.deduplicated(now);
      return repeated;
    }
    const sequenceNumber = this.#sends?.nextSequenceNumber(now);
    const messageId = this.#enter(draft, sequenceNumber, delayMs ?? this.settings.delayMs, now);
    if (sequenceNumber !== undefined) this.#sends?.remember(draft, messageId, sequenceNumber, now);
    this.metrics.sent(draft.bytes, now);
    return { messageId, sequenceNumber };
  }

  #enter(sent: SentContent, sequenceNumber: string | undefined, delayMs: number, now: EpochMs): string {
    const id = this.#surroundings.environment.ids.uuid();
    const content: MessageContent = {
      id,
      body: sent.body,
      md5OfBody: sent.md5OfBody,
      attributes: sent.attributes,
      md5OfAttributes: sent.md5OfAttributes,
      sentAt: now,
      senderId: sent.senderId,
      traceHeader: sent.traceHeader,
      groupId: sent.groupId,
      deduplicationId: sent.deduplicationId,
      sequenceNumber,
      deadLetterSourceArn: undefined,
    };
    this.#messages.enter(content, now + delayMs);
    return id;
  }

  #deadLetterQueue(): Queue | undefined {
    const { redrive } = this.settings;
    return redrive && this.#surroundings.find(redrive.deadLetterTargetArn);
  }

  #isGivenUp({ receiveCount, receivesElsewhere }: Message): boolean {
    const { redrive } = this.settings;
    return redrive !== undefined && receiveCount - receivesElsewhere >= redrive.maxReceiveCount;
  }

  #dropAll(): void {
    this.#surroundings.leftovers.leave(this.#messages.clear());
    this.#sends?.clear();
    this.#attempts.clear();
  }

  /** The same messages again, with the same handles, while nothing has happened to any of them. */
  #repeatAttempt(attemptId: string, visibilityTimeoutMs: number, now: EpochMs): readonly Message[] | undefined {
    const visibleAt = now + visibilityTimeoutMs;
    const messages = this.#attempts.repeat(attemptId, visibleAt, now);
    for (const message of messages ?? []) this.#messages.hideUntil(message, visibleAt);
    return messages;
  }
}
