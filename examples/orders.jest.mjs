// NODE_OPTIONS=--experimental-vm-modules npx jest --testMatch '**/*.jest.mjs'
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { matchers, startTestEngine } from '@holdfast/testing';
import { afterEach, beforeEach, expect, it } from '@jest/globals';

expect.extend(matchers);

let aws;
beforeEach(async () => {
  aws = await startTestEngine();
});
afterEach(() => aws.close());

it('an order that nobody can book is put aside after three receives', async () => {
  aws.bind('Booking', async () => {
    throw new Error('no stock');
  });
  const [stack] = await aws.deploy(join(import.meta.dirname, 'orders.yaml'));
  const QueueUrl = stack.outputs.Orders;
  await aws.client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody: 'order 4711' }));

  await aws.advance({ minutes: 10 });

  expect(aws.record('order 4711')).toHaveAttempts(3);
  await expect(aws.record('order 4711')).toBeDeadLettered({ queue: 'orders-failed', reason: 'MaxReceiveCount' });
});
