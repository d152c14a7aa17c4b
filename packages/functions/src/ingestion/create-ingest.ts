import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Log } from '../log.ts';
import type { Envelope } from './envelope.ts';
import { categoryOf, SchemaValidationError } from './errors.ts';
import type { EventRecords } from './event-records.ts';
import type { FailureMode } from './failure-mode.ts';
import { answer, bodyOf, correlationIdOf, type HttpAnswer } from './http-answer.ts';
import { SQS_BATCH } from './publish.ts';
import { fingerprintOf, type Order, parseOrder } from './submission.ts';
import type { Tracing } from './tracing.ts';

export interface IngestDeps {
  readonly now: () => number;
  readonly log: Log;
  readonly trace: Pick<Tracing, 'note'>;
  readonly records: Pick<EventRecords, 'accept'>;
  readonly publish: (envelopes: readonly Envelope[]) => Promise<void>;
  readonly failureMode: () => Promise<FailureMode>;
}

/** Beside the order, an envelope has an id, a correlation id and a date. */
const ENVELOPE_BYTES_MAX = 1_024;

/**
 * `POST /events`: takes one order, once it is valid, recorded and in the queue. The id of the event is the id of its order.
 *
 * A repeated post is sent again: whether the first got as far as the queue is not known, and the worker does it once.
 * 202 accepted, 400 not valid, 409 another order had that id, 413 too large for a message, 503 try again.
 */
export const createIngest = ({ now, log, trace, records, publish, failureMode }: IngestDeps) => {
  const accept = async (order: Order, correlationId: string): Promise<HttpAnswer> => {
    const eventId = order.orderId;
    trace.note({ eventId });
    const acceptedAt = new Date(now()).toISOString();
    const envelope: Envelope = { eventId, correlationId, acceptedAt, payload: order };
    const fingerprint = fingerprintOf(order);
    if ((await records.accept(envelope, fingerprint)) !== fingerprint) {
      log.warn('refused: another order has this id', { eventId });
      const message = 'another order was posted under this orderId';
      return answer(409, { error: 'IdempotencyConflict', message, eventId }, correlationId);
    }
    const isDoubled = (await failureMode()) === 'duplicate_submit';
    await publish(isDoubled ? [envelope, envelope] : [envelope]);
    log.info('accepted', { eventId, doubled: isDoubled });
    return answer(202, { eventId, status: 'ACCEPTED', correlationId }, correlationId);
  };

  return async (event: APIGatewayProxyEventV2): Promise<HttpAnswer> => {
    const correlationId = correlationIdOf(event);
    const body = bodyOf(event);
    if (Buffer.byteLength(body) + ENVELOPE_BYTES_MAX > SQS_BATCH.bytesMax) {
      const message = `a message of SQS takes ${SQS_BATCH.bytesMax} bytes`;
      return answer(413, { error: 'PayloadTooLarge', message }, correlationId);
    }
    try {
      return await accept(parseOrder(body), correlationId);
    } catch (error) {
      if (error instanceof SchemaValidationError) {
        log.warn('refused: not valid', { problems: error.problems });
        return answer(400, { error: error.name, problems: error.problems }, correlationId);
      }
      log.error('not accepted', { category: categoryOf(error), error: String(error) });
      return answer(503, { error: 'ServiceUnavailable', message: 'not accepted; post it again' }, correlationId);
    }
  };
};
