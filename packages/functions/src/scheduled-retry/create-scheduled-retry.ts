import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { Ambient } from '../ambient.ts';
import { embeddedMetrics, type MetricSink } from '../emf.ts';
import type { InvocationContext } from '../log.ts';
import { Pace } from './pace.ts';
import { type MessageResult, type RetryMessageDeps, retryMessage } from './retry-message.ts';
import { retryStatesIn } from './retry-state.ts';

/** Everything the retry function touches. */
export interface ScheduledRetryDeps extends Omit<RetryMessageDeps, 'states'>, Ambient {
  readonly dynamodb: Pick<DynamoDBClient, 'send'>;
  /** Gets one line of metrics per run. */
  readonly metrics: MetricSink;
}

/** What one run did, message by message, in numbers. */
export interface ScheduledRetrySummary {
  readonly received: number;
  readonly recovered: number;
  readonly throttled: number;
  readonly failed: number;
  readonly maxRetriesExceeded: number;
  readonly permanent: number;
  readonly unknownShapes: number;
  readonly acknowledged: number;
  readonly abandoned: number;
  /** Messages left as they were because a service that the retry itself needs did not answer. */
  readonly errors: number;
  readonly endedBecause: 'queue-empty' | 'time-up' | 'uninvokable' | 'errors';
}

/** ReceiveMessage gives no more at once. */
const RECEIVE_MAX = 10;
/** Long enough to ask every SQS server, short enough to notice soon that the queue is empty. */
const POLL_SECONDS = 3;
/** So many empty polls in a row end the run. */
const EMPTY_POLLS_MAX = 2;
/** Kept free at the end for one invocation of the target, unless a slower one has been seen in this run. */
const INVOCATION_RESERVE_MS = 30_000;
/** Of a short run, no more than this share is kept free. */
const RESERVE_SHARE_MAX = 0.25;
/** For the last writes after the target was abandoned. */
const WRAP_UP_MS = 4_000;
/** So many messages in a row that end in an error of our own end the run. */
const ERRORS_IN_A_ROW_MAX = 5;

/** The target cannot be invoked, or the services that the retry needs fail: the run is reported as failed. */
export class RetryRunFailedError extends Error {
  override readonly name = 'RetryRunFailedError';
  readonly summary: ScheduledRetrySummary;

  constructor(summary: ScheduledRetrySummary, cause: unknown) {
    super(`the run ended early: ${summary.endedBecause} (${cause instanceof Error ? cause.name : String(cause)})`, {
      cause,
    });
    this.summary = summary;
  }
}

type Counts = { -readonly [Member in Exclude<keyof ScheduledRetrySummary, 'endedBecause'>]: number };

const noCounts = (): Counts => ({
  received: 0,
  recovered: 0,
  throttled: 0,
  failed: 0,
  maxRetriesExceeded: 0,
  permanent: 0,
  unknownShapes: 0,
  acknowledged: 0,
  abandoned: 0,
  errors: 0,
});

const count = (counts: Counts, result: MessageResult): void => {
  if (result.kind === 'uninvokable') return;
  if (result.kind !== 'given-up') {
    counts[result.kind] += 1;
    return;
  }
  if (result.wasTried) counts.failed += 1;
  if (result.reason === 'PERMANENT_ERROR') counts.permanent += 1;
  else if (result.reason === 'UNKNOWN_SHAPE') counts.unknownShapes += 1;
  else counts.maxRetriesExceeded += 1;
};

/**
 * Drains the dead-letter queue for as long as there is time and something in it.
 *
 * One receiver, up to `concurrency` messages at work: it never receives what it has no hands, no budget or no time
 * for, so nothing lies hidden in a run that does not get to it. Messages are hidden for exactly as long as this run can
 * live.
 *
 * @throws {@link RetryRunFailedError} when it had to stop for a reason that is no message's fault
 */
export const createScheduledRetry = (deps: ScheduledRetryDeps) => {
  const { sqs, settings, log, now, sleep, after, metrics } = deps;
  const states = retryStatesIn(deps.dynamodb, settings.stateTable);
  const pace = new Pace(settings.budget, now());

  return async (_event: unknown, context: InvocationContext): Promise<ScheduledRetrySummary> => {
    const remainingMs = () => context.getRemainingTimeInMillis();
    const timeoutMs = remainingMs();
    const counts = noCounts();
    const inFlight = new Set<Promise<void>>();
    const abandonment = new AbortController();
    const cancelAbandonment = after(Math.max(0, timeoutMs - WRAP_UP_MS), () => abandonment.abort());
    let slowestMs = 0;
    let errorsInARow = 0;
    let endedBecause: ScheduledRetrySummary['endedBecause'] | undefined;
    let failure: unknown;

    const reserveMs = () =>
      WRAP_UP_MS + Math.max(slowestMs * 1.5, Math.min(INVOCATION_RESERVE_MS, timeoutMs * RESERVE_SHARE_MAX));

    const receive = async (maxMessages: number, waitSeconds: number): Promise<Message[]> => {
      const { Messages } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl: settings.dlqUrl,
          MaxNumberOfMessages: maxMessages,
          WaitTimeSeconds: waitSeconds,
          VisibilityTimeout: Math.ceil(remainingMs() / 1000) + 1,
          MessageSystemAttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        }),
      );
      return Messages ?? [];
    };

    const work = async (message: Message): Promise<void> => {
      const begunAt = now();
      try {
        const result = await retryMessage({ ...deps, states }, message, abandonment.signal);
        slowestMs = Math.max(slowestMs, now() - begunAt);
        count(counts, result);
        if (result.kind === 'throttled') pace.throttled(now());
        else pace.served(now());
        if (result.kind === 'uninvokable') {
          endedBecause ??= 'uninvokable';
          failure ??= result.cause;
        }
        errorsInARow = 0;
      } catch (error) {
        // The message stays: it becomes visible again when this run can no longer be at work on it.
        log.error('could not work on a message', { messageId: message.MessageId, error: String(error) });
        counts.errors += 1;
        errorsInARow += 1;
        if (errorsInARow >= ERRORS_IN_A_ROW_MAX) {
          endedBecause ??= 'errors';
          failure ??= error;
        }
      }
    };

    const drain = async (): Promise<ScheduledRetrySummary['endedBecause']> => {
      let emptyPolls = 0;
      while (emptyPolls < EMPTY_POLLS_MAX) {
        if (endedBecause !== undefined) return endedBecause;
        const spareMs = remainingMs() - reserveMs();
        if (spareMs <= 0) return 'time-up';
        const free = settings.concurrency - inFlight.size;
        if (free <= 0) {
          await Promise.race(inFlight);
          continue;
        }
        const grant = pace.ask(Math.min(RECEIVE_MAX, free), now());
        if (grant.retries === 0) {
          if ('waitMs' in grant && grant.waitMs >= spareMs) return 'time-up';
          await sleep('waitMs' in grant ? grant.waitMs : 1);
          continue;
        }
        const messages = await receive(grant.retries, Math.min(POLL_SECONDS, Math.floor(spareMs / 1000)));
        pace.giveBack(grant.retries - messages.length);
        emptyPolls = messages.length === 0 ? emptyPolls + 1 : 0;
        counts.received += messages.length;
        for (const message of messages) {
          const done: Promise<void> = work(message).finally(() => inFlight.delete(done));
          inFlight.add(done);
        }
      }
      return 'queue-empty';
    };

    try {
      const drained = await drain();
      await Promise.all(inFlight);
      const summary: ScheduledRetrySummary = { ...counts, endedBecause: endedBecause ?? drained };
      log.info('run ended', { ...summary });
      if (failure !== undefined) throw new RetryRunFailedError(summary, failure);
      return summary;
    } finally {
      // Also after a failed receive nothing of this run may outlive it.
      await Promise.all(inFlight);
      cancelAbandonment();
      metrics(
        embeddedMetrics(
          settings.metricNamespace ?? deps.events.metricNamespace,
          {
            RetrySuccess: counts.recovered,
            RetryFailed: counts.failed,
            RetryThrottled: counts.throttled,
            MaxRetriesExceeded: counts.maxRetriesExceeded,
          },
          now(),
        ),
      );
    }
  };
};
