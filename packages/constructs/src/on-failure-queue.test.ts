import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { it } from 'vitest';
import { fixtureFunction, fixtureStack, templateOf } from './fixture-stack.ts';
import { OnFailureQueue } from './on-failure-queue.ts';

it('events that the function could not take go to a queue that keeps them for 14 days', () => {
  const stack = fixtureStack();
  new OnFailureQueue(stack, 'Failures', { target: fixtureFunction(stack) });

  const template = templateOf(stack);

  template.hasResourceProperties('AWS::SQS::Queue', {
    QueueName: 'worker-dlq',
    MessageRetentionPeriod: 1_209_600,
    VisibilityTimeout: 300,
    ReceiveMessageWaitTimeSeconds: 20,
    SqsManagedSseEnabled: true,
  });
  template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
    Qualifier: '$LATEST',
    MaximumRetryAttempts: 0,
    MaximumEventAgeInSeconds: 60,
    DestinationConfig: {
      OnFailure: { Destination: { 'Fn::GetAtt': [Match.stringLikeRegexp('FailuresQueue'), 'Arn'] } },
    },
  });
});

it('the function, whose role delivers to destinations, may send to the queue', () => {
  const stack = fixtureStack();
  new OnFailureQueue(stack, 'Failures', { target: fixtureFunction(stack) });

  const template = templateOf(stack);

  template.hasResourceProperties('AWS::IAM::Role', {
    Policies: [{ PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'sqs:SendMessage' })]) } }],
  });
});

it('retries, event age and visibility can be chosen', () => {
  const stack = fixtureStack();
  new OnFailureQueue(stack, 'Failures', {
    target: fixtureFunction(stack),
    queueName: 'lost',
    retryAttempts: 2,
    maxEventAge: Duration.hours(6),
    visibilityTimeout: Duration.seconds(60),
  });

  const template = templateOf(stack);

  template.hasResourceProperties('AWS::SQS::Queue', { QueueName: 'lost', VisibilityTimeout: 60 });
  template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
    MaximumRetryAttempts: 2,
    MaximumEventAgeInSeconds: 21_600,
  });
});
