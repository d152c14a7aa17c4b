import { ThrottleSafeFunction } from '@holdfast/constructs';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';

export const app = new App();
const stack = new Stack(app, 'Shop');
const thumbnails = new lambda.Function(stack, 'Booking', {
  functionName: 'thumbnails',
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async () => {};'),
  reservedConcurrentExecutions: 20,
});

const safe = new ThrottleSafeFunction(stack, 'Safe', { function: thumbnails, recovery: 'schedule', maxRetries: 5 });
new CfnOutput(stack, 'Alerts', { value: safe.alerts.topicArn });
