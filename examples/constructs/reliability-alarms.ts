import { ReliabilityAlarms, ReliabilityDashboard, ReliableQueue, watch } from '@holdfast/constructs';
import { App, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';

export const app = new App();
const stack = new Stack(app, 'Shop');
const booking = new lambda.Function(stack, 'Booking', {
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async () => ({ batchItemFailures: [] });'),
});

const orders = new ReliableQueue(stack, 'Orders', {
  queueName: 'orders',
  consumer: { function: booking, maxConcurrency: 10 },
});
const watched = {
  DeadLetters: watch.deadLetters(orders.deadLetterQueue),
  Backlog: watch.backlog(orders.source, { threshold: 500 }),
  Errors: watch.errors(booking),
};
const alarms = new ReliabilityAlarms(stack, 'Alarms', {
  alerts: new sns.Topic(stack, 'Alerts', { enforceSSL: true }),
  watched,
});
new ReliabilityDashboard(stack, 'Dashboard', {
  dashboardName: 'Orders',
  rows: [
    [
      { title: 'Waiting', left: [watched.Backlog.metric] },
      { title: 'Given up', left: [watched.DeadLetters.metric, watched.Errors.metric] },
    ],
  ],
  alarms,
});
