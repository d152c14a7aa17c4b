import { isS3TestEvent } from '../s3-event.ts';
import type { EventDescription, RetriedEvents } from './retried-events.ts';

/** What a dead-lettered message turned out to be. */
export type DeadLetter =
  | {
      readonly kind: 'event';
      /** The event as the target got it the first time. */
      readonly event: Record<string, unknown>;
      readonly description: EventDescription;
      /** ISO 8601; `undefined` when the message does not say. */
      readonly failedAt: string | undefined;
      /** Error type or condition of the failure that brought it here. */
      readonly lastError: string | undefined;
    }
  | { readonly kind: 's3-test-event' }
  | { readonly kind: 'unknown'; readonly why: string };

/** The parts of an SQS message that matter here. */
export interface DeadLetterMessage {
  readonly Body?: string | undefined;
  readonly MessageAttributes?: Record<string, { readonly StringValue?: string | undefined } | undefined> | undefined;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

const asEvent = (
  events: RetriedEvents,
  event: unknown,
  failedAt: string | undefined,
  lastError: string | undefined,
): DeadLetter | undefined => {
  if (!isRecord(event)) return undefined;
  const description = events.describe(event);
  return description && { kind: 'event', event, description, failedAt, lastError };
};

/** An OnFailure destination record keeps the event in `requestPayload` and the reason beside it. */
const fromDestinationRecord = (events: RetriedEvents, record: Record<string, unknown>): DeadLetter | undefined => {
  const response = record['responsePayload'];
  const context = record['requestContext'];
  const errorType = isRecord(response) ? text(response['errorType']) : undefined;
  const condition = isRecord(context) ? text(context['condition']) : undefined;
  return asEvent(events, record['requestPayload'], text(record['timestamp']), errorType ?? condition);
};

/**
 * Finds the event in a dead-lettered message: in a Lambda destination record, or as the body itself (a function's
 * dead-letter queue keeps the event byte for byte and puts the error into message attributes).
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
export const unwrap = (message: DeadLetterMessage, events: RetriedEvents): DeadLetter => {
  let body: unknown;
  try {
    body = JSON.parse(message.Body ?? '');
  } catch {
    return { kind: 'unknown', why: 'the body is not JSON' };
  }
  if (!isRecord(body)) return { kind: 'unknown', why: 'the body is not a JSON object' };
  if (isS3TestEvent(body) || isS3TestEvent(body['requestPayload'])) return { kind: 's3-test-event' };

  const code = text(message.MessageAttributes?.['ErrorCode']?.StringValue);
  const found =
    'requestPayload' in body
      ? fromDestinationRecord(events, body)
      : asEvent(events, body, undefined, code === undefined ? undefined : `HTTP ${code}`);
  return (
    found ?? {
      kind: 'unknown',
      why: `no event for the target under ${Object.keys(body).slice(0, 8).join(', ') || '{}'}`,
    }
  );
};
