import { ReliableQueue } from '@holdfast/constructs';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';

export const app = new App();
const stack = new Stack(app, 'Shop');
const booking = new lambda.Function(stack, 'Booking', {
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async () => ({ batchItemFailures: [] });'),
});

const orders = new ReliableQueue(stack, 'Orders', {
  queueName: 'orders',
  maxReceiveCount: 3,
  consumer: { function: booking, batchSize: 5, maxConcurrency: 10 },
  tiers: [
    // What failed three times waits ten seconds, and is sent again with a delay that grows.
    { deliveryDelay: Duration.seconds(10), replay: { functionName: 'orders-replay', maxAttempts: 3 } },
  ],
});
new CfnOutput(stack, 'OrdersUrl', { value: orders.source.queueUrl });
