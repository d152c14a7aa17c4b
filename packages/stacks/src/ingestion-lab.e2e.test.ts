import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { BatchGetTracesCommand, GetTraceSummariesCommand, XRayClient } from '@aws-sdk/client-xray';
import { readAudit } from '@holdfast/ledger';
import { startTestEngine, type TestEngine } from '@holdfast/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { synthesizeStack } from './synthesize.ts';
import { keptAssembly } from './testing.ts';

/** A segment or subsegment of X-Ray. */
interface TracePart {
  readonly name: string;
  readonly origin?: string;
  readonly links?: readonly { readonly trace_id: string }[];
  readonly subsegments?: readonly TracePart[];
}

const treeOf = ({ name, subsegments = [] }: TracePart): unknown =>
  subsegments.length === 0 ? name : { [name]: subsegments.map(treeOf) };

describe('IngestionLab', () => {
  let aws: TestEngine;
  let apiUrl: string;

  beforeAll(async () => {
    aws = await startTestEngine({ startAt: new Date('2026-11-29T09:00:00Z') });
    const [stack] = await aws.deploy(await synthesizeStack('IngestionLab', keptAssembly('IngestionLab')));
    apiUrl = stack?.outputs['ApiUrl'] ?? '';
  }, 180_000);
  afterAll(() => aws[Symbol.asyncDispose]());

  const post = async (order: object, headers: Record<string, string> = {}, path = '/events') => {
    const body = JSON.stringify(order);
    const response = await fetch(`${apiUrl}${path}`, {
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

  it('is followed from the post to the topic by its traces, and to the last line by its correlation id', async () => {
    const sqs = aws.client(SQSClient);
    const policy = { Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sqs:SendMessage', Resource: '*' }] };
    const { QueueUrl } = await sqs.send(
      new CreateQueueCommand({ QueueName: 'outcomes', Attributes: { Policy: JSON.stringify(policy) } }),
    );
    await aws.client(SNSClient).send(
      new SubscribeCommand({
        TopicArn: 'arn:aws:sns:us-east-1:000000000000:ingestion-outcomes-dev',
        Protocol: 'sqs',
        Endpoint: 'arn:aws:sqs:us-east-1:000000000000:outcomes',
      }),
    );
    const traceId = '1-6b0be9cc-abcdefabcdefabcdefabcdef';
    const headers = { 'x-correlation-id': 'shop-8', 'x-amzn-trace-id': `Root=${traceId};Sampled=1` };
    await post({ orderId: 'followed', amount: 5 }, headers);
    await aws.advance({ minutes: 1 });

    const xray = aws.client(XRayClient);
    const functionOf = async (id: string): Promise<TracePart> => {
      const { Traces: [trace] = [] } = await xray.send(new BatchGetTracesCommand({ TraceIds: [id] }));
      const parts = (trace?.Segments ?? []).map(({ Document = '{}' }) => JSON.parse(Document) as TracePart);
      expect(parts.map(({ origin }) => origin)).toEqual(['AWS::Lambda', 'AWS::Lambda::Function']);
      return { ...parts[1], name: parts[1]?.name ?? '', links: parts[0]?.links ?? [] };
    };
    // What functions tell of themselves comes by UDP.
    const workerTraceId = await vi.waitFor(async () => {
      const about = { StartTime: new Date('2026-11-29T08:00:00Z'), EndTime: new Date('2026-11-29T12:00:00Z') };
      const { TraceSummaries = [] } = await xray.send(
        new GetTraceSummariesCommand({ ...about, FilterExpression: 'annotation.correlationId = "shop-8"' }),
      );
      expect(TraceSummaries).toHaveLength(2);
      const workerId = TraceSummaries.map(({ Id = '' }) => Id).find((id) => id !== traceId) ?? '';
      expect(treeOf(await functionOf(traceId))).toEqual({
        'ingestion-ingest-dev': ['Invocation', { '## index.ingest': ['DynamoDB', 'SSM', 'SQS'] }],
      });
      const worker = await functionOf(workerId);
      // A batch may be of many traces, so it is one of its own that names them.
      expect(worker.links).toMatchObject([{ trace_id: traceId }]);
      const calls = ['DynamoDB', 'SSM', 'DynamoDB', 'DynamoDB', 'DynamoDB', 'EventBridge', 'DynamoDB'];
      expect(treeOf(worker)).toEqual({
        'ingestion-worker-dev': ['Invocation', { '## index.work': [{ event: calls }] }],
      });
      return workerId;
    });
    const { Messages } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MessageSystemAttributeNames: ['AWSTraceHeader'] }),
    );
    expect(Messages?.[0]?.Body).toContain('shop-8');
    expect(Messages?.[0]?.Attributes?.AWSTraceHeader).toContain(`Root=${workerTraceId}`);
    const linesOf = async (name: string) => {
      const logGroupName = `/aws/lambda/ingestion-${name}-dev`;
      const { events = [] } = await aws
        .client(CloudWatchLogsClient)
        .send(new FilterLogEventsCommand({ logGroupName, filterPattern: '{ $.correlationId = "shop-8" }' }));
      return events.map(({ message = '' }) => JSON.parse(message).message);
    };
    expect([await linesOf('ingest'), await linesOf('worker')]).toEqual([['accepted'], ['processed']]);
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
    await post({ orderId: 'poison', amount: 5 }, { 'x-correlation-id': 'shop-9' });
    await aws.advance({ minutes: 2 });
    await setMode('none');
    expect(await get('/events/poison')).toMatchObject({ body: { status: 'FAILED', errorCategory: 'VALIDATION' } });
    const [letter] = await deadLetters();
    expect(JSON.stringify(letter)).toContain('poison');
    expect(letter?.messageAttributes).toMatchObject({
      correlation_id: { stringValue: 'shop-9' },
      ErrorCode: { stringValue: 'VALIDATION' },
    });
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

  it('brings dead letters back once their cause is gone: previewed, planned, begun, watched, written down', async () => {
    const before = await deadLetters();
    expect(before).toHaveLength(2);
    const query = 'maxMessages=20&errorType=SchemaValidationError&minAgeSeconds=300';
    const preview = await get(`/redrive/preview?${query}`);
    expect(preview).toMatchObject({
      status: 200,
      body: {
        waiting: 2,
        toMove: 1,
        messages: [{ errorType: 'VALIDATION', error: expect.stringContaining('poison') }],
      },
    });
    // Nobody has received anything for it.
    expect(await deadLetters()).toEqual(before);

    expect((await post({ maxMessages: 1_001, minAgeSeconds: 59 }, {}, '/redrive/start')).body).toEqual({
      error: 'SchemaValidationError',
      problems: ['maxMessages must be <= 1000', 'minAgeSeconds must be >= 60'],
    });
    const wish = { maxMessages: 100, errorType: 'SchemaValidationError', minAgeSeconds: 300, perMessageDelayJitter: 5 };
    const dry = await post({ ...wish, dryRun: true }, {}, '/redrive/start');
    expect(dry).toMatchObject({ status: 200, body: { dryRun: true, toMove: 1 } });
    const first = await post(wish, {}, '/redrive/start');
    expect(first).toMatchObject({ status: 202, body: { state: 'waiting', planned: 1 } });
    await aws.advance({ minutes: 5 });
    const job = `/redrive/${first.body['jobId']}`;
    expect(await get(job)).toMatchObject({ body: { state: 'completed', moved: 1, cameBack: 0, skipped: 1 } });
    expect(await get('/events/poison')).toMatchObject({ body: { status: 'PROCESSED' } });
    expect(await deadLetters()).toHaveLength(1);
    const audit = await fetch(`${apiUrl}${job}/audit`);
    const { entries, fault } = readAudit(await audit.text());
    expect(fault).toBeUndefined();
    expect(entries.map(({ step }) => step)).toEqual(['planned', 'started', 'sending', 'sent', 'deleted', 'ended']);
    expect((await post({}, {}, `${job}/pause`)).status).toBe(409);
    expect((await get('/redrive/nobody')).status).toBe(404);
  });

  it('pauses, resumes and cancels a redrive that is under way', async () => {
    await setMode('poison_payload');
    for (let order = 0; order < 20; order++) await post({ orderId: `many-${order}`, amount: 1 });
    await aws.advance({ minutes: 2 });
    await setMode('none');
    const begin = async () => `/redrive/${(await post({ rate: 1 }, {}, '/redrive/start')).body['jobId']}`;
    const job = await begin();
    await aws.advance({ seconds: 45 });
    expect(await post({}, {}, `${job}/pause`)).toMatchObject({ status: 200, body: { wish: 'pause' } });
    await aws.advance({ seconds: 5 });
    const paused = await get(job);
    expect(paused).toMatchObject({ body: { state: 'paused' } });
    await aws.advance({ minutes: 10 });
    expect((await get(job)).body['moved']).toBe(paused.body['moved']);
    expect(paused.body['moved']).toBeLessThan(20);

    expect(await post({}, {}, `${job}/resume`)).toMatchObject({ status: 200, body: { state: 'waiting' } });
    await aws.advance({ seconds: 5 });
    expect(await post({}, {}, `${job}/cancel`)).toMatchObject({ status: 200 });
    await aws.advance({ minutes: 1 });
    expect(await get(job)).toMatchObject({ body: { state: 'cancelled' } });
    expect((await post({}, {}, `${job}/resume`)).status).toBe(409);

    const rest = await begin();
    await aws.advance({ minutes: 5 });
    expect(await get(rest)).toMatchObject({ body: { state: 'completed' } });
    expect(await deadLetters()).toEqual([]);
  });

  it('stops a redrive whose messages come back', async () => {
    await setMode('poison_payload');
    for (let order = 0; order < 12; order++) await post({ orderId: `again-${order}`, amount: 1 });
    await aws.advance({ minutes: 2 });
    const { body } = await post({}, {}, '/redrive/start');
    await aws.advance({ minutes: 5 });
    expect(await get(`/redrive/${body['jobId']}`)).toMatchObject({
      body: { state: 'stopped', because: '10 of 10 redriven messages came back', moved: 10 },
    });
    expect(await deadLetters()).toHaveLength(12);
    await setMode('none');
    await post({}, {}, `/redrive/${body['jobId']}/resume`);
    await aws.advance({ minutes: 5 });
    // It goes on with the rest; what came back is for another job.
    expect(await get(`/redrive/${body['jobId']}`)).toMatchObject({
      body: { state: 'completed', moved: 12, cameBack: 10 },
    });
    expect(await deadLetters()).toHaveLength(10);
    await post({}, {}, '/redrive/start');
    await aws.advance({ minutes: 5 });
    expect(await deadLetters()).toEqual([]);
  });

  it('gives no second effect to a dead letter that comes back thirteen days after its client had posted it anew', async () => {
    await setMode('poison_payload');
    await post({ orderId: 'late', amount: 5 });
    await aws.advance({ minutes: 2 });
    await setMode('none');
    await post({ orderId: 'late', amount: 5 });
    await aws.advance({ minutes: 1 });
    const before = await get('/events/late');
    expect(before).toMatchObject({ body: { status: 'PROCESSED', effects: 1 } });
    await aws.advance({ days: 13 });
    expect(await deadLetters()).toHaveLength(1);
    await post({}, {}, '/redrive/start');
    await aws.advance({ minutes: 5 });
    expect(await deadLetters()).toEqual([]);
    expect(await get('/events/late')).toEqual(before);
  });
});
