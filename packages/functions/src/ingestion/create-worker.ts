import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { MARK, ORIGIN } from '@holdfast/ledger';
import type { Context } from 'aws-lambda';
import type { Ambient } from '../ambient.ts';
import type { Log } from '../log.ts';
import { CORRELATION_ATTRIBUTE, correlationIdOf } from '../middleware/correlation.ts';
import { forEachMessage } from '../middleware/for-each-message.ts';
import { sentOn } from '../middleware/sent-on.ts';
import type { BatchAnswer, QueueEvent, QueueMessage } from '../middleware/sqs-event.ts';
import type { Announcer } from './announce.ts';
import { type Envelope, readEnvelope } from './envelope.ts';
import { categoryOf, type ErrorCategory, IngestionError, isElsewhere, isHopeless, ProcessingError } from './errors.ts';
import type { EventRecords } from './event-records.ts';
import { breakOnPurpose, type FailureMode } from './failure-mode.ts';
import type { Processor } from './processor.ts';
import type { Guarded } from './shared-breaker.ts';
import type { Tracing } from './tracing.ts';

export interface WorkerDeps extends Pick<Ambient, 'sleep' | 'after' | 'random'> {
  readonly sqs: Pick<SQSClient, 'send'>;
  readonly log: Log;
  readonly trace: Tracing;
  /** Counts one. */
  readonly count: (metric: string) => void;
  readonly records: Pick<EventRecords, 'fail'>;
  readonly announcer: Announcer;
  readonly processor: Processor;
  /** The breaker of what is behind the processor. */
  readonly guarded: Guarded;
  /** Runs work once for each event id; remembers it as done only when it succeeded. */
  readonly once: (
    work: (envelope: Envelope) => Promise<void>,
  ) => (envelope: Envelope, context: Context) => Promise<void>;
  readonly failureMode: () => Promise<FailureMode>;
  readonly settings: WorkerSettings;
}

export interface WorkerSettings {
  readonly queueUrl: string;
  readonly deadLetterQueueUrl: string;
  /** As the queue's redrive policy has it. */
  readonly maxReceiveCount: number;
  /** How long the processor may take for one event. */
  readonly processTimeoutMs: number;
  readonly failureSeed: string | undefined;
  /** Versions of orders that are taken; what ingestion lets in of others is put aside. */
  readonly schemaVersions: readonly number[];
  /** What each event takes besides, to see limits reached: the table alone is too fast. */
  readonly processLatencyMs: number;
}

/** Whoever is at an event is done with it by then, or its function has died. */
const ELSEWHERE_SECONDS = 60;

/** Of the text of an error, in attributes and records. */
const ERROR_LENGTH_MAX = 512;

/** Of an id that tables take as a key, and the bus as a detail; ingestion lets in half of it. */
const EVENT_ID_LENGTH_MAX = 256;

/** SQS refuses a message with any other character, and errors quote what they were given. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is meant
const NOT_IN_MESSAGES = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g;

const text = (value: string) => ({
  DataType: 'String',
  StringValue: value.toWellFormed().replace(NOT_IN_MESSAGES, '\ufffd') || '-',
});

/** What a message says of itself even when it is no envelope. */
const aboutOf = (message: QueueMessage) => {
  const { body, messageId } = message;
  const correlationId = correlationIdOf(message);
  try {
    const { eventId } = JSON.parse(body);
    const isOne = typeof eventId === 'string' && eventId !== '' && eventId.length <= EVENT_ID_LENGTH_MAX;
    if (isOne) return { eventId, correlationId, isKnown: true };
  } catch {
    // Told of by whoever reads the envelope.
  }
  return { eventId: messageId, correlationId, isKnown: false };
};

/**
 * Gives each event its effect once. What failed comes back, message by message, until it was received as often as the queue
 * allows; what can never succeed does not. Both end in the dead-letter queue with category and text of their last error,
 * sent and confirmed here, since a redrive policy keeps no reasons: it stays for functions that die.
 */
export const createWorker = (deps: WorkerDeps): ((event: QueueEvent, context: Context) => Promise<BatchAnswer>) => {
  const { sleep, after, random, sqs, log, trace, count, records, announcer, processor, guarded, once } = deps;
  const {
    queueUrl,
    deadLetterQueueUrl,
    maxReceiveCount,
    processTimeoutMs,
    processLatencyMs,
    failureSeed,
    schemaVersions,
  } = deps.settings;

  /** Ends with a TIMEOUT when it takes too long, and tells the work so. */
  const inTime = async (work: (signal: AbortSignal) => Promise<boolean>): Promise<boolean> => {
    const controller = new AbortController();
    let cancel = (): void => {};
    const tooLate = new Promise<never>((_, reject) => {
      cancel = after(processTimeoutMs, () => {
        const error = new IngestionError('TIMEOUT', `no answer within ${processTimeoutMs} ms`);
        controller.abort(error);
        reject(error);
      });
    });
    try {
      return await Promise.race([work(controller.signal), tooLate]);
    } finally {
      cancel();
    }
  };

  const processed = async (envelope: Envelope, signal: AbortSignal): Promise<boolean> => {
    try {
      return await processor.process(envelope, signal);
    } catch (error) {
      throw categoryOf(error) === 'UNKNOWN' ? new ProcessingError(error) : error;
    }
  };

  const effect = async (envelope: Envelope, receives: number): Promise<void> => {
    const breakage = {
      mode: await deps.failureMode(),
      seed: failureSeed,
      random: () => random.nextUnit(),
      tooLong: () => sleep(processTimeoutMs + 1),
    };
    const isNew = await guarded(() =>
      inTime(async (signal) => {
        if (processLatencyMs > 0) await sleep(processLatencyMs);
        await breakOnPurpose(envelope, receives, breakage);
        return processed(envelope, signal);
      }),
    );
    await announcer.processed(envelope);
    count(isNew ? 'EventsProcessed' : 'EffectsFoundDone');
  };

  /** Sent last: what stands before it may be done twice, a message in the dead-letter queue may not. */
  const putAside = async (record: QueueMessage, category: ErrorCategory, error: string): Promise<void> => {
    const about = aboutOf(record);
    const redrive = record.messageAttributes[MARK]?.stringValue;
    if (about.isKnown) await records.fail(about.eventId, category, error);
    await announcer.failed(about, category, error);
    await sqs.send(
      new SendMessageCommand({
        QueueUrl: deadLetterQueueUrl,
        MessageBody: record.body,
        MessageAttributes: {
          [CORRELATION_ATTRIBUTE]: text(about.correlationId),
          // By these names a redrive finds reason and way back, and what it has sent itself.
          ErrorCode: text(category),
          ErrorMessage: text(error),
          [ORIGIN]: text(record.eventSourceARN),
          ...(redrive === undefined ? {} : { [MARK]: text(redrive) }),
        },
      }),
    );
    count('EventsPutAside');
  };

  const work = async (record: QueueMessage, context: Context): Promise<void> => {
    const { eventId, correlationId } = aboutOf(record);
    const receives = Number(record.attributes.ApproximateReceiveCount);
    const told = { eventId, receives };
    trace.note({ eventId, correlationId });
    try {
      let isFirst = false;
      await once(async (envelope) => {
        isFirst = true;
        await effect(envelope, receives);
      })(readEnvelope(record.body, schemaVersions), context);
      if (!isFirst) count('IdempotencyHits');
      log.info(isFirst ? 'processed' : 'was processed before', told);
    } catch (error) {
      if (isElsewhere(error) && receives >= maxReceiveCount) {
        // No failure, and not done either: deleted, it could be the message that whoever is at it needs to try again.
        await sqs.send(new SendMessageCommand(sentOn(record, queueUrl, { delaySeconds: ELSEWHERE_SECONDS })));
        log.warn('is processed elsewhere: sent anew', told);
        return;
      }
      const category = categoryOf(error);
      const said = String(error).slice(0, ERROR_LENGTH_MAX).toWellFormed();
      const isLast = isHopeless(category) || receives >= maxReceiveCount;
      log.error('failed', { ...told, category, error: said, putAside: isLast });
      count(`Failed${category}`);
      trace.note({ category });
      if (!isLast) throw error;
      await putAside(record, category, said);
    }
  };

  return (event, context) =>
    forEachMessage((record) => trace.part('event', () => work(record, context)))(event, context);
};
