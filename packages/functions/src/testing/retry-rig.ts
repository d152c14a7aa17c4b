import type { InvokeCommandOutput } from '@aws-sdk/client-lambda';
import { createScheduledRetry } from '../scheduled-retry/create-scheduled-retry.ts';
import type { RetriedEvents } from '../scheduled-retry/retried-events.ts';
import type { ScheduledRetrySettings } from '../scheduled-retry/settings.ts';
import { retriedUploads } from '../uploads/retried-uploads.ts';
import { FakeClient, fakeDynamoDB, fakeS3, fakeSns, recordingLog, sdkError } from './fake-aws.ts';
import { fakeQueue } from './fake-queue.ts';
import { VirtualAmbient } from './virtual-ambient.ts';

const SETTINGS: ScheduledRetrySettings = {
  dlqUrl: 'http://queue/csv-parser-dlq',
  targetFunction: 'csv-parser',
  alertTopicArn: 'arn:aws:sns:us-east-1:000000000000:product-upload-notifications',
  maxRetries: 5,
  stateTable: 'retry-state',
  archiveBucket: 'archive-bucket',
  archivePrefix: 'failed-events/',
  concurrency: 10,
  budget: { tokensPerSecond: 1_000, burst: 1_000 },
  metricNamespace: undefined,
};

/** How the parser answers: by value, or by throwing. */
export type Answer = Pick<InvokeCommandOutput, 'FunctionError' | 'Payload'>;

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value)) as NonNullable<Answer['Payload']>;

export const succeeded: Answer = { Payload: json({ files: [] }) };
export const functionError = (errorType: string): Answer => ({
  FunctionError: 'Unhandled',
  Payload: json({ errorType, errorMessage: 'Rate exceeded 429 Throttling', trace: [] }),
});
export const throttled = (): never => {
  throw sdkError('TooManyRequestsException', 429);
};

/** The retry function with everything around it in memory and a parser that answers as told. */
export const retryRig = (settings: Partial<ScheduledRetrySettings> = {}, events: RetriedEvents = retriedUploads) => {
  const ambient = new VirtualAmbient();
  const queue = fakeQueue(ambient);
  const s3 = fakeS3();
  const sns = fakeSns();
  const dynamodb = fakeDynamoDB();
  const log = recordingLog();
  const metrics: Record<string, unknown>[] = [];
  const rig = {
    ambient,
    queue,
    s3,
    sns,
    dynamodb,
    log,
    metrics,
    parserTakesMs: 100,
    atWork: 0,
    mostAtWork: 0,
    /** Payloads the parser was invoked with. */
    invocations: [] as Record<string, unknown>[],
    answer: (_event: Record<string, unknown>): Answer => succeeded,
    state: (messageId: string) => dynamodb.table('retry-state').get(JSON.stringify([messageId])),
    run: (timeoutMs = 300_000) => ambient.run(retry({}, ambient.context('run', timeoutMs))),
  };
  const lambda = new FakeClient({
    Invoke: async ({ Payload }, signal) => {
      const event = JSON.parse(new TextDecoder().decode(Payload)) as Record<string, unknown>;
      rig.invocations.push(event);
      rig.atWork += 1;
      rig.mostAtWork = Math.max(rig.mostAtWork, rig.atWork);
      try {
        await Promise.race([
          ambient.sleep(rig.parserTakesMs),
          new Promise((_resolve, reject) => {
            signal?.addEventListener('abort', () =>
              reject(Object.assign(new Error('aborted'), { name: 'AbortError' })),
            );
          }),
        ]);
        return { StatusCode: 200, ...rig.answer(event) };
      } finally {
        rig.atWork -= 1;
      }
    },
  });
  const retry = createScheduledRetry({
    now: ambient.now,
    sleep: ambient.sleep,
    after: ambient.after,
    random: ambient.random,
    sqs: queue.client,
    lambda: lambda.client,
    sns: sns.client,
    s3: s3.client,
    dynamodb: dynamodb.client,
    log,
    events,
    metrics: (line) => metrics.push(JSON.parse(line)),
    settings: { ...SETTINGS, ...settings },
  });
  return rig;
};
