import { AsyncFunction, RuleTarget } from '@holdfast/constructs';
import { App, Duration, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as lambda from 'aws-cdk-lib/aws-lambda';

export const app = new App();
const stack = new Stack(app, 'Shop');
const booking = new lambda.Function(stack, 'Booking', {
  runtime: lambda.Runtime.NODEJS_24_X,
  handler: 'index.handler',
  code: lambda.Code.fromInline('exports.handler = async () => ({ batchItemFailures: [] });'),
});

const rule = new events.Rule(stack, 'Ordered', { eventPattern: { source: ['shop'], detailType: ['Ordered'] } });
const target = new RuleTarget(stack, 'Target', { rule, target: booking, maxEventAge: Duration.hours(1) });
// The rule has done its part once Lambda has the event: errors of the function go to the same queue by this.
new AsyncFunction(stack, 'Errors', { function: booking, onFailure: target.deadLetterQueue });
