import type { JsonObject } from '@holdfast/engine';
import { liveDigest } from '@holdfast/kernel/live';
import { expect, it } from 'vitest';
import { DeployerBench } from '../deployer-bench.ts';
import { expandTransform } from './transform.ts';

const SAM = 'AWS::Serverless-2016-10-31';

const expand = (Resources: JsonObject): Record<string, JsonObject> =>
  expandTransform({ Transform: SAM, Resources }, liveDigest)['Resources'] as Record<string, JsonObject>;

const MACHINE = {
  Type: 'AWS::Serverless::StateMachine',
  Properties: { Definition: { StartAt: 'Say', States: { Say: { Type: 'Pass', End: true } } } },
};
const FUNCTION = {
  Type: 'AWS::Serverless::Function',
  Properties: { InlineCode: 'exports.handler = async () => {};', Handler: 'index.handler', Runtime: 'nodejs22.x' },
};
const connector = (Source: JsonObject, Destination: JsonObject, ...Permissions: string[]): JsonObject => ({
  Type: 'AWS::Serverless::Connector',
  Properties: { Source, Destination, Permissions },
});

it('connectors become policies of roles, queues, topics and functions, and what needs them waits', async () => {
  const template = {
    Transform: SAM,
    Resources: {
      Flow: {
        ...MACHINE,
        Connectors: {
          Uses: {
            Properties: { Destination: [{ Id: 'Work' }, { Id: 'Items' }], Permissions: ['Write'] },
          },
        },
      },
      Outer: MACHINE,
      Work: {
        ...FUNCTION,
        Properties: {
          ...FUNCTION.Properties,
          Events: { Jobs: { Type: 'SQS', Properties: { Queue: { 'Fn::GetAtt': ['Jobs', 'Arn'] } } } },
        },
      },
      Items: { Type: 'AWS::Serverless::SimpleTable' },
      Jobs: { Type: 'AWS::SQS::Queue' },
      News: { Type: 'AWS::SNS::Topic' },
      Filed: { Type: 'AWS::Events::Rule', Properties: { EventPattern: { source: ['vendors'] } } },
      Nested: connector({ Id: 'Outer' }, { Id: 'Flow' }, 'Read', 'Write'),
      Polled: connector({ Id: 'Jobs' }, { Id: 'Work' }, 'Read', 'Write'),
      Fans: connector({ Id: 'News' }, { Id: 'Jobs' }, 'Write'),
      Told: connector({ Id: 'Filed' }, { Id: 'News' }, 'Write'),
      Run: connector({ Id: 'Filed' }, { Id: 'Work' }, 'Write'),
      Elsewhere: connector({ Id: 'Work' }, { Type: 'AWS::S3::Bucket', Arn: 'arn:aws:s3:::somewhere' }, 'Read'),
    },
  };
  const resources = expand(template.Resources);
  expect(Object.keys(resources).filter((id) => /Policy|Permission/.test(id))).toEqual([
    'FlowUsesPolicyDestination0',
    'FlowUsesPolicyDestination1',
    'NestedPolicy',
    'PolledPolicy',
    'FansQueuePolicy',
    'ToldTopicPolicy',
    'RunWriteLambdaPermission',
    'ElsewherePolicy',
  ]);
  expect(resources['FlowUsesPolicyDestination0']?.['Properties']).toEqual({
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['lambda:InvokeAsync', 'lambda:InvokeFunction'],
          Resource: [{ 'Fn::Sub': [`\${DestinationArn}`, { DestinationArn: { 'Fn::GetAtt': ['Work', 'Arn'] } }] }],
        },
      ],
    },
    Roles: [{ Ref: 'FlowRole' }],
  });
  expect(resources['PolledPolicy']?.['Properties']).toMatchObject({ Roles: [{ Ref: 'WorkRole' }] });
  expect(resources['WorkJobs']?.['DependsOn']).toEqual(['PolledPolicy']);
  expect(resources['Outer']?.['DependsOn']).toEqual(['NestedPolicy']);

  const stack = await new DeployerBench().create('connected', template);
  expect(stack.StackStatus).toBe('CREATE_COMPLETE');
});

it('whoever waits for a connector waits for what it becomes', () => {
  const { Later } = expand({
    Work: FUNCTION,
    Items: { Type: 'AWS::Serverless::SimpleTable' },
    Uses: connector({ Id: 'Work' }, { Id: 'Items' }, 'Read'),
    Later: { Type: 'AWS::SQS::Queue', DependsOn: 'Uses' },
  });
  expect(Later?.['DependsOn']).toEqual(['UsesPolicy']);
});

it.each([
  [connector({ Id: 'Work' }, { Id: 'Nobody' }, 'Write'), "Unable to find resource with logical ID 'Nobody'."],
  [connector({ Id: 'Work' }, { Id: 'Items' }), "'Permissions' cannot be empty; valid values are: Read, Write."],
  [connector({ Id: 'Work' }, { Id: 'News' }, 'Read'), 'valid values are: Write.'],
  [connector({ Id: 'Jobs' }, { Id: 'Work' }, 'Read'), 'valid combinations are: Read + Write.'],
  [connector({ Id: 'News' }, { Id: 'Items' }, 'Write'), 'from AWS::SNS::Topic to AWS::DynamoDB::Table'],
  [connector({ Id: 'Work', Type: 'AWS::SNS::Topic' }, { Id: 'Items' }, 'Write'), "Must provide 'Id'"],
  [
    connector({ Type: 'AWS::Lambda::Function', Arn: 'arn' }, { Id: 'Items' }, 'Read'),
    "Unable to get IAM role name from 'Source' resource.",
  ],
])('%j is invalid', (Wrong, message) => {
  const Resources = {
    Work: FUNCTION,
    Items: { Type: 'AWS::Serverless::SimpleTable' },
    News: { Type: 'AWS::SNS::Topic' },
    Jobs: { Type: 'AWS::SQS::Queue' },
    Wrong,
  };
  expect(() => expand(Resources)).toThrow(message);
});
