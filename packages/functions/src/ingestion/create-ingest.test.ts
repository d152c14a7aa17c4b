import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { recordingLog } from '../testing/fake-aws.ts';
import { createIngest } from './create-ingest.ts';
import { createHealth, createStatus } from './create-queries.ts';
import type { Envelope } from './envelope.ts';
import type { FailureMode } from './failure-mode.ts';
import { noTracing } from './tracing.ts';

const request = (body: string, headers: Record<string, string> = {}) =>
  ({
    body,
    headers,
    isBase64Encoded: false,
    requestContext: { requestId: 'r-1' },
  }) as unknown as APIGatewayProxyEventV2;

const rig = (mode: FailureMode = 'none') => {
  const known = new Map<string, string>();
  const published: Envelope[] = [];
  const outage = { isOn: false };
  const ingest = createIngest({
    now: () => Date.UTC(2026, 10, 29, 9),
    log: recordingLog(),
    trace: noTracing,
    records: {
      accept: async ({ eventId }, fingerprint) => {
        if (!known.has(eventId)) known.set(eventId, fingerprint);
        return known.get(eventId) as string;
      },
    },
    publish: async (envelopes) => {
      if (outage.isOn) throw new Error('SQS is gone');
      published.push(...envelopes);
    },
    failureMode: async () => mode,
  });
  return { ingest, published, outage };
};

const ORDER = '{"orderId":"test-123","amount":42.50}';

describe('POST /events', () => {
  it('accepts an order once it is in the queue', async () => {
    const { ingest, published } = rig();
    const answer = await ingest(request(ORDER, { 'x-correlation-id': 'shop-7' }));
    expect(answer).toMatchObject({ statusCode: 202, headers: { 'x-correlation-id': 'shop-7' } });
    expect(published).toEqual([
      {
        eventId: 'test-123',
        correlationId: 'shop-7',
        acceptedAt: '2026-11-29T09:00:00.000Z',
        payload: { orderId: 'test-123', amount: 42.5 },
      },
    ]);
  });

  it('decodes what the API has encoded, and makes up no correlation id but the id of the request', async () => {
    const { ingest, published } = rig();
    const body = Buffer.from(ORDER).toString('base64');
    await ingest({ ...request(body, { 'x-correlation-id': 'no good' }), isBase64Encoded: true });
    expect(published.map(({ correlationId }) => correlationId)).toEqual(['r-1']);
  });

  it('sends a repeated order again, and refuses another one under its id', async () => {
    const { ingest, published } = rig();
    const statuses: unknown[] = [];
    for (const body of [ORDER, ORDER, ORDER.replace('42', '43')])
      statuses.push((await ingest(request(body))).statusCode);
    expect(statuses).toEqual([202, 202, 409]);
    expect(published).toHaveLength(2);
  });

  it('asks to post again when it does not know that the order is in the queue', async () => {
    const { ingest, outage } = rig();
    outage.isOn = true;
    expect((await ingest(request(ORDER))).statusCode).toBe(503);
  });

  it('refuses what no message of SQS can hold', async () => {
    expect((await rig().ingest(request('x'.repeat(1_048_576)))).statusCode).toBe(413);
  });

  it('sends twice in the mode that is for it', async () => {
    const { ingest, published } = rig('duplicate_submit');
    await ingest(request(ORDER));
    expect(published).toHaveLength(2);
  });
});

it('GET /events/{id} answers 404 for what is not known, and 503 while nobody can know', async () => {
  const answer = await createStatus({ read: async () => undefined }, recordingLog())(request(''));
  expect(answer.statusCode).toBe(404);
  const read = () => Promise.reject(new Error('KMS key access denied'));
  expect((await createStatus({ read }, recordingLog())(request(''))).statusCode).toBe(503);
});

it('GET /health answers 503 and names what did not answer', async () => {
  const checks = {
    table: async () => {},
    queue: async () => {
      throw new Error('gone');
    },
  };
  const answer = await createHealth(checks, recordingLog())(request(''));
  expect(answer).toMatchObject({ statusCode: 503 });
  expect(JSON.parse(String(answer.body))).toEqual({ status: 'failed', checks: { table: 'ok', queue: 'failed' } });
});
