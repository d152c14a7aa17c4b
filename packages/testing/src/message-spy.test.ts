import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import type { TestEngine } from './index.ts';
import { ORDERS } from './orders-bench.ts';
import { holdfastTest as it } from './vitest.ts';

const startAt = new Date('2026-11-28T00:00:00Z');

const send = async (aws: TestEngine, ...bodies: readonly string[]): Promise<void> => {
  const { outputs } = await aws.deployTemplate('Orders', ORDERS);
  for (const MessageBody of bodies) {
    await aws.client(SQSClient).send(new SendMessageCommand({ QueueUrl: outputs['Queue'], MessageBody }));
  }
};

it('waits until the queue gives a message up, by the name of either queue', async ({ aws, spy }) => {
  aws.bind('Booking', async () => {}).failFirst(3);
  await send(aws, 'order 4711');
  const found = await spy.waitFor({ queue: 'orders', status: 'dlq' });
  expect(found).toMatchObject({ body: 'order 4711', status: 'dlq', at: aws.now() });
  expect(
    await spy.waitFor({ queue: 'arn:aws:sqs:us-east-1:000000000000:orders-failed', status: 'dlq', message: /4711/ }),
  ).toEqual(found);
  const other = { queue: 'orders', status: 'dlq', message: 'order 4712' } as const;
  await expect(spy.waitFor(other, { within: 'PT1H' })).rejects.toThrow(/did not come true[\s\S]*put aside: MaxRec/);
});

it('waits until a message was processed, and tells it from one that has only come', async ({ aws, spy }) => {
  aws.bind('Booking', async () => {}).failFirst(1);
  await send(aws, 'order 4711');
  await expect(spy.waitFor({ queue: 'orders', status: 'received' })).resolves.toMatchObject({ body: 'order 4711' });
  const before = aws.now();
  const { at } = await spy.waitFor({ queue: 'orders', status: 'consumed', message: 'order 4711' });
  expect(at.getTime() - before.getTime()).toBeGreaterThanOrEqual(29_000);
  await expect(spy.waitFor({ queue: 'orders', status: 'received' })).resolves.toMatchObject({ body: 'order 4711' });
});

it('lets all of the time pass in which none may be given up', async ({ aws, spy }) => {
  aws.bind('Booking', async () => {}).failFirst(2);
  await send(aws, 'order 4711');
  const before = aws.now();
  await spy.expectNone({ queue: 'orders', status: 'dlq' }, { within: { minutes: 30 } });
  expect(aws.now().getTime() - before.getTime()).toBe(30 * 60_000);
  expect(aws.record('order 4711')).toBeProcessedOnce();
});

it('fails with the timeline at the moment at which there is one after all', async ({ aws, spy }) => {
  aws.bind('Booking', async () => {}).failFirst(3);
  await send(aws, 'order 4711');
  const before = aws.now();
  await expect(spy.expectNone({ queue: 'orders', status: 'dlq' })).rejects.toThrow(
    /^expected was none \(dlq, queue orders\), and at .* there is "order 4711"[\s\S]*attempt 3 failed/,
  );
  expect(aws.now().getTime() - before.getTime()).toBeLessThan(3 * 60_000);
  const misspelt = { queue: 'oders', status: 'dlq' } as const;
  await expect(spy.expectNone(misspelt)).rejects.toThrow(
    'queue: "oders" does not exist; there are orders, orders-failed',
  );
  await expect(spy.expectNone({ status: 'lost' as never })).rejects.toThrow(/^status: .*received, consumed, dlq/);
});

const atChristmas = it.extend({ engine: { startAt } });
atChristmas('belongs to the engine of the fixture', ({ aws, spy }) => {
  expect(spy).toBe(aws.messageSpy);
  expect(aws.now()).toEqual(startAt);
});
