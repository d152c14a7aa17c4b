import type { Message, MessageState } from './message.ts';

/**
 * Which message is next. Knows nothing of time: the queue tells it when messages become visible, go in flight or leave.
 */
export interface ReceiveOrder {
  /** The message is in the queue from now on, not visible yet. */
  arrived(message: Message, groupId: string | undefined): void;
  /** The message has become visible; `from` is what it was before. */
  shown(message: Message, from: MessageState): void;
  /** The message is in flight although nobody took it here: state read back from the store. */
  restoredInFlight(message: Message): void;
  /** A visible message is delayed after all: a FIFO queue's delay was raised. */
  delayed(message: Message): void;
  /** The message that {@link take} would hand out first. */
  peek(): Message | undefined;
  /** Hands out the next message; the queue then calls {@link hidden} or {@link removed} for it at once. */
  take(): Message | undefined;
  hidden(message: Message): void;
  /**
   * The message leaves the queue, its links by age still in place; `taken` says that {@link take} handed it out just
   * before.
   */
  removed(message: Message, from: MessageState, taken: boolean): void;
  /** Ends a series of {@link take}. */
  taken(): void;
  readonly hasReceivable: boolean;
  /** Whether messages of some groups go before others at the moment: a standard queue that holds groups. */
  readonly isFair: boolean;
  /** Whether the message's group is not noisy. */
  isQuiet(message: Message): boolean;
  /** What CloudWatch shows of groups, by metric name; empty where groups play no role. */
  groupGauges(): Readonly<Record<string, number>>;
}
