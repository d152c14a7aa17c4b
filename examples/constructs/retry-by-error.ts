import { RetryByError } from '@holdfast/constructs';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';

export const app = new App();
const stack = new Stack(app, 'Shop');
const booking = new lambda.Function(stack, 'Booking', {
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async () => {};'),
});

const workflow = new RetryByError(stack, 'Workflow', {
  stateMachineName: 'booking',
  function: booking,
  retries: [
    { errors: ['StoreIsBusy'], maxAttempts: 5 },
    { errors: ['Lambda.TooManyRequestsException', 'Lambda.ServiceException'] },
  ],
});
new CfnOutput(stack, 'WorkflowArn', { value: workflow.stateMachine.stateMachineArn });
