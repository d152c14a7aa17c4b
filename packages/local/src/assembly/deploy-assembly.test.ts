import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeployerBench } from '@holdfast/cloudformation/testing';
import { unzipSync } from 'fflate';
import { afterEach, expect, it } from 'vitest';
import { deployAssembly, deployTemplate } from './deploy-assembly.ts';
import type { StackDeploymentError } from './deploy-stack.ts';
import { engineTarget } from './engine-target.ts';
import { zipDirectory } from './zip-directory.ts';

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: placeholders of cloud assemblies are written so.
const ASSETS_BUCKET = 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}';
// biome-ignore-end lint/suspicious/noTemplateCurlyInString: placeholders of cloud assemblies are written so.

const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};

const directories: string[] = [];
afterEach(() => {
  for (const directory of directories.splice(0)) rmSync(directory, { recursive: true });
});

/** An assembly of one stack with one function, as `cdk synth` lays it out. */
const writeAssembly = (options: { delaySeconds?: number; environment?: string; images?: object } = {}): string => {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-assembly-'));
  directories.push(directory);
  mkdirSync(join(directory, 'asset.code'));
  writeFileSync(join(directory, 'asset.code', 'index.mjs'), 'export const handler = async () => 1;\n');
  const template = {
    Parameters: {
      BootstrapVersion: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/hnb659fds/version' },
    },
    Rules: { CheckBootstrapVersion: { Assertions: [] } },
    Resources: {
      Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: TRUST } },
      Worker: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: 'worker',
          Runtime: 'nodejs22.x',
          Handler: 'index.handler',
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
          ReservedConcurrentExecutions: 5,
          Code: { S3Bucket: { 'Fn::Sub': ASSETS_BUCKET }, S3Key: 'code.zip' },
        },
      },
      Jobs: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: options.delaySeconds ?? 0 } },
      CDKMetadata: { Type: 'AWS::CDK::Metadata', Properties: { Analytics: 'v2:deflate64:x' } },
    },
    Outputs: { Worker: { Value: { Ref: 'Worker' } } },
  };
  const write = (name: string, content: object) => writeFileSync(join(directory, name), JSON.stringify(content));
  write('Shop.template.json', template);
  write('Shop.assets.json', {
    files: {
      code: {
        source: { path: 'asset.code', packaging: 'zip' },
        destinations: { here: { bucketName: ASSETS_BUCKET, objectKey: 'code.zip' } },
      },
      template: {
        source: { path: 'Shop.template.json', packaging: 'file' },
        destinations: { here: { bucketName: ASSETS_BUCKET, objectKey: `${options.delaySeconds ?? 0}.json` } },
      },
    },
    dockerImages: options.images ?? {},
  });
  write('manifest.json', {
    artifacts: {
      Shop: {
        type: 'aws:cloudformation:stack',
        environment: options.environment ?? 'aws://unknown-account/unknown-region',
        properties: {
          templateFile: 'Shop.template.json',
          stackTemplateAssetObjectUrl: `s3://${ASSETS_BUCKET}/${options.delaySeconds ?? 0}.json`,
          bootstrapStackVersionSsmParameter: '/cdk-bootstrap/hnb659fds/version',
          tags: { Project: 'shop' },
        },
        dependencies: ['Shop.assets'],
      },
      'Shop.assets': { type: 'cdk:asset-manifest', properties: { file: 'Shop.assets.json' } },
    },
  });
  return directory;
};

it('an app is deployed with its code, without having been bootstrapped', async () => {
  const bench = new DeployerBench();

  const deployed = await deployAssembly(engineTarget(bench.engine), writeAssembly());

  expect(deployed).toMatchObject([{ stackName: 'Shop', result: 'created', outputs: { Worker: 'worker' } }]);
  expect(await bench.call('lambda', 'GetFunctionConcurrency', { FunctionName: 'worker' })).toMatchObject({
    ReservedConcurrentExecutions: 5,
  });
  expect(
    await bench.call('lambda', 'ListTags', { Resource: 'arn:aws:lambda:us-east-1:000000000000:function:worker' }),
  ).toMatchObject({ Tags: { Project: 'shop' } });
});

it('a second deployment changes nothing, uploads nothing and writes no event', async () => {
  const bench = new DeployerBench();
  const assembly = writeAssembly();
  await deployAssembly(engineTarget(bench.engine), assembly);
  const history = await bench.history('Shop');
  const actions: string[] = [];
  const target = engineTarget(bench.engine);

  const [stack] = await deployAssembly(
    {
      ...target,
      call: <Output>(service: string, action: string, input: object) => {
        actions.push(action);
        return target.call<Output>(service, action, input);
      },
    },
    assembly,
  );

  expect(stack?.result).toBe('unchanged');
  expect(await bench.history('Shop')).toEqual(history);
  expect(actions.filter((action) => !/^(Get|Head|Describe)/.test(action))).toEqual([]);
});

it('a changed template updates the stack', async () => {
  const bench = new DeployerBench();
  await deployAssembly(engineTarget(bench.engine), writeAssembly());

  const [stack] = await deployAssembly(engineTarget(bench.engine), writeAssembly({ delaySeconds: 9 }));

  expect(stack?.result).toBe('updated');
});

it('a stack whose creation failed is made anew', async () => {
  const bench = new DeployerBench();
  const target = engineTarget(bench.engine);
  const template = (queueName: string) =>
    JSON.stringify({ Resources: { Jobs: { Type: 'AWS::SQS::Queue', Properties: { QueueName: queueName } } } });

  const failing = deployTemplate(target, 'Shop', template('no spaces allowed'));
  await expect(failing).rejects.toThrow(/stack Shop ended in ROLLBACK_COMPLETE\n {2}Jobs \(AWS::SQS::Queue\): /);
  const stack = await deployTemplate(target, 'Shop', template('jobs'));

  expect(stack.result).toBe('created');
});

it('says why a large stack failed, however much rolling back wrote since, and nothing of other times', async () => {
  const bench = new DeployerBench();
  const target = engineTarget(bench.engine);
  const names = Array.from({ length: 60 }, (_, number) => `Queue${number}`);
  const queues = Object.fromEntries(names.map((name) => [name, { Type: 'AWS::SQS::Queue' }]));
  const template = (more: object) => JSON.stringify({ Resources: { ...queues, ...more } });
  const broken = (name: string) => ({
    [name]: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'no spaces' }, DependsOn: names },
  });
  const failures = (body: string) =>
    deployTemplate(target, 'Shop', body).catch(({ failures }: StackDeploymentError) => failures);

  expect(await failures(template(broken('Late')))).toEqual([expect.stringMatching(/^Late \(AWS::SQS::Queue\): /)]);
  await deployTemplate(target, 'Shop', template({}));
  expect(await failures(template(broken('First')))).toHaveLength(1);
  expect(await failures(template(broken('Second')))).toEqual([expect.stringMatching(/^Second /)]);
});

it('parameters that are left out go back to their defaults', async () => {
  const bench = new DeployerBench();
  const target = engineTarget(bench.engine);
  const template = JSON.stringify({
    Parameters: { Delay: { Type: 'Number', Default: 1 } },
    Resources: { Jobs: { Type: 'AWS::SQS::Queue', Properties: { DelaySeconds: { Ref: 'Delay' } } } },
  });
  await deployTemplate(target, 'Shop', template, { parameters: { Delay: '5' } });

  const stack = await deployTemplate(target, 'Shop', template);

  expect(stack.result).toBe('updated');
  expect((await bench.describe('Shop')).Parameters).toEqual([{ ParameterKey: 'Delay', ParameterValue: '1' }]);
});

it('a template too large for a request travels through a bucket', async () => {
  const bench = new DeployerBench();
  const template = JSON.stringify({
    Metadata: { filler: 'x'.repeat(60_000) },
    Resources: { Jobs: { Type: 'AWS::SQS::Queue' } },
  });

  const stack = await deployTemplate(engineTarget(bench.engine), 'Shop', template);

  expect(stack.result).toBe('created');
});

it.each([
  [{ environment: 'aws://111122223333/us-east-1' }, 'is made for 111122223333/us-east-1'],
  [{ images: { abc: {} } }, 'is a container image'],
])('what cannot be deployed here is refused: %j', async (options, message) => {
  const bench = new DeployerBench();

  await expect(deployAssembly(engineTarget(bench.engine), writeAssembly(options))).rejects.toThrow(message);
});

it('the same directory always gives the same archive', () => {
  const directory = writeAssembly();

  const [first, second] = [zipDirectory(directory), zipDirectory(directory)];

  expect(Buffer.from(first).equals(Buffer.from(second))).toBe(true);
  expect(Object.keys(unzipSync(first))).toContain('asset.code/index.mjs');
});
