import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import { expect, it } from 'vitest';
import { fixtureFunction, fixtureStack, templateOf } from './fixture-stack.ts';
import { NotifyingBucket } from './notifying-bucket.ts';
import { OnFailureQueue } from './on-failure-queue.ts';
import { retryDefinition } from './retry-definition.ts';
import { RetryWorkflow } from './retry-workflow.ts';

const stackWith = (options: Partial<ConstructorParameters<typeof RetryWorkflow>[2]> = {}) => {
  const stack = fixtureStack();
  const target = fixtureFunction(stack, { reservedConcurrency: 50 });
  new RetryWorkflow(stack, 'Retry', {
    failures: new OnFailureQueue(stack, 'Failures', { target }),
    alerts: new sns.Topic(stack, 'Alerts', { enforceSSL: true }),
    archive: new NotifyingBucket(stack, 'Archive', { bucketName: 'archive' }),
    metricNamespace: 'Shop',
    ...options,
  });
  return templateOf(stack);
};

it('a pipe starts a standard workflow for every message of the queue', () => {
  const template = stackWith();

  template.hasResourceProperties('AWS::Pipes::Pipe', {
    Name: 'worker-retry-start',
    SourceParameters: { SqsQueueParameters: { BatchSize: 1 } },
    TargetParameters: { StepFunctionStateMachineParameters: { InvocationType: 'FIRE_AND_FORGET' } },
  });
  template.hasResourceProperties('AWS::StepFunctions::StateMachine', {
    StateMachineName: 'worker-retry',
    LoggingConfiguration: Match.objectLike({ Level: 'ALL' }),
  });
});

it('its roles allow what it does, and a star only where a metric has no ARN', () => {
  const template = stackWith();

  template.hasResourceProperties('AWS::IAM::Role', {
    Policies: [
      {
        PolicyName: 'Retry',
        PolicyDocument: Match.objectLike({
          Statement: [
            Match.objectLike({ Action: 'lambda:InvokeFunction' }),
            Match.objectLike({ Action: 'sns:Publish' }),
            Match.objectLike({ Action: 's3:PutObject' }),
            {
              Sid: 'Count',
              Effect: 'Allow',
              Action: 'cloudwatch:PutMetricData',
              Resource: '*',
              Condition: { StringEquals: { 'cloudwatch:namespace': 'Shop' } },
            },
          ],
        }),
      },
    ],
  });
});

const definition = (options: Partial<Parameters<typeof retryDefinition>[0]> = {}) =>
  retryDefinition({
    functionArn: 'arn:aws:lambda:us-east-1:000000000000:function:worker',
    maxRetries: 5,
    baseWaitSeconds: 30,
    maxWaitSeconds: 900,
    busyErrors: ['Busy'],
    permanentErrors: ['Malformed'],
    topicArn: 'arn:aws:sns:us-east-1:000000000000:alerts',
    bucketName: 'archive',
    archivePrefix: 'dead-letters/',
    metricNamespace: 'Shop',
    source: 'worker-retry',
    ...options,
  }) as {
    States: Record<string, { Retry: { ErrorEquals: string[] }[]; Catch: { ErrorEquals: string[]; Next: string }[] }>;
  };

it('throttles and busy answers wait without using up a retry, permanent errors end at once', () => {
  const { Retry, Catch } = definition().States['Invoke'] as ReturnType<typeof definition>['States'][string];

  expect(Retry[0]?.ErrorEquals).toEqual(['Lambda.TooManyRequestsException', 'Busy']);
  expect(Catch.map(({ ErrorEquals, Next }) => [ErrorEquals, Next])).toEqual([
    [['Malformed'], 'Archive'],
    [['States.ALL'], 'CheckRetryCount'],
  ]);
  expect(definition({ permanentErrors: [] }).States['Invoke']?.Catch).toHaveLength(1);
});

it('every number can be chosen', () => {
  const template = stackWith({ maxRetries: 3, baseWait: Duration.seconds(2), maxWait: Duration.minutes(1) });
  const text = JSON.stringify(template.findResources('AWS::StepFunctions::StateMachine'));

  expect(text).toContain('$attempts < 3');
  expect(text).toContain('$min([60, 2 * $power(2, $attempts)])');
});
