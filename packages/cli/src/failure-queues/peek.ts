import {
  ChangeMessageVisibilityBatchCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { type Failure, readFailure } from '@holdfast/aws-model';
import { note, print, printJson, table } from '../output.ts';
import type { Target } from '../target.ts';
import { queueUrlOf } from './find-queues.ts';
import { RedriveReasons } from './redrive-reason.ts';

/** While a peek looks at a message, nobody else gets it; afterwards it is visible at once. */
const PEEK_VISIBILITY_SECONDS = 30;

/** ReceiveMessage and ChangeMessageVisibilityBatch take no more. */
const BATCH_MAX = 10;

/** Receives up to `max` messages and makes them visible again. */
const look = async (sqs: SQSClient, QueueUrl: string, max: number): Promise<readonly Message[]> => {
  const seen: Message[] = [];
  try {
    while (seen.length < max) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: Math.min(BATCH_MAX, max - seen.length),
          WaitTimeSeconds: 0,
          VisibilityTimeout: PEEK_VISIBILITY_SECONDS,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      );
      if (Messages.length === 0) break;
      seen.push(...Messages);
    }
  } finally {
    for (let start = 0; start < seen.length; start += BATCH_MAX) {
      await sqs.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl,
          Entries: seen
            .slice(start, start + BATCH_MAX)
            .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 })),
        }),
      );
    }
  }
  return seen;
};

/** Shows the messages of a queue: what failed, and why. */
export const peekQueue = async (target: Target, queue: string, max: number, asJson: boolean): Promise<void> => {
  const sqs = new SQSClient(target);
  const messages = await look(sqs, await queueUrlOf(sqs, queue), max);
  const reasons = new RedriveReasons(target);
  const failures = await Promise.all(
    messages.map(async (message): Promise<Failure> => {
      const failure = readFailure(message);
      const sourceArn = message.Attributes?.DeadLetterQueueSourceArn;
      if (failure.error !== '' || sourceArn === undefined) return failure;
      return { ...failure, error: await reasons.of(failure.messageId, sourceArn) };
    }),
  );
  if (asJson) printJson(failures);
  else if (failures.length === 0) print('no visible messages');
  else {
    print(
      table(
        ['SENT', 'RECEIVES', 'CONDITION', 'ABOUT', 'ERROR', 'MESSAGE ID'],
        failures.map((f) => [f.sentAt, f.receiveCount, f.condition, f.about, f.error.slice(0, 80), f.messageId]),
      ),
    );
  }
  if (failures.length > 0) note('SQS counts each look as a receive; the messages are visible again');
};
