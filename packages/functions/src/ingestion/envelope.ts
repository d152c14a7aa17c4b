import { SchemaValidationError } from './errors.ts';
import { type Order, validateOrder } from './submission.ts';

/** An accepted event as it lies in the queue. */
export interface Envelope {
  readonly eventId: string;
  readonly correlationId: string;
  /** ISO date. */
  readonly acceptedAt: string;
  readonly payload: Order;
}

/** @throws SchemaValidationError when it is no envelope, or its order is none of a version that is taken here */
export const readEnvelope = (body: string, versions?: readonly number[]): Envelope => {
  let value: Partial<Envelope> | null;
  try {
    value = JSON.parse(body);
  } catch {
    throw new SchemaValidationError(['the message must be JSON']);
  }
  const { eventId, correlationId = '', acceptedAt = '' } = value ?? {};
  if (typeof eventId !== 'string' || eventId === '') throw new SchemaValidationError(['eventId must be a text']);
  return { eventId, correlationId, acceptedAt, payload: validateOrder(value?.payload, versions) };
};
