import type { ReceiveMessageResult, SendMessageResult } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

const QUEUE = { QueueUrl: 'q' };

const setUp = async (attributes: Record<string, string> = {}): Promise<TestEngine> => {
  const engine = new TestEngine();
  await engine.call('sqs', 'CreateQueue', { QueueName: 'q', Attributes: attributes });
  return engine;
};

const send = (engine: TestEngine, body: string, more: object = {}): Promise<SendMessageResult> =>
  engine.call('sqs', 'SendMessage', { ...QUEUE, MessageBody: body, ...more });

const receive = async (engine: TestEngine, more: object = {}): Promise<NonNullable<ReceiveMessageResult['Messages']>> =>
  (await engine.call<ReceiveMessageResult>('sqs', 'ReceiveMessage', { ...QUEUE, ...more })).Messages ?? [];

describe('a standard queue', () => {
  test('gives a message once, hides it for the visibility timeout, then gives it again', async () => {
    const engine = await setUp();
    const { MessageId } = await send(engine, 'hello');
    const [first] = await receive(engine);
    expect(first).toMatchObject({ MessageId, Body: 'hello', MD5OfBody: '5d41402abc4b2a76b9719d911017c592' });
    expect(await receive(engine)).toEqual([]);
    await engine.advance(29_999);
    expect(await receive(engine)).toEqual([]);
    await engine.advance(1);
    const [second] = await receive(engine);
    expect(second?.MessageId).toBe(MessageId);
    expect(second?.ReceiptHandle).not.toBe(first?.ReceiptHandle);
  });

  test('never gives a deleted message again', async () => {
    const engine = await setUp();
    await send(engine, 'hello');
    const [message] = await receive(engine);
    await engine.call('sqs', 'DeleteMessage', { ...QUEUE, ReceiptHandle: message?.ReceiptHandle });
    await engine.advance(60_000);
    expect(await receive(engine)).toEqual([]);
  });

  test('answers a long poll at the moment a message arrives', async () => {
    const engine = await setUp();
    const waiting = receive(engine, { WaitTimeSeconds: 20 });
    await engine.advance(5_000);
    await send(engine, 'hello');
    expect(await waiting).toMatchObject([{ Body: 'hello' }]);
  });

  test('answers a long poll without a Messages key when nothing came', async () => {
    const engine = await setUp();
    const waiting = engine.call('sqs', 'ReceiveMessage', { ...QUEUE, WaitTimeSeconds: 20 });
    await engine.advance(20_000);
    expect(await waiting).toEqual({});
  });

  test('dead-letters on the receive after the last allowed one', async () => {
    const engine = new TestEngine();
    await engine.call('sqs', 'CreateQueue', { QueueName: 'dlq' });
    await engine.call('sqs', 'CreateQueue', {
      QueueName: 'q',
      Attributes: {
        RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dlq","maxReceiveCount":"2"}',
      },
    });
    const { MessageId } = await send(engine, 'poison');
    expect(await receive(engine, { VisibilityTimeout: 0 })).toHaveLength(1);
    expect(await receive(engine, { VisibilityTimeout: 0 })).toHaveLength(1);
    expect(await receive(engine, { VisibilityTimeout: 0 })).toEqual([]);
    const [dead] = await receive(engine, { QueueUrl: 'dlq', AttributeNames: ['All'] });
    expect(dead).toMatchObject({
      MessageId,
      Attributes: {
        ApproximateReceiveCount: '3',
        DeadLetterQueueSourceArn: 'arn:aws:sqs:us-east-1:000000000000:q',
      },
    });
  });
});
