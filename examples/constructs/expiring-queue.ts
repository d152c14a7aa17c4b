import { ExpiringQueue, ReliabilityAlarms } from '@holdfast/constructs';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';

export const app = new App();
const stack = new Stack(app, 'Shop');
// Its handler: forEachMessage(book, { sqs, keep: { queueUrl: process.env.KEEP_QUEUE_URL, afterMs: 1000 * process.env.MAX_AGE_SECONDS } })
const booking = new lambda.Function(stack, 'Booking', {
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async () => ({ batchItemFailures: [] });'),
});

const orders = new ExpiringQueue(stack, 'Orders', {
  queueName: 'orders',
  retention: Duration.days(4),
  consumer: { function: booking, maxConcurrency: 10 },
});
new ReliabilityAlarms(stack, 'Alarms', {
  alerts: new sns.Topic(stack, 'Alerts', { enforceSSL: true }),
  watched: orders.watched,
});
new CfnOutput(stack, 'KeptUrl', { value: orders.keptQueue.queueUrl });
