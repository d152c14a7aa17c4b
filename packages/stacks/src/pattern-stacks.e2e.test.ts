import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import {
  InvokeCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startTestEngine, type TestEngine } from '@holdfast/testing';
import { Duration } from 'aws-cdk-lib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildApp } from './app.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-patterns-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Half of it until the alarm, three quarters until the reaper; the days of the document are a matter of the template. */
const EXPIRES_AFTER_HOURS = 8;

// One app and one engine for all: each stack's queues and functions have names of their own.
let shared: TestEngine;
const engine = (): TestEngine => shared;
beforeAll(async () => {
  const props = { SqsRetry: { expiresAfter: Duration.hours(EXPIRES_AFTER_HOURS) } };
  const stacks = ['DlqReplay', 'SqsRetry', 'InvocationRetries'] as const;
  const app = buildApp({ app: { outdir: directory, builtinCloudFormationValidation: false }, stacks, props });
  shared = await startTestEngine({ startAt: new Date('2026-11-29T09:00:00Z') });
  await shared.deploy(app);
});
afterAll(() => shared.close());

const invoke = async (aws: TestEngine, name: string, event: object, type: 'Event' | 'RequestResponse' = 'Event') => {
  const { Payload } = await aws
    .client(LambdaClient)
    .send(new InvokeCommand({ FunctionName: name, InvocationType: type, Payload: JSON.stringify(event) }));
  return Payload == null || Payload.length === 0 ? undefined : JSON.parse(Payload.transformToString());
};

const bodiesIn = async (aws: TestEngine, queue: string): Promise<readonly string[]> =>
  (await aws.messages(queue)).map(({ body }) => body).sort();

describe('DlqReplay', () => {
  it('books every good order and puts exactly the bad ones aside, by its real handlers', async () => {
    const aws = engine();
    const answer = await invoke(aws, 'sqs-data-producer', { messages: 89, bad: 4, seed: 7 }, 'RequestResponse');
    expect(JSON.parse(answer.body)).toEqual({ message: { status: true, tot_msgs: 89, bad_msgs: 4 } });
    await aws.advance({ hours: 1 });
    expect(await aws.messages('reliable_q')).toEqual([]);
    expect(await aws.messages('reliable_q_retry_1')).toEqual([]);
    const letters = await aws.messages('dlq_for_reliable_q');
    expect(letters.map(({ body }) => JSON.parse(body).bad_msg)).toEqual([true, true, true, true]);
    for (const { receiveCount } of await aws.failures()) expect(receiveCount).toBe(8);
  });
});

describe('SqsRetry', () => {
  const BATCH = ['{"message": "one"}', '{"message": "This message will fail."}', '{"message": "three"}'];
  const send = (aws: TestEngine, queue: string, bodies: readonly string[]) =>
    aws.client(SQSClient).send(
      new SendMessageBatchCommand({
        QueueUrl: `${aws.endpoint}/000000000000/${queue}`,
        Entries: bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody })),
      }),
    );

  /** Of the queue whose messages expire; those of the other variants have dead letters too. */
  const alarmed = async (aws: TestEngine): Promise<readonly (string | undefined)[]> => {
    const { MetricAlarms = [] } = await aws
      .client(CloudWatchClient)
      .send(new DescribeAlarmsCommand({ StateValue: 'ALARM', AlarmNamePrefix: 'main-queue-until-expiry' }));
    return MetricAlarms.map(({ AlarmName }) => AlarmName);
  };

  it.each([
    ['', [BATCH[1]]],
    ['-delete-by-hand', [BATCH[1]]],
    ['-whole-batch', [...BATCH].sort()],
  ])('main-queue%s: of a batch with one that fails, these end in the dead-letter queue', async (suffix, kept) => {
    const aws = engine();
    await send(aws, `main-queue${suffix}`, BATCH);
    await aws.advance({ minutes: 10 });
    expect(await aws.messages(`main-queue${suffix}`)).toEqual([]);
    expect(await bodiesIn(aws, `dlq${suffix}`)).toEqual(kept);
  });

  it('until expiry: alarms first, and the reaper keeps what would be deleted', async () => {
    const aws = engine();
    await send(aws, 'main-queue-until-expiry', BATCH);
    await aws.advance({ minutes: 1 });
    expect(await bodiesIn(aws, 'main-queue-until-expiry')).toEqual([BATCH[1]]);
    expect(await alarmed(aws)).toEqual([]);
    await aws.advance({ hours: EXPIRES_AFTER_HOURS / 2, minutes: 15 });
    expect(await alarmed(aws)).toEqual(['main-queue-until-expiry-age']);
    await aws.advance({ hours: EXPIRES_AFTER_HOURS / 4 });
    expect(await aws.messages('main-queue-until-expiry')).toEqual([]);
    expect(await bodiesIn(aws, 'kept-before-expiry')).toEqual([BATCH[1]]);
  });

  it('until expiry: the reaper keeps what no consumer gets', async () => {
    const aws = engine();
    const lambda = aws.client(LambdaClient);
    const { EventSourceMappings: [mapping] = [] } = await lambda.send(
      new ListEventSourceMappingsCommand({ FunctionName: 'sqs-processor-until-expiry' }),
    );
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID: mapping?.UUID, Enabled: false }));
    await aws.advance({ minutes: 5 });
    await send(aws, 'main-queue-until-expiry', ['{"message": "nobody is there"}']);
    await aws.advance({ hours: EXPIRES_AFTER_HOURS / 2, minutes: 15 });
    expect(await alarmed(aws)).toEqual(['main-queue-until-expiry-age']);
    await aws.advance({ hours: EXPIRES_AFTER_HOURS / 4 });
    expect(await aws.messages('main-queue-until-expiry')).toEqual([]);
    expect(await bodiesIn(aws, 'kept-before-expiry')).toContain('{"message": "nobody is there"}');
  });

  it('by error: a workflow retries what may pass and keeps what never will at once', async () => {
    const aws = engine();
    const sfn = aws.client(SFNClient);
    const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:sqs-retry-by-error';
    const attempts = async (outcome: string): Promise<number> => {
      const input = JSON.stringify({ outcome });
      const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
      await aws.advance({ minutes: 10 });
      const { status } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      expect(status).toBe('SUCCEEDED');
      const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
      return events.filter(({ type }) => type === 'LambdaFunctionScheduled' || type === 'TaskScheduled').length;
    };
    expect(await attempts('ok')).toBe(1);
    const withoutKeeping = async (outcome: string) => (await attempts(outcome)) - 1;
    expect(await withoutKeeping('fail')).toBe(4);
    expect(await withoutKeeping('permanent')).toBe(1);
    expect(await aws.messages('dlq-by-error')).toHaveLength(2);
  });
});

describe('InvocationRetries', () => {
  const failing = { outcome: 'fail' };

  it('async: three runs, then the on-failure destination with the reason; successes have theirs', async () => {
    const aws = engine();
    await invoke(aws, 'retries-async', failing);
    await invoke(aws, 'retries-async', { outcome: 'ok' });
    await aws.advance({ minutes: 10 });
    const [record] = await bodiesIn(aws, 'retries-async-failures');
    expect(JSON.parse(record ?? '{}')).toMatchObject({
      requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
      requestPayload: failing,
    });
    expect(await aws.messages('retries-async-successes')).toHaveLength(1);
  });

  it('rule: delivered at once, and the errors of its function are kept as those of asynchronous events', async () => {
    const aws = engine();
    const Entries = [failing, { outcome: 'ok' }].map((detail) => ({
      Source: 'invocation-retries',
      DetailType: 'try',
      EventBusName: 'invocation-retries',
      Detail: JSON.stringify(detail),
    }));
    await aws.client(EventBridgeClient).send(new PutEventsCommand({ Entries }));
    await aws.advance({ minutes: 10 });
    const kept = await bodiesIn(aws, 'retries-rule-failures');
    expect(kept.map((body) => JSON.parse(body).requestPayload.detail)).toEqual([failing]);
  });

  it('queue: three receives, then the dead-letter queue', async () => {
    const aws = engine();
    const Entries = ['{"outcome":"ok"}', '{"outcome":"fail"}', '{"fails":2}'].map((MessageBody, index) => ({
      Id: String(index),
      MessageBody,
    }));
    const QueueUrl = `${aws.endpoint}/000000000000/retries-queue`;
    await aws.client(SQSClient).send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    await aws.advance({ minutes: 10 });
    expect(await bodiesIn(aws, 'retries-queue-failures')).toEqual(['{"outcome":"fail"}']);
    expect(await aws.messages('retries-queue')).toEqual([]);
  });

  it('streams: a poison record is halved out and told of; its shard goes on', async () => {
    const aws = engine();
    const outcomes = ['ok', 'ok', 'fail', 'ok'];
    await aws.client(KinesisClient).send(
      new PutRecordsCommand({
        StreamName: 'retries-kinesis',
        Records: outcomes.map((outcome) => ({
          PartitionKey: 'one shard',
          Data: new TextEncoder().encode(JSON.stringify({ outcome })),
        })),
      }),
    );
    for (const [index, outcome] of outcomes.entries()) {
      const Item = { id: { S: String(index) }, outcome: { S: outcome } };
      await aws.client(DynamoDBClient).send(new PutItemCommand({ TableName: 'retries-dynamodb', Item }));
    }
    await aws.advance({ minutes: 30 });
    const kinesis = (await bodiesIn(aws, 'retries-kinesis-failures')).map((body) => JSON.parse(body));
    expect(kinesis).toMatchObject([
      { requestContext: { condition: 'RetryAttemptsExhausted' }, KinesisBatchInfo: { batchSize: 1 } },
    ]);
    const table = (await bodiesIn(aws, 'retries-dynamodb-failures')).map((body) => JSON.parse(body));
    expect(table).toHaveLength(1);
    expect(table[0].requestContext.condition).toBe('RetryAttemptsExhausted');
    expect(table[0].DDBStreamBatchInfo.batchSize).toBe(1);
  });
});
