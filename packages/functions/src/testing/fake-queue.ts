import type { Message } from '@aws-sdk/client-sqs';
import type { Ambient } from '../ambient.ts';
import { FakeClient, sdkError } from './fake-aws.ts';

interface Held {
  readonly message: Message;
  receives: number;
  visibleAt: number;
  receiptHandle: string;
}

/** A queue with visibility timeouts and long polling, in the time of `ambient`. */
export const fakeQueue = (ambient: Ambient) => {
  const held = new Map<string, Held>();
  let receipts = 0;
  const byReceipt = (handle: string): Held => {
    for (const entry of held.values()) if (entry.receiptHandle === handle) return entry;
    throw sdkError('ReceiptHandleIsInvalid', 404);
  };
  const visible = (max: number): Held[] =>
    [...held.values()].filter(({ visibleAt }) => visibleAt <= ambient.now()).slice(0, max);

  const fake = new FakeClient({
    ReceiveMessage: async ({ MaxNumberOfMessages, WaitTimeSeconds, VisibilityTimeout }) => {
      const until = ambient.now() + WaitTimeSeconds * 1000;
      let found = visible(MaxNumberOfMessages);
      while (found.length === 0 && ambient.now() < until) {
        await ambient.sleep(Math.min(250, until - ambient.now()));
        found = visible(MaxNumberOfMessages);
      }
      return {
        Messages: found.map((entry) => {
          entry.receives += 1;
          entry.visibleAt = ambient.now() + VisibilityTimeout * 1000;
          entry.receiptHandle = `receipt-${++receipts}`;
          return {
            ...entry.message,
            ReceiptHandle: entry.receiptHandle,
            Attributes: { ...entry.message.Attributes, ApproximateReceiveCount: String(entry.receives) },
          };
        }),
      };
    },
    DeleteMessage: ({ ReceiptHandle }) => {
      held.delete(byReceipt(ReceiptHandle).message.MessageId as string);
      return {};
    },
    ChangeMessageVisibility: ({ ReceiptHandle, VisibilityTimeout }) => {
      byReceipt(ReceiptHandle).visibleAt = ambient.now() + VisibilityTimeout * 1000;
      return {};
    },
  });
  return Object.assign(fake, {
    held,
    /** When a message can be received again, in milliseconds from now. */
    hiddenForMs: (messageId: string) => (held.get(messageId)?.visibleAt ?? Number.NaN) - ambient.now(),
    arrive(messageId: string, body: unknown, more: Partial<Message> = {}) {
      held.set(messageId, {
        message: {
          MessageId: messageId,
          Body: typeof body === 'string' ? body : JSON.stringify(body),
          Attributes: { SentTimestamp: String(ambient.now()) },
          ...more,
        },
        receives: 0,
        visibleAt: ambient.now(),
        receiptHandle: '',
      });
    },
  });
};
