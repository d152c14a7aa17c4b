import { seededRandom } from '@holdfast/kernel';
import { resolveBackoffPolicy } from '@holdfast/retry';
import type { SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { FakeClient } from '../testing/fake-aws.ts';
import { batchContext, sqsBatch } from '../testing/sqs-batch-event.ts';
import { createDeadLetterReplay } from './create-dead-letter-replay.ts';
import { type DeadLetterReplaySettings, readDeadLetterReplaySettings } from './settings.ts';

const noLog = { debug() {}, info() {}, warn() {}, error() {} };

const rig = (settings: Partial<DeadLetterReplaySettings> = {}) => {
  // biome-ignore lint/suspicious/noExplicitAny: inputs of commands, read member by member.
  const sent: any[] = [];
  let isDown = false;
  const sqs = new FakeClient({
    SendMessage: (input: object) => {
      if (isDown) throw new Error('SQS is away');
      sent.push(input);
      return { MessageId: 'new' };
    },
  });
  const replay = createDeadLetterReplay({
    sqs: sqs as never,
    log: noLog,
    random: seededRandom(1),
    settings: {
      queueUrl: 'https://sqs/1/orders',
      maxAttempts: 3,
      backoff: resolveBackoffPolicy({ baseDelayMs: 2_000, maxDelayMs: 900_000, jitter: 'equal' }),
      requiredAttributes: [],
      ...settings,
    },
  });
  const run = async (change: (record: SQSRecord) => void = () => {}) => {
    const event = sqsBatch('order 4711');
    for (const record of event.Records) change(record);
    const { batchItemFailures } = await replay(event, batchContext);
    return batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
  };
  return { run, sent, stop: () => (isDown = true) };
};

const withNotes = (record: SQSRecord, replays: number): void => {
  record.messageAttributes = {
    holdfast: { dataType: 'String', stringValue: JSON.stringify({ replays, firstSentAt: 7 }) },
  };
};

describe('a message of a retry queue', () => {
  it('is sent again with its group, its trace and the time at which it was first sent', async () => {
    const { run, sent } = rig();
    const failed = await run((record) => {
      record.attributes.MessageGroupId = 'tenant';
      record.attributes.AWSTraceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793';
      record.messageAttributes = { blob: { dataType: 'Binary', binaryValue: 'AAH/' } };
    });
    expect(failed).toEqual([]);
    expect(sent).toEqual([
      expect.objectContaining({
        MessageBody: 'order 4711',
        MessageGroupId: 'tenant',
        MessageSystemAttributes: {
          AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5759e988-bd862e3fe1be46a994272793' },
        },
      }),
    ]);
    expect(sent[0].MessageAttributes.blob).toEqual({ DataType: 'Binary', BinaryValue: Buffer.of(0, 1, 255) });
    expect(JSON.parse(sent[0].MessageAttributes.holdfast.StringValue)).toEqual({
      replays: 1,
      firstSentAt: Date.UTC(2025, 10, 28, 9),
    });
  });

  it('waits longer each time, and never longer than SQS delays', async () => {
    const { run, sent } = rig({
      backoff: resolveBackoffPolicy({ baseDelayMs: 800_000, maxDelayMs: 5_000_000, jitter: 'none' }),
    });
    await run();
    await run((record) => withNotes(record, 1));
    expect(sent.map(({ DelaySeconds }) => DelaySeconds)).toEqual([800, 900]);
  });

  it('fails when it was replayed often enough, so that its queue puts it aside', async () => {
    const { run, sent } = rig();
    expect(await run((record) => withNotes(record, 2))).toEqual([]);
    expect(await run((record) => withNotes(record, 3))).toEqual(['m0']);
    expect(sent).toHaveLength(1);
  });

  it('fails without a replay when it will never be good', async () => {
    const { run, sent } = rig({ requiredAttributes: ['store_id'] });
    expect(await run()).toEqual(['m0']);
    expect(sent).toEqual([]);
  });

  it('stays when it could not be sent', async () => {
    const { run, stop } = rig();
    stop();
    expect(await run()).toEqual(['m0']);
  });

  it('has no delay of its own in a FIFO queue, and another deduplication id each time', async () => {
    const { run, sent } = rig({ queueUrl: 'https://sqs/1/orders.fifo' });
    await run((record) => {
      withNotes(record, 1);
      record.attributes.MessageGroupId = 'g';
    });
    expect(sent[0]).toMatchObject({ MessageDeduplicationId: 'm0-2', MessageGroupId: 'g' });
    expect(sent[0]).not.toHaveProperty('DelaySeconds');
  });
});

it('names the variable that is wrong', () => {
  expect(() => readDeadLetterReplaySettings({})).toThrow(/^QUEUE_URL: /);
  expect(() => readDeadLetterReplaySettings({ QUEUE_URL: 'q', MAX_ATTEMPTS: '16' })).toThrow(
    /^MAX_ATTEMPTS: "16" must be/,
  );
});
