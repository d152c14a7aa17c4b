import type { Failure } from '@holdfast/aws-model';
import { type LookedAt, Reasons, readLetter, type SqsQueue } from '@holdfast/ledger';
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
  const reasons = new Reasons(target, queue.isEngine);
  const failures: SeenFailure[] = [];
  for (const message of messages) {
    failures.push({ ...readLetter(message, await reasons.of(message, [])), message });
  }
  return failures;
};
