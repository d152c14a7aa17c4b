import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { backoffDelayMs } from '@holdfast/retry';
import type { Ambient } from '../ambient.ts';
import type { InvocationContext, Log } from '../log.ts';
import { PermanentError } from '../middleware/errors.ts';
import { forEachMessage } from '../middleware/for-each-message.ts';
import { notesOf, originalAttributes } from '../middleware/message-notes.ts';
import { sentOn } from '../middleware/sent-on.ts';
import type { BatchAnswer, QueueEvent, QueueMessage } from '../middleware/sqs-event.ts';
import { DELAY_MAX_SECONDS, type DeadLetterReplaySettings } from './settings.ts';

/** Everything a replay touches. */
export interface DeadLetterReplayDeps extends Pick<Ambient, 'random'> {
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly log: Log;
  readonly settings: DeadLetterReplaySettings;
}

/** A message was replayed as often as it may be: the redrive policy of its queue puts it aside. */
export class MaxAttemptsError extends Error {
  override readonly name = 'MaxAttemptsError';

  constructor(attempt: number, maxAttempts: number) {
    super(`Number of retries(${attempt}) > max attempts(${maxAttempts})`);
  }
}

/**
 * Sends each message of a retry queue into the queue where it came from, after a delay that grows with its replays.
 *
 * Sent, confirmed, and only then deleted, which the event source mapping does for every record that is not reported:
 * between the two a crash doubles a message, and never loses one. It keeps body, group, trace, all attributes and the
 * time at which it was first sent. FIFO queues delay no single message: there the group waits with it.
 */
export const createDeadLetterReplay = (
  deps: DeadLetterReplayDeps,
): ((event: QueueEvent, context: InvocationContext) => Promise<BatchAnswer>) => {
  const { sqs, log, random, settings } = deps;
  const { queueUrl, maxAttempts, backoff, requiredAttributes } = settings;

  const replay = async (record: QueueMessage): Promise<void> => {
    const { replays, firstSentAt } = notesOf(record);
    const attempt = replays + 1;
    const told = { messageId: record.messageId, replay_cnt: attempt, max_attempts: maxAttempts };
    const refuse = (error: Error): never => {
      log.error(error.message, { ...told, errorType: error.name, firstSentAt: new Date(firstSentAt).toISOString() });
      throw error;
    };
    const attributes = originalAttributes(record);
    const missing = requiredAttributes.find((name) => !Object.hasOwn(attributes, name));
    if (missing !== undefined) refuse(new PermanentError(`the message has no attribute ${missing}`));
    if (attempt > maxAttempts) refuse(new MaxAttemptsError(attempt, maxAttempts));

    const delaySeconds = Math.min(DELAY_MAX_SECONDS, backoffDelayMs(backoff, attempt, random) / 1_000);
    const hop = { replays: attempt, delaySeconds: Math.ceil(delaySeconds) };
    await sqs.send(new SendMessageCommand(sentOn(record, queueUrl, hop)));
    const isFifo = queueUrl.endsWith('.fifo');
    log.info('replayed', { ...told, replayed_to_main_q: true, delay_sec: isFifo ? 0 : delaySeconds });
  };

  // In the order of the queue; a batch is ten sends.
  return forEachMessage(replay, { concurrency: 1 });
};
