import { DeadLetterReplay, QueueConsumer } from '@holdfast/constructs';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as sqs from 'aws-cdk-lib/aws-sqs';

export const app = new App();
const stack = new Stack(app, 'Shop');

// Queues that are there already: what lies in `orders-dlq` goes back into `orders`, at most three times each.
const never = new sqs.Queue(stack, 'Never', { retentionPeriod: Duration.days(14), enforceSSL: true });
const dead = new sqs.Queue(stack, 'Dead', {
  enforceSSL: true,
  visibilityTimeout: Duration.seconds(60),
  deadLetterQueue: { queue: never, maxReceiveCount: 5 },
});
const orders = new sqs.Queue(stack, 'Orders', {
  enforceSSL: true,
  deadLetterQueue: { queue: dead, maxReceiveCount: 3 },
});
const replay = new DeadLetterReplay(stack, 'Replay', {
  functionName: 'orders-replay',
  queue: orders,
  maxAttempts: 3,
  requiredAttributes: ['store_id'],
});
new QueueConsumer(stack, 'ReplayConsumer', { queue: dead, function: replay.function.function, maxConcurrency: 2 });
