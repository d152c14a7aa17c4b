import { createHash } from 'node:crypto';
import type {
  EventBridgeEvent as AwsEventBridgeEvent,
  S3Event as AwsS3Event,
  KinesisStreamEvent,
  SNSEvent,
  SQSEvent,
} from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { eventBridgeEvent, kinesisEvent, s3Event, snsEvent, sqsEvent } from './index.ts';

const at = new Date('2026-11-28T09:00:00.250Z');

describe('an event that a factory makes', () => {
  it('of messages has the digests of its bodies and attributes', () => {
    const event: SQSEvent = sqsEvent(
      [
        { body: { order: 4711 }, messageAttributes: { store_id: { dataType: 'String', stringValue: 'NY' } } },
        { body: 'plain', receiveCount: 3 },
      ],
      { queue: 'orders', at },
    );
    const [first, second] = event.Records;
    expect(first).toMatchObject({
      body: '{"order":4711}',
      md5OfBody: createHash('md5').update('{"order":4711}').digest('hex'),
      md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
      eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:orders',
      attributes: { SentTimestamp: String(at.getTime()) },
    });
    expect(second?.attributes.ApproximateReceiveCount).toBe('3');
    expect(second).not.toHaveProperty('md5OfMessageAttributes');
    expect(first?.messageId).not.toBe(second?.messageId);
  });

  it('of a FIFO queue has groups and rising sequence numbers', () => {
    const { Records } = sqsEvent([{ body: 'a', groupId: 'g' }, { body: 'b' }], { queue: 'orders.fifo' });
    expect(Records.map(({ attributes }) => attributes.MessageGroupId)).toEqual(['g', 'group']);
    const [first, second] = Records.map(({ attributes }) => BigInt(attributes.SequenceNumber ?? 0));
    expect((second ?? 0n) > (first ?? 0n)).toBe(true);
  });

  it('of an object has its key encoded, and size and ETag of its content', () => {
    const event: AwsS3Event = s3Event([{ key: 'uploads/März 1.csv', content: 'sku\n' }], { bucket: 'in', at });
    expect(event.Records[0]?.s3.object).toMatchObject({
      key: 'uploads/M%C3%A4rz+1.csv',
      size: 4,
      eTag: createHash('md5').update('sku\n').digest('hex'),
    });
    expect(event.Records[0]?.s3.bucket).toMatchObject({ name: 'in', arn: 'arn:aws:s3:::in' });
  });

  it('of a notification has a subscription of its topic', () => {
    const event: SNSEvent = snsEvent({ order: 1 }, { topic: 'orders', at });
    const [record] = event.Records;
    expect(record?.EventSubscriptionArn.startsWith(`${record.Sns.TopicArn}:`)).toBe(true);
    expect(record?.Sns.Message).toBe('{"order":1}');
  });

  it('of a bus has the time in seconds', () => {
    const event: AwsEventBridgeEvent<string, { order: number }> = eventBridgeEvent({
      source: 'shop',
      detailType: 'Order Placed',
      detail: { order: 1 },
      at,
    });
    expect(event.time).toBe('2026-11-28T09:00:00Z');
  });

  it('of a stream names shard and sequence number, and holds its data', () => {
    const event: KinesisStreamEvent = kinesisEvent([{ data: { n: 1 } }, { data: 'x' }], { stream: 'clicks', shard: 2 });
    const [first, second] = event.Records;
    expect(first?.eventID).toBe(`shardId-000000000002:${first?.kinesis.sequenceNumber}`);
    expect(Buffer.from(first?.kinesis.data ?? '', 'base64').toString()).toBe('{"n":1}');
    expect(BigInt(second?.kinesis.sequenceNumber ?? 0) - BigInt(first?.kinesis.sequenceNumber ?? 0)).toBe(1n);
  });

  it('is the same each time, so that a test that fails fails again', () => {
    expect(sqsEvent([{ body: 'a' }], { at })).toEqual(sqsEvent([{ body: 'a' }], { at }));
  });
});

it('names what records must have, where they are texts themselves', () => {
  const texts = ['order 4711'] as never;
  expect(() => sqsEvent(texts)).toThrow(/^body: undefined must be text.*\{ body: 'order 4711' \}$/);
  expect(() => kinesisEvent(texts)).toThrow(/^data: undefined must be text/);
});
