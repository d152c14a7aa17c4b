import { AsyncFunction } from '@holdfast/constructs';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';

export const app = new App();
const stack = new Stack(app, 'Shop');
const booking = new lambda.Function(stack, 'Booking', {
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async () => ({ batchItemFailures: [] });'),
});

const kept = new AsyncFunction(stack, 'Kept', {
  function: booking,
  retryAttempts: 2,
  maxEventAge: Duration.hours(1),
});
new CfnOutput(stack, 'Failures', { value: kept.failureQueue?.queueUrl ?? '' });
