import { ChangeMessageVisibilityCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { InvalidInputError } from '@holdfast/kernel';
import { type BackoffPolicy, backoffDelayMs, resolveBackoffPolicy } from '@holdfast/retry';
import { ambient } from '../ambient.ts';
import { standardOutput } from '../emf.ts';
import type { InvocationContext, Log } from '../log.ts';
import { tellMessageAge } from '../patterns/message-age.ts';
import { correlationIdOf, withCorrelationId } from './correlation.ts';
import { RetryAfterError } from './errors.ts';
import { withDisplaced } from './message-notes.ts';
import { queueUrls } from './queue-urls.ts';
import { setAside } from './set-aside.ts';
import type { BatchAnswer, QueueEvent, QueueMessage } from './sqs-event.ts';

/** What {@link forEachMessage} gets when its options leave it out. */
export const FOR_EACH_MESSAGE_DEFAULTS = { concurrency: 10, reserveMs: 1_000 } as const;

/** What {@link forEachMessage} does beside processing. */
export interface ForEachMessageOptions {
  /** Makes `backoff`, `permanentQueueUrl` and the delay of {@link RetryAfterError} possible. Set `useQueueUrlAsEndpoint: false`. */
  readonly sqs?: Pick<SQSClient, 'send'>;
  /**
   * How long a message that failed stays hidden, by its receives so far: `ChangeMessageVisibility`, in whole seconds. Without
   * it, the visibility timeout of the queue.
   */
  readonly backoff?: Partial<BackoffPolicy>;
  /**
   * Where messages go that will never be good: sent, confirmed, and only then deleted from their own queue. Without it they are
   * received as often as the redrive policy says.
   */
  readonly permanentQueueUrl?: string;
  /**
   * For a queue without a redrive policy, whose messages are deleted when they expire: one that fails at this age, since it was
   * sent, goes there instead of coming back. The age of the oldest that comes back is told as the metric `UnprocessedMessageAge`.
   */
  readonly keep?: { readonly queueUrl: string; readonly afterMs: number };
  /**
   * Names of errors that are permanent beside `PermanentError`. Errors of AWS's clients are not, unless they are named: a
   * permission that is missing would set aside everything.
   */
  readonly permanentErrors?: readonly string[];
  /**
   * Messages at a time; groups of a FIFO queue count as one each, and are worked through in order.
   * @defaultValue 10
   */
  readonly concurrency?: number;
  /**
   * Messages that have not begun when so little time of the invocation is left come back, in milliseconds: a time-out would
   * bring back the whole batch.
   * @defaultValue 1_000
   */
  readonly reserveMs?: number;
  readonly log?: Log;
  /**
   * Epoch milliseconds, by which `keep` tells ages. A handler that is bound in a test runs in the test's own time: give it the engine's,
   * `() => aws.now().getTime()`.
   * @defaultValue Date.now
   */
  readonly now?: () => number;
}

/** Longest that SQS hides a message, counted from its receive. */
const VISIBILITY_MAX_SECONDS = 43_200;

/** Where nobody listens. */
export const noLog: Log = { debug() {}, info() {}, warn() {}, error() {} };

/** Names of errors that no retry cures. */
export const permanentNames = (more: readonly string[] = []): ReadonlySet<string> =>
  new Set(['PermanentError', ...more]);

/** Whether an error bears one of these names. */
export const isNamed = (error: unknown, names: ReadonlySet<string>): boolean =>
  error instanceof Error && names.has(error.name);

const resolveOptions = (options: ForEachMessageOptions) => {
  const { sqs, backoff, permanentQueueUrl, permanentErrors, keep } = options;
  const concurrency = options.concurrency ?? FOR_EACH_MESSAGE_DEFAULTS.concurrency;
  const reserveMs = options.reserveMs ?? FOR_EACH_MESSAGE_DEFAULTS.reserveMs;
  if (!Number.isInteger(concurrency) || concurrency < 1) {
    throw new InvalidInputError('concurrency', concurrency, 'must be a whole number from 1');
  }
  if (!(reserveMs >= 0)) throw new InvalidInputError('reserveMs', reserveMs, 'must not be negative');
  if (sqs === undefined && (backoff ?? permanentQueueUrl ?? keep) !== undefined) {
    throw new InvalidInputError('sqs', undefined, 'must be given with backoff, permanentQueueUrl or keep');
  }
  if (keep !== undefined && !(keep.afterMs > 0)) {
    throw new InvalidInputError('keep.afterMs', keep.afterMs, 'must be a positive number');
  }
  if (keep !== undefined && !keep.queueUrl)
    throw new InvalidInputError('keep.queueUrl', keep.queueUrl, 'must be a URL');
  return {
    concurrency,
    reserveMs,
    queue: sqs === undefined ? undefined : { sqs, urlOf: queueUrls(sqs) },
    permanentQueueUrl,
    keep,
    backoff: backoff === undefined ? undefined : resolveBackoffPolicy(backoff),
    permanent: permanentNames(permanentErrors),
    log: options.log ?? noLog,
    now: options.now ?? ambient.now,
  };
};

/** Messages that have to be processed one after the other: those of a group of a FIFO queue. All others stand alone. */
const lanesOf = (messages: readonly QueueMessage[]): QueueMessage[][] => {
  const groups = new Map<string, QueueMessage[]>();
  for (const message of messages) {
    // Standard queues have groups too, for fairness; there they say nothing of order.
    const group = message.eventSourceARN.endsWith('.fifo') ? message.attributes.MessageGroupId : undefined;
    const key = group === undefined ? `message ${message.messageId}` : `group ${group}`;
    const lane = groups.get(key);
    if (lane === undefined) groups.set(key, [message]);
    else lane.push(message);
  }
  return [...groups.values()];
};

/**
 * Makes a handler of SQS batches from what processes one message, so that only what failed comes back.
 *
 * - What throws fails alone. In a FIFO queue what is behind it in its group comes back with it, in order; other groups go on.
 * - A permanent error is set aside at once where `permanentQueueUrl` says where to, and does not hold up its group.
 * - `RetryAfterError` and `backoff` decide when a message comes again; otherwise the queue's visibility timeout does.
 * - Messages for which no time is left come back instead of taking the whole batch with them.
 * - Whatever it awaits, `process` finds the message's `correlationId()`.
 *
 * The event source mapping must have `ReportBatchItemFailures`, or failures are deleted with the rest. For idempotency, give it
 * what Powertools' `makeIdempotent` makes of `process`.
 *
 * @example
 * ```ts
 * import { SQSClient } from '@aws-sdk/client-sqs';
 * import { forEachMessage, PermanentError } from '@holdfast/constructs/handlers';
 *
 * export const handler = forEachMessage(
 *   async ({ body }) => {
 *     const order = JSON.parse(body) as { readonly store?: string };
 *     if (order.store === undefined) throw new PermanentError('an order without a store');
 *   },
 *   { sqs: new SQSClient({ useQueueUrlAsEndpoint: false }), backoff: { baseDelayMs: 2_000 } },
 * );
 * ```
 * @throws InvalidInputError naming the option that is wrong
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export const forEachMessage = (
  process: (message: QueueMessage, context: InvocationContext) => unknown,
  options: ForEachMessageOptions = {},
): ((event: QueueEvent, context: InvocationContext) => Promise<BatchAnswer>) => {
  const { concurrency, reserveMs, queue, permanentQueueUrl, keep, backoff, permanent, log, now } =
    resolveOptions(options);

  /** In whole seconds, as the error or the backoff wants it. */
  const wantedDelayOf = (message: QueueMessage, error: unknown): number | undefined => {
    const receives = Math.max(1, Number(message.attributes.ApproximateReceiveCount));
    if (error instanceof RetryAfterError) return Math.ceil(error.delayMs / 1_000);
    return backoff && Math.ceil(backoffDelayMs(backoff, receives, ambient.random) / 1_000);
  };

  /**
   * In whole seconds, when the queue's own visibility timeout is not what is wanted. A message that is kept at some age must be seen at
   * that age: hidden for longer it would expire unseen.
   */
  const delayOf = (message: QueueMessage, error: unknown): number | undefined => {
    const wanted = wantedDelayOf(message, error);
    if (wanted === undefined || keep === undefined) return wanted;
    const leftMs = Number(message.attributes.SentTimestamp) + keep.afterMs - now();
    return leftMs > 0 ? Math.min(wanted, Math.ceil(leftMs / 1_000)) : undefined;
  };

  const hide = async (messages: readonly QueueMessage[], delaySeconds: number): Promise<void> => {
    if (queue === undefined) return;
    for (const { eventSourceARN, messageId, receiptHandle } of messages) {
      try {
        const QueueUrl = await queue.urlOf(eventSourceARN);
        // The receive lies at most the invocation's 15 minutes behind, which count towards the 12 hours.
        const VisibilityTimeout = Math.min(delaySeconds, VISIBILITY_MAX_SECONDS - 900);
        await queue.sqs.send(
          new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout }),
        );
      } catch (error) {
        // It comes back all the same, when the queue's visibility timeout is over.
        log.warn('could not hide a message', { messageId, error });
      }
    }
  };

  /** @returns whether the message is done with: it may be deleted */
  const isDone = async (message: QueueMessage, error: unknown): Promise<boolean> => {
    const { messageId } = message;
    const isPermanent = isNamed(error, permanent);
    log.error('a message failed', { messageId, isPermanent, correlationId: correlationIdOf(message), error });
    const isOld = keep !== undefined && now() - Number(message.attributes.SentTimestamp) >= keep.afterMs;
    const to = (isPermanent ? permanentQueueUrl : undefined) ?? (isOld ? keep.queueUrl : undefined);
    if (queue === undefined || to === undefined) return false;
    try {
      await setAside(queue.sqs, to, message, error);
      return true;
    } catch (cause) {
      log.error('could not set a message aside', { messageId, error: cause });
      return false;
    }
  };

  /** @returns the messages that come back: from the first that failed on */
  const runLane = async (
    lane: readonly QueueMessage[],
    context: InvocationContext,
  ): Promise<readonly QueueMessage[]> => {
    for (const [index, message] of lane.entries()) {
      if (context.getRemainingTimeInMillis() < reserveMs) return lane.slice(index);
      try {
        await withCorrelationId(correlationIdOf(message), async () => process(withDisplaced(message), context));
      } catch (error) {
        if (await isDone(message, error)) continue;
        const back = lane.slice(index);
        const delaySeconds = delayOf(message, error);
        // A group waits as long as its first message: were those behind it hidden for longer, they would hold it up.
        if (delaySeconds !== undefined) await hide(back, delaySeconds);
        return back;
      }
    }
    return [];
  };

  return async ({ Records }, context) => {
    const lanes = lanesOf(Records);
    const failed: QueueMessage[] = [];
    const work = async (): Promise<void> => {
      for (let lane = lanes.shift(); lane !== undefined; lane = lanes.shift()) {
        failed.push(...(await runLane(lane, context)));
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, lanes.length) }, work));
    if (keep !== undefined) {
      const sent = failed.map(({ attributes }) => Number(attributes.SentTimestamp));
      tellMessageAge(standardOutput, Records[0]?.eventSourceARN.split(':').at(-1) ?? '', sent, now());
    }
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
};
