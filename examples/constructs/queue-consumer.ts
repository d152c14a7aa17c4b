import { QueueConsumer } from '@holdfast/constructs';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sqs from 'aws-cdk-lib/aws-sqs';

export const app = new App();
const stack = new Stack(app, 'Shop');
const booking = new lambda.Function(stack, 'Booking', {
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async () => ({ batchItemFailures: [] });'),
});

const dead = new sqs.Queue(stack, 'Dead', { retentionPeriod: Duration.days(14), enforceSSL: true });
const orders = new sqs.Queue(stack, 'Orders', {
  enforceSSL: true,
  deadLetterQueue: { queue: dead, maxReceiveCount: 5 },
});
new QueueConsumer(stack, 'Consumer', { queue: orders, function: booking, batchSize: 5, maxConcurrency: 10 });
