import { anyArchive, anyFunction, OnFailureQueue, RetryWorkflow } from '@holdfast/constructs';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';

export const app = new App();
const stack = new Stack(app, 'Shop');
const booking = new lambda.Function(stack, 'Booking', {
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async () => ({ batchItemFailures: [] });'),
});

const archive = new s3.Bucket(stack, 'Archive', {
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
  enforceSSL: true,
});
new RetryWorkflow(stack, 'Retry', {
  failures: new OnFailureQueue(stack, 'Failures', { target: anyFunction(booking, 'booking') }),
  alerts: new sns.Topic(stack, 'Alerts', { enforceSSL: true }),
  archive: anyArchive(archive),
  metricNamespace: 'Shop',
  baseWait: Duration.seconds(30),
  permanentErrors: ['PermanentError'],
});
