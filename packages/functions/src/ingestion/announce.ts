import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Envelope } from './envelope.ts';
import { type ErrorCategory, IngestionError } from './errors.ts';

export const INGESTION_SOURCE = 'holdfast.ingestion';
export const INGESTION_DETAIL_TYPES = { processed: 'EventProcessed', failed: 'EventFailed' } as const;

/** Tells the bus what became of events. */
export interface Announcer {
  processed(envelope: Envelope): Promise<void>;
  failed(about: Pick<Envelope, 'eventId' | 'correlationId'>, category: ErrorCategory, error: string): Promise<void>;
}

/** Every call throws IngestionError (TRANSIENT) when the bus did not take it. */
export const announcerOn = (eventBridge: Pick<EventBridgeClient, 'send'>, busName: string): Announcer => {
  const put = async (DetailType: string, detail: object): Promise<void> => {
    const Entries = [{ EventBusName: busName, Source: INGESTION_SOURCE, DetailType, Detail: JSON.stringify(detail) }];
    const { Entries: [answer] = [] } = await eventBridge.send(new PutEventsCommand({ Entries }));
    if (answer?.ErrorCode === undefined) return;
    throw new IngestionError('TRANSIENT', `${answer.ErrorCode}: ${answer.ErrorMessage ?? ''}`);
  };
  return {
    processed: ({ eventId, correlationId, payload }) =>
      put(INGESTION_DETAIL_TYPES.processed, {
        eventId,
        correlationId,
        orderId: payload.orderId,
        amount: payload.amount,
      }),
    failed: ({ eventId, correlationId }, category, error) =>
      put(INGESTION_DETAIL_TYPES.failed, { eventId, correlationId, category, error }),
  };
};
