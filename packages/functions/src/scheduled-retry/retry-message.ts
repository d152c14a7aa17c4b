import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SNSClient } from '@aws-sdk/client-sns';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import { assertNever } from '@holdfast/kernel';
import { backoffDelayMs } from '@holdfast/retry';
import type { Ambient } from '../ambient.ts';
import type { Log } from '../log.ts';
import { alert, archive, archiveKey, type GivenUp, type GiveUpReason } from './give-up.ts';
import { invokeTarget } from './invoke-target.ts';
import type { RetriedEvents } from './retried-events.ts';
import type { RetryStates } from './retry-state.ts';
import { MESSAGE_AGE_MAX_MS, MESSAGE_BACKOFF, type ScheduledRetrySettings } from './settings.ts';
import { unwrap } from './unwrap.ts';

/** What the work on one message touches. */
export interface RetryMessageDeps extends Pick<Ambient, 'now' | 'random'> {
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly lambda: Pick<LambdaClient, 'send'>;
  readonly sns: Pick<SNSClient, 'send'>;
  readonly s3: Pick<S3Client, 'send'>;
  readonly states: RetryStates;
  readonly log: Log;
  readonly events: RetriedEvents;
  readonly settings: ScheduledRetrySettings;
}

/** What became of one message. Only `recovered`, `acknowledged` and the given-up ones have left the queue. */
export type MessageResult =
  | { readonly kind: 'recovered' | 'throttled' | 'failed' | 'abandoned' | 'acknowledged' }
  | { readonly kind: 'given-up'; readonly reason: GiveUpReason; readonly wasTried: boolean }
  | { readonly kind: 'uninvokable'; readonly cause: unknown };

/** Visible again soon, for the next run; the target may still be at work on it. */
const ABANDONED_DELAY_MS = 60_000;

/**
 * Brings one dead-lettered message one step further. It is deleted last of all, so that a run killed at any point
 * leaves it in the queue: the target, the archive and the alert's mark make doing it again harmless.
 */
export const retryMessage = async (
  deps: RetryMessageDeps,
  message: Message,
  abandon: AbortSignal,
): Promise<MessageResult> => {
  const { sqs, states, events, settings, log, now, random } = deps;
  const messageId = message.MessageId ?? '';
  const sentAt = Number(message.Attributes?.SentTimestamp ?? now());

  const deleteMessage = () =>
    sqs.send(new DeleteMessageCommand({ QueueUrl: settings.dlqUrl, ReceiptHandle: message.ReceiptHandle }));

  /** Holds for this receive only; the message's own count is in its state. At least a second, or it is back at once. */
  const hideFor = (delayMs: number) =>
    sqs.send(
      new ChangeMessageVisibilityCommand({
        QueueUrl: settings.dlqUrl,
        ReceiptHandle: message.ReceiptHandle,
        VisibilityTimeout: Math.max(1, Math.ceil(delayMs / 1000)),
      }),
    );

  const giveUp = async (givenUp: Omit<GivenUp, 'message'>, isAlerted: boolean, wasTried: boolean) => {
    const key = archiveKey(settings.archivePrefix, messageId);
    const whole = { ...givenUp, message };
    if (!isAlerted) {
      await archive(deps.s3, settings.archiveBucket, key, whole);
      await alert(deps.sns, settings.alertTopicArn, events.noun, whole, `s3://${settings.archiveBucket}/${key}`);
      await states.alerted(messageId, now());
    }
    log.error('gave up', {
      messageId,
      reason: givenUp.reason,
      attempts: givenUp.attempts,
      lastError: givenUp.lastError,
    });
    await deleteMessage();
    await states.forget(messageId);
    return { kind: 'given-up', reason: givenUp.reason, wasTried } as const;
  };

  const letter = unwrap(message, events);
  if (letter.kind === 's3-test-event') {
    log.info('S3 test event, dropped', { messageId });
    await deleteMessage();
    return { kind: 'acknowledged' };
  }

  const state = await states.begin(messageId, now());
  const firstFailedAt = (letter.kind === 'event' ? letter.failedAt : undefined) ?? new Date(sentAt).toISOString();
  if (letter.kind === 'unknown') {
    return giveUp(
      { reason: 'UNKNOWN_SHAPE', description: undefined, attempts: 0, lastError: letter.why, firstFailedAt },
      state.isAlerted,
      false,
    );
  }

  const { description } = letter;
  const { name } = description;
  const lastError = state.lastError ?? letter.lastError ?? 'unknown';
  const soFar = { description, attempts: state.attempts, lastError, firstFailedAt };
  if (state.isAlerted || state.attempts >= settings.maxRetries) {
    return giveUp({ ...soFar, reason: 'MAX_RETRIES_EXCEEDED' }, state.isAlerted, false);
  }
  if (now() - sentAt > MESSAGE_AGE_MAX_MS) return giveUp({ ...soFar, reason: 'TOO_OLD' }, false, false);

  const attempt = state.attempts + 1;
  const outcome = await invokeTarget(
    deps.lambda,
    settings.targetFunction,
    {
      ...letter.event,
      retryMetadata: { attempt, firstFailedAt, lastError, retrySource: events.source, messageId },
    },
    events.errorTypes,
    abandon,
  );

  switch (outcome.kind) {
    case 'succeeded':
      await deleteMessage();
      await states.forget(messageId);
      log.info('recovered', { messageId, name, attempt, throttles: state.throttles });
      return { kind: 'recovered' };
    case 'throttled':
      await states.throttled(messageId);
      await hideFor(backoffDelayMs(MESSAGE_BACKOFF, state.throttles + 1, random));
      log.debug('throttled', { messageId, error: outcome.error, throttles: state.throttles + 1 });
      return { kind: 'throttled' };
    case 'failed':
      await states.failed(messageId, outcome.error);
      log.warn('retry failed', { messageId, name, attempt, error: outcome.error });
      if (attempt >= settings.maxRetries) {
        return giveUp(
          { ...soFar, attempts: attempt, lastError: outcome.error, reason: 'MAX_RETRIES_EXCEEDED' },
          false,
          true,
        );
      }
      await hideFor(backoffDelayMs(MESSAGE_BACKOFF, attempt, random));
      return { kind: 'failed' };
    case 'permanent':
      await states.failed(messageId, outcome.error);
      return giveUp({ ...soFar, attempts: attempt, lastError: outcome.error, reason: 'PERMANENT_ERROR' }, false, true);
    case 'abandoned':
      await states.withdrawn(messageId);
      await hideFor(ABANDONED_DELAY_MS);
      log.warn('abandoned, no time left', { messageId });
      return { kind: 'abandoned' };
    case 'uninvokable':
      await states.withdrawn(messageId);
      await hideFor(backoffDelayMs(MESSAGE_BACKOFF, 1, random));
      return { kind: 'uninvokable', cause: outcome.cause };
    default:
      return assertNever(outcome);
  }
};
