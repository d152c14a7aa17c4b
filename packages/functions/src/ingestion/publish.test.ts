import { expect, it } from 'vitest';
import { FakeClient } from '../testing/fake-aws.ts';
import type { Envelope } from './envelope.ts';
import { batchesOf, createPublisher } from './publish.ts';

const envelope = (orderId: string): Envelope => ({
  eventId: orderId,
  correlationId: 'c',
  acceptedAt: '2026-11-29T09:00:00.000Z',
  payload: { orderId, amount: 1 },
});

it('fills batches up to ten messages', () => {
  const batches = batchesOf(Array.from({ length: 23 }, (_, index) => envelope(String(index))));
  expect(batches.map(({ length }) => length)).toEqual([10, 10, 3]);
});

it('fills batches up to 1 MiB, in bytes and with the attributes', () => {
  // Two bytes each: 600 KiB in UTF-8.
  const large = envelope('ü'.repeat(153_600));
  expect(batchesOf([large, large, envelope('small')]).map(({ length }) => length)).toEqual([1, 2]);
});

it('sends nothing for nothing, and throws when SQS did not take a message', async () => {
  const sqs = new FakeClient({
    SendMessageBatch: () => ({ Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }] }),
  });
  const publish = createPublisher(sqs.client, 'https://queue');
  await publish([]);
  expect(sqs.sent).toEqual([]);
  await expect(publish([envelope('a')])).rejects.toMatchObject({ category: 'TRANSIENT' });
});
