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

/** A message that comes back after this many receives goes to the end of the queue. */
export const RECEIVES_BEFORE_BACK_OF_QUEUE = 3;

/**
 * A group is noisy while it holds more than half of all messages in flight, and at least this many. AWS publishes no
 * numbers; below ten the share says nothing.
 */
export const NOISY_GROUP_IN_FLIGHT_MIN = 10;

const messageBefore = (a: Message, b: Message): boolean => a.order < b.order;
const placeMessage = (message: Message, position: number): void => {
  message.heapPosition = position;
};
const positionOfMessage = (message: Message): number => message.heapPosition;

/**
 * Standard queues: first come, first served. A message that comes back takes its old place until its third receive,
 * then goes to the end, so that a poison message does not stand in front for ever.
 *
 * Messages with a `MessageGroupId` are kept per group: while one group has most of the messages in flight, the
 * others are served first (fair queues).
 *
 * @see https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 */
export class StandardOrder implements ReceiveOrder {
  readonly #ungrouped = new MessageGroup(undefined);
  readonly #groups = new Map<string, MessageGroup>();
  readonly #ready = new IndexedHeap<MessageGroup>(groupBefore, placeGroup, positionOfGroup);
  #nextOrder = 1;
  #inFlight = 0;

  get hasReceivable(): boolean {
    return this.#ready.size > 0;
  }

  /** Totals of the groups that are not noisy, messages without a group included. O(groups): asked once a minute. */
  groupGauges(): Readonly<Record<string, number>> {
    if (this.#groups.size === 0) return {};
    const { visible, inFlight, size } = this.#ungrouped;
    const quiet = { visible, inFlight, delayed: size - inFlight - visible };
    let noisyGroups = 0;
    for (const group of this.#groups.values()) {
      if (this.#isNoisy(group)) {
        noisyGroups += 1;
      } else {
        quiet.visible += group.visible;
        quiet.inFlight += group.inFlight;
        quiet.delayed += group.size - group.inFlight - group.visible;
      }
    }
    return {
      ApproximateNumberOfNoisyGroups: noisyGroups,
      ApproximateNumberOfMessagesVisibleInQuietGroups: quiet.visible,
      ApproximateNumberOfMessagesNotVisibleInQuietGroups: quiet.inFlight,
      ApproximateNumberOfMessagesDelayedInQuietGroups: quiet.delayed,
    };
  }

  get isFair(): boolean {
    return this.#groups.size > 0;
  }

  isQuiet(message: Message): boolean {
    return !this.#isNoisy(message.group as MessageGroup);
  }

  arrived(message: Message, groupId: string | undefined): void {
    const group = this.#groupOf(groupId);
    group.size += 1;
    message.group = group;
  }

  shown(message: Message, from: MessageState): void {
    const group = message.group as MessageGroup;
    const cameBack = from === IN_FLIGHT;
    group.visible += 1;
    if (cameBack) {
      group.inFlight -= 1;
      this.#inFlight -= 1;
    }
    if (cameBack && message.receiveCount - message.receivesElsewhere < RECEIVES_BEFORE_BACK_OF_QUEUE) {
      group.returned ??= new IndexedHeap(messageBefore, placeMessage, positionOfMessage);
      group.returned.push(message);
    } else {
      message.order = this.#nextOrder++;
      group.append(message);
    }
    this.#refresh(group);
  }

  restoredInFlight(message: Message): void {
    message.order = this.#nextOrder++;
    this.hidden(message);
  }

  delayed(message: Message): void {
    this.#unshelve(message.group as MessageGroup, message);
  }

  peek(): Message | undefined {
    let group = this.#ready.peek();
    if (group === undefined) return undefined;
    if (this.#ready.size > 1 && this.#isNoisy(group)) group = this.#ready.peekSecond() as MessageGroup;
    const head = group.head;
    const returned = group.returned?.peek();
    return returned !== undefined && (head === undefined || returned.order < head.order) ? returned : head;
  }

  take(): Message | undefined {
    const message = this.peek();
    if (message !== undefined) this.#unshelve(message.group as MessageGroup, message);
    return message;
  }

  hidden(message: Message): void {
    (message.group as MessageGroup).inFlight += 1;
    this.#inFlight += 1;
  }

  removed(message: Message, from: MessageState, taken: boolean): void {
    const group = message.group as MessageGroup;
    if (from === VISIBLE && !taken) this.#unshelve(group, message);
    if (from === IN_FLIGHT) {
      group.inFlight -= 1;
      this.#inFlight -= 1;
    }
    group.size -= 1;
    message.group = undefined;
    if (group.size === 0 && group.id !== undefined) this.#groups.delete(group.id);
  }

  taken(): void {}

  #groupOf(id: string | undefined): MessageGroup {
    if (id === undefined) return this.#ungrouped;
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = new MessageGroup(id);
      this.#groups.set(id, group);
    }
    return group;
  }

  #isNoisy(group: MessageGroup): boolean {
    return group.id !== undefined && group.inFlight >= NOISY_GROUP_IN_FLIGHT_MIN && group.inFlight * 2 > this.#inFlight;
  }

  #unshelve(group: MessageGroup, message: Message): void {
    group.visible -= 1;
    if (message.heapPosition >= 0) group.returned?.remove(message);
    else group.unlink(message);
    this.#refresh(group);
  }

  /** Brings the heap of groups in line with what `group` can give now. */
  #refresh(group: MessageGroup): void {
    const returned = group.returned?.peek();
    const head = group.head;
    if (returned === undefined && head === undefined) {
      this.#ready.remove(group);
      return;
    }
    const front = Math.min(returned?.order ?? Number.POSITIVE_INFINITY, head?.order ?? Number.POSITIVE_INFINITY);
    if (group.heapPosition < 0) {
      group.front = front;
      this.#ready.push(group);
    } else if (group.front !== front) {
      group.front = front;
      this.#ready.moved(group);
    }
  }
}
