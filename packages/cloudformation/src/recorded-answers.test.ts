import type { Change, ChangeSetSummary } from '@aws-sdk/client-cloudformation';
import { expect, it } from 'vitest';
import { DeployerBench } from './deployer-bench.ts';

const topic = (TopicName: unknown, more: object = {}) => ({
  Type: 'AWS::SNS::Topic',
  Properties: { TopicName },
  ...more,
});
const parameter = (Value: unknown) => ({ Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value } });

const changesOf = async (bench: DeployerBench, template: object, more: object = {}, withValues = false) => {
  const named = { StackName: 'shop', ChangeSetName: 'next' };
  await bench.cloudFormation('CreateChangeSet', { ...named, TemplateBody: JSON.stringify(template), ...more });
  const { Changes } = await bench.cloudFormation<{ Changes: Change[] }>('DescribeChangeSet', {
    ...named,
    IncludePropertyValues: withValues,
  });
  return Changes.map(({ ResourceChange }) => ResourceChange);
};

it('a change set names the parameter that a property changes with', async () => {
  const bench = new DeployerBench();
  const template = {
    Parameters: { Name: { Type: 'String' }, Other: { Type: 'String', Default: 'same' } },
    Resources: { Orders: topic({ 'Fn::Sub': '$' + '{Other}-$' + '{Name}' }) },
  };
  const given = (ParameterValue: string) => ({ Parameters: [{ ParameterKey: 'Name', ParameterValue }] });
  await bench.create('shop', template, given('a'));

  const [change] = await changesOf(bench, template, given('b'));

  const Target = { Attribute: 'Properties', Name: 'TopicName', RequiresRecreation: 'Always' };
  expect(change?.Details).toEqual([
    { Target, Evaluation: 'Dynamic', ChangeSource: 'DirectModification' },
    { Target, Evaluation: 'Static', ChangeSource: 'ParameterReference', CausingEntity: 'Name' },
  ]);
});

it('a change set does not blame a parameter whose value in the parameter store has changed', async () => {
  const bench = new DeployerBench();
  const template = {
    Parameters: { Name: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/name' } },
    Resources: { Orders: topic({ Ref: 'Name' }) },
  };
  const put = (Value: string) =>
    bench.call('ssm', 'PutParameter', { Name: '/name', Value, Type: 'String', Overwrite: true });
  await put('a');
  await bench.create('shop', template);
  await put('b');

  const [change] = await changesOf(bench, template);

  expect(change?.Details).toMatchObject([{ Evaluation: 'Static', ChangeSource: 'DirectModification' }]);
  expect(change?.Details).toHaveLength(1);
});

it('of what goes, a change set shows values of other resources as unknown; of what comes, no replacement', async () => {
  const bench = new DeployerBench();
  const Orders = topic('orders');
  await bench.create('shop', { Resources: { Orders, Kept: parameter({ Ref: 'Orders' }) } });

  const changes = await changesOf(bench, { Resources: { Orders, Added: parameter('x') } }, {}, true);

  const removed = changes.find((change) => change?.Action === 'Remove');
  expect(JSON.parse(removed?.BeforeContext ?? '')).toEqual({
    Properties: { Type: 'String', Value: '{{changeSet:KNOWN_AFTER_APPLY}}' },
  });
  expect(changes.find((change) => change?.Action === 'Add')).not.toHaveProperty('Replacement');
});

it('a replacement tells when the new resource is there, and what is left behind', async () => {
  const bench = new DeployerBench();
  await bench.create('shop', { Resources: { Orders: topic('a', { UpdateReplacePolicy: 'Retain' }) } });
  await bench.update('shop', { Resources: { Orders: topic('b', { UpdateReplacePolicy: 'Retain' }) } });

  const events = (await bench.events('shop')).filter(({ LogicalResourceId }) => LogicalResourceId === 'Orders');

  const arn = (name: string) => `arn:aws:sns:us-east-1:000000000000:${name}`;
  expect(events.slice(3).map((event) => [event.ResourceStatus, event.PhysicalResourceId])).toEqual([
    ['UPDATE_IN_PROGRESS', arn('a')],
    ['UPDATE_IN_PROGRESS', arn('b')],
    ['UPDATE_COMPLETE', arn('b')],
    ['DELETE_SKIPPED', arn('a')],
  ]);
  expect(events[4]?.ResourceStatusReason).toBe('Resource creation Initiated');
});

it('an event of a resource has its time in its id', async () => {
  const bench = new DeployerBench();
  await bench.create('shop', { Resources: { Orders: topic('orders') } });

  const events = (await bench.events('shop')).filter(({ LogicalResourceId }) => LogicalResourceId === 'Orders');

  expect(events.map(({ EventId }) => EventId)).toEqual(
    events.map(({ ResourceStatus, Timestamp }) => `Orders-${ResourceStatus}-${Timestamp?.toISOString()}`),
  );
});

it('a stack that is gone still tells its outputs, and frees its exports', async () => {
  const bench = new DeployerBench();
  const template = {
    Resources: { Orders: topic('orders') },
    Outputs: { Name: { Value: 'orders', Export: { Name: 'orders' } } },
  };
  const { StackId = '' } = await bench.create('shop', template);
  await bench.cloudFormation('DeleteStack', { StackName: 'shop' });

  expect(await bench.settle(StackId)).toMatchObject({
    StackStatus: 'DELETE_COMPLETE',
    Outputs: [{ OutputKey: 'Name', OutputValue: 'orders' }],
  });
  expect(await bench.cloudFormation('ListExports')).toEqual({ Exports: [] });
  expect(await bench.create('other', template)).toMatchObject({ StackStatus: 'CREATE_COMPLETE' });
});

it('a stack that was rolled back counts as deleted since then, and knows no change set', async () => {
  const bench = new DeployerBench();
  const template = { Resources: { Orders: topic('orders.fifo') } };
  const named = { StackName: 'shop', ChangeSetName: 'first' };
  await bench.cloudFormation('CreateChangeSet', {
    ...named,
    ChangeSetType: 'CREATE',
    TemplateBody: JSON.stringify(template),
  });
  await bench.cloudFormation('ExecuteChangeSet', named);

  const stack = await bench.settle('shop');

  expect(stack).toMatchObject({ StackStatus: 'ROLLBACK_COMPLETE', DeletionTime: expect.any(Date) });
  expect(stack).not.toHaveProperty('ChangeSetId');
});

it('change sets that have been executed are listed no more', async () => {
  const bench = new DeployerBench();
  const body = (name: string) => ({ TemplateBody: JSON.stringify({ Resources: { Orders: topic(name) } }) });
  const first = { StackName: 'shop', ChangeSetName: 'first' };
  await bench.cloudFormation('CreateChangeSet', { ...first, ChangeSetType: 'CREATE', ...body('a') });
  await bench.cloudFormation('ExecuteChangeSet', first);
  await bench.settle('shop');
  await bench.cloudFormation('CreateChangeSet', { StackName: 'shop', ChangeSetName: 'second', ...body('b') });

  const { Summaries } = await bench.cloudFormation<{ Summaries: ChangeSetSummary[] }>('ListChangeSets', {
    StackName: 'shop',
  });

  expect(Summaries.map(({ ChangeSetName, IncludeNestedStacks }) => [ChangeSetName, IncludeNestedStacks])).toEqual([
    ['second', false],
  ]);
});

it('a parameter without a name is called after CloudFormation, not after its stack', async () => {
  const bench = new DeployerBench();
  await bench.create('shop', { Resources: { Stage: parameter('x') } });

  const [, , made] = await bench.events('shop');

  expect(made?.PhysicalResourceId).toMatch(/^CFN-Stage-[A-Za-z0-9]{12}$/);
});

it('a stack that only has change sets can be created, and they are obsolete then', async () => {
  const bench = new DeployerBench();
  const TemplateBody = JSON.stringify({ Resources: { Orders: topic('orders') } });
  const first = { StackName: 'shop', ChangeSetName: 'first', ChangeSetType: 'CREATE', TemplateBody };
  const { StackId, Id } = await bench.cloudFormation<{ StackId: string; Id: string }>('CreateChangeSet', first);
  const byId = { ...first, StackName: StackId, ChangeSetName: 'second' };
  expect(await bench.cloudFormation('CreateChangeSet', byId)).toMatchObject({ StackId });

  expect(await bench.cloudFormation('CreateStack', { StackName: 'shop', TemplateBody })).toEqual({ StackId });

  expect(await bench.settle('shop')).toMatchObject({ StackId, StackStatus: 'CREATE_COMPLETE' });
  expect(await bench.cloudFormation('DescribeChangeSet', { ChangeSetName: Id })).toMatchObject({
    ExecutionStatus: 'OBSOLETE',
  });
  const third = { ...byId, ChangeSetName: 'third' };
  await expect(bench.cloudFormation('CreateChangeSet', third)).rejects.toMatchObject({
    message: `Stack [${StackId}] already exists and cannot be created again with the changeSet [third].`,
  });
});

it('of two who create a stack of one name at the same time, one is told that it is there', async () => {
  const bench = new DeployerBench();
  const input = { StackName: 'shop', TemplateBody: JSON.stringify({ Resources: { Orders: topic('orders') } }) };

  const answers = await Promise.allSettled([1, 2].map(() => bench.cloudFormation('CreateStack', input)));

  expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
});

it('the display name of a topic can be read as its attribute', async () => {
  const bench = new DeployerBench();
  const template = (DisplayName: string) => ({
    Resources: { Orders: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'orders', DisplayName } } },
    Outputs: { Shown: { Value: { 'Fn::GetAtt': ['Orders', 'DisplayName'] } } },
  });

  expect(await bench.create('shop', template('Our orders'))).toMatchObject({
    Outputs: [{ OutputValue: 'Our orders' }],
  });
  expect(await bench.update('shop', template('Yours'))).toMatchObject({ Outputs: [{ OutputValue: 'Yours' }] });
});
