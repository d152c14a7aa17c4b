import { globSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ResourceSamples, SampleTools } from '@holdfast/engine/samples';
import { strToU8, zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { DeployerBench } from '../deployer-bench.ts';
import { resourceTypesOf } from '../template/check-template.ts';

const SERVICES = fileURLToPath(new URL('../../../engine/src/services/', import.meta.url));

const att = (logicalId: string, attribute = 'Arn') => ({ 'Fn::GetAtt': [logicalId, attribute] });
const ref = (name: string) => ({ Ref: name });
const document = (action: string, resource: unknown = '*', principal?: string) => ({
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: action,
      Resource: resource,
      ...(principal === undefined ? {} : { Principal: { Service: principal } }),
    },
  ],
});

/** Every service brings its own. */
const SAMPLES: readonly ResourceSamples[] = await Promise.all(
  globSync('*/resources/samples-bench.ts', { cwd: SERVICES })
    .sort()
    .map(async (file) => ((await import(join(SERVICES, file))) as { samples: ResourceSamples }).samples),
);

/** Of types that no service has. */
const OWN: ResourceSamples = ({ text, Tags }) => ({
  Child: {
    Type: 'AWS::CloudFormation::Stack',
    Properties: { TemplateURL: 'https://archives.s3.amazonaws.com/child.json', Parameters: { Text: text }, Tags },
  },

  Metadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: text } },
  Handle: { Type: 'AWS::CloudFormation::WaitConditionHandle' },
  Images: { Type: 'AWS::ECR::Repository', Properties: { ImageTagMutability: text } },
});

/** A bench with the archive of a layer in a bucket. */
const benchWithArchive = async (): Promise<DeployerBench> => {
  const bench = new DeployerBench();
  await bench.call('s3', 'CreateBucket', { Bucket: 'archives' });
  const Body = zipSync({ 'nodejs/node_modules/colour/index.js': strToU8('module.exports = 1;') });
  await bench.call('s3', 'PutObject', { Bucket: 'archives', Key: 'layer.zip', Body });
  const child = {
    Parameters: { Text: { Type: 'String' } },
    Resources: { Jobs: { Type: 'AWS::SQS::Queue' } },
    Outputs: { Text: { Value: ref('Text') } },
  };
  await bench.call('s3', 'PutObject', { Bucket: 'archives', Key: 'child.json', Body: strToU8(JSON.stringify(child)) });
  return bench;
};

/** All services' samples (`resources/samples-bench.ts`) as one template; `turn` 1 and 2 differ in all that changes in place. */
const everything = (turn: 1 | 2, tagsOfTurn = turn) => {
  const tools: SampleTools = {
    turn,
    text: `turn ${turn}`,
    number: turn * 10,
    Tags:
      tagsOfTurn === 1
        ? [
            { Key: 'a', Value: '1' },
            { Key: 'b', Value: '1' },
          ]
        : [{ Key: 'a', Value: '2' }],
    only: <Value>(onTurn: 1 | 2, name: string, value: Value): Record<string, Value> =>
      turn === onTurn ? { [name]: value } : {},
    att,
    ref,
    document,
  };
  const samples = [...SAMPLES, OWN].map((samplesOf) => Object.entries(samplesOf(tools)));
  return { Resources: Object.fromEntries(samples.flat()) };
};

it('one resource of every type is created, tagged anew, changed in every way, and deleted without a trace', async () => {
  const bench = await benchWithArchive();
  const types = Object.values(everything(1).Resources).map(({ Type }) => Type);
  expect(
    [
      ...resourceTypesOf(
        new DeployerBench().engine.descriptors.flatMap(({ resourceTypes = [] }) => resourceTypes),
      ).keys(),
    ].filter((type) => !types.includes(type)),
    // It wants functions that run.
  ).toEqual(['AWS::CloudFormation::CustomResource']);

  const failures = async (stackId: string) =>
    (await bench.events(stackId))
      .filter(({ ResourceStatus }) => ResourceStatus?.includes('FAILED'))
      .map((event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason}`);
  const created = await bench.create('all', everything(1));
  const stackId = created.StackId as string;
  expect(await failures(stackId)).toEqual([]);
  expect(created.StackStatus).toBe('CREATE_COMPLETE');

  const retagged = await bench.update('all', everything(1, 2));
  expect(await failures(stackId)).toEqual([]);
  expect(retagged.StackStatus).toBe('UPDATE_COMPLETE');

  const updated = await bench.update('all', everything(2));
  expect(await failures(stackId)).toEqual([]);
  expect(updated.StackStatus).toBe('UPDATE_COMPLETE');

  await bench.cloudFormation('DeleteStack', { StackName: stackId });
  const deleted = await bench.settle(stackId);
  expect(await failures(stackId)).toEqual([]);
  expect(deleted.StackStatus).toBe('DELETE_COMPLETE');
});

it('a function gets what the template says, in the types that Lambda wants', async () => {
  const bench = await benchWithArchive();
  await bench.create('all', everything(1));
  const { StackResourceDetail } = await bench.cloudFormation<{ StackResourceDetail: { PhysicalResourceId: string } }>(
    'DescribeStackResource',
    { StackName: 'all', LogicalResourceId: 'Worker' },
  );
  const FunctionName = StackResourceDetail.PhysicalResourceId;

  expect(await bench.call('lambda', 'GetFunctionConfiguration', { FunctionName })).toMatchObject({
    Timeout: 10,
    MemorySize: 256,
    Layers: [{ Arn: 'arn:aws:lambda:us-east-1:000000000000:layer:colours:1' }],
    Environment: { Variables: { COUNT: '3' } },
  });
  await bench.update('all', everything(2));
  const after = await bench.call<{ Environment?: { Variables?: object } }>('lambda', 'GetFunctionConfiguration', {
    FunctionName,
  });
  expect(after).toMatchObject({ Timeout: 20, MemorySize: 128 });
  expect(after.Environment?.Variables ?? {}).toEqual({});
  expect(after).not.toHaveProperty('Layers');
  expect(await bench.call('lambda', 'ListLayerVersions', { LayerName: 'colours' })).toMatchObject({
    LayerVersions: [{ Version: 2, Description: 'turn 2' }],
  });
  expect(await bench.call('lambda', 'GetFunctionConcurrency', { FunctionName })).not.toHaveProperty(
    'ReservedConcurrentExecutions',
  );
});

it('a mapping from a stream gets its options, and loses them again with their properties', async () => {
  const bench = await benchWithArchive();
  await bench.create('all', everything(1));
  const { StackResourceDetail } = await bench.cloudFormation<{ StackResourceDetail: { PhysicalResourceId: string } }>(
    'DescribeStackResource',
    { StackName: 'all', LogicalResourceId: 'ClickMapping' },
  );
  const UUID = StackResourceDetail.PhysicalResourceId;
  const get = () => bench.call('lambda', 'GetEventSourceMapping', { UUID });

  expect(await get()).toMatchObject({
    StartingPosition: 'TRIM_HORIZON',
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 3,
    DestinationConfig: { OnFailure: { Destination: expect.stringContaining('Dead') } },
  });
  await bench.update('all', everything(2));
  await bench.driver.advance(1_000);
  expect(await get()).toMatchObject({
    BisectBatchOnFunctionError: false,
    MaximumRetryAttempts: -1,
    ParallelizationFactor: 2,
    DestinationConfig: { OnFailure: {} },
  });
});

it('aliases get what the template says of weights and provisioned concurrency, and functions their URLs', async () => {
  const bench = new DeployerBench();
  const template = (more: object, AuthType: string) => ({
    Resources: {
      Worker: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: 'worker',
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Role: 'arn:aws:iam::000000000000:role/runner',
          Code: { ZipFile: 'exports.handler = async () => 1;' },
        },
      },
      Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: ref('Worker') } },
      Alias: {
        Type: 'AWS::Lambda::Alias',
        Properties: { FunctionName: ref('Worker'), Name: 'live', FunctionVersion: att('Version', 'Version'), ...more },
      },
      Url: { Type: 'AWS::Lambda::Url', Properties: { TargetFunctionArn: att('Worker'), AuthType } },
    },
    Outputs: { Url: { Value: att('Url', 'FunctionUrl') } },
  });
  const alias = { FunctionName: 'worker', Name: 'live' };
  const provisioned = { FunctionName: 'worker', Qualifier: 'live' };

  const created = await bench.create(
    'web',
    template({ ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 2 } }, 'NONE'),
  );
  expect(created.StackStatus).toBe('CREATE_COMPLETE');
  expect(await bench.call('lambda', 'GetProvisionedConcurrencyConfig', provisioned)).toMatchObject({
    RequestedProvisionedConcurrentExecutions: 2,
  });
  const { FunctionUrl } = await bench.call<{ FunctionUrl: string }>('lambda', 'GetFunctionUrlConfig', {
    FunctionName: 'worker',
  });
  expect(created.Outputs).toMatchObject([{ OutputKey: 'Url', OutputValue: FunctionUrl }]);

  await bench.call('lambda', 'UpdateFunctionConfiguration', { FunctionName: 'worker', Description: 'second' });
  await bench.call('lambda', 'PublishVersion', { FunctionName: 'worker' });
  const AdditionalVersionWeights = [{ FunctionVersion: '2', FunctionWeight: 0.25 }];
  await bench.update('web', template({ RoutingConfig: { AdditionalVersionWeights } }, 'AWS_IAM'));
  expect(await bench.call('lambda', 'GetAlias', alias)).toMatchObject({
    RoutingConfig: { AdditionalVersionWeights: { '2': 0.25 } },
  });
  await expect(bench.call('lambda', 'GetProvisionedConcurrencyConfig', provisioned)).rejects.toThrow(
    'No Provisioned Concurrency Config found for this function',
  );
  expect(await bench.call('lambda', 'GetFunctionUrlConfig', { FunctionName: 'worker' })).toMatchObject({
    FunctionUrl,
    AuthType: 'AWS_IAM',
  });
});
