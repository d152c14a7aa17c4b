import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { forEachMessage, PermanentError, RetryAfterError } from '@holdfast/functions/middleware';
import { startTestEngine } from '@holdfast/testing';
import '@holdfast/testing/vitest';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';
import { afterAll, expect, it } from 'vitest';
import { ECHO_HANDLER } from './fixture-stack.ts';
import { PipelineFunction } from './pipeline-function.ts';
import { QueueConsumer } from './queue-consumer.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-handlers-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** A queue with a consumer, a dead-letter queue, and a place for what will never be good. */
const assembly = (): string => {
  const app = new App({ outdir: directory, analyticsReporting: false, stackTraces: false });
  const stack = new Stack(app, 'Orders');
  const queue = new sqs.Queue(stack, 'Queue', {
    queueName: 'orders',
    visibilityTimeout: Duration.seconds(30),
    deadLetterQueue: { queue: new sqs.Queue(stack, 'Failed', { queueName: 'orders-failed' }), maxReceiveCount: 3 },
  });
  new sqs.Queue(stack, 'Never', { queueName: 'orders-never' });
  const booking = new PipelineFunction(stack, 'Booking', {
    functionName: 'booking',
    entry: ECHO_HANDLER,
    description: 'Books orders',
    timeout: Duration.seconds(3),
  });
  new QueueConsumer(stack, 'Consumer', { queue, function: booking.function, batchSize: 10 });
  app.synth();
  return directory;
};

it('on the engine, a handler for each message retries, waits and sets aside, each message by itself', async () => {
  await using aws = await startTestEngine({ startAt: new Date('2026-11-28T09:00:00Z') });
  const client = aws.client(SQSClient);
  const runs: { readonly body: string; readonly atMs: number }[] = [];
  aws.bind(
    'booking',
    forEachMessage(
      ({ body }) => {
        runs.push({ body, atMs: aws.now().getTime() });
        const runsSoFar = runs.filter((run) => run.body === body).length;
        if (body === 'never') throw new PermanentError('no store');
        if (body === 'poison') throw new Error('unknown');
        if (body === 'busy' && runsSoFar === 1) throw new RetryAfterError('asked to wait', 120_000);
      },
      {
        sqs: client,
        permanentQueueUrl: `${aws.endpoint}/000000000000/orders-never`,
        backoff: { baseDelayMs: 4_000, jitter: 'none' },
      },
    ),
  );
  await aws.deploy(assembly());
  for (const MessageBody of ['good', 'never', 'poison', 'busy']) {
    await client.send(new SendMessageCommand({ QueueUrl: `${aws.endpoint}/000000000000/orders`, MessageBody }));
  }

  await aws.advance({ minutes: 10 });

  const times = (body: string) => runs.filter((run) => run.body === body).map(({ atMs }) => atMs);
  const waits = (body: string) =>
    times(body)
      .slice(1)
      .map((atMs, index) => Math.floor((atMs - (times(body)[index] ?? 0)) / 1_000));
  expect(waits('good')).toEqual([]);
  expect(waits('never')).toEqual([]);
  expect(waits('busy')).toEqual([120]);
  expect(waits('poison')).toEqual([4, 8]);
  expect((await aws.messages('orders-never')).map(({ body }) => body)).toEqual(['never']);
  expect((await aws.messages('orders-failed')).map(({ body }) => body)).toEqual(['poison']);
  expect(await aws.messages('orders')).toEqual([]);
});
