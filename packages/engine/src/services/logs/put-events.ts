import type { PutLogEventsCommandInput, RejectedLogEventsInfo } from '@aws-sdk/client-cloudwatch-logs';
import { DAY_MS, type EpochMs, HOUR_MS } from '@holdfast/kernel';
import { Constraints } from '../../core/index.ts';
import { invalidParameter } from './errors.ts';
import { messageBytes } from './log-stream.ts';

/** Events and bytes of one PutLogEvents request. */
export const BATCH_EVENTS_MAX = 10_000;
export const BATCH_BYTES_MAX = 1_048_576;
const OLDEST_MS = 14 * DAY_MS;
const NEWEST_MS = 2 * HOUR_MS;

interface NewEvent {
  readonly at: EpochMs;
  readonly message: string;
}

/** The events of a batch, once it may be one. */
export const checkBatch = (input: PutLogEventsCommandInput): readonly NewEvent[] => {
  const constraints = new Constraints().required('logEvents', input.logEvents);
  const batch = input.logEvents ?? [];
  if (batch.length < 1 || batch.length > BATCH_EVENTS_MAX) {
    const rule = batch.length < 1 ? 'greater than or equal to 1' : `less than or equal to ${BATCH_EVENTS_MAX}`;
    constraints.fail('logEvents', '[...]', `Member must have length ${rule}`);
  }
  batch.forEach(({ timestamp, message }, index) => {
    constraints
      .required(`logEvents.${index + 1}.member.timestamp`, timestamp)
      .required(`logEvents.${index + 1}.member.message`, message)
      .range(`logEvents.${index + 1}.member.timestamp`, timestamp, 0, Number.MAX_SAFE_INTEGER)
      .length(`logEvents.${index + 1}.member.message`, message, 1, Number.MAX_SAFE_INTEGER);
  });
  constraints.check('InvalidParameterException');
  const events = batch.map(({ timestamp, message }) => ({ at: timestamp as number, message: message as string }));
  const bytes = events.reduce((sum, { message }) => sum + messageBytes(message), 0);
  if (bytes > BATCH_BYTES_MAX) {
    throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${BATCH_BYTES_MAX}`);
  }
  if (events.some(({ at }, index) => at < (events[index - 1]?.at ?? 0))) {
    throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.');
  }
  if ((events.at(-1)?.at ?? 0) - (events[0]?.at ?? 0) > DAY_MS) {
    throw invalidParameter('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  }
  return events;
};

/** Sorts out what is too old, expired or too new: those are rejected, the rest is taken. */
export const sortOut = (
  events: readonly NewEvent[],
  cutoff: EpochMs,
  now: EpochMs,
): { accepted: readonly NewEvent[]; rejected: RejectedLogEventsInfo | undefined } => {
  const tooOld = events.filter(({ at }) => at < now - OLDEST_MS).length;
  const expired = events.filter(({ at }) => at < cutoff).length;
  const tooNew = events.findIndex(({ at }) => at > now + NEWEST_MS);
  const accepted = events.slice(Math.max(tooOld, expired), tooNew < 0 ? undefined : tooNew);
  if (accepted.length === events.length) return { accepted, rejected: undefined };
  return {
    accepted,
    rejected: {
      ...(tooOld > 0 ? { tooOldLogEventEndIndex: tooOld } : {}),
      ...(expired > tooOld ? { expiredLogEventEndIndex: expired } : {}),
      ...(tooNew >= 0 ? { tooNewLogEventStartIndex: tooNew } : {}),
    },
  };
};
