import { IndexedHeap } from '@holdfast/kernel';
import {
  groupBefore,
  IN_FLIGHT,
  type Message,
  MessageGroup,
  type MessageState,
  placeGroup,
  positionOfGroup,
  VISIBLE,
} from './message.ts';
import type { ReceiveOrder } from './receive-order.ts';

/** How many messages of a FIFO queue, the oldest first, are looked through for groups that can be received from. */
export const FIFO_LOOK_AHEAD_MAX = 120_000;

/**
 * FIFO queues: a group gives its messages in order, and only the visible ones in front of its first hidden message.
 * Each receive takes as many as it can from one group, then goes on to the next. Groups take turns: one that becomes
 * receivable (again) lines up behind those that are.
 *
 * A group is in the heap exactly while its head is visible and examined, so blocked groups cost nothing. Only the
 * oldest messages are examined, in flight or not: behind a backlog of 120,000 messages of blocked groups every other
 * group waits.
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-message-order.html
 */
export class FifoOrder implements ReceiveOrder {
  readonly #groups = new Map<string, MessageGroup>();
  readonly #ready = new IndexedHeap<MessageGroup>(groupBefore, placeGroup, positionOfGroup);
  /** The group being taken from, and its next message to look at. */
  #cursorGroup: MessageGroup | undefined;
  #cursor: Message | undefined;
  #nextTurn = 1;
  #groupsInFlight = 0;
  readonly #lookAheadMax: number;
  #examinedCount = 0;
  /** The newest message that is examined; all older ones are. */
  #lastExamined: Message | undefined;

  constructor(lookAheadMax: number = FIFO_LOOK_AHEAD_MAX) {
    this.#lookAheadMax = lookAheadMax;
  }

  get hasReceivable(): boolean {
    return this.#ready.size > 0;
  }

  groupGauges(): Readonly<Record<string, number>> {
    return { ApproximateNumberOfGroupsWithInflightMessages: this.#groupsInFlight };
  }

  readonly isFair = false;

  isQuiet(): boolean {
    return true;
  }

  arrived(message: Message, groupId: string | undefined): void {
    const id = groupId ?? '';
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = new MessageGroup(id);
      this.#groups.set(id, group);
    }
    group.size += 1;
    group.append(message);
    message.group = group;
    if (this.#examinedCount < this.#lookAheadMax) {
      this.#examinedCount += 1;
      this.#lastExamined = message;
    }
  }

  shown(message: Message, from: MessageState): void {
    const group = message.group as MessageGroup;
    if (from === IN_FLIGHT) this.#cameBack(group);
    this.#refresh(group);
  }

  restoredInFlight(message: Message): void {
    this.hidden(message);
  }

  delayed(message: Message): void {
    this.#refresh(message.group as MessageGroup);
  }

  peek(): Message | undefined {
    return this.#ready.peek()?.head;
  }

  take(): Message | undefined {
    for (;;) {
      const message = this.#cursor;
      if (message !== undefined && this.#isReceivable(message)) {
        this.#cursor = message.next;
        return message;
      }
      this.taken();
      const group = this.#ready.pop();
      if (group === undefined) return undefined;
      this.#cursorGroup = group;
      this.#cursor = group.head;
    }
  }

  hidden(message: Message): void {
    const group = message.group as MessageGroup;
    group.inFlight += 1;
    if (group.inFlight === 1) this.#groupsInFlight += 1;
    if (group !== this.#cursorGroup) this.#refresh(group);
  }

  removed(message: Message, from: MessageState): void {
    const group = message.group as MessageGroup;
    if (this.#cursor === message) this.#cursor = message.next;
    group.unlink(message);
    if (from === IN_FLIGHT) this.#cameBack(group);
    group.size -= 1;
    message.group = undefined;
    if (group !== this.#cursorGroup) this.#refresh(group);
    this.#lookFurther(message);
    if (group.size === 0) this.#groups.delete(group.id as string);
  }

  taken(): void {
    const group = this.#cursorGroup;
    this.#cursorGroup = undefined;
    this.#cursor = undefined;
    if (group !== undefined) this.#refresh(group);
  }

  #cameBack(group: MessageGroup): void {
    group.inFlight -= 1;
    if (group.inFlight === 0) this.#groupsInFlight -= 1;
  }

  #isReceivable(message: Message): boolean {
    return message.state === VISIBLE && message.sequence <= (this.#lastExamined as Message).sequence;
  }

  /** Examines one message more when an examined one leaves; it is still linked to those that came before and after. */
  #lookFurther(leaving: Message): void {
    const last = this.#lastExamined as Message;
    if (leaving.sequence > last.sequence) return;
    const { newer } = last;
    if (newer === undefined) {
      this.#examinedCount -= 1;
      if (leaving === last) this.#lastExamined = leaving.older;
      return;
    }
    this.#lastExamined = newer;
    const group = newer.group as MessageGroup;
    if (group !== this.#cursorGroup) this.#refresh(group);
  }

  #refresh(group: MessageGroup): void {
    const head = group.head;
    if (head === undefined || !this.#isReceivable(head)) {
      this.#ready.remove(group);
    } else if (group.heapPosition < 0) {
      group.front = this.#nextTurn++;
      this.#ready.push(group);
    }
  }
}
