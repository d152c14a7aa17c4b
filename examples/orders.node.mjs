// node --test orders.node.mjs
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { it } from 'node:test';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startTestEngine } from '@holdfast/testing';

it('an order that nobody can book is put aside after three receives', async (t) => {
  const aws = await startTestEngine();
  t.after(() => aws.close());
  aws.bind('Booking', async () => {
    throw new Error('no stock');
  });
  const [stack] = await aws.deploy(join(import.meta.dirname, 'orders.yaml'));
  const QueueUrl = stack.outputs.Orders;
  await aws.client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody: 'order 4711' }));

  await aws.advance({ minutes: 10 });

  const order = aws.record('order 4711');
  assert.equal(order.attempts(), 3, order.timeline());
  assert.deepEqual(
    (await order.deadLetters()).map(({ queue, reason, error }) => ({ queue, reason, error })),
    [{ queue: 'orders-failed', reason: 'MaxReceiveCount', error: 'Error: no stock' }],
  );
});
