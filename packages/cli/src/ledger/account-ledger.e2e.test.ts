import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SQS } from '@aws-sdk/client-sqs';
import { FailureLedger } from '@holdfast/constructs';
import { seededRandom } from '@holdfast/kernel';
import { createOperations, MemoryJobStore } from '@holdfast/ledger';
import { LocalEngine } from '@holdfast/local';
import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as queues from 'aws-cdk-lib/aws-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANY_CREDENTIALS } from '../target.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-account-ledger-'));
const LONG = 'x'.repeat(20_000);
const BODIES = ['{"order":1}', '{"order":2}', JSON.stringify({ order: 3, note: LONG })];
const BUCKET = 'failure-ledger-000000000000-us-east-1';
const PREFIX = `arn:aws:s3:::${BUCKET}/dead-letters/orders-dlq/`;

const assembly = (): string => {
  const app = new App({ outdir: directory, analyticsReporting: false, stackTraces: false });
  const stack = new Stack(app, 'Shop');
  const dead = new queues.Queue(stack, 'DeadLetters', { queueName: 'orders-dlq' });
  new queues.Queue(stack, 'Orders', {
    queueName: 'orders',
    deadLetterQueue: { queue: dead, maxReceiveCount: 2 },
  });
  new FailureLedger(stack, 'Ledger', { queues: [dead], removalPolicy: RemovalPolicy.DESTROY });
  app.synth();
  return directory;
};

describe('the ledger of an account', () => {
  let engine: LocalEngine;
  let sqs: SQS;
  let target: { endpoint: string; region: string; credentials: typeof ANY_CREDENTIALS };
  let url: string;

  /** A fresh look, as a command has it: of an engine, or as on AWS, where nothing shows a queue without a receive. */
  const open = (isEngine: boolean) =>
    createOperations({
      target,
      isEngine,
      jobs: new MemoryJobStore(),
      time: {
        now: () => Date.parse(engine.clock().now),
        wait: async (ms) => void (await engine.advance(Math.ceil(ms))),
      },
      random: seededRandom(1),
      newId: () => 'job',
    });
  const giveUp = async (count: number) => {
    for (let received = 0; received < count * 2; ) {
      const { Messages = [] } = await sqs.receiveMessage({
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 0,
      });
      received += Messages.length;
      if (Messages.length === 0) break;
    }
    await sqs.receiveMessage({ QueueUrl: url });
    await engine.advance(60_000);
  };

  beforeAll(async () => {
    engine = await LocalEngine.start({ port: 0, clock: 'virtual', startAt: new Date('2026-11-27T08:00:00Z') });
    target = { endpoint: engine.endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS };
    sqs = new SQS(target);
    await engine.deploy(assembly());
    url = `${engine.endpoint}/000000000000/orders`;
    const attributes = { tenant: { DataType: 'Binary', BinaryValue: new Uint8Array([0, 255]) } };
    for (const MessageBody of BODIES)
      await sqs.sendMessage({ QueueUrl: url, MessageBody, MessageAttributes: attributes });
    await giveUp(BODIES.length);
  }, 180_000);
  afterAll(async () => {
    await engine.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it.each([true, false])('shows each failure, its queue empty, without a receive (engine: %s)', async (isEngine) => {
    const { failures } = open(isEngine);
    const { failures: seen } = await failures.page({}, 10);
    expect(seen).toHaveLength(3);
    expect(seen[0]).toMatchObject({
      source: { kind: 'queue', name: 'orders' },
      attempts: 2,
      place: { kind: 'object' },
    });
    expect(new Set(seen.map(({ firstSeenAt }) => firstSeenAt.slice(0, 10)))).toEqual(new Set(['2026-11-27']));
    expect(seen[0]?.expiresAt?.slice(0, 10)).toBe('2027-02-25');
    const { Attributes } = await sqs.getQueueAttributes({
      QueueUrl: `${engine.endpoint}/000000000000/orders-dlq`,
      AttributeNames: ['All'],
    });
    expect(Attributes).toMatchObject({ ApproximateNumberOfMessages: '0', ApproximateNumberOfMessagesNotVisible: '0' });
    expect(await failures.totals({ where: ['order=2'] })).toMatchObject({ failures: 1 });
  });

  it('tells all of a long body, and where each goes back to', async () => {
    const { failures } = open(true);
    const { failures: seen } = await failures.page({}, 10);
    const long = seen.find(({ isBodyCut }) => isBodyCut === true);
    expect(long?.body.length).toBeLessThan(LONG.length);
    const { failure, wayBack } = await failures.why(long?.place.kind === 'object' ? long.place.key : '');
    expect(failure.body).toBe(BODIES[2]);
    expect(wayBack).toMatchObject({ arn: 'arn:aws:sqs:us-east-1:000000000000:orders' });
    const messageId = long?.id.split('/').at(-1) ?? '';
    expect((await failures.find(messageId))?.id).toBe(long?.id);
  });

  it('keeps a message that is delivered twice once', async () => {
    const { Items: [item] = [] } = await new DynamoDBClient(target).send(
      new ScanCommand({ TableName: 'failure-ledger' }),
    );
    const record = {
      messageId: item?.['id']?.S?.split('/').at(-1),
      body: item?.['bodyStart']?.S,
      attributes: { ApproximateReceiveCount: '9', SentTimestamp: '0' },
      messageAttributes: {},
      eventSource: 'aws:sqs',
      eventSourceARN: item?.['queueArn']?.S,
    };
    const Payload = JSON.stringify({ Records: [record] });
    await new LambdaClient(target).send(new InvokeCommand({ FunctionName: 'failure-ledger', Payload }));
    const { Count, Items = [] } = await new DynamoDBClient(target).send(
      new ScanCommand({ TableName: 'failure-ledger' }),
    );
    expect(Count).toBe(3);
    expect(Items.some(({ message }) => message?.S?.includes('"ApproximateReceiveCount":"8"'))).toBe(false);
  });

  it('brings back what it took, tells what fails again, and forgets what is gone', async () => {
    const { redrive, failures } = open(true);
    expect(await failures.totals({})).toMatchObject({ failures: 3 });
    const { jobId } = await redrive.start({ from: PREFIX, perSecond: 50 }, 'test');
    expect(await redrive.run(jobId)).toMatchObject({ state: 'completed', moved: 3, failed: 0 });
    await engine.advance(5_000);
    expect(await failures.totals({})).toMatchObject({ failures: 0 });
    expect(await open(false).failures.totals({})).toMatchObject({ failures: 0 });
    await engine.advance(1_000);
    await giveUp(BODIES.length);
    expect(await failures.totals({})).toMatchObject({ failures: 3, byState: { regressed: 3 } });
    const { failures: again } = await failures.page({}, 10);
    expect(again[0]?.attributes['tenant']?.BinaryValue).toEqual(new Uint8Array([0, 255]));
  });
});
