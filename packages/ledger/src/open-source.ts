import { InvalidInputError } from '@holdfast/kernel';
import { ArchivedLetters, FailedExecutions } from './other-letters.ts';
import type { DeadLetterQueue } from './redrive-ports.ts';
import { type LookedAt, SqsQueue } from './sqs-queue.ts';
import type { Target } from './target.ts';

/** Where dead letters lie, to look at and to take from. */
export interface OpenSource extends DeadLetterQueue {
  /** What it says it holds; for a place that does not say, what a look finds. */
  readonly visible: number;
  readonly inFlight: number;
  look(max: number): Promise<readonly LookedAt[]>;
}

const first = async (messages: AsyncGenerator<LookedAt>, max: number): Promise<readonly LookedAt[]> => {
  const seen: LookedAt[] = [];
  for await (const message of messages) {
    if (seen.length >= max) break;
    seen.push(message);
  }
  return seen;
};

/**
 * Opens a place of dead letters by its ARN: a queue, a prefix of a bucket (`arn:aws:s3:::bucket/dead-letters/`), or a state
 * machine.
 *
 * @throws InvalidInputError when it is the ARN of nothing that holds dead letters
 */
export const openSource = async (target: Target, from: string, isEngine: boolean): Promise<OpenSource> => {
  const service = from.split(':')[2];
  if (service === 'sqs') return SqsQueue.openArn(target, from, isEngine);
  const letters =
    service === 's3'
      ? new ArchivedLetters(target, from)
      : service === 'states'
        ? new FailedExecutions(target, from)
        : undefined;
  if (letters === undefined) {
    throw new InvalidInputError('from', from, "must be the ARN of a queue, a state machine, or a bucket's prefix");
  }
  return Object.assign(letters, {
    visible: await letters.count(),
    inFlight: 0,
    look: (max: number) => first(letters.all(), max),
  });
};
