import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { startTestEngine } from '@holdfast/testing';
import '@holdfast/testing/vitest';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as sns from 'aws-cdk-lib/aws-sns';
import { afterAll, expect, it } from 'vitest';
import { ECHO_HANDLER } from './fixture-stack.ts';
import { NotifyingBucket } from './notifying-bucket.ts';
import { OnFailureQueue } from './on-failure-queue.ts';
import { PipelineFunction } from './pipeline-function.ts';
import { ScheduledRetry } from './scheduled-retry.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-scheduled-retry-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const assembly = (): string => {
  const app = new App({ outdir: directory, analyticsReporting: false, stackTraces: false });
  const stack = new Stack(app, 'Orders');
  const target = new PipelineFunction(stack, 'Book', {
    functionName: 'book',
    entry: ECHO_HANDLER,
    description: 'Books orders',
    timeout: Duration.seconds(3),
  });
  const failures = new OnFailureQueue(stack, 'Failures', { target });
  const archive = new NotifyingBucket(stack, 'Archive', { bucketName: 'archive' });
  const alerts = new sns.Topic(stack, 'Alerts', { topicName: 'alerts' });
  new ScheduledRetry(stack, 'Retry', { failures, alerts, archive, maxRetries: 2 });
  app.synth();
  return directory;
};

it('brings back orders that failed, with the handler that comes with it, and archives the one that never works', async () => {
  const seen: unknown[] = [];
  let isDown = true;
  await using aws = await startTestEngine({
    startAt: new Date('2026-11-29T09:00:00Z'),
    bind: {
      book: async (event: { orderId: number }) => {
        seen.push(event);
        if (isDown || event.orderId === 2) throw new Error('the book is closed');
      },
    },
  });
  await aws.deploy(assembly());
  for (const orderId of [1, 2]) {
    await aws
      .client(LambdaClient)
      .send(new InvokeCommand({ FunctionName: 'book', InvocationType: 'Event', Payload: JSON.stringify({ orderId }) }));
  }
  await aws.advance({ minutes: 4 });
  isDown = false;

  await aws.advance({ hours: 1 });

  expect(await aws.messages('book-dlq')).toEqual([]);
  const retried = seen.filter((event) => Object.hasOwn(event as object, 'retryMetadata'));
  expect(retried).toMatchObject([
    { orderId: expect.any(Number), retryMetadata: { attempt: 1, retrySource: 'book-retry' } },
    { orderId: expect.any(Number), retryMetadata: { attempt: 1 } },
    { orderId: 2, retryMetadata: { attempt: 2, lastError: 'Error' } },
  ]);
});
