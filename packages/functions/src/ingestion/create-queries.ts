import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Log } from '../log.ts';
import { categoryOf } from './errors.ts';
import type { EventRecord, EventRecords } from './event-records.ts';
import { answer, correlationIdOf, type HttpAnswer } from './http-answer.ts';

/** `GET /events/{id}`: what became of an event. 404 for one that was never accepted, or is forgotten; 503 ask again. */
export const createStatus =
  (records: Pick<EventRecords, 'read'>, log: Log) =>
  async (event: APIGatewayProxyEventV2): Promise<HttpAnswer> => {
    const correlationId = correlationIdOf(event);
    const eventId = event.pathParameters?.['id'] ?? '';
    let record: EventRecord | undefined;
    try {
      record = await records.read(eventId);
    } catch (error) {
      log.error('event not read', { eventId, category: categoryOf(error), error: String(error) });
      return answer(503, { error: 'ServiceUnavailable', message: 'not known; ask again' }, correlationId);
    }
    if (record === undefined) return answer(404, { error: 'NotFound', eventId }, correlationId);
    return answer(
      200,
      {
        eventId,
        status: record.status,
        acceptedAt: record.accepted_at,
        processedAt: record.processed_at,
        amount: record.amount,
        effects: record.effects,
        errorCategory: record.error_category,
        error: record.failure,
        correlationId: record.correlation_id,
      },
      correlationId,
    );
  };

/** Something that must answer for the pipeline to work. */
export type HealthCheck = () => Promise<unknown>;

/** `GET /health`: asks everything that ingestion needs. 200 when all answer, else 503; the body says which did not. */
export const createHealth =
  (checks: Readonly<Record<string, HealthCheck>>, log: Log) =>
  async (event: APIGatewayProxyEventV2): Promise<HttpAnswer> => {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => {
        try {
          await check();
          return [name, 'ok'] as const;
        } catch (error) {
          log.error('not healthy', { check: name, error: String(error) });
          return [name, 'failed'] as const;
        }
      }),
    );
    const isHealthy = results.every(([, result]) => result === 'ok');
    const body = { status: isHealthy ? 'ok' : 'failed', checks: Object.fromEntries(results) };
    return answer(isHealthy ? 200 : 503, body, correlationIdOf(event));
  };
