import type { Stack } from '@aws-sdk/client-cloudformation';
import { MapStore } from '@holdfast/engine/testing';
import { strToU8 } from 'fflate';
import { beforeEach, expect, it } from 'vitest';
import { DeployerBench } from '../deployer-bench.ts';

let bench: DeployerBench;
beforeEach(async () => {
  bench = new DeployerBench();
  await bench.call('s3', 'CreateBucket', { Bucket: 'templates' });
});

const upload = async (Key: string, template: object): Promise<string> => {
  await bench.call('s3', 'PutObject', { Bucket: 'templates', Key, Body: strToU8(JSON.stringify(template)) });
  return `https://templates.s3.us-east-1.amazonaws.com/${Key}`;
};

const QUEUES = {
  Parameters: { Seconds: { Type: 'Number' }, Names: { Type: 'CommaDelimitedList', Default: 'a' } },
  Resources: { Jobs: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: { Ref: 'Seconds' } } } },
  Outputs: {
    QueueName: { Value: { 'Fn::GetAtt': ['Jobs', 'QueueName'] } },
    Second: { Value: { 'Fn::Select': [1, { Ref: 'Names' }] } },
  },
};

const nested = (TemplateURL: string, Parameters: object, more: object = {}) => ({
  Resources: { Child: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL, Parameters, ...more } } },
  Outputs: {
    QueueName: { Value: { 'Fn::GetAtt': ['Child', 'Outputs.QueueName'] } },
    Both: { Value: { 'Fn::Sub': `\${Child.Outputs.QueueName}/\${Child.Outputs.Second}` } },
  },
});

const outputsOf = ({ Outputs = [] }: Stack): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(Outputs.map(({ OutputKey = '', OutputValue }) => [OutputKey, OutputValue]));

const childOf = async (stackName: string) => {
  const { StackResources } = await bench.cloudFormation<{ StackResources: { PhysicalResourceId: string }[] }>(
    'DescribeStackResources',
    { StackName: stackName, LogicalResourceId: 'Child' },
  );
  return bench.describe(StackResources[0]?.PhysicalResourceId ?? '');
};

const visibilityOf = async (queueName: string) => {
  const { QueueUrl } = await bench.call<{ QueueUrl: string }>('sqs', 'GetQueueUrl', { QueueName: queueName });
  const { Attributes } = await bench.call<{ Attributes: Record<string, string> }>('sqs', 'GetQueueAttributes', {
    QueueUrl,
    AttributeNames: ['VisibilityTimeout'],
  });
  return Attributes['VisibilityTimeout'];
};

it('a stack in a stack is made, changed and deleted with it, and gives it its outputs', async () => {
  const url = await upload('queues.json', QUEUES);
  const created = await bench.create('shop', nested(url, { Seconds: 30, Names: ['x', 'y'] }));

  expect(created.StackStatus).toBe('CREATE_COMPLETE');
  const { QueueName = '', Both } = outputsOf(created);
  expect(Both).toBe(`${QueueName}/y`);
  expect(await visibilityOf(QueueName)).toBe('30');
  const child = await childOf('shop');
  expect(child.StackName).toMatch(/^shop-Child-[A-Z0-9]{12,13}$/);
  expect([child.ParentId, child.RootId]).toEqual([created.StackId, created.StackId]);

  expect((await bench.update('shop', nested(url, { Seconds: 45, Names: 'x,y' }))).StackStatus).toBe('UPDATE_COMPLETE');
  expect(await visibilityOf(QueueName)).toBe('45');

  await bench.cloudFormation('DeleteStack', { StackName: 'shop' });
  expect((await bench.settle(created.StackId ?? '')).StackStatus).toBe('DELETE_COMPLETE');
  expect((await bench.describe(child.StackId ?? '')).StackStatus).toBe('DELETE_COMPLETE');
});

it('a child that fails takes its parent back, and says why', async () => {
  const faulty = { Resources: { Bad: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 99_999 } } } };
  const url = await upload('faulty.json', faulty);
  const parent = { Resources: nested(url, {}).Resources };
  const created = await bench.create('shop', parent);

  expect(created.StackStatus).toBe('ROLLBACK_COMPLETE');
  const failed = (await bench.events('shop')).find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED');
  expect(failed?.LogicalResourceId).toBe('Child');
  expect(failed?.ResourceStatusReason).toMatch(
    /^Embedded stack arn:aws:cloudformation:\S+ was not successfully created: The following resource\(s\) failed to create: \[Bad\]\./,
  );
  const { StackSummaries } = await bench.cloudFormation<{
    StackSummaries: { StackName: string; StackStatus: string }[];
  }>('ListStacks');
  expect(StackSummaries.map(({ StackStatus }) => StackStatus).sort()).toEqual(['DELETE_COMPLETE', 'ROLLBACK_COMPLETE']);
});

it('an update that fails later leaves the child as it was', async () => {
  const url = await upload('queues.json', QUEUES);
  const { QueueName = '' } = outputsOf(await bench.create('shop', nested(url, { Seconds: 30, Names: 'a,b' })));
  const { Resources, Outputs } = nested(url, { Seconds: 60, Names: 'a,b' });
  const bad = { Type: 'AWS::SQS::Queue', DependsOn: 'Child', Properties: { VisibilityTimeout: 99_999 } };
  const updated = await bench.update('shop', { Resources: { ...Resources, Bad: bad }, Outputs });

  expect(updated.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await visibilityOf(QueueName)).toBe('30');
});

it('what a child has that is not modelled is refused by name, in the event of the child', async () => {
  const url = await upload('strange.json', { Resources: { Disk: { Type: 'AWS::EC2::Volume' } } });
  expect((await bench.create('shop', { Resources: nested(url, {}).Resources })).StackStatus).toBe('ROLLBACK_COMPLETE');
  const failed = (await bench.events('shop')).find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED');
  expect(failed?.ResourceStatusReason).toContain('Holdfast does not support the resource type AWS::EC2::Volume');
});

it('after a restart in the middle the child is gone on with, not made twice', async () => {
  const store = new MapStore();
  bench = new DeployerBench(store);
  await bench.call('s3', 'CreateBucket', { Bucket: 'templates' });
  const url = await upload('queues.json', QUEUES);
  await bench.cloudFormation('CreateStack', {
    StackName: 'shop',
    TemplateBody: JSON.stringify(nested(url, { Seconds: 30, Names: 'a,b' })),
  });
  while ((await bench.cloudFormation<{ StackSummaries: unknown[] }>('ListStacks')).StackSummaries.length < 2) {
    await Promise.resolve();
  }
  bench = new DeployerBench(store.copy(), 2);

  expect((await bench.settle('shop')).StackStatus).toBe('CREATE_COMPLETE');
  const { StackSummaries } = await bench.cloudFormation<{ StackSummaries: unknown[] }>('ListStacks');
  expect(StackSummaries).toHaveLength(2);
});
