import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type SqsEvent, startTestEngine, type TestEngine } from '@holdfast/testing';
import '@holdfast/testing/vitest';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { afterAll, describe, expect, it } from 'vitest';
import { ECHO_HANDLER } from './fixture-stack.ts';
import { PipelineFunction } from './pipeline-function.ts';
import { ReliableQueue } from './reliable-queue.ts';

const directory = mkdtempSync(join(tmpdir(), 'holdfast-reliable-queue-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const MESSAGES = 89;
/** Spread as a burst has them: no two in one batch of five. */
const BAD = new Set([7, 29, 53, 80]);

/** A source with three receives, a retry queue with five, replays with backoff, and a dead-letter queue. */
const assembly = (batchSize: number, reportItemFailures: boolean): string => {
  const outdir = join(directory, `${batchSize}-${reportItemFailures}`);
  const app = new App({ outdir, analyticsReporting: false, stackTraces: false });
  const stack = new Stack(app, 'DlqReplay');
  const consumer = new PipelineFunction(stack, 'Consumer', {
    functionName: 'queue-consumer',
    entry: ECHO_HANDLER,
    description: 'Books orders',
    timeout: Duration.seconds(1),
  });
  new ReliableQueue(stack, 'Orders', {
    queueName: 'reliable_q',
    deadLetterQueueName: 'dlq_for_reliable_q',
    deliveryDelay: Duration.seconds(2),
    receiveWait: Duration.seconds(10),
    visibilityTimeout: Duration.seconds(10),
    maxReceiveCount: 3,
    consumer: { function: consumer.function, batchSize, reportItemFailures, maxConcurrency: 5 },
    tiers: [
      {
        queueName: 'reliable_q_retry_1',
        deliveryDelay: Duration.seconds(10),
        maxReceiveCount: 5,
        replay: { functionName: 'queue-replay', maxAttempts: 3 },
      },
    ],
  });
  app.synth();
  return outdir;
};

const isBad = ({ messageAttributes }: SqsEvent['Records'][number]): boolean =>
  messageAttributes['store_id'] === undefined;

const send = async (aws: TestEngine): Promise<void> => {
  const QueueUrl = `${aws.endpoint}/000000000000/reliable_q`;
  for (let first = 0; first < MESSAGES; first += 10) {
    const numbers = Array.from({ length: Math.min(10, MESSAGES - first) }, (_, index) => first + index);
    await aws.client(SQSClient).send(
      new SendMessageBatchCommand({
        QueueUrl,
        Entries: numbers.map((number) => ({
          Id: String(number),
          MessageBody: `order ${number}`,
          MessageAttributes: {
            [BAD.has(number) ? 'bad_msg' : 'store_id']: { DataType: 'String', StringValue: 'NY' },
          },
        })),
      }),
    );
  }
};

const run = async (batchSize: number, reportItemFailures: boolean, look: (aws: TestEngine) => Promise<void>) => {
  await using aws = await startTestEngine({
    startAt: new Date('2026-11-28T09:00:00Z'),
    bind: {
      'queue-consumer': async ({ Records }: SqsEvent) => {
        if (!reportItemFailures && Records.some(isBad)) throw new Error('missing_store_id');
        return { batchItemFailures: Records.filter(isBad).map(({ messageId }) => ({ itemIdentifier: messageId })) };
      },
    },
  });
  await aws.deploy(assembly(batchSize, reportItemFailures));
  await send(aws);
  await aws.advance({ minutes: 30 });
  expect(await aws.messages('reliable_q')).toEqual([]);
  expect(await aws.messages('reliable_q_retry_1')).toEqual([]);
  await look(aws);
};

describe(`${MESSAGES} messages of which ${BAD.size} lack their store`, () => {
  it('with partial batch responses: the good ones are processed once, exactly the bad ones are put aside', async () => {
    await run(5, true, async (aws) => {
      for (let number = 0; number < MESSAGES; number++) {
        const order = aws.record(`order ${number}`);
        if (!BAD.has(number)) expect(order).toBeProcessedOnce();
        // Three receives of the source, at first and after each of three replays.
        else expect(order).toHaveAttempts(12);
      }
      const failures = await aws.failures();
      expect(failures.map(({ body }) => body).sort()).toEqual([...BAD].map((number) => `order ${number}`).sort());
      // Three receives of the source and five of the retry queue: a redrive policy goes on counting.
      for (const failure of failures) {
        expect(failure).toMatchObject({ queue: 'dlq_for_reliable_q', reason: 'MaxReceiveCount', receiveCount: 8 });
      }
      const [letter] = await aws.messages('dlq_for_reliable_q');
      const notes = JSON.parse(letter?.messageAttributes['holdfast']?.stringValue ?? '{}');
      expect(notes.replays).toBe(3);
      expect(Object.keys(letter?.messageAttributes ?? {}).sort()).toEqual(['bad_msg', 'holdfast']);
    });
  });

  it('without them: a batch of one keeps every good message, larger ones try good messages many times', async () => {
    const outcome: { size: number; goodInDlq: number; runs: number }[] = [];
    for (const size of [1, 5, 10]) {
      await run(size, false, async (aws) => {
        const failures = await aws.failures();
        const goodInDlq = failures.filter(({ body }) => !BAD.has(Number(body.replace('order ', '')))).length;
        expect(failures.length - goodInDlq).toBe(BAD.size);
        const runs = aws.spy('queue-consumer').attempts(/./);
        outcome.push({ size, goodInDlq, runs });
      });
    }
    // A bad message is tried 12 times, a good one once; who shares a batch with whom is chance.
    const [alone, ...shared] = outcome;
    expect(alone).toEqual({ size: 1, goodInDlq: 0, runs: MESSAGES - BAD.size + 12 * BAD.size });
    for (const { runs } of shared) expect(runs).toBeGreaterThan(alone?.runs ?? 0);
  });
});
