import { IndexedHeap } from './indexed-heap.ts';
import { IN_FLIGHT, type Message, type MessageState, VISIBLE } from './message.ts';
import { groupBefore, MessageGroup, placeGroup, positionOfGroup } from './message-group.ts';
import type { ReceiveOrder } from './receive-order.ts';

/**
 * FIFO queues: a group gives its messages in order, and only the visible ones in front of its first hidden message.
 * Each receive takes as many as it can from one group, then goes on to the next. Groups take turns: one that becomes
 * receivable (again) lines up behind those that are.
 *
 * A group is in the heap exactly while its head is visible, so blocked groups cost nothing.
 */
export class FifoOrder implements ReceiveOrder {
  readonly #groups = new Map<string, MessageGroup>();
  readonly #ready = new IndexedHeap<MessageGroup>(groupBefore, placeGroup, positionOfGroup);
  /** The group being taken from, and its next message to look at. */
  #cursorGroup: MessageGroup | undefined;
  #cursor: Message | undefined;
  #nextTurn = 1;
  #groupsInFlight = 0;

  get hasReceivable(): boolean {
    return this.#ready.size > 0;
  }

  groupGauges(): Readonly<Record<string, number>> {
    return { ApproximateNumberOfGroupsWithInflightMessages: this.#groupsInFlight };
  }

  arrived(message: Message): void {
    const id = message.groupId ?? '';
    let group = this.#groups.get(id);
    if (group === undefined) {
      group = new MessageGroup(id);
      this.#groups.set(id, group);
    }
    group.size += 1;
    group.append(message);
    message.group = group;
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
      if (message !== undefined && message.state === VISIBLE) {
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

  #refresh(group: MessageGroup): void {
    const head = group.head;
    if (head === undefined || head.state !== VISIBLE) {
      this.#ready.remove(group);
    } else if (group.heapPosition < 0) {
      group.front = this.#nextTurn++;
      this.#ready.push(group);
    }
  }
}
