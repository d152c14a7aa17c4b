import { describe, expect, it } from 'vitest';
import { destinationRecord, s3Event } from '../testing/events.ts';
import { sdkError } from '../testing/fake-aws.ts';
import { functionError, retryRig, succeeded, throttled } from '../testing/retry-rig.ts';
import { anyEvents } from './retried-events.ts';

const KEY = 'uploads/VEND001/a.csv';
const letter = (key = KEY) => destinationRecord(s3Event(key, 'x'));
const FIVE_MINUTES_MS = 300_000;

describe('scheduled retry', () => {
  it('recovers far more than one batch of ten in one run, at most ten at a time', async () => {
    const rig = retryRig();
    for (let index = 0; index < 137; index++) rig.queue.arrive(`m${index}`, letter(`uploads/VEND001/${index}.csv`));

    const summary = await rig.run();

    expect(summary).toMatchObject({ received: 137, recovered: 137, endedBecause: 'queue-empty' });
    expect(rig.queue.held.size).toBe(0);
    expect(rig.dynamodb.table('retry-state').size).toBe(0);
    expect(rig.mostAtWork).toBe(10);
  });

  it('invokes the parser with the original event and what is known about the retry', async () => {
    const rig = retryRig();
    rig.queue.arrive('m1', letter());

    await rig.run();

    expect(rig.invocations).toEqual([
      {
        ...s3Event(KEY, 'x'),
        retryMetadata: {
          attempt: 1,
          firstFailedAt: '2025-11-28T08:01:05.568Z',
          lastError: 'EventAgeExceeded',
          retrySource: 'csv-parser-retry',
          messageId: 'm1',
        },
      },
    ]);
  });

  it('brings back events of any kind, in the words of nobody in particular', async () => {
    const rig = retryRig({ maxRetries: 1, metricNamespace: 'Shop' }, anyEvents('orders-retry'));
    rig.queue.arrive('m1', { requestPayload: { orderId: 7 }, requestContext: { condition: 'RetriesExhausted' } });
    rig.queue.arrive('m2', { orderId: 8 });
    rig.answer = ({ orderId }) => (orderId === 7 ? succeeded : functionError('OrderError'));

    await rig.run();

    expect(rig.invocations.map(({ orderId, retryMetadata }) => ({ orderId, retryMetadata }))).toMatchObject([
      { orderId: 7, retryMetadata: { attempt: 1, retrySource: 'orders-retry', messageId: 'm1' } },
      { orderId: 8, retryMetadata: { attempt: 1, retrySource: 'orders-retry', messageId: 'm2' } },
    ]);
    expect(rig.sns.inputsOf('Publish').map(({ Subject }) => Subject)).toEqual([
      'Event message m2: failed after all retries',
    ]);
    expect(rig.metrics).toMatchObject([{ _aws: { CloudWatchMetrics: [{ Namespace: 'Shop' }] }, RetrySuccess: 1 }]);
  });

  it('ends soon when the queue is empty, instead of polling until its time is up', async () => {
    const rig = retryRig();
    const begunAt = rig.ambient.now();

    const summary = await rig.run();

    expect(summary).toMatchObject({ received: 0, endedBecause: 'queue-empty' });
    expect(rig.ambient.now() - begunAt).toBeLessThanOrEqual(6_000);
    expect(rig.queue.inputsOf('ReceiveMessage')).toHaveLength(2);
  });

  it('leaves a throttled message in the queue, hidden for a while, and counts no attempt', async () => {
    const rig = retryRig();
    rig.answer = throttled;
    rig.queue.arrive('m1', letter());

    const summary = await rig.run(60_000);

    expect(summary).toMatchObject({ throttled: summary.received, failed: 0, maxRetriesExceeded: 0 });
    expect(rig.queue.held.size).toBe(1);
    expect(rig.state('m1')).toMatchObject({ throttles: { N: String(summary.throttled) } });
    expect(rig.state('m1')).not.toHaveProperty('attempts');
    expect(rig.state('m1')).not.toHaveProperty('begun_at');
  });

  it('never gives up on a message that is only throttled, and recovers it in the end', async () => {
    const rig = retryRig();
    rig.answer = throttled;
    rig.queue.arrive('m1', letter());
    for (let run = 0; run < 24; run++) {
      await rig.run();
      rig.ambient.advance(FIVE_MINUTES_MS);
    }
    const throttles = Number(rig.state('m1')?.['throttles']?.N);
    rig.answer = () => succeeded;
    rig.ambient.advance(15 * 60_000);

    const summary = await rig.run();

    expect(throttles).toBeGreaterThan(5);
    expect(summary.recovered).toBe(1);
    expect(rig.invocations.at(-1)).toMatchObject({ retryMetadata: { attempt: 1 } });
    expect(rig.sns.sent).toEqual([]);
  });

  it('hides failed messages for longer from retry to retry, 15 minutes at most, each on its own draw', async () => {
    const rig = retryRig();
    rig.answer = () => functionError('Sandbox.Timedout');
    for (let index = 0; index < 200; index++) rig.queue.arrive(`m${index}`, letter());
    const delays = () =>
      rig.queue.inputsOf('ChangeMessageVisibility').map(({ VisibilityTimeout }) => VisibilityTimeout);

    await rig.run();
    const all: number[] = delays();

    expect(Math.max(...all.slice(0, 10))).toBeLessThanOrEqual(30);
    expect(Math.min(...all)).toBeGreaterThanOrEqual(1);
    expect(new Set(all).size).toBeGreaterThan(10);
    expect(Math.max(...all)).toBeLessThanOrEqual(900);
  });

  it('tries a DrillError five times, then alerts once with bucket, key, attempts and last error, and archives', async () => {
    const rig = retryRig();
    rig.answer = () => functionError('DrillError');
    rig.queue.arrive('m1', letter());
    let exceeded = 0;
    for (let run = 0; run < 12; run++) {
      exceeded += (await rig.run()).maxRetriesExceeded;
      rig.ambient.advance(FIVE_MINUTES_MS);
    }

    expect(rig.invocations.map(({ retryMetadata }) => retryMetadata)).toMatchObject(
      [1, 2, 3, 4, 5].map((attempt) => ({ attempt })),
    );
    expect(exceeded).toBe(1);
    expect(rig.sns.inputsOf('Publish')).toHaveLength(1);
    const [alert] = rig.sns.inputsOf('Publish');
    expect(alert.Subject).toBe('Upload VEND001/a.csv: failed after all retries');
    expect(alert.Message).toContain(`File: s3://uploads-bucket/${KEY}`);
    expect(alert.MessageAttributes).toMatchObject({
      s3_bucket: { StringValue: 'uploads-bucket' },
      s3_key: { StringValue: KEY },
      retry_count: { DataType: 'Number', StringValue: '5' },
      last_error: { StringValue: 'DrillError' },
      vendor_id: { StringValue: 'VEND001' },
    });
    const archived = JSON.parse(rig.s3.objects.get('failed-events/m1.json')?.toString() ?? '{}');
    expect(archived).toMatchObject({ reason: 'MAX_RETRIES_EXCEEDED', attempts: 5, lastError: 'DrillError' });
    expect(JSON.parse(archived.message.Body)).toEqual(letter());
    expect(rig.queue.held.size).toBe(0);
    expect(rig.state('m1')).toBeUndefined();
  });

  it('counts its own attempts, however often the message was received by others', async () => {
    const rig = retryRig();
    rig.queue.arrive('m1', letter());
    const held = rig.queue.held.get('m1');
    if (held !== undefined) held.receives = 40;

    expect(await rig.run()).toMatchObject({ recovered: 1, maxRetriesExceeded: 0 });
  });

  it('archives and alerts at once when the error is permanent', async () => {
    const rig = retryRig();
    rig.answer = () => functionError('MalformedEventError');
    rig.queue.arrive('m1', letter());

    expect(await rig.run()).toMatchObject({ failed: 1, permanent: 1, maxRetriesExceeded: 0 });
    expect(rig.invocations).toHaveLength(1);
    expect(rig.sns.inputsOf('Publish')[0].MessageAttributes.status.StringValue).toBe('PERMANENT_ERROR');
    expect(rig.s3.objects.has('failed-events/m1.json')).toBe(true);
    expect(rig.queue.held.size).toBe(0);
  });

  it('goes by the error’s type even when its message talks of throttling', async () => {
    const rig = retryRig();
    rig.answer = () => functionError('TypeError');
    rig.queue.arrive('m1', letter());

    const summary = await rig.run(60_000);

    expect(summary.throttled).toBe(0);
    expect(summary.failed).toBeGreaterThan(0);
  });

  it.each(['UploadInProgressError', 'ProvisionedThroughputExceededException'])(
    'takes a function that failed with %s for busy, not for broken',
    async (type) => {
      const rig = retryRig();
      rig.answer = () => functionError(type);
      rig.queue.arrive('m1', letter());

      const summary = await rig.run(60_000);

      expect(summary.throttled).toBeGreaterThan(0);
      expect(summary.failed).toBe(0);
    },
  );

  it('keeps and reports what it cannot read, and never invokes the parser with it', async () => {
    const rig = retryRig();
    rig.queue.arrive('m1', 'not even JSON');
    rig.queue.arrive('m2', { hello: 'world' });

    const summary = await rig.run();

    expect(summary).toMatchObject({ received: 2, unknownShapes: 2, failed: 0 });
    expect(rig.invocations).toEqual([]);
    const archived = JSON.parse(rig.s3.objects.get('failed-events/m1.json')?.toString() ?? '{}');
    expect(archived.message.Body).toBe('not even JSON');
    expect(rig.sns.inputsOf('Publish').map(({ Subject }) => Subject)).toEqual([
      'Upload message m1: a dead letter nobody can read',
      'Upload message m2: a dead letter nobody can read',
    ]);
    expect(rig.queue.held.size).toBe(0);
  });

  it('acknowledges the test event of S3 without alert', async () => {
    const rig = retryRig();
    rig.queue.arrive('m1', { Service: 'Amazon S3', Event: 's3:TestEvent', Bucket: 'b' });

    expect(await rig.run()).toMatchObject({ acknowledged: 1 });
    expect(rig.queue.held.size).toBe(0);
    expect(rig.sns.sent).toEqual([]);
  });

  it('keeps the message when the alert cannot be sent, and alerts once when it can', async () => {
    const rig = retryRig({ maxRetries: 1 });
    rig.answer = () => functionError('DrillError');
    rig.queue.arrive('m1', letter());
    rig.sns.before = () => {
      throw sdkError('InternalError', 500);
    };
    const first = await rig.run();
    rig.sns.before = () => {};
    rig.ambient.advance(FIVE_MINUTES_MS);

    const second = await rig.run();

    expect(first).toMatchObject({ errors: 1, maxRetriesExceeded: 0 });
    expect(second).toMatchObject({ maxRetriesExceeded: 1 });
    expect(rig.invocations).toHaveLength(1);
    expect(rig.queue.held.size).toBe(0);
  });

  it('does not alert again when it was killed between the alert and the deletion', async () => {
    const rig = retryRig({ maxRetries: 1 });
    rig.answer = () => functionError('DrillError');
    rig.queue.arrive('m1', letter());
    rig.queue.before = (operation) => {
      if (operation === 'DeleteMessage') throw sdkError('Killed', 500);
    };
    await rig.run();
    rig.queue.before = () => {};
    rig.ambient.advance(FIVE_MINUTES_MS);

    await rig.run();

    expect(rig.sns.inputsOf('Publish')).toHaveLength(1);
    expect(rig.queue.held.size).toBe(0);
  });

  it('counts a retry that a killed run began as an attempt, so that no message kills its reader for ever', async () => {
    const rig = retryRig({ maxRetries: 2 });
    rig.queue.arrive('m1', letter());
    const begun = { message_id: { S: 'm1' }, begun_at: { S: '2025-11-28T07:00:00.000Z' }, attempts: { N: '1' } };
    rig.dynamodb.table('retry-state').set(JSON.stringify(['m1']), begun);

    const summary = await rig.run();

    expect(summary).toMatchObject({ maxRetriesExceeded: 1, recovered: 0 });
    expect(rig.sns.inputsOf('Publish')[0].Message).toContain('Last error: Retry.Interrupted');
  });

  it('stops before its time is up, and abandons what is still running without counting it', async () => {
    const rig = retryRig();
    rig.parserTakesMs = 200_000;
    for (let index = 0; index < 30; index++) rig.queue.arrive(`m${index}`, letter(`uploads/VEND001/${index}.csv`));
    const begunAt = rig.ambient.now();

    const summary = await rig.run(120_000);

    expect(rig.ambient.now() - begunAt).toBeLessThan(120_000);
    expect(summary).toMatchObject({ received: 10, abandoned: 10, recovered: 0 });
    expect(rig.state('m0')).not.toHaveProperty('attempts');
    expect(rig.queue.held.size).toBe(30);
    expect(rig.queue.hiddenForMs('m29')).toBeLessThanOrEqual(0);
  });

  it('receives nothing any more when the slowest invocation seen would not fit', async () => {
    const rig = retryRig();
    rig.parserTakesMs = 50_000;
    for (let index = 0; index < 100; index++) rig.queue.arrive(`m${index}`, letter(`uploads/VEND001/${index}.csv`));

    const summary = await rig.run(240_000);

    expect(summary).toMatchObject({ abandoned: 0, endedBecause: 'time-up' });
    expect(summary.recovered).toBe(summary.received);
    expect(summary.recovered).toBeGreaterThanOrEqual(30);
  });

  it('does not begin more retries than its budget allows', async () => {
    const rig = retryRig({ budget: { tokensPerSecond: 0.5, burst: 5 } });
    for (let index = 0; index < 200; index++) rig.queue.arrive(`m${index}`, letter(`uploads/VEND001/${index}.csv`));

    const summary = await rig.run(160_000);

    expect(summary.endedBecause).toBe('time-up');
    expect(summary.recovered).toBeGreaterThan(50);
    expect(summary.recovered).toBeLessThanOrEqual(5 + 80);
    expect(rig.queue.held.size).toBe(200 - summary.recovered);
    expect([...rig.queue.held.values()].every(({ receives }) => receives === 0)).toBe(true);
  });

  it('spends its budget on retries only, not on empty receives', async () => {
    const rig = retryRig({ budget: { tokensPerSecond: 0.001, burst: 10 } });
    for (let index = 0; index < 3; index++) rig.queue.arrive(`m${index}`, letter(`uploads/VEND001/${index}.csv`));

    expect(await rig.run()).toMatchObject({ recovered: 3, endedBecause: 'queue-empty' });
  });

  it('holds back when the parser throttles several in a row, instead of touching the whole queue', async () => {
    const rig = retryRig();
    rig.answer = throttled;
    for (let index = 0; index < 500; index++) rig.queue.arrive(`m${index}`, letter(`uploads/VEND001/${index}.csv`));

    const summary = await rig.run(120_000);

    expect(summary.throttled).toBe(summary.received);
    expect(summary.throttled).toBeLessThan(60);
  });

  it('ends the run as failed, and keeps every message, when the parser cannot be invoked at all', async () => {
    const rig = retryRig();
    rig.answer = () => {
      throw sdkError('ResourceNotFoundException', 404);
    };
    for (let index = 0; index < 50; index++) rig.queue.arrive(`m${index}`, letter(`uploads/VEND001/${index}.csv`));

    await expect(rig.run()).rejects.toMatchObject({
      name: 'RetryRunFailedError',
      summary: { endedBecause: 'uninvokable' },
    });

    expect(rig.queue.held.size).toBe(50);
    expect(rig.sns.sent).toEqual([]);
    expect(rig.invocations.length).toBeLessThanOrEqual(20);
  });

  it('ends the run as failed, and keeps every message, when its state table is down', async () => {
    const rig = retryRig();
    rig.dynamodb.before = () => {
      throw sdkError('InternalServerError', 500);
    };
    for (let index = 0; index < 50; index++) rig.queue.arrive(`m${index}`, letter(`uploads/VEND001/${index}.csv`));

    await expect(rig.run()).rejects.toMatchObject({ name: 'RetryRunFailedError', summary: { endedBecause: 'errors' } });

    expect(rig.queue.held.size).toBe(50);
    expect(rig.invocations).toEqual([]);
  });

  it('archives and alerts a message that waited almost as long as the queue keeps it', async () => {
    const rig = retryRig();
    rig.queue.arrive('m1', letter());
    rig.ambient.advance(13 * 24 * 3_600_000 + 1);

    expect(await rig.run()).toMatchObject({ maxRetriesExceeded: 1 });
    expect(rig.sns.inputsOf('Publish')[0].MessageAttributes.status.StringValue).toBe('TOO_OLD');
  });

  it('reports a run as embedded metrics without dimensions, as the alarms expect them', async () => {
    const rig = retryRig();
    rig.answer = (event) => (JSON.stringify(event).includes('bad') ? functionError('MalformedEventError') : succeeded);
    rig.queue.arrive('m1', letter());
    rig.queue.arrive('m2', letter('uploads/VEND001/bad.csv'));

    await rig.run();

    expect(rig.metrics).toEqual([
      {
        _aws: {
          Timestamp: expect.any(Number),
          CloudWatchMetrics: [
            {
              Namespace: 'EcommerceProductOnboarding',
              Dimensions: [[]],
              Metrics: ['RetrySuccess', 'RetryFailed', 'RetryThrottled', 'MaxRetriesExceeded'].map((Name) => ({
                Name,
                Unit: 'Count',
              })),
            },
          ],
        },
        RetrySuccess: 1,
        RetryFailed: 1,
        RetryThrottled: 0,
        MaxRetriesExceeded: 0,
      },
    ]);
  });
});
