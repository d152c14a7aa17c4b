import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { FakeClient, recordingLog } from '../testing/fake-aws.ts';
import { batchContext, sqsBatch } from '../testing/sqs-batch-event.ts';
import { correlationAttributes, correlationId } from './correlation.ts';
import { PermanentError, RetryAfterError } from './errors.ts';
import { type ForEachMessageOptions, forEachMessage } from './for-each-message.ts';
import type { QueueMessage } from './sqs-event.ts';

const fakeSqs = () =>
  new FakeClient({
    GetQueueUrl: ({ QueueName }) => ({ QueueUrl: `https://sqs/1/${QueueName}` }),
    ChangeMessageVisibility: () => ({}),
    SendMessage: () => ({ MessageId: 'new' }),
  });

/** A batch of a FIFO queue; each word is a message, its first letter the group. */
const fifoBatch = (...bodies: readonly string[]) => {
  const event = sqsBatch(...bodies);
  for (const record of event.Records) {
    record.eventSourceARN = 'arn:aws:sqs:us-east-1:000000000000:orders.fifo';
    record.attributes.MessageGroupId = record.body.charAt(0);
  }
  return event;
};

const idsOf = async (
  event: ReturnType<typeof sqsBatch>,
  process: (message: QueueMessage) => unknown,
  options?: ForEachMessageOptions,
): Promise<readonly string[]> => {
  const { batchItemFailures } = await forEachMessage(process, options)(event, batchContext);
  return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
};

const failOn =
  (error: Error, ...bodies: readonly string[]) =>
  ({ body }: QueueMessage) => {
    if (bodies.includes(body)) throw error;
  };

describe('a batch of a standard queue', () => {
  it('fails for the messages that failed, whether they threw at once or later', async () => {
    const failed = await idsOf(sqsBatch('good', 'bad', 'late', 'good'), async ({ body }) => {
      if (body === 'bad') throw new Error('bad');
      await sleep(1);
      if (body === 'late') throw new Error('late');
    });
    expect([...failed].sort()).toEqual(['m1', 'm2']);
  });

  it('takes groups as what they are there: fairness, and no order', async () => {
    const event = sqsBatch('bad', 'good');
    for (const record of event.Records) record.attributes.MessageGroupId = 'tenant';
    expect(await idsOf(event, failOn(new Error(), 'bad'))).toEqual(['m0']);
  });

  it('works on no more messages at a time than it was told', async () => {
    let now = 0;
    let most = 0;
    const process = async () => {
      most = Math.max(most, ++now);
      await sleep(1);
      now--;
    };
    await idsOf(sqsBatch(...'abcdefgh'), process, { concurrency: 3 });
    expect(most).toBe(3);
  });

  it('gives back what has not begun when the invocation is nearly over', async () => {
    let leftMs = 3_000;
    const handler = forEachMessage(() => (leftMs -= 900), { concurrency: 1 });
    const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => leftMs };
    const { batchItemFailures } = await handler(sqsBatch('a', 'b', 'c', 'd'), context);
    expect(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual(['m3']);
  });
});

describe('a batch of a FIFO queue', () => {
  it('gives back what is behind a failure in its group, and lets other groups go on', async () => {
    const seen: string[] = [];
    const failed = await idsOf(fifoBatch('a1', 'b1', 'a2', 'b2', 'a3'), ({ body }) => {
      seen.push(body);
      if (body === 'a2') throw new Error('not now');
    });
    expect(failed).toEqual(['m2', 'm4']);
    expect(seen.filter((body) => body.startsWith('b'))).toEqual(['b1', 'b2']);
    expect(seen).not.toContain('a3');
  });

  it('goes on behind a message that was set aside, as it will never be good', async () => {
    const sqs = fakeSqs();
    const options = { sqs: sqs.client, permanentQueueUrl: 'https://sqs/1/never.fifo' };
    expect(await idsOf(fifoBatch('a1', 'a2'), failOn(new PermanentError('never'), 'a1'), options)).toEqual([]);
    expect(sqs.inputsOf('SendMessage')).toEqual([
      expect.objectContaining({ MessageBody: 'a1', MessageGroupId: 'a', MessageDeduplicationId: 'm0-0' }),
    ]);
  });

  it('hides a whole group for as long as its first message', async () => {
    const sqs = fakeSqs();
    await idsOf(fifoBatch('a1', 'a2'), failOn(new RetryAfterError('later', 61_500), 'a1'), { sqs: sqs.client });
    expect(sqs.inputsOf('ChangeMessageVisibility')).toEqual(
      ['r0', 'r1'].map((ReceiptHandle) => ({
        QueueUrl: 'https://sqs/1/orders.fifo',
        ReceiptHandle,
        VisibilityTimeout: 62,
      })),
    );
    expect(sqs.inputsOf('GetQueueUrl')).toHaveLength(1);
  });
});

describe('a message that failed', () => {
  it('is hidden for longer with each receive', async () => {
    const sqs = fakeSqs();
    const options = {
      sqs: sqs.client,
      backoff: { baseDelayMs: 2_000, maxDelayMs: 60_000, jitter: 'none' },
    } as const;
    const event = sqsBatch('bad', 'bad', 'bad');
    for (const [index, { attributes }] of event.Records.entries()) {
      attributes.ApproximateReceiveCount = String(2 * index + 1);
    }
    await idsOf(event, failOn(new Error(), 'bad'), { ...options, concurrency: 1 });
    expect(sqs.inputsOf('ChangeMessageVisibility').map((input) => input.VisibilityTimeout)).toEqual([2, 8, 32]);
  });

  it('comes back all the same when it could not be hidden', async () => {
    const log = recordingLog();
    const sqs = fakeSqs();
    sqs.before = () => {
      throw new Error('SQS is away');
    };
    const options = { sqs: sqs.client, log };
    expect(await idsOf(sqsBatch('bad'), failOn(new RetryAfterError('later', 1), 'bad'), options)).toEqual(['m0']);
    expect(log.lines.map(({ message }) => message)).toContain('could not hide a message');
  });

  it('is set aside with all it came with, and with the name of its error where there is room', async () => {
    const sqs = fakeSqs();
    const event = sqsBatch('never', 'never');
    const blob = { dataType: 'Binary', binaryValue: 'AAH/' } as const;
    const ten = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`own${index}`, blob]));
    for (const [index, record] of event.Records.entries()) record.messageAttributes = index === 0 ? { blob } : ten;
    const invalid = Object.assign(new Error('no'), { name: 'ValidationError' });
    const options = { sqs: sqs.client, permanentQueueUrl: 'https://sqs/1/never', permanentErrors: ['ValidationError'] };
    expect(await idsOf(event, failOn(invalid, 'never'), options)).toEqual([]);
    const [roomy, full] = sqs.inputsOf('SendMessage').map(({ MessageAttributes }) => MessageAttributes);
    expect(roomy).toEqual({
      blob: { DataType: 'Binary', BinaryValue: Buffer.of(0, 1, 255) },
      holdfast: { DataType: 'String', StringValue: expect.stringContaining('"firstSentAt":') },
      holdfast_error: { DataType: 'String', StringValue: 'ValidationError' },
    });
    expect(Object.keys(full)).toEqual([...Object.keys(ten).slice(0, 9), 'holdfast']);
    expect(JSON.parse(full.holdfast.StringValue).displaced).toEqual({ name: 'own9', value: blob });
  });

  it('has all ten of its attributes again after a hop on which one had to make room for notes', async () => {
    const event = sqsBatch('body');
    const value = { dataType: 'String', stringValue: 'ten' } as const;
    const notes = JSON.stringify({ replays: 1, firstSentAt: 7, displaced: { name: 'tenth', value } });
    for (const record of event.Records) {
      record.messageAttributes = { holdfast: { dataType: 'String', stringValue: notes } };
    }
    let seen: QueueMessage['messageAttributes'] = {};
    await idsOf(event, ({ messageAttributes }) => {
      seen = messageAttributes;
    });
    expect(seen['tenth']).toEqual(value);
  });

  it('stays when it could not be set aside, and when nobody said where to', async () => {
    const sqs = fakeSqs();
    sqs.before = () => {
      throw new Error('SQS is away');
    };
    const never = failOn(new PermanentError('never'), 'never');
    expect(await idsOf(sqsBatch('never'), never, { sqs: sqs.client, permanentQueueUrl: 'q' })).toEqual(['m0']);
    expect(await idsOf(sqsBatch('never'), never)).toEqual(['m0']);
  });
});

describe('of a queue without a redrive policy, a message that fails', () => {
  const keep = { queueUrl: 'https://sqs/1/kept', afterMs: 3_600_000 };
  /** The first as old as it is kept at, the second a minute younger. */
  const batch = (...bodies: readonly string[]) => {
    const event = sqsBatch(...bodies);
    for (const [index, { attributes }] of event.Records.entries()) {
      attributes.SentTimestamp = String(Date.now() - keep.afterMs + (index === 0 ? 0 : 60_000));
    }
    return event;
  };
  const written = async (run: () => Promise<unknown>): Promise<string> => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    try {
      await run();
      return write.mock.calls.map(([line]) => String(line)).join('');
    } finally {
      write.mockRestore();
    }
  };

  it('is kept before it expires, and otherwise comes back; the age of the oldest that does is told', async () => {
    const sqs = fakeSqs();
    const lines = await written(async () => {
      const failed = await idsOf(batch('bad', 'bad', 'good'), failOn(new Error('bad'), 'bad'), {
        sqs: sqs.client,
        keep,
      });
      expect(failed).toEqual(['m1']);
    });
    expect(sqs.inputsOf('SendMessage')).toMatchObject([{ QueueUrl: keep.queueUrl, MessageBody: 'bad' }]);
    const { UnprocessedMessageAge, QueueName } = JSON.parse(lines);
    expect(QueueName).toBe('validation');
    expect(UnprocessedMessageAge).toBeGreaterThanOrEqual(3_540);
  });

  it('is hidden until it is old enough to be kept and no longer, whoever wants it hidden, for it would expire unseen', async () => {
    const sqs = fakeSqs();
    const backoff = { baseDelayMs: 7_200_000, maxDelayMs: 7_200_000, jitter: 'none' } as const;
    const error = new RetryAfterError('away for long', 36_000_000);
    const options = { sqs: sqs.client, keep, now: () => Date.now() };
    await written(() => idsOf(batch('good', 'bad'), failOn(new Error('bad'), 'bad'), { ...options, backoff }));
    await written(() => idsOf(batch('good', 'bad'), failOn(error, 'bad'), options));
    const [hidden, hiddenAgain] = sqs.inputsOf('ChangeMessageVisibility').map((input) => input.VisibilityTimeout);
    for (const seconds of [hidden, hiddenAgain]) expect([59, 60]).toContain(seconds);
  });

  it('is left to the visibility timeout of its queue when it is old and could not be kept', async () => {
    const sqs = fakeSqs();
    const backoff = { baseDelayMs: 7_200_000, maxDelayMs: 7_200_000, jitter: 'none' } as const;
    sqs.before = (operation) => {
      if (operation === 'SendMessage') throw new Error('SQS is away');
    };
    await written(() => idsOf(batch('bad'), failOn(new Error('bad'), 'bad'), { sqs: sqs.client, keep, backoff }));
    expect(sqs.inputsOf('ChangeMessageVisibility')).toEqual([]);
  });

  it('comes back when it could not be kept, and nothing else with it', async () => {
    const sqs = fakeSqs();
    sqs.before = () => {
      throw new Error('SQS is away');
    };
    await written(async () => {
      const failed = await idsOf(batch('bad', 'good'), failOn(new Error('bad'), 'bad'), { sqs: sqs.client, keep });
      expect(failed).toEqual(['m0']);
    });
  });

  it('goes where permanent ones go when it is permanent, whatever its age', async () => {
    const sqs = fakeSqs();
    const options = { sqs: sqs.client, keep, permanentQueueUrl: 'https://sqs/1/never' };
    await written(() => idsOf(batch('bad'), failOn(new PermanentError('bad'), 'bad'), options));
    expect(sqs.inputsOf('SendMessage')).toMatchObject([{ QueueUrl: 'https://sqs/1/never' }]);
  });
});

it('each message has its correlation id, also when several are processed at a time', async () => {
  const event = sqsBatch('a', 'b', 'c');
  const [a, b] = event.Records;
  if (a !== undefined) a.messageAttributes = { correlation_id: { dataType: 'String', stringValue: 'order-4711' } };
  if (b !== undefined) b.attributes.AWSTraceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=1';
  const seen: Record<string, unknown> = {};
  await idsOf(event, async ({ body }) => {
    await sleep(1);
    seen[body] = correlationAttributes()['correlation_id']?.StringValue;
  });
  expect(seen).toEqual({ a: 'order-4711', b: '1-5759e988-bd862e3fe1be46a994272793', c: 'm2' });
  expect(correlationId()).toBeUndefined();
  expect(correlationAttributes()).toEqual({});
});

it.each([
  [{ concurrency: 0 }, /^concurrency: 0 must be a whole number from 1$/],
  [{ reserveMs: -1 }, /^reserveMs: -1 must not be negative$/],
  [{ permanentQueueUrl: 'q' }, /^sqs: undefined must be given with backoff, permanentQueueUrl or keep$/],
  [{ sqs: fakeSqs().client, backoff: { baseDelayMs: 0 } }, /^baseDelayMs: 0 /],
  [{ sqs: fakeSqs().client, keep: { queueUrl: 'q', afterMs: Number.NaN } }, /^keep.afterMs: NaN must be a positive/],
  [{ sqs: fakeSqs().client, keep: { queueUrl: '', afterMs: 1 } }, /^keep.queueUrl: "" must be a URL$/],
])('refuses %o', (options, message) => {
  expect(() => forEachMessage(() => {}, options)).toThrow(message);
});
