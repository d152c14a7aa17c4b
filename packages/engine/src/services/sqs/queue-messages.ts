import { type EpochMs, IndexedHeap, NumberRow } from '@holdfast/kernel';
import { Arrivals } from './arrivals.ts';
import { FifoOrder } from './fifo-order.ts';
import { DELAYED, GONE, IN_FLIGHT, Message, type MessageContent, VISIBLE } from './message.ts';
import type { QueueGauges } from './queue-metrics.ts';
import {
  type QueueStore,
  type RestoredMessage,
  readContent,
  type StoredMessage,
  storeMessage,
  storeReceive,
} from './queue-store.ts';
import { fingerprintOf } from './receipt-handle.ts';
import type { ReceiveOrder } from './receive-order.ts';
import { StandardOrder } from './standard-order.ts';

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
 * The messages of one queue and where each stands: in memory, and in the store where one keeps them.
 *
 * ```text
 *  enter ─▶ DELAYED ──▶ VISIBLE ──hide──▶ IN_FLIGHT
 *                 settle     ▲               │ settle: its time is over
 *                            └───────────────┘
 *  any state ──remove, or retention over──▶ GONE
 * ```
 *
 * Nothing happens by itself: {@link settle} does what is due. Every method costs O(log n) at most, but where it says so.
 */
export class QueueMessages {
  readonly #queueKey: string;
  readonly #isFifo: boolean;
  readonly #store: QueueStore;
  #bySequence = new NumberRow<Message | undefined>(undefined);
  #order: ReceiveOrder;
  #arrivals = new Arrivals();
  #timed = timedHeap();
  #lastSequence: number;
  #visible = 0;
  #inFlight = 0;
  #delayed = 0;

  /** `lastSequence` is one that was given out before, if not the last. */
  constructor(queueKey: string, isFifo: boolean, store: QueueStore, lastSequence: number) {
    this.#queueKey = queueKey;
    this.#lastSequence = lastSequence;
    this.#isFifo = isFifo;
    this.#store = store;
    this.#order = this.#newOrder();
  }

  get size(): number {
    return this.#bySequence.size;
  }

  /** Every message so far has this sequence or one before it. */
  get lastSequence(): number {
    return this.#lastSequence;
  }

  get visible(): number {
    return this.#visible;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get delayed(): number {
    return this.#delayed;
  }

  get hasReceivable(): boolean {
    return this.#order.hasReceivable;
  }

  /** When the next message becomes visible by itself. */
  get nextShownAt(): EpochMs | undefined {
    return this.#timed.peek()?.visibleAt;
  }

  /** When the next message is dropped for its age; infinity when there is none. */
  nextExpiryAt(retentionMs: number): EpochMs {
    return (this.#arrivals.firstEnqueuedAt ?? Number.POSITIVE_INFINITY) + retentionMs + 1;
  }

  /** What CloudWatch shows. O(messages received over and over). */
  gauges(now: EpochMs): QueueGauges {
    const order = this.#order;
    const oldest = this.#arrivals.oldestArrivalAt();
    const oldestQuiet = order.isFair ? this.#arrivals.oldestArrivalAt((message) => order.isQuiet(message)) : undefined;
    return {
      visible: this.#visible,
      notVisible: this.#inFlight,
      delayed: this.#delayed,
      oldestAgeMs: oldest === undefined ? 0 : now - oldest,
      oldestQuietAgeMs: order.isFair ? now - (oldestQuiet ?? now) : undefined,
      isEmpty: this.size === 0,
      ofGroups: order.groupGauges(),
    };
  }

  /** Puts back a message read from the store. To be called in order of sequence, before anything else happens. */
  restore({ message, groupId, isReceived }: RestoredMessage, now: EpochMs): void {
    this.#lastSequence = Math.max(this.#lastSequence, message.sequence);
    if (message.visibleAt > now && isReceived) {
      this.#arrived(message, groupId);
      message.state = IN_FLIGHT;
      this.#inFlight += 1;
      this.#timed.push(message);
      this.#order.restoredInFlight(message);
    } else this.#wait(message, groupId, now);
  }

  /** A message that was sent now. */
  enter(content: MessageContent, visibleAt: EpochMs): void {
    const now = content.sentAt;
    const message = new Message(++this.#lastSequence, fingerprintOf(content.id), now, now, visibleAt, 0, 0, 0);
    this.#enter(message, content, now);
  }

  /** A message that another queue gave up on: how often it was received stays with it, and its age where that counts on. */
  adopt(from: Message, content: MessageContent, now: EpochMs): void {
    const adopted = new Message(
      ++this.#lastSequence,
      from.fingerprint,
      this.#isFifo ? now : from.enqueuedAt,
      now,
      now,
      from.receiveCount,
      from.firstReceivedAt,
      from.receiveCount,
    );
    this.#enter(adopted, content, now);
  }

  /**
   * Does what has become due: shows messages whose time has come, drops those whose retention is over. Each at its time,
   * so that the order of groups does not hang on how often somebody looks.
   */
  settle(now: EpochMs, retentionMs: number): void {
    for (;;) {
      const message = this.#timed.peek();
      const shownAt = message?.visibleAt ?? Number.POSITIVE_INFINITY;
      const expiresAt = this.nextExpiryAt(retentionMs);
      if (Math.min(shownAt, expiresAt) > now) break;
      if (message !== undefined && shownAt <= expiresAt) this.#show(message);
      else this.remove(this.#arrivals.enqueuedBefore(expiresAt - retentionMs) as Message, false);
    }
  }

  /** The message that {@link take} would hand out first. */
  peek(): Message | undefined {
    return this.#order.peek();
  }

  /** Hands out the next message, to be hidden or removed at once. */
  take(): Message | undefined {
    return this.#order.take();
  }

  /** Ends a series of {@link take}. */
  taken(): void {
    this.#order.taken();
  }

  /** A visible message is received: nobody else sees it for so long. */
  hide(message: Message, visibilityTimeoutMs: number, now: EpochMs): void {
    message.state = IN_FLIGHT;
    if (message.receiveCount === 0) message.firstReceivedAt = now;
    message.receiveCount += 1;
    message.receivedAt = now;
    message.visibleAt = now + visibilityTimeoutMs;
    this.#visible -= 1;
    this.#inFlight += 1;
    this.#order.hidden(message);
    this.#timed.push(message);
    this.#saveReceive(message);
  }

  /** A message in flight becomes visible at another time. */
  hideUntil(message: Message, visibleAt: EpochMs): void {
    message.visibleAt = visibleAt;
    this.#timed.moved(message);
    this.#saveReceive(message);
  }

  /** FIFO: a changed delay also holds for messages that wait for their first receive. O(messages). */
  delayAgain(delayMs: number, now: EpochMs): void {
    for (const message of this.#arrivals) {
      if (message.receiveCount > 0 || message.state === IN_FLIGHT) continue;
      const content = this.contentOf(message);
      const visibleAt = content.sentAt + delayMs;
      if (message.state === DELAYED) {
        message.visibleAt = visibleAt;
        this.#timed.moved(message);
      } else if (visibleAt > now) {
        message.visibleAt = visibleAt;
        message.state = DELAYED;
        this.#visible -= 1;
        this.#delayed += 1;
        this.#timed.push(message);
        this.#order.delayed(message);
      }
      if (this.#store.isKept) this.#save(message, content);
    }
  }

  /** `taken` says that {@link take} handed it out just before. */
  remove(message: Message, taken: boolean): void {
    const from = message.state;
    message.state = GONE;
    if (from === VISIBLE) this.#visible -= 1;
    else {
      this.#timed.remove(message);
      if (from === IN_FLIGHT) this.#inFlight -= 1;
      else this.#delayed -= 1;
    }
    this.#order.removed(message, from, taken);
    this.#arrivals.remove(message);
    this.#bySequence.delete(message.sequence);
    this.#forget(message);
  }

  /**
   * Removes all at once; none is taken out of what held it, as there may be a million. Gives back the keys of those
   * that are to be taken out of the store.
   */
  clear(): Iterable<string> {
    const left = this.#store.isKept ? this.#keysOf(this.#arrivals) : [];
    this.#bySequence = new NumberRow<Message | undefined>(undefined);
    this.#order = this.#newOrder();
    this.#arrivals = new Arrivals();
    this.#timed = timedHeap();
    this.#visible = 0;
    this.#inFlight = 0;
    this.#delayed = 0;
    return left;
  }

  withSequence(sequence: number): Message | undefined {
    return this.#bySequence.get(sequence);
  }

  contentOf(message: Message): MessageContent {
    return message.content ?? readContent(this.#store.messages.get(this.#keyOf(message)) as StoredMessage);
  }

  /**
   * Up to `max` messages behind a sequence number, oldest first, in any state. O(max) as long as the message with that
   * number is there, as it mostly is from page to page; else O(messages).
   */
  after(sequence: number, max: number): { readonly messages: readonly Message[]; readonly hasMore: boolean } {
    const messages: Message[] = [];
    for (const message of this.#arrivals.after(this.#bySequence.get(sequence))) {
      if (message.sequence <= sequence) continue;
      if (messages.length === max) return { messages, hasMore: true };
      messages.push(message);
    }
    return { messages, hasMore: false };
  }

  #enter(message: Message, content: MessageContent, now: EpochMs): void {
    this.#wait(message, content.groupId, now);
    if (this.#store.isKept) this.#save(message, content);
    else message.content = content;
  }

  #arrived(message: Message, groupId: string | undefined): void {
    this.#bySequence.set(message.sequence, message);
    this.#arrivals.add(message);
    this.#order.arrived(message, groupId);
  }

  #wait(message: Message, groupId: string | undefined, now: EpochMs): void {
    this.#arrived(message, groupId);
    if (message.visibleAt <= now) {
      message.state = VISIBLE;
      this.#visible += 1;
      this.#order.shown(message, DELAYED);
    } else {
      this.#delayed += 1;
      this.#timed.push(message);
    }
  }

  #show(message: Message): void {
    this.#timed.pop();
    const from = message.state;
    if (from === IN_FLIGHT) this.#inFlight -= 1;
    else this.#delayed -= 1;
    message.state = VISIBLE;
    this.#visible += 1;
    this.#order.shown(message, from);
  }

  #newOrder(): ReceiveOrder {
    return this.#isFifo ? new FifoOrder() : new StandardOrder();
  }

  *#keysOf(messages: Iterable<Message>): Generator<string> {
    for (const message of messages) yield this.#keyOf(message);
  }

  #keyOf(message: Message): string {
    return `${this.#queueKey}/${message.sequence}`;
  }

  #save(message: Message, content: MessageContent): void {
    this.#store.messages.put(this.#keyOf(message), storeMessage(message, content));
  }

  #saveReceive(message: Message): void {
    if (!this.#store.isKept) return;
    this.#store.receives.put(this.#keyOf(message), storeReceive(message));
  }

  /** Takes a message that is gone out of the store. */
  #forget(message: Message): void {
    if (!this.#store.isKept) return;
    const key = this.#keyOf(message);
    this.#store.messages.delete(key);
    if (message.receiveCount > message.receivesElsewhere) this.#store.receives.delete(key);
  }
}
