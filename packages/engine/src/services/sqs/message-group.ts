import type { IndexedHeap } from '@holdfast/kernel';
import type { Message } from './message.ts';

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
