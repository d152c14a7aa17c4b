import { seededRandom } from '@holdfast/kernel';
import { resolveBackoffPolicy } from '@holdfast/retry';
import type { SQSMessageAttributes, SQSRecord } from 'aws-lambda';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClient } from '../testing/fake-aws.ts';
import { batchContext, sqsBatch } from '../testing/sqs-batch-event.ts';
import { createDeadLetterReplay } from './create-dead-letter-replay.ts';
import { attributesWithNotes, notesOf, originalAttributes } from './replay-notes.ts';
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

const attribute = fc.oneof(
  fc.string({ minLength: 1 }).map((stringValue) => ({ dataType: 'String', stringValue })),
  fc
    .uint8Array({ minLength: 1 })
    .map((bytes) => ({ dataType: 'Binary', binaryValue: Buffer.from(bytes).toString('base64') })),
);
const attributes = fc.dictionary(
  fc.stringMatching(/^[a-z_]{1,12}$/).filter((name) => name !== 'holdfast'),
  attribute,
  { maxKeys: 10 },
) as fc.Arbitrary<SQSMessageAttributes>;

/** As SQS and the event source mapping hand over what was sent. */
const received = (sent: ReturnType<typeof attributesWithNotes>): SQSMessageAttributes =>
  Object.fromEntries(
    Object.entries(sent).map(([name, { DataType = '', StringValue, BinaryValue }]) => [
      name,
      BinaryValue === undefined
        ? { dataType: DataType, stringValue: StringValue }
        : { dataType: DataType, binaryValue: Buffer.from(BinaryValue).toString('base64') },
    ]),
  );

it('no attribute is lost on any number of hops, also when there are ten', () => {
  fc.assert(
    fc.property(attributes, fc.integer({ min: 1, max: 5 }), (own, hops) => {
      const [record] = sqsBatch('body').Records as [SQSRecord];
      record.messageAttributes = own;
      for (let hop = 1; hop <= hops; hop++) {
        const sent = attributesWithNotes(record, { replays: hop, firstSentAt: 7 });
        expect(Object.keys(sent).length).toBeLessThanOrEqual(10);
        record.messageAttributes = received(sent);
      }
      expect(originalAttributes(record)).toEqual(own);
      expect(notesOf(record)).toMatchObject({ replays: hops, firstSentAt: 7 });
    }),
    { numRuns: 200 },
  );
});

it('names the variable that is wrong', () => {
  expect(() => readDeadLetterReplaySettings({})).toThrow(/^QUEUE_URL: /);
  expect(() => readDeadLetterReplaySettings({ QUEUE_URL: 'q', MAX_ATTEMPTS: '16' })).toThrow(
    /^MAX_ATTEMPTS: "16" must be/,
  );
});
