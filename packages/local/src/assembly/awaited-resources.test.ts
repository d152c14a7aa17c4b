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

it.each([
  ['Child', 'parent', 0],
  ['Child', 'parent', 100],
  // As CDK names what it nests: names of such stacks are cut.
  [`Orders${'NestedStackOrdersNestedStackResource'.repeat(3)}1A2B3C4D`, 'a-parent-of-a-long-name'.repeat(4), 0],
])(
  'names the resource within a nested stack %s of %s, beside %i other stacks',
  async (logicalId, parentName, others) => {
    await using engine = await LocalEngine.start({ port: 0, clock: 'virtual' });
    const context = engine.context();
    const TemplateBody = JSON.stringify({
      Resources: { Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' } },
    });
    for (let n = 0; n < others; n += 1) {
      await engine.engine.call('cloudformation', 'CreateStack', { StackName: `other-${n}`, TemplateBody }, context);
    }
    await engine.engine.call('s3', 'CreateBucket', { Bucket: 'templates' }, context);
    const Body = new TextEncoder().encode(JSON.stringify(SILENT));
    await engine.engine.call('s3', 'PutObject', { Bucket: 'templates', Key: 'silent.json', Body }, context);
    const TemplateURL = 'https://templates.s3.amazonaws.com/silent.json';
    const parent = { Resources: { [logicalId]: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL } } } };

    const failure = await engine
      .deployTemplate(parentName, JSON.stringify(parent))
      .catch((error: StackDeploymentError) => error);

    expect((failure as StackDeploymentError).failures[1]).toMatch(
      new RegExp(`^${logicalId}/Asked \\(Custom::Silence\\): CREATE_IN_PROGRESS since `),
    );
  },
);
