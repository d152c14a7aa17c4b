import { type Failure, readFailure } from '@holdfast/aws-model';
import { LogReasons, type LookedAt, type SqsQueue } from '@holdfast/ledger';
import { note } from '../output.ts';
import type { Target } from '../target.ts';
import { openQueue } from './open-queue.ts';

/** A message of a failure queue, and what it tells of the failure. */
export interface SeenFailure extends Failure {
  readonly message: LookedAt;
}

const noteReceives = ({ isEngine }: SqsQueue, count: number): void => {
  if (!isEngine && count > 0) note('SQS counts each look as a receive; the messages are visible again');
};

/** Up to `max` messages of a queue with why they failed: said by the message, or by the log of who read it. */
export const lookAtFailures = async (target: Target, named: string, max: number): Promise<readonly SeenFailure[]> => {
  const queue = await openQueue(target, named);
  const messages = await queue.look(max);
  noteReceives(queue, messages.length);
  const reasons = new LogReasons(target);
  return Promise.all(
    messages.map(async (message): Promise<SeenFailure> => {
      const failure = readFailure(message);
      const sourceArn = message.Attributes?.DeadLetterQueueSourceArn;
      if (failure.error !== '' || sourceArn === undefined) return { ...failure, message };
      return { ...failure, message, error: await reasons.of(failure.messageId, sourceArn) };
    }),
  );
};
