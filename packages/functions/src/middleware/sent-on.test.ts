import type { SendMessageCommand } from '@aws-sdk/client-sqs';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { sqsBatch } from '../testing/sqs-batch-event.ts';
import { notesOf, originalAttributes, withDisplaced } from './message-notes.ts';
import { asHandedOver, sentOn } from './sent-on.ts';
import type { QueueMessage } from './sqs-event.ts';

const attribute = fc.oneof(
  fc.string({ minLength: 1 }).map((stringValue) => ({ dataType: 'String', stringValue })),
  fc.integer().map((value) => ({ dataType: 'Number.int', stringValue: String(value) })),
  fc
    .uint8Array({ minLength: 1 })
    .map((bytes) => ({ dataType: 'Binary', binaryValue: Buffer.from(bytes).toString('base64') })),
);

const message = fc
  .record({
    messageAttributes: fc.dictionary(
      fc.stringMatching(/^[a-z_]{1,12}$/).filter((name) => name !== 'holdfast'),
      attribute,
      { maxKeys: 10 },
    ),
    MessageGroupId: fc.option(fc.string({ minLength: 1 }), { nil: undefined }),
    AWSTraceHeader: fc.option(fc.constant('Root=1-5759e988-bd862e3fe1be46a994272793'), { nil: undefined }),
  })
  .map(({ messageAttributes, MessageGroupId, AWSTraceHeader }): QueueMessage => {
    const [record] = sqsBatch('body').Records;
    const attributes = { ...(record as QueueMessage).attributes, SentTimestamp: '7', MessageGroupId, AWSTraceHeader };
    return { ...(record as QueueMessage), attributes, messageAttributes };
  });

/** As SQS hands over what was sent, at a later time. */
const received = (input: SendMessageCommand['input'], hop: number): QueueMessage => {
  const { MessageBody, MessageAttributes, MessageGroupId, MessageSystemAttributes } = input;
  const AWSTraceHeader = MessageSystemAttributes?.['AWSTraceHeader']?.StringValue;
  const Attributes = {
    SentTimestamp: String(1_000 * hop),
    ...(MessageGroupId === undefined ? {} : { MessageGroupId }),
    ...(AWSTraceHeader === undefined ? {} : { AWSTraceHeader }),
  };
  const there = asHandedOver({ MessageId: `hop ${hop}`, Body: MessageBody, Attributes, MessageAttributes } as never);
  return { ...there, receiptHandle: 'r', eventSourceARN: 'arn:aws:sqs:us-east-1:1:q' };
};

it('nothing of a message is lost on any number of hops, also when it has ten attributes', () => {
  fc.assert(
    fc.property(
      message,
      fc.array(fc.record({ isReplay: fc.boolean(), isError: fc.boolean() }), { minLength: 1, maxLength: 6 }),
      (first, hops) => {
        let now = first;
        let replays = 0;
        for (const [index, { isReplay, isError }] of hops.entries()) {
          if (isReplay) replays++;
          const added = isError ? { why: 'an error' } : {};
          const sent = sentOn(now, 'https://sqs/1/next', isReplay ? { replays, added } : { added });
          expect(Object.keys(sent.MessageAttributes ?? {}).length).toBeLessThanOrEqual(10);
          now = received(sent, index + 1);
        }
        const { why: _why, ...kept } = originalAttributes(now);
        const { why: _own, ...own } = first.messageAttributes;
        expect(kept).toEqual(own);
        expect(withDisplaced(now).messageAttributes).toMatchObject(own);
        expect(now.body).toBe('body');
        expect(now.attributes.MessageGroupId).toBe(first.attributes.MessageGroupId);
        expect(now.attributes.AWSTraceHeader).toBe(first.attributes.AWSTraceHeader);
        expect(notesOf(now)).toMatchObject({ replays, firstSentAt: 7 });
      },
    ),
    { numRuns: 200 },
  );
});

it('a FIFO queue takes a hop that is tried twice once, and the next replay as another message', () => {
  const [record] = sqsBatch('body').Records;
  const idOf = (replays: number) =>
    sentOn(record as QueueMessage, 'https://sqs/1/q.fifo', { replays, delaySeconds: 5 });
  expect(idOf(1)).toEqual(idOf(1));
  expect(idOf(1).MessageDeduplicationId).not.toBe(idOf(2).MessageDeduplicationId);
  expect(idOf(1)).not.toHaveProperty('DelaySeconds');
});
