import type { SQSEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { FakeClient, recordingLog, sdkError } from '../testing/fake-aws.ts';
import { batchContext, sqsBatch } from '../testing/sqs-batch-event.ts';
import { VirtualAmbient } from '../testing/virtual-ambient.ts';
import { createWorker } from './create-worker.ts';
import type { Envelope } from './envelope.ts';
import { categoryOf, IngestionError } from './errors.ts';
import type { FailureMode } from './failure-mode.ts';
import type { Processor } from './processor.ts';
import { noTracing } from './tracing.ts';

const message = (orderId: string): Envelope => ({
  eventId: orderId,
  correlationId: `c-${orderId}`,
  acceptedAt: '2026-11-29T09:00:00.000Z',
  payload: { orderId, amount: 1 },
});

const received = (times: number, ...bodies: unknown[]): SQSEvent => {
  const batch = sqsBatch(...bodies);
  for (const { attributes } of batch.Records) attributes.ApproximateReceiveCount = String(times);
  return batch;
};

const rig = (
  process: Processor['process'] = async () => true,
  mode: FailureMode = 'none',
  schemaVersions: readonly number[] = [1, 2],
) => {
  const time = new VirtualAmbient();
  const log = recordingLog();
  const sqs = new FakeClient({ SendMessage: () => ({ MessageId: 'kept' }) });
  const told: string[] = [];
  const done = new Set<string>();
  const worker = createWorker({
    sleep: time.sleep,
    after: time.after,
    random: time.random,
    sqs: sqs.client,
    log,
    trace: noTracing,
    count: () => {},
    records: { fail: async (eventId, category) => void told.push(`record ${eventId} ${category}`) },
    announcer: {
      processed: async ({ eventId }) => void told.push(`processed ${eventId}`),
      failed: async ({ eventId }, category) => void told.push(`failed ${eventId} ${category}`),
    },
    processor: { process },
    guarded: (call) => call(),
    once: (work) => async (envelope) => {
      if (done.has(envelope.eventId)) return;
      await work(envelope);
      done.add(envelope.eventId);
    },
    failureMode: async () => mode,
    settings: {
      queueUrl: 'https://queue',
      deadLetterQueueUrl: 'https://dlq',
      maxReceiveCount: 5,
      processTimeoutMs: 1_000,
      failureSeed: '7',
      schemaVersions,
      processLatencyMs: 0,
    },
  });
  const run = (event: SQSEvent) => time.run(worker(event, batchContext));
  return { run, told, log, kept: () => sqs.inputsOf('SendMessage') };
};

describe('the worker', () => {
  it('gives each event its effect once and announces it', async () => {
    const { run, told } = rig();
    expect(await run(sqsBatch(message('a'), message('b')))).toEqual({ batchItemFailures: [] });
    expect(await run(sqsBatch(message('a')))).toEqual({ batchItemFailures: [] });
    expect(told).toEqual(['processed a', 'processed b']);
  });

  it('puts aside at once what ingestion lets in and the worker does not take', async () => {
    const { run, told, kept } = rig(undefined, 'none', [2]);
    expect(await run(sqsBatch(message('a')))).toEqual({ batchItemFailures: [] });
    expect(told).toEqual(['record a VALIDATION', 'failed a VALIDATION']);
    expect(JSON.stringify(kept())).toContain('schemaVersion 1 must be 2');
  });

  it('reports alone what may still succeed', async () => {
    const { run, kept } = rig(async ({ eventId }) => {
      if (eventId === 'b') throw sdkError('ThrottlingException', 400);
      return true;
    });
    expect(await run(sqsBatch(message('a'), message('b')))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(kept()).toEqual([]);
  });

  it('puts aside at once what never will, with category, reason, way back and correlation id', async () => {
    const { run, told, kept } = rig(async () => {
      throw new IngestionError('PERMANENT', 'too dear');
    });
    expect(await run(received(1, message('a')))).toEqual({ batchItemFailures: [] });
    expect(told).toEqual(['record a PERMANENT', 'failed a PERMANENT']);
    expect(kept()).toMatchObject([
      {
        QueueUrl: 'https://dlq',
        MessageBody: JSON.stringify(message('a')),
        MessageAttributes: {
          ErrorCode: { StringValue: 'PERMANENT' },
          ErrorMessage: { StringValue: 'IngestionError: too dear' },
          'holdfast.origin': { StringValue: 'arn:aws:sqs:us-east-1:000000000000:validation' },
        },
      },
    ]);
  });

  it('puts aside what is no envelope, of which there is no record', async () => {
    const { run, told, kept } = rig();
    await run(received(1, 'not JSON'));
    expect(told).toEqual(['failed m0 VALIDATION']);
    expect(kept()).toHaveLength(1);
  });

  it('puts aside at once what its own error cannot be told of: characters that SQS refuses, an id that no table takes', async () => {
    const { run, told, kept } = rig();
    const bodies = ['a\u0001b', 'a\ufffeb', 'a\ud83db'].map((name) => ({
      ...message('a'),
      payload: { orderId: 'a', amount: 1, [name]: 1 },
    }));
    const longId = { ...message('a'), eventId: 'e'.repeat(257), payload: {} };
    expect(await run(received(1, ...bodies, longId))).toEqual({ batchItemFailures: [] });
    const said = kept().map(({ MessageAttributes }) => MessageAttributes?.['ErrorMessage']?.StringValue);
    expect(said.filter((text) => /must not have a\ufffdb/.test(text ?? ''))).toHaveLength(3);
    expect(told.filter((line) => line.startsWith('record'))).toEqual(Array(3).fill('record a VALIDATION'));
    expect(told).toContain('failed m3 VALIDATION');
  });

  it('puts aside the rest after its last receive, with the category of its last error', async () => {
    const { run, kept } = rig(async () => true, 'slow_downstream');
    expect(await run(received(4, message('a')))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(await run(received(5, message('a')))).toEqual({ batchItemFailures: [] });
    expect(kept()).toMatchObject([{ MessageAttributes: { ErrorCode: { StringValue: 'TIMEOUT' } } }]);
  });

  it('takes what business logic throws without a word of its kind for PROCESSING', async () => {
    const { run, kept } = rig(async () => {
      throw new TypeError('x is not a function');
    });
    expect(await run(received(4, message('a')))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    await run(received(5, message('a')));
    expect(kept()).toMatchObject([
      {
        MessageAttributes: {
          ErrorCode: { StringValue: 'PROCESSING' },
          ErrorMessage: { StringValue: 'ProcessingError: TypeError: x is not a function' },
        },
      },
    ]);
  });

  it('sends anew what is processed elsewhere at its last receive: it has not failed, and is not done', async () => {
    const { run, kept, told } = rig(async () => {
      throw Object.assign(new Error(), { name: 'IdempotencyAlreadyInProgressError' });
    });
    expect(await run(received(4, message('a')))).toEqual({ batchItemFailures: [{ itemIdentifier: 'm0' }] });
    expect(await run(received(5, message('a')))).toEqual({ batchItemFailures: [] });
    expect(kept()).toMatchObject([
      { QueueUrl: 'https://queue', MessageBody: JSON.stringify(message('a')), DelaySeconds: 60 },
    ]);
    expect(told).toEqual([]);
  });

  it('keeps the mark of a redrive in the dead-letter queue, by which a job knows what came back', async () => {
    const { run, kept } = rig(async () => {
      throw new IngestionError('PERMANENT', 'too dear');
    });
    const event = received(1, message('a'));
    const [record] = event.Records;
    Object.assign(record?.messageAttributes ?? {}, {
      'holdfast.redrive': { dataType: 'String', stringValue: 'job-1' },
    });
    await run(event);
    expect(kept()).toMatchObject([{ MessageAttributes: { 'holdfast.redrive': { StringValue: 'job-1' } } }]);
  });

  it('gives no effect to what came too late', async () => {
    let effects = 0;
    const { run } = rig(async (_, signal) => {
      signal.throwIfAborted();
      effects++;
      return true;
    }, 'slow_downstream');
    await run(sqsBatch(message('a')));
    expect(effects).toBe(0);
  });

  it('fails thirty of a hundred tries by a seed, the same each time', async () => {
    const failed = async () => {
      const bodies = Array.from({ length: 400 }, (_, index) => message(String(index)));
      return (await rig(async () => true, 'random_fail_p30').run(sqsBatch(...bodies))).batchItemFailures;
    };
    const first = await failed();
    expect(first.length / 400).toBeGreaterThan(0.24);
    expect(first.length / 400).toBeLessThan(0.36);
    expect(await failed()).toEqual(first);
  });
});

it.each([
  [Object.assign(new Error(), { name: 'IdempotencyValidationError' }), 'PERMANENT'],
  [Object.assign(new Error(), { name: 'IdempotencyAlreadyInProgressError' }), 'TRANSIENT'],
  [sdkError('InternalServerError', 500), 'TRANSIENT'],
  [sdkError('AccessDeniedException', 400), 'PERMANENT'],
  [new Error('who knows'), 'UNKNOWN'],
  ['a text', 'UNKNOWN'],
])('%s is %s', (error, category) => {
  expect(categoryOf(error)).toBe(category);
});
