import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as sns from 'aws-cdk-lib/aws-sns';
import { expect, it } from 'vitest';
import { fixtureFunction, fixtureStack, templateOf } from './fixture-stack.ts';
import { NotifyingBucket } from './notifying-bucket.ts';
import { workflowRecovery } from './recovery.ts';
import { ThrottleSafeFunction } from './throttle-safe-function.ts';

const own = () => {
  const stack = fixtureStack();
  return {
    stack,
    function: fixtureFunction(stack, { reservedConcurrency: 50 }),
    alerts: new sns.Topic(stack, 'Alerts', { enforceSSL: true }),
    archive: new NotifyingBucket(stack, 'Archive', { bucketName: 'archive' }),
    recovery: workflowRecovery({ metricNamespace: 'Shop', maxRetries: 2, baseWait: Duration.seconds(7) }),
  };
};

it('takes a function, a bucket and a recovery of the pipeline, and draws the concurrency that is set aside', () => {
  const { stack, ...props } = own();
  const safe = new ThrottleSafeFunction(stack, 'Safe', {
    ...props,
    dashboardName: 'Shop',
    title: 'Worker of the shop',
  });

  const template = templateOf(stack);

  expect(safe.archive).toBe(props.archive);
  template.resourceCountIs('AWS::S3::Bucket', 1);
  template.resourceCountIs('AWS::Pipes::Pipe', 1);
  template.hasResourceProperties('AWS::StepFunctions::StateMachine', { StateMachineName: 'worker-retry' });
  template.hasResourceProperties('AWS::CloudWatch::Dashboard', {
    DashboardName: 'Shop',
    DashboardBody: {
      'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('Worker of the shop.*Reserved Limit')])],
    },
  });
});

it('refuses attempts beside a recovery that says so itself', () => {
  const { stack, ...props } = own();
  expect(() => new ThrottleSafeFunction(stack, 'Safe', { ...props, maxRetries: 3 })).toThrow(
    "maxRetries: 3 is said in the settings of a recovery of one's own",
  );
});

it('asks for a name when CloudFormation chooses that of the function', () => {
  const stack = fixtureStack();
  const unnamed = new lambda.Function(stack, 'Thumbnails', {
    runtime: lambda.Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: lambda.Code.fromInline('exports.handler = async () => {}'),
  });
  expect(() => new ThrottleSafeFunction(stack, 'Safe', { function: unnamed })).toThrow(
    'functionName: nothing must be given when the function has no name of its own',
  );
});
