import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Duration } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { expect, it } from 'vitest';
import { BUNDLE_FILE, bundleEntry } from './bundle-entry.ts';
import { ECHO_HANDLER, fixtureFunction, fixtureStack, templateOf } from './fixture-stack.ts';

it('a new function may write to its own log group and do nothing else', () => {
  const stack = fixtureStack();
  fixtureFunction(stack);

  const template = templateOf(stack);

  template.resourceCountIs('AWS::IAM::Policy', 0);
  template.hasResourceProperties('AWS::IAM::Role', {
    ManagedPolicyArns: Match.absent(),
    Policies: [
      {
        PolicyName: 'permissions',
        PolicyDocument: {
          Statement: [
            {
              Sid: 'Log',
              Effect: 'Allow',
              Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
              Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('WorkerLogs'), 'Arn'] },
            },
          ],
        },
      },
    ],
  });
});

it('what is allowed later is in the role before the function is created', () => {
  const stack = fixtureStack();
  const worker = fixtureFunction(stack);
  worker.allow('Read', ['sqs:ReceiveMessage'], ['arn:aws:sqs:us-east-1:000000000000:jobs']);

  const template = templateOf(stack);

  template.hasResourceProperties('AWS::IAM::Role', {
    Policies: [{ PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Sid: 'Read' })]) } }],
  });
  template.hasResource('AWS::Lambda::Function', {
    DependsOn: Match.arrayWith([Match.stringLikeRegexp('WorkerRole')]),
  });
});

it('props reach the function, and the log group keeps its lines for a month', () => {
  const stack = fixtureStack();
  fixtureFunction(stack, {
    reservedConcurrency: 7,
    timeout: Duration.seconds(90),
    memoryMb: 512,
    environment: { TABLE: 'products' },
  });

  const template = templateOf(stack);

  template.hasResourceProperties('AWS::Lambda::Function', {
    FunctionName: 'worker',
    Handler: 'index.handler',
    ReservedConcurrentExecutions: 7,
    Timeout: 90,
    MemorySize: 512,
    Environment: { Variables: { TABLE: 'products' } },
  });
  template.hasResourceProperties('AWS::Logs::LogGroup', { LogGroupName: '/aws/lambda/worker', RetentionInDays: 30 });
});

it('the same sources give the same bundle, one file', () => {
  const [first, second] = [bundleEntry(ECHO_HANDLER), bundleEntry(ECHO_HANDLER)];

  expect(readdirSync(first)).toEqual([BUNDLE_FILE]);
  expect(readFileSync(join(first, BUNDLE_FILE), 'utf8')).toBe(readFileSync(join(second, BUNDLE_FILE), 'utf8'));
  for (const directory of [first, second]) rmSync(directory, { recursive: true });
});
