import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SqsEvent } from '@holdfast/testing';
import { holdfastTest as it } from '@holdfast/testing/vitest';
import { expect } from 'vitest';

it('an order without a store is put aside, and the one beside it is booked', async ({ aws }) => {
  const booked: string[] = [];
  aws.bind('Booking', async ({ Records }: SqsEvent) => {
    const batchItemFailures: { itemIdentifier: string }[] = [];
    for (const { body, messageId } of Records) {
      if (JSON.parse(body).store === undefined) batchItemFailures.push({ itemIdentifier: messageId });
      else booked.push(body);
    }
    return { batchItemFailures };
  });
  const [stack] = await aws.deploy(join(import.meta.dirname, 'orders.yaml'));
  const send = (order: object) =>
    aws
      .client(SQSClient)
      .send(new SendMessageCommand({ QueueUrl: stack?.outputs['Orders'], MessageBody: JSON.stringify(order) }));
  await send({ order: 4711, store: 'NY' });
  await send({ order: 4712 });

  await aws.advance({ minutes: 10 }); // three receives, a minute apart

  expect(aws.record(/4711/)).toBeProcessedOnce();
  expect(aws.record(/4712/)).toHaveAttempts(3);
  await expect(aws.record(/4712/)).toBeDeadLettered({ queue: 'orders-failed', reason: 'MaxReceiveCount' });
  expect(booked).toHaveLength(1);
});

it('an order that fails twice is booked the third time', async ({ aws }) => {
  const booking = aws.bind('Booking', async () => {}).failFirst(2);
  const [stack] = await aws.deploy(join(import.meta.dirname, 'orders.yaml'));
  await aws
    .client(SQSClient)
    .send(new SendMessageCommand({ QueueUrl: stack?.outputs['Orders'], MessageBody: 'order' }));

  await aws.until(() => booking.successes('order') > 0, { within: 'PT1H' });

  expect(await aws.failures()).toEqual([]);
});
