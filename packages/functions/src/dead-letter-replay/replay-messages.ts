import type { SQSClient } from '@aws-sdk/client-sqs';
import { InvalidInputError } from '@holdfast/kernel';
import { type BackoffPolicy, resolveBackoffPolicy } from '@holdfast/retry';
import { ambient } from '../ambient.ts';
import type { InvocationContext, Log } from '../log.ts';
import { noLog } from '../middleware/for-each-message.ts';
import type { BatchAnswer, QueueEvent } from '../middleware/sqs-event.ts';
import { createDeadLetterReplay } from './create-dead-letter-replay.ts';
import { MAX_ATTEMPTS_MAX, REPLAY_DEFAULTS } from './settings.ts';

/** How {@link replayMessages} sends messages again. */
export interface ReplayMessagesOptions {
  /** Set `useQueueUrlAsEndpoint: false`. */
  readonly sqs: Pick<SQSClient, 'send'>;
  /** The queue into which messages are sent again. */
  readonly queueUrl: string;
  /**
   * Replays of one message before it is given up, 1 to 15.
   * @defaultValue 3
   */
  readonly maxAttempts?: number;
  /**
   * Of one message, from replay to replay, as its delay: 15 minutes at most.
   * @defaultValue 2 s, doubled each time, half of it jitter
   */
  readonly backoff?: Partial<BackoffPolicy>;
  /** A message that lacks one of these attributes is given up without a replay. */
  readonly requiredAttributes?: readonly string[];
  readonly log?: Log;
}

/**
 * Makes a handler of a retry queue, or of a dead-letter queue, that sends its messages into the queue they came from: what
 * `DeadLetterReplay` deploys, for a function of your own. What was replayed often enough, or lacks an attribute, comes back
 * until its queue's redrive policy puts it aside.
 *
 * @example
 * ```ts
 * import { SQSClient } from '@aws-sdk/client-sqs';
 * import { replayMessages } from '@holdfast/constructs/handlers';
 *
 * export const handler = replayMessages({
 *   sqs: new SQSClient({ useQueueUrlAsEndpoint: false }),
 *   queueUrl: process.env['ORDERS_URL'] as string,
 *   requiredAttributes: ['store_id'],
 * });
 * ```
 * @throws InvalidInputError naming the option that is wrong
 */
export const replayMessages = (
  options: ReplayMessagesOptions,
): ((event: QueueEvent, context: InvocationContext) => Promise<BatchAnswer>) => {
  const { sqs, queueUrl, backoff, requiredAttributes = [], log = noLog } = options;
  const maxAttempts = options.maxAttempts ?? REPLAY_DEFAULTS.maxAttempts;
  if (!Number.isInteger(maxAttempts) || maxAttempts < 1 || maxAttempts > MAX_ATTEMPTS_MAX) {
    throw new InvalidInputError('maxAttempts', maxAttempts, `must be a whole number from 1 to ${MAX_ATTEMPTS_MAX}`);
  }
  const defaults = {
    baseDelayMs: REPLAY_DEFAULTS.baseDelaySeconds * 1_000,
    maxDelayMs: REPLAY_DEFAULTS.maxDelaySeconds * 1_000,
    jitter: 'equal',
  } as const;
  return createDeadLetterReplay({
    sqs,
    log,
    random: ambient.random,
    settings: { queueUrl, maxAttempts, backoff: resolveBackoffPolicy({ ...defaults, ...backoff }), requiredAttributes },
  });
};
