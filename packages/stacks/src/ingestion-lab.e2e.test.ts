import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { startTestEngine, type TestEngine } from '@holdfast/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesizeStack } from './synthesize.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-ingestion-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('IngestionLab', () => {
  let aws: TestEngine;
  let apiUrl: string;

  beforeAll(async () => {
    aws = await startTestEngine({ startAt: new Date('2026-11-29T09:00:00Z') });
    const [stack] = await aws.deploy(await synthesizeStack('IngestionLab', directory));
    apiUrl = stack?.outputs['ApiUrl'] ?? '';
  }, 60_000);
  afterAll(() => aws[Symbol.asyncDispose]());

  const post = async (order: object, headers: Record<string, string> = {}) => {
    const body = JSON.stringify(order);
    const response = await fetch(`${apiUrl}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const get = async (path: string) => {
    const response = await fetch(`${apiUrl}${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const setMode = async (Value: string) => {
    const Name = '/ingestion/failure_mode';
    await aws.client(SSMClient).send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
    // Longer than functions keep the value.
    await aws.advance({ seconds: 6 });
  };
  const deadLetters = () => aws.messages('ingestion-events-dlq-dev');

  it('is healthy', async () => {
    expect(await get('/health')).toEqual({
      status: 200,
      body: { status: 'ok', checks: { table: 'ok', queue: 'ok', failureMode: 'ok' } },
    });
  });

  it('takes an order, processes it, and says so', async () => {
    const answer = await post({ orderId: 'test-123', amount: 42.5 }, { 'x-correlation-id': 'shop-7' });
    expect(answer).toEqual({
      status: 202,
      body: { eventId: 'test-123', status: 'ACCEPTED', correlationId: 'shop-7' },
    });
    await aws.advance({ minutes: 1 });
    expect(await get('/events/test-123')).toMatchObject({
      status: 200,
      body: { status: 'PROCESSED', amount: 42.5, correlationId: 'shop-7' },
    });
  });

  it('refuses what is not valid, unknown, or another order under the same id', async () => {
    expect(await post({ invalidField: 'value' })).toMatchObject({
      status: 400,
      body: { error: 'SchemaValidationError' },
    });
    expect(await post({ orderId: 'test-123', amount: 1 })).toMatchObject({ status: 409 });
    expect(await get('/events/nobody')).toMatchObject({ status: 404 });
  });

  it('takes the same order twice and processes it once', async () => {
    await setMode('duplicate_submit');
    for (let times = 0; times < 2; times++) expect((await post({ orderId: 'twice', amount: 5 })).status).toBe(202);
    await aws.advance({ minutes: 30 });
    await setMode('none');
    expect(await get('/events/twice')).toMatchObject({ body: { status: 'PROCESSED', amount: 5 } });
    expect(await aws.messages('ingestion-events-dev')).toEqual([]);
    expect(await deadLetters()).toEqual([]);
  });

  it('puts poison aside at once, with its category, and an alarm tells', async () => {
    await setMode('poison_payload');
    await post({ orderId: 'poison', amount: 5 });
    await aws.advance({ minutes: 2 });
    await setMode('none');
    expect(await get('/events/poison')).toMatchObject({ body: { status: 'FAILED', errorCategory: 'VALIDATION' } });
    const [letter] = await deadLetters();
    expect(JSON.stringify(letter)).toContain('poison');
    expect(await aws.failures()).toMatchObject([{ error: expect.stringContaining('SchemaValidationError') }]);
    expect(aws.alarmed()).toContain('ingestion-dlq-depth-dev');
    expect(aws.alarmed()).toContain('ingestion-critical-dev');
  });

  it('tries again what is too slow, and puts it aside as TIMEOUT in the end', async () => {
    await setMode('slow_downstream');
    await post({ orderId: 'slow', amount: 5 });
    await aws.advance({ minutes: 20 });
    await setMode('none');
    expect(await get('/events/slow')).toMatchObject({ body: { status: 'FAILED', errorCategory: 'TIMEOUT' } });
    expect(await deadLetters()).toHaveLength(2);
  });
});
