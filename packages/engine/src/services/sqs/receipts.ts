import type { EpochMs } from '@holdfast/kernel';
import { ServiceError } from '../../core/index.ts';
import { invalidValue } from './errors.ts';
import { IN_FLIGHT, type Message } from './message.ts';
import type { QueueMessages } from './queue-messages.ts';
import { readReceiptHandle, writeReceiptHandle } from './receipt-handle.ts';

/** No message stays invisible longer than this after a receive, whatever its timeout is changed to. */
const VISIBILITY_FROM_RECEIVE_MAX_MS = 43_200_000;
export const VISIBILITY_SECONDS_MAX = 43_200;

interface Found {
  readonly message: Message | undefined;
  readonly isLatestReceive: boolean;
}

/**
 * Which message a receipt handle is about, and what its holder may still do with it.
 *
 * On a standard queue the handle of an earlier receive is as good as the latest one: recorded from AWS, which documents
 * that it may not be.
 */
export class Receipts {
  readonly #queueKey: string;
  readonly #isFifo: boolean;
  readonly #messages: QueueMessages;

  constructor(queueKey: string, isFifo: boolean, messages: QueueMessages) {
    this.#queueKey = queueKey;
    this.#isFifo = isFifo;
    this.#messages = messages;
  }

  /** The handle of the latest receive of a message. */
  handleOf(message: Message, id: string): string {
    return writeReceiptHandle(this.#queueKey, message.sequence, message.receiveCount, id);
  }

  /**
   * The message to be deleted, unless it is already gone, which is fine.
   *
   * @throws ServiceError ReceiptHandleIsInvalid, or on FIFO queues InvalidParameterValue when the visibility is over
   */
  toDelete(receiptHandle: string): Message | undefined {
    const found = this.#find(receiptHandle);
    if (found.message !== undefined && this.#isOver(found)) {
      throw invalidValue(receiptHandle, 'ReceiptHandle', 'The receipt handle has expired.');
    }
    return found.message;
  }

  /**
   * The message to be hidden until then, unless it is visible again.
   *
   * @throws ServiceError ReceiptHandleIsInvalid, or InvalidParameterValue when it is gone or would be hidden for too long
   */
  toHide(receiptHandle: string, seconds: number, visibleAt: EpochMs): Message | undefined {
    const found = this.#find(receiptHandle);
    const { message } = found;
    if (message === undefined || this.#isOver(found)) {
      throw invalidValue(
        receiptHandle,
        'ReceiptHandle',
        'Message does not exist or is not available for visibility timeout change.',
      );
    }
    if (message.state !== IN_FLIGHT) return undefined;
    if (visibleAt - message.receivedAt > VISIBILITY_FROM_RECEIVE_MAX_MS) {
      throw invalidValue(
        seconds,
        'VisibilityTimeout',
        `Total VisibilityTimeout for the message is beyond the limit [${VISIBILITY_SECONDS_MAX} seconds].`,
      );
    }
    return message;
  }

  /** On a FIFO queue only who has received a message last may act on it, and only while it is in flight. */
  #isOver({ message, isLatestReceive }: Found): boolean {
    return this.#isFifo && (!isLatestReceive || message?.state !== IN_FLIGHT);
  }

  #find(receiptHandle: string): Found {
    const receipt = readReceiptHandle(receiptHandle);
    if (receipt === undefined || receipt.queueKey !== this.#queueKey) {
      throw new ServiceError(
        'ReceiptHandleIsInvalid',
        `The input receipt handle "${receiptHandle}" is not a valid receipt handle.`,
        400,
      );
    }
    const message = this.#messages.withSequence(receipt.sequence);
    if (message === undefined || message.fingerprint !== receipt.fingerprint) {
      return { message: undefined, isLatestReceive: false };
    }
    return { message, isLatestReceive: message.receiveCount === receipt.receiveCount };
  }
}
