import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { it } from 'vitest';
import { ECHO_HANDLER, fixtureStack, templateOf } from './fixture-stack.ts';
import { QueueWorker } from './queue-worker.ts';

const worker = { functionName: 'checker', entry: ECHO_HANDLER, description: 'Checks', reservedConcurrency: 40 };

it('pollers stay within the reserved concurrency and failed messages are reported one by one', () => {
  const stack = fixtureStack();
  new QueueWorker(stack, 'Checks', { queueName: 'checks', worker });

  const template = templateOf(stack);

  template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    BatchSize: 10,
    FunctionResponseTypes: ['ReportBatchItemFailures'],
    ScalingConfig: { MaximumConcurrency: 40 },
  });
});

it('the visibility timeout is six times the timeout of the function', () => {
  const stack = fixtureStack();
  new QueueWorker(stack, 'Checks', { queueName: 'checks', worker: { ...worker, timeout: Duration.seconds(20) } });

  const template = templateOf(stack);

  template.hasResourceProperties('AWS::SQS::Queue', { QueueName: 'checks', VisibilityTimeout: 120 });
});

it('a message that keeps failing is set aside for 14 days', () => {
  const stack = fixtureStack();
  new QueueWorker(stack, 'Checks', { queueName: 'checks', worker, maxReceiveCount: 8 });

  const template = templateOf(stack);

  template.hasResourceProperties('AWS::SQS::Queue', {
    RedrivePolicy: {
      maxReceiveCount: 8,
      deadLetterTargetArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('ChecksDeadLetters'), 'Arn'] },
    },
  });
  template.hasResourceProperties('AWS::SQS::Queue', { QueueName: 'checks-dlq', MessageRetentionPeriod: 1_209_600 });
});
