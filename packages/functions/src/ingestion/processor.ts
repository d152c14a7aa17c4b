import type { Envelope } from './envelope.ts';
import { IngestionError } from './errors.ts';
import type { EventRecords } from './event-records.ts';

/** The business logic: gives an event its effect. Another system goes behind the same port. */
export interface Processor {
  /** @returns whether this call gave the effect; false when an earlier one had */
  process(envelope: Envelope, signal: AbortSignal): Promise<boolean>;
}

/** The largest order that is booked without a person; a rule of business, not of form. */
const AMOUNT_MAX = 1_000_000;

/** Books orders in the table of events. */
export const orderProcessor = (records: Pick<EventRecords, 'process'>): Processor => ({
  process: (envelope, signal) => {
    signal.throwIfAborted();
    const { amount } = envelope.payload;
    if (amount > AMOUNT_MAX) throw new IngestionError('PERMANENT', `amount ${amount} is above ${AMOUNT_MAX}`);
    return records.process(envelope);
  },
});
