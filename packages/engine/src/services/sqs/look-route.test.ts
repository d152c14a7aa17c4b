import { describe, expect, it } from 'vitest';
import type { RouteRequest } from '../../core/index.ts';
import { TestEngine } from '../../test-engine.ts';

const BASE = '/_holdfast/queues/000000000000/us-east-1';

const look = async (test: TestEngine, path: string, query = ''): Promise<{ status: number; body: unknown }> => {
  const found = test.engine.routeOf('127.0.0.1:4566', path);
  const request = { method: 'GET', query, headers: {}, body: new Uint8Array(), path: found?.path ?? path };
  const answer = await found?.route.answer(request as unknown as RouteRequest);
  return { status: answer?.status ?? 404, body: answer === undefined ? undefined : JSON.parse(String(answer.body)) };
};

const send = (test: TestEngine, MessageBody: string, more: object = {}): Promise<unknown> =>
  test.call('sqs', 'SendMessage', { QueueUrl: 'http://127.0.0.1:4566/000000000000/q', MessageBody, ...more });

describe('looking into a queue', () => {
  it('shows messages in every state and counts as no receive', async () => {
    const test = new TestEngine();
    await test.call('sqs', 'CreateQueue', { QueueName: 'q' });
    await send(test, 'received');
    await test.call('sqs', 'ReceiveMessage', { QueueUrl: 'http://127.0.0.1:4566/000000000000/q' });
    await send(test, 'waiting', { MessageAttributes: { kind: { DataType: 'String', StringValue: 'order' } } });
    await send(test, 'later', { DelaySeconds: 60 });

    for (const _ of [1, 2]) {
      const { status, body } = await look(test, `${BASE}/q/messages`);
      expect(status).toBe(200);
      expect(body).toMatchObject({
        messages: [
          { body: 'received', state: 'in flight', attributes: { ApproximateReceiveCount: '1' } },
          {
            body: 'waiting',
            state: 'visible',
            attributes: { ApproximateReceiveCount: '0' },
            messageAttributes: { kind: { dataType: 'String', stringValue: 'order' } },
            expiresAt: new Date(test.clock.now() + 345_600_000).toISOString(),
          },
          { body: 'later', state: 'delayed', visibleAt: new Date(test.clock.now() + 60_000).toISOString() },
        ],
      });
    }
  });

  it('goes page by page', async () => {
    const test = new TestEngine();
    await test.call('sqs', 'CreateQueue', { QueueName: 'q' });
    for (const text of ['a', 'b', 'c']) await send(test, text);

    const first = (await look(test, `${BASE}/q/messages`, 'limit=2')).body as { messages: object[]; next: number };
    const rest = (await look(test, `${BASE}/q/messages`, `limit=2&after=${first.next}`)).body;

    expect(first.messages).toHaveLength(2);
    expect(rest).toMatchObject({ messages: [{ body: 'c' }] });
    expect(rest).not.toHaveProperty('next');
  });

  it('goes on where it was when what it saw last is gone, and tells places alone', async () => {
    const test = new TestEngine();
    const { QueueUrl } = await test.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: 'q' });
    for (const text of ['a', 'b', 'c', 'd']) await send(test, text);
    const places = (await look(test, `${BASE}/q/messages`, 'only=ranges&limit=3')).body;
    expect(places).toEqual({ ranges: [[1, 3]], next: 3 });
    const received = await test.call<{ Messages: { ReceiptHandle: string; Body: string }[] }>('sqs', 'ReceiveMessage', {
      QueueUrl,
      MaxNumberOfMessages: 10,
    });
    for (const { Body, ReceiptHandle } of received.Messages) {
      if (Body === 'b') await test.call('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
    }
    expect((await look(test, `${BASE}/q/messages`, 'only=ranges&after=2')).body).toEqual({ ranges: [[3, 4]] });
    expect((await look(test, `${BASE}/q/messages`, 'only=ranges')).body).toEqual({
      ranges: [
        [1, 1],
        [3, 4],
      ],
    });
  });

  it('tells how many are in flight and until when, without the messages', async () => {
    const test = new TestEngine();
    const { QueueUrl } = await test.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: 'q' });
    for (const text of ['a', 'b', 'c']) await send(test, text);
    await send(test, 'later', { DelaySeconds: 900 });
    expect((await look(test, `${BASE}/q/messages`, 'only=in-flight')).body).toEqual({ inFlight: 0 });
    for (const VisibilityTimeout of [60, 600, 30]) {
      await test.call('sqs', 'ReceiveMessage', { QueueUrl, VisibilityTimeout });
    }
    const visibleAgainBy = new Date(test.clock.now() + 600_000).toISOString();

    expect((await look(test, `${BASE}/q/messages`, 'only=in-flight')).body).toEqual({ inFlight: 3, visibleAgainBy });
    expect((await look(test, `${BASE}/q/messages`, 'only=in-flight&limit=2')).body).toMatchObject({
      inFlight: 2,
      next: expect.any(Number),
    });
  });

  it.each([
    ['q2/messages', '', 404],
    ['q/messages', 'limit=0', 400],
    ['q/messages', 'limit=10001', 400],
    ['q/messages', 'limit=10001&only=ranges', 200],
    ['q/messages', 'limit=10001&only=in-flight', 200],
    ['q/messages', 'only=bodies', 400],
    ['q/messages', 'limit=ten', 400],
    ['q/messages', 'after=-1', 400],
    ['q/failed-receives', '', 200],
    ['q/failed-receives', 'limit=0', 400],
    ['q2/failed-receives', '', 200],
    ['q', '', 404],
  ])('%s?%s answers %i', async (path, query, status) => {
    const test = new TestEngine();
    await test.call('sqs', 'CreateQueue', { QueueName: 'q' });

    expect((await look(test, `${BASE}/${path}`, query)).status).toBe(status);
  });
});
