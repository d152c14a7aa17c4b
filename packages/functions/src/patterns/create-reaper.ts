import type { Message } from '@aws-sdk/client-sqs';
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Ambient } from '../ambient.ts';
import type { MetricSink } from '../emf.ts';
import { type Environment, numberWithin, requiredText } from '../environment.ts';
import type { Log } from '../log.ts';
import { asHandedOver, sentOn } from '../middleware/sent-on.ts';
import { tellMessageAge } from './message-age.ts';

/** What the environment of a reaper says. */
export interface ReaperSettings {
  readonly queueUrl: string;
  /** Where messages are kept that would expire. */
  readonly keepQueueUrl: string;
  /** Messages of this age are kept, in milliseconds. */
  readonly maxAgeMs: number;
}

/** @throws {@link InvalidInputError} naming the variable that is missing or wrong */
export const readReaperSettings = (environment: Environment): ReaperSettings => ({
  queueUrl: requiredText(environment, 'QUEUE_URL'),
  keepQueueUrl: requiredText(environment, 'KEEP_QUEUE_URL'),
  maxAgeMs: numberWithin(environment, 'MAX_AGE_SECONDS', 259_200, { min: 1, max: 1_209_600 }) * 1_000,
});

export interface ReaperDeps extends Pick<Ambient, 'now'> {
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly log: Log;
  readonly metrics: MetricSink;
  readonly settings: ReaperSettings;
}

/** What one look may hold back from the consumer, so that a run ends. */
const LOOKS_MAX = 200;
/** Young messages are let go after so long: the consumer's turn. */
const HOLD_SECONDS = 5;

/**
 * Keeps what would expire: messages of a certain age are sent to another queue, confirmed, and only then deleted. What is
 * younger becomes visible again within seconds.
 *
 * A queue without a redrive policy has no other end for a message that never succeeds than to be deleted, in silence.
 * A message that a consumer fails with is its consumer's to keep: pollers take it in the moment it becomes visible. The
 * reaper is for those that no consumer gets, because it is throttled, disabled or gone.
 */
export const createReaper = ({ sqs, log, metrics, now, settings }: ReaperDeps) => {
  const { queueUrl, keepQueueUrl, maxAgeMs } = settings;

  const keep = async (message: Message): Promise<void> => {
    await sqs.send(new SendMessageCommand(sentOn(asHandedOver(message), keepQueueUrl)));
    await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle }));
    log.warn('kept before it expired', { messageId: message.MessageId, attributes: message.Attributes });
  };

  return async (): Promise<{ readonly seen: number; readonly kept: number }> => {
    const seen = new Set<string>();
    const stay: number[] = [];
    let kept = 0;
    for (let look = 0; look < LOOKS_MAX; look++) {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: HOLD_SECONDS,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      );
      const fresh = Messages.filter(({ MessageId = '' }) => !seen.has(MessageId));
      if (fresh.length === 0) break;
      for (const message of fresh) {
        seen.add(message.MessageId ?? '');
        const sentAt = Number(message.Attributes?.['SentTimestamp']);
        if (now() - sentAt < maxAgeMs) stay.push(sentAt);
        else {
          // One that cannot be kept must not hold up the others; it is visible again in seconds.
          try {
            await keep(message);
            kept++;
          } catch (error) {
            stay.push(sentAt);
            log.error('could not keep a message that is about to expire', { messageId: message.MessageId, error });
          }
        }
      }
    }
    tellMessageAge(metrics, queueUrl.slice(queueUrl.lastIndexOf('/') + 1), stay, now());
    log.info('looked for messages about to expire', { seen: seen.size, kept });
    return { seen: seen.size, kept };
  };
};
