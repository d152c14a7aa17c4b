import { expect, it } from 'vitest';
import { LocalEngine } from '../local-engine.ts';
import type { StackDeploymentError } from './deploy-stack.ts';

const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

/** A custom resource whose function never answers, among others. */
const SILENT = {
  Resources: {
    Queue: { Type: 'AWS::SQS::Queue' },
    Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust } },
    Mute: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { ZipFile: 'exports.handler = async () => {};' },
      },
    },
    Asked: { Type: 'Custom::Silence', Properties: { ServiceToken: { 'Fn::GetAtt': ['Mute', 'Arn'] } } },
  },
};

const SINCE = /^CREATE_IN_PROGRESS since \S+Z, nobody has answered its request$/;

it('a stack that is stuck names the resource that it waits for', async () => {
  await using engine = await LocalEngine.start({ port: 0, clock: 'virtual' });

  const failure = await engine
    .deployTemplate('stuck', JSON.stringify(SILENT))
    .catch((error: StackDeploymentError) => error);

  const { status, failures } = failure as StackDeploymentError;
  expect(status).toBe('CREATE_IN_PROGRESS');
  expect(failures).toHaveLength(2);
  expect(failures[0]).toBe('it was still under way after 5 minutes');
  const [resource, wait] = (failures[1] as string).split(': ');
  expect(resource).toBe('Asked (Custom::Silence)');
  expect(wait).toMatch(SINCE);
});

it('names the resource within a nested stack', async () => {
  await using engine = await LocalEngine.start({ port: 0, clock: 'virtual' });
  const context = engine.context();
  await engine.engine.call('s3', 'CreateBucket', { Bucket: 'templates' }, context);
  const Body = new TextEncoder().encode(JSON.stringify(SILENT));
  await engine.engine.call('s3', 'PutObject', { Bucket: 'templates', Key: 'silent.json', Body }, context);
  const TemplateURL = 'https://templates.s3.amazonaws.com/silent.json';
  const parent = { Resources: { Child: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL } } } };

  const failure = await engine
    .deployTemplate('parent', JSON.stringify(parent))
    .catch((error: StackDeploymentError) => error);

  expect((failure as StackDeploymentError).failures[1]).toMatch(
    /^Child\/Asked \(Custom::Silence\): CREATE_IN_PROGRESS since /,
  );
});
