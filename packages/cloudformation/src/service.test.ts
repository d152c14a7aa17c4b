import { MapStore } from '@holdfast/engine/testing';
import { strToU8, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { DeployerBench } from './deployer-bench.ts';

const queue = (properties: object = {}) => ({ Type: 'AWS::SQS::Queue', Properties: properties });

const jobsWithDeadLetters = {
  Parameters: { Seconds: { Type: 'Number', Default: 45 } },
  Resources: {
    Jobs: queue({
      QueueName: 'jobs',
      VisibilityTimeout: { Ref: 'Seconds' },
      RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 3 },
    }),
    Dead: queue({ MessageRetentionPeriod: '1209600' }),
  },
  Outputs: { Url: { Value: { Ref: 'Jobs' } }, DeadName: { Value: { 'Fn::GetAtt': ['Dead', 'QueueName'] } } },
};

it('events sorted by their times stand in their order', async () => {
  const bench = new DeployerBench();
  await bench.create('shop', jobsWithDeadLetters);

  const events = await bench.events('shop');

  const times = events.map(({ Timestamp }) => Timestamp?.getTime());
  expect(times).toEqual([...new Set(times)].sort((a, b) => Number(a) - Number(b)));
});

it('a stack makes real queues, in order of need, and names what has no name', async () => {
  const bench = new DeployerBench();

  const stack = await bench.create('shop', jobsWithDeadLetters);

  expect(stack.StackStatus).toBe('CREATE_COMPLETE');
  const outputs = Object.fromEntries((stack.Outputs ?? []).map((o) => [o.OutputKey, o.OutputValue]));
  expect(outputs['Url']).toBe('http://127.0.0.1:4566/000000000000/jobs');
  expect(outputs['DeadName']).toMatch(/^shop-Dead-[A-Za-z0-9]{12}$/);
  const { Attributes } = await bench.call<{ Attributes: Record<string, string> }>('sqs', 'GetQueueAttributes', {
    QueueUrl: outputs['Url'],
    AttributeNames: ['All'],
  });
  expect(Attributes['VisibilityTimeout']).toBe('45');
  expect(JSON.parse(Attributes['RedrivePolicy'] ?? '')).toEqual({
    deadLetterTargetArn: `arn:aws:sqs:us-east-1:000000000000:${outputs['DeadName']}`,
    maxReceiveCount: 3,
  });
  expect(await bench.history('shop')).toEqual([
    'shop CREATE_IN_PROGRESS',
    'Dead CREATE_IN_PROGRESS',
    'Dead CREATE_IN_PROGRESS',
    'Dead CREATE_COMPLETE',
    'Jobs CREATE_IN_PROGRESS',
    'Jobs CREATE_IN_PROGRESS',
    'Jobs CREATE_COMPLETE',
    'shop CREATE_COMPLETE',
  ]);
});

it('types and properties that are not modelled are refused by name, all at once, before anything is created', async () => {
  const bench = new DeployerBench();
  const template = {
    Resources: {
      Jobs: queue({ QueueName: 'jobs', Colour: 'red' }),
      Cluster: { Type: 'AWS::ECS::Cluster' },
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: { Targets: { 'Fn::If': ['X', [{ Id: '1', Arn: 'a', EcsParameters: {} }], []] } },
      },
    },
  };

  await expect(bench.create('shop', template)).rejects.toThrow(
    'Holdfast does not support AWS::SQS::Queue with Colour (resource Jobs), the resource type AWS::ECS::Cluster (resource Cluster), AWS::Events::Rule with Targets/0/EcsParameters (resource Rule). See docs/fidelity.',
  );
  expect(await bench.call('sqs', 'ListQueues')).not.toHaveProperty('QueueUrls.0');
  await expect(bench.describe('shop')).rejects.toThrow('Stack with id shop does not exist');
});

it.each([
  [
    { A: queue({ QueueName: { Ref: 'Nowhere' } }) },
    'Unresolved resource dependencies [Nowhere] in the Resources block',
  ],
  [
    { A: queue({ QueueName: { 'Fn::GetAtt': ['B', 'Size'] } }), B: queue() },
    'resource B does not support attribute type Size',
  ],
  [{ A: queue({ QueueName: { 'Fn::Cidr': ['10.0.0.0/16', 1, 8] } }) }, 'the intrinsic function Fn::Cidr'],
  [{ A: { Type: 'AWS::SQS::QueuePolicy', Properties: {} } }, 'required key [PolicyDocument] not found'],
  [{ A: queue({ QueueName: '{{resolve:ssm-secure:/name}}' }) }, 'dynamic references to ssm-secure (resource A)'],
  [{ A: { ...queue(), UpdatePolicy: {} } }, 'UpdatePolicy (resource A)'],
])('a template that could not work is refused: %j', async (Resources, message) => {
  await expect(new DeployerBench().create('shop', { Resources })).rejects.toThrow(message);
});

it.each([
  ['a reference in another resource', { B: queue({ QueueName: { Ref: 'A' } }) }, {}, '[A] in the Resources block'],
  [
    'an attribute in a chosen branch',
    { B: queue({ QueueName: { 'Fn::If': ['No', 'b', { 'Fn::GetAtt': ['A', 'QueueName'] }] } }) },
    {},
    '[A] in the Resources block',
  ],
  ['an output', {}, { Name: { Value: { 'Fn::GetAtt': 'A.Arn' } } }, '[A] in the Outputs block'],
])('a resource whose condition does not hold cannot be referred to: %s', async (_case, others, Outputs, message) => {
  const bench = new DeployerBench();
  const Conditions = { No: { 'Fn::Equals': ['a', 'b'] } };
  const template = { Conditions, Resources: { A: { ...queue(), Condition: 'No' }, C: queue(), ...others }, Outputs };

  await expect(bench.create('shop', template)).rejects.toThrow(
    `Unresolved resource dependencies ${message} of the template`,
  );
  await expect(bench.describe('shop')).rejects.toThrow('Stack with id shop does not exist');
});

const topic = (name: object) => ({ T: { Type: 'AWS::SNS::Topic', Properties: { TopicName: name } } });
const suffixes = { Suffixes: { A: { Suffix: 'a' } } };

it.each([
  [
    'a parameter name',
    { Parameters: { 'AWS::NoValue': { Type: 'String' } } },
    'Parameter name AWS::NoValue is non alphanumeric',
  ],
  ['a mapping of one level', { Mappings: { M: { A: 'a' } } }, 'Every Mappings member A must be a map'],
  [
    'a mapping of three levels',
    { Mappings: { M: { A: { B: { C: 'c' } } } } },
    'Every Mappings attribute must be a String or a List',
  ],
  [
    'a key that a mapping has not',
    {
      Parameters: { Letter: { Type: 'String', Default: 'C' } },
      Mappings: suffixes,
      Resources: topic({ 'Fn::FindInMap': ['Suffixes', { Ref: 'Letter' }, 'Suffix'] }),
    },
    'Unable to get mapping for Suffixes::C::Suffix',
  ],
  [
    'an index behind a list that is a parameter',
    {
      Parameters: { Names: { Type: 'CommaDelimitedList', Default: 'a,b' }, At: { Type: 'Number', Default: 2 } },
      Resources: topic({ 'Fn::Join': ['-', ['a', { 'Fn::Select': [{ Ref: 'At' }, { Ref: 'Names' }] }]] }),
    },
    'Template error: Fn::Select cannot select nonexistent value at index 2',
  ],
  [
    'a text joined that is a parameter and no list',
    {
      Parameters: { Name: { Type: 'String', Default: 'ab' } },
      Resources: topic({ 'Fn::Join': ['-', { Ref: 'Name' }] }),
    },
    'Fn::Join',
  ],
  ['an index that is no number', { Resources: topic({ 'Fn::Select': ['one', ['a']] }) }, 'an integer index and a list'],
  ['an index behind the list', { Resources: topic({ 'Fn::Select': [1, ['a']] }) }, 'an integer index and a list'],
  ['what is selected from no list', { Resources: topic({ 'Fn::Select': [0, 'a'] }) }, 'an integer index and a list'],
  [
    'a choice between one',
    { Conditions: { C: { 'Fn::Equals': ['a', 'b'] } }, Resources: topic({ 'Fn::If': ['C', 'a'] }) },
    'Fn::If requires a list argument with three elements',
  ],
  [
    'a comparison with nothing',
    { Conditions: { C: { 'Fn::Equals': ['a'] } } },
    'Fn::Equals requires a list argument with two elements',
  ],
  [
    'the negation of two',
    { Conditions: { C: { 'Fn::Not': [{ 'Fn::Equals': ['a', 'b'] }, { 'Fn::Equals': ['a', 'a'] }] } } },
    'Fn::Not requires a list argument with one element',
  ],
  [
    'a condition of eleven',
    { Conditions: { C: { 'Fn::Or': Array.from({ length: 11 }, () => ({ 'Fn::Equals': ['a', 'b'] })) } } },
    'every Fn::Or object requires a list of at least 2 and at most 10 boolean parameters',
  ],
  [
    'what is joined beside the list',
    { Resources: topic({ 'Fn::Join': ['-', ['a'], 'b'] }) },
    'every Fn::Join object requires two parameters',
  ],
  ['what is joined from a text', { Resources: topic({ 'Fn::Join': ['-', 'ab'] }) }, 'a list of strings to be joined'],
  ['a split of nothing', { Resources: topic({ 'Fn::Split': ['-'] }) }, 'a string to be split'],
  [
    'a third argument of Fn::Sub',
    { Resources: topic({ 'Fn::Sub': ['a', {}, 'c'] }) },
    "One or more Fn::Sub intrinsic functions don't specify expected arguments",
  ],
  [
    'an attribute without a name',
    { Resources: topic({ 'Fn::GetAtt': ['T', ''] }) },
    'requires two non-empty parameters',
  ],
  [
    'nothing where a value belongs',
    { Outputs: { A: { Value: null } } },
    "[/Outputs/A/Value] 'null' values are not allowed",
  ],
  ['an output without a value', { Outputs: { A: {} } }, 'Every Outputs member must contain a Value object'],
  ['resources that are a list', { Resources: [{ Type: 'AWS::SQS::Queue' }] }, 'Any Resources member must be an object'],
])('what AWS sees in a template is refused with the call: %s', async (_case, template, message) => {
  const bench = new DeployerBench();

  await expect(bench.create('shop', { Resources: { Q: queue() }, ...template })).rejects.toThrow(message);
  await expect(bench.describe('shop')).rejects.toThrow('Stack with id shop does not exist');
});

it('a key of a mapping that hangs on a resource is looked for when the resource is there', async () => {
  const bench = new DeployerBench();
  const TopicName = { 'Fn::FindInMap': ['Suffixes', { 'Fn::GetAtt': 'Q.QueueName' }, 'Suffix'] };
  await bench.create('shop', {
    Mappings: suffixes,
    Resources: { Q: queue({ QueueName: 'A' }), ...topic(TopicName) },
  });

  expect((await bench.describe('shop')).StackStatus).toBe('CREATE_COMPLETE');
});

it('a reference to it may stand where it is not chosen, and DependsOn may name it', async () => {
  const bench = new DeployerBench();
  const Value = { 'Fn::If': ['No', { Ref: 'A' }, 'none'] };
  await bench.create('shop', {
    Conditions: { No: { 'Fn::Equals': ['a', 'b'] } },
    Resources: { A: { ...queue(), Condition: 'No' }, B: { ...queue(), DependsOn: 'A' } },
    Outputs: { Name: { Value }, Other: { Condition: 'No', Value: { Ref: 'A' } } },
  });

  expect((await bench.describe('shop')).Outputs).toMatchObject([{ OutputKey: 'Name', OutputValue: 'none' }]);
});

it('roles need an acknowledged capability', async () => {
  const bench = new DeployerBench();
  const role = { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: { Statement: [] } } };

  await expect(bench.create('shop', { Resources: { Role: role } }, { Capabilities: [] })).rejects.toThrow(
    'Requires capabilities : [CAPABILITY_IAM]',
  );
});

it('a failed creation is rolled back and says which resource and why', async () => {
  const bench = new DeployerBench();
  await bench.call('sqs', 'CreateQueue', { QueueName: 'taken', Attributes: { DelaySeconds: '5' } });
  const template = {
    Resources: {
      First: queue({ QueueName: 'first' }),
      Second: { ...queue({ QueueName: 'taken', DelaySeconds: 9 }), DependsOn: 'First' },
    },
  };

  const stack = await bench.create('shop', template);

  expect(stack.StackStatus).toBe('ROLLBACK_COMPLETE');
  const failed = (await bench.events('shop')).find((event) => event.ResourceStatus === 'CREATE_FAILED');
  expect(failed?.LogicalResourceId).toBe('Second');
  expect(failed?.ResourceStatusReason).toMatch(
    /^Resource handler returned message: ".*\(Service: SQS, Status Code: 400/s,
  );
  const rollback = (await bench.events('shop')).find((event) => event.ResourceStatus === 'ROLLBACK_IN_PROGRESS');
  expect(rollback?.ResourceStatusReason).toBe(
    'The following resource(s) failed to create: [Second]. Rollback requested by user.',
  );
  await expect(bench.call('sqs', 'GetQueueUrl', { QueueName: 'first' })).rejects.toThrow();
  await expect(bench.update('shop', template)).rejects.toThrow('is in ROLLBACK_COMPLETE state and can not be updated');
});

it('with rollback disabled the stack stays as it failed', async () => {
  const bench = new DeployerBench();
  const template = { Resources: { Bad: queue({ QueueName: 'no spaces allowed' }) } };

  const stack = await bench.create('shop', template, { DisableRollback: true });

  expect(stack.StackStatus).toBe('CREATE_FAILED');
});

it('an update changes in place, adds, and removes what is no longer wanted', async () => {
  const bench = new DeployerBench();
  await bench.create('shop', { Resources: { Jobs: queue({ QueueName: 'jobs' }), Old: queue({ QueueName: 'old' }) } });

  const stack = await bench.update('shop', {
    Resources: { Jobs: queue({ QueueName: 'jobs', DelaySeconds: 7 }), New: queue({ QueueName: 'new' }) },
  });

  expect(stack.StackStatus).toBe('UPDATE_COMPLETE');
  const QueueUrl = 'http://127.0.0.1:4566/000000000000/jobs';
  expect(await bench.call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['DelaySeconds'] })).toMatchObject({
    Attributes: { DelaySeconds: '7' },
  });
  await expect(bench.call('sqs', 'GetQueueUrl', { QueueName: 'old' })).rejects.toThrow();
  expect((await bench.history('shop')).slice(-6)).toEqual([
    'New CREATE_IN_PROGRESS',
    'New CREATE_COMPLETE',
    'shop UPDATE_COMPLETE_CLEANUP_IN_PROGRESS',
    'Old DELETE_IN_PROGRESS',
    'Old DELETE_COMPLETE',
    'shop UPDATE_COMPLETE',
  ]);
});

it('an update that changes nothing is refused', async () => {
  const bench = new DeployerBench();
  await bench.create('shop', jobsWithDeadLetters);

  await expect(bench.update('shop', jobsWithDeadLetters)).rejects.toThrow('No updates are to be performed.');
});

it('what a failed update of a resource has changed of it is put back', async () => {
  const bench = new DeployerBench();
  const bucket = (more: object) => ({ Resources: { Files: { Type: 'AWS::S3::Bucket', Properties: more } } });
  const created = await bench.create('shop', bucket({ Tags: [{ Key: 'of', Value: 'shop' }] }));
  const { StackResourceDetail } = await bench.cloudFormation<{ StackResourceDetail: { PhysicalResourceId: string } }>(
    'DescribeStackResource',
    { StackName: 'shop', LogicalResourceId: 'Files' },
  );
  const Bucket = StackResourceDetail.PhysicalResourceId;
  expect(created.StackStatus).toBe('CREATE_COMPLETE');

  // Versioning is set before the access control turns out to be none.
  const stack = await bench.update(
    'shop',
    bucket({ VersioningConfiguration: { Status: 'Enabled' }, AccessControl: 'Nobody' }),
  );

  expect(stack.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await bench.call('s3', 'GetBucketVersioning', { Bucket })).toMatchObject({ Status: 'Suspended' });
  const again = await bench.update('shop', bucket({ VersioningConfiguration: { Status: 'Enabled' } }));
  expect(again.StackStatus).toBe('UPDATE_COMPLETE');
  expect(await bench.call('s3', 'GetBucketVersioning', { Bucket })).toMatchObject({ Status: 'Enabled' });
});

it('what a failed update did not come to make does not keep it from being put back', async () => {
  const bench = new DeployerBench();
  const table = (GlobalSecondaryIndexes: readonly object[]) => ({
    Resources: {
      Items: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'items',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          ...(GlobalSecondaryIndexes.length === 0 ? {} : { GlobalSecondaryIndexes }),
        },
      },
    },
  });
  await bench.create('shop', table([]));

  const stack = await bench.update(
    'shop',
    table([
      {
        IndexName: 'by-sku',
        KeySchema: [{ AttributeName: 'sku', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ]),
  );

  expect(stack.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect((await bench.update('shop', table([]), { Tags: [{ Key: 'of', Value: 'shop' }] })).StackStatus).toBe(
    'UPDATE_COMPLETE',
  );
});

it('a failed update goes back to what was before', async () => {
  const bench = new DeployerBench();
  await bench.create('shop', { Resources: { Jobs: queue({ QueueName: 'jobs', DelaySeconds: 1 }) } });

  const stack = await bench.update('shop', {
    Resources: {
      Jobs: queue({ QueueName: 'jobs', DelaySeconds: 2 }),
      Extra: { ...queue({ QueueName: 'extra' }), DependsOn: 'Jobs' },
      Bad: { ...queue({ QueueName: 'no spaces allowed' }), DependsOn: 'Extra' },
    },
  });

  expect(stack.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  const QueueUrl = 'http://127.0.0.1:4566/000000000000/jobs';
  expect(await bench.call('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['DelaySeconds'] })).toMatchObject({
    Attributes: { DelaySeconds: '1' },
  });
  await expect(bench.call('sqs', 'GetQueueUrl', { QueueName: 'extra' })).rejects.toThrow();
  const again = await bench.update('shop', { Resources: { Jobs: queue({ QueueName: 'jobs', DelaySeconds: 3 }) } });
  expect(again.StackStatus).toBe('UPDATE_COMPLETE');
});

it('a change that cannot be made in place makes a new resource and deletes the old one afterwards', async () => {
  const bench = new DeployerBench();
  const topic = (fifo: boolean) => ({
    Resources: { Topic: { Type: 'AWS::SNS::Topic', Properties: { FifoTopic: fifo } } },
  });
  await bench.create('shop', topic(false));
  const before = await bench.cloudFormation<{ StackResources: { PhysicalResourceId: string }[] }>(
    'DescribeStackResources',
    {
      StackName: 'shop',
    },
  );

  const stack = await bench.update('shop', topic(true));

  expect(stack.StackStatus).toBe('UPDATE_COMPLETE');
  const { Topics } = await bench.call<{ Topics: { TopicArn: string }[] }>('sns', 'ListTopics');
  expect(Topics).toHaveLength(1);
  expect(Topics[0]?.TopicArn).toMatch(/\.fifo$/);
  expect(Topics[0]?.TopicArn).not.toBe(before.StackResources[0]?.PhysicalResourceId);
});

it('a named resource is not replaced under the same name', async () => {
  const bench = new DeployerBench();
  const table = (key: string) => ({
    Resources: {
      Items: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'items',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
          KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
        },
      },
    },
  });
  await bench.create('shop', table('id'));

  const stack = await bench.update('shop', table('sku'));

  expect(stack.StackStatus).toBe('UPDATE_ROLLBACK_COMPLETE');
  const failed = (await bench.events('shop')).find((event) => event.ResourceStatus === 'UPDATE_FAILED');
  expect(failed?.ResourceStatusReason).toBe(
    'CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename items and update the stack again.',
  );
});

it('deleting goes in reverse order, keeps what is to be retained, and frees the name', async () => {
  const bench = new DeployerBench();
  const { Resources } = jobsWithDeadLetters;
  await bench.create('shop', {
    Resources: { ...Resources, Kept: { ...queue({ QueueName: 'kept' }), DeletionPolicy: 'Retain' } },
    Parameters: jobsWithDeadLetters.Parameters,
  });
  const { StackId } = await bench.describe('shop');

  await bench.cloudFormation('DeleteStack', { StackName: 'shop' });
  const stack = await bench.settle(StackId as string);

  expect(stack.StackStatus).toBe('DELETE_COMPLETE');
  const history = await bench.history(StackId as string);
  expect(history.indexOf('Jobs DELETE_COMPLETE')).toBeLessThan(history.indexOf('Dead DELETE_COMPLETE'));
  expect(history).toContain('Kept DELETE_SKIPPED');
  await expect(bench.describe('shop')).rejects.toThrow('Stack with id shop does not exist');
  expect(await bench.call('sqs', 'ListQueues')).toMatchObject({
    QueueUrls: ['http://127.0.0.1:4566/000000000000/kept'],
  });
});

it('a bucket that is not empty stands in the way of deletion', async () => {
  const bench = new DeployerBench();
  await bench.create('shop', {
    Resources: { Files: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'files' } } },
  });
  await bench.call('s3', 'PutObject', { Bucket: 'files', Key: 'a', Body: new Uint8Array([1]) });

  await bench.cloudFormation('DeleteStack', { StackName: 'shop' });
  const stack = await bench.settle('shop');

  expect(stack.StackStatus).toBe('DELETE_FAILED');
  expect(stack.StackStatusReason).toBe('The following resource(s) failed to delete: [Files].');
});

it('a stack under termination protection is not deleted', async () => {
  const bench = new DeployerBench();
  await bench.create('shop', { Resources: { Jobs: queue() } }, { EnableTerminationProtection: true });

  await expect(bench.cloudFormation('DeleteStack', { StackName: 'shop' })).rejects.toThrow(
    'Stack [shop] cannot be deleted while TerminationProtection is enabled',
  );
});

it('conditions decide what exists', async () => {
  const bench = new DeployerBench();
  const template = {
    Parameters: { Email: { Type: 'String', Default: '' } },
    Conditions: { HasEmail: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'Email' }, ''] }] } },
    Resources: {
      Topic: { Type: 'AWS::SNS::Topic' },
      Mail: {
        Type: 'AWS::SNS::Subscription',
        Condition: 'HasEmail',
        Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'email', Endpoint: { Ref: 'Email' } },
      },
    },
  };
  await bench.create('without', template);
  await bench.create('with', template, { Parameters: [{ ParameterKey: 'Email', ParameterValue: 'ops@example.com' }] });

  const { Subscriptions } = await bench.call<{ Subscriptions: { Endpoint: string }[] }>('sns', 'ListSubscriptions');

  expect(Subscriptions.map(({ Endpoint }) => Endpoint)).toEqual(['ops@example.com']);
});

it('an export is found by other stacks, is one of a kind, and is kept while they use it', async () => {
  const bench = new DeployerBench();
  await bench.create('base', {
    Resources: { Jobs: queue({ QueueName: 'jobs' }) },
    Outputs: {
      Arn: { Value: { 'Fn::GetAtt': ['Jobs', 'Arn'] }, Export: { Name: { 'Fn::Sub': `\${AWS::StackName}-arn` } } },
    },
  });
  await bench.create('user', {
    Resources: {
      More: queue({ RedrivePolicy: { deadLetterTargetArn: { 'Fn::ImportValue': 'base-arn' }, maxReceiveCount: 2 } }),
    },
  });

  const second = await bench.create('second', {
    Resources: { More: queue() },
    Outputs: { Arn: { Value: 'x', Export: { Name: 'base-arn' } } },
  });
  expect(second.StackStatus).toBe('ROLLBACK_COMPLETE');
  expect((await bench.events('second')).map((event) => event.ResourceStatusReason)).toContain(
    'Export with name base-arn is already exported by stack base. Rollback requested by user.',
  );

  await bench.cloudFormation('DeleteStack', { StackName: 'base' });
  const stack = await bench.settle('base');

  expect(stack.StackStatus).toBe('DELETE_FAILED');
  expect(stack.StackStatusReason).toBe('Export base-arn cannot be deleted as it is in use by user');
});

it('stacks, resources and events come back after a restart', async () => {
  const store = new MapStore();
  const before = new DeployerBench(store);
  await before.create('shop', jobsWithDeadLetters);
  const history = await before.history('shop');

  const after = new DeployerBench(store, 2);

  expect(await after.describe('shop')).toEqual(await before.describe('shop'));
  expect(await after.history('shop')).toEqual(history);
  await expect(after.update('shop', jobsWithDeadLetters)).rejects.toThrow('No updates are to be performed.');
});

it('a creation that was interrupted goes on after a restart', async () => {
  const store = new MapStore();
  const before = new DeployerBench(store);
  await before.cloudFormation('CreateStack', { StackName: 'shop', TemplateBody: JSON.stringify(jobsWithDeadLetters) });
  const frozen = store.copy();
  const [record] = [...frozen.collection<{ status: string }>('cloudformation.stacks').entries()].map(([, r]) => r);
  expect(record?.status).toBe('CREATE_IN_PROGRESS');

  const after = new DeployerBench(frozen, 2);
  const stack = await after.settle('shop');

  expect(stack.StackStatus).toBe('CREATE_COMPLETE');
  expect((stack.Outputs ?? []).map(({ OutputKey }) => OutputKey)).toEqual(['Url', 'DeadName']);
});

it('a change set says what it would do, does it when executed, and fails when there is nothing to do', async () => {
  const bench = new DeployerBench();
  const TemplateBody = JSON.stringify(jobsWithDeadLetters);
  await bench.cloudFormation('CreateChangeSet', {
    StackName: 'shop',
    ChangeSetName: 'first',
    ChangeSetType: 'CREATE',
    TemplateBody,
  });
  expect((await bench.describe('shop')).StackStatus).toBe('REVIEW_IN_PROGRESS');
  expect(await bench.cloudFormation('DescribeChangeSet', { StackName: 'shop', ChangeSetName: 'first' })).toMatchObject({
    Status: 'CREATE_COMPLETE',
    ExecutionStatus: 'AVAILABLE',
    Changes: [{ ResourceChange: { Action: 'Add', LogicalResourceId: 'Dead' } }, { ResourceChange: { Action: 'Add' } }],
  });

  await bench.cloudFormation('ExecuteChangeSet', { StackName: 'shop', ChangeSetName: 'first' });
  expect((await bench.settle('shop')).StackStatus).toBe('CREATE_COMPLETE');

  await bench.cloudFormation('CreateChangeSet', { StackName: 'shop', ChangeSetName: 'second', TemplateBody });
  expect(await bench.cloudFormation('DescribeChangeSet', { StackName: 'shop', ChangeSetName: 'second' })).toMatchObject(
    {
      Status: 'FAILED',
      StatusReason:
        "The submitted information didn't contain changes. Submit different information to create a change set.",
    },
  );
  await bench.cloudFormation('CreateChangeSet', {
    StackName: 'shop',
    ChangeSetName: 'third',
    TemplateBody,
    Parameters: [{ ParameterKey: 'Seconds', ParameterValue: '60' }],
  });
  expect(await bench.cloudFormation('DescribeChangeSet', { StackName: 'shop', ChangeSetName: 'third' })).toMatchObject({
    Changes: [{ ResourceChange: { Action: 'Modify', LogicalResourceId: 'Jobs', Replacement: 'False' } }],
  });
});

it('a template is read from a bucket of the engine', async () => {
  const bench = new DeployerBench();
  await bench.call('s3', 'CreateBucket', { Bucket: 'templates' });
  const Body = Buffer.from('Resources:\n  Jobs:\n    Type: AWS::SQS::Queue\n');
  await bench.call('s3', 'PutObject', { Bucket: 'templates', Key: 'a/b.yaml', Body });

  await bench.cloudFormation('CreateStack', {
    StackName: 'shop',
    TemplateURL: 'https://templates.s3.us-east-1.amazonaws.com/a/b.yaml',
  });

  expect((await bench.settle('shop')).StackStatus).toBe('CREATE_COMPLETE');
});

it('GetTemplateSummary and ValidateTemplate tell parameters and capabilities', async () => {
  const bench = new DeployerBench();
  const TemplateBody = JSON.stringify({
    Parameters: { Stage: { Type: 'String', Default: 'dev', AllowedValues: ['dev', 'prod'] } },
    Resources: {
      Role: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'r', AssumeRolePolicyDocument: { Statement: [] } } },
    },
  });

  expect(await bench.cloudFormation('GetTemplateSummary', { TemplateBody })).toMatchObject({
    Parameters: [{ ParameterKey: 'Stage', DefaultValue: 'dev', ParameterType: 'String' }],
    Capabilities: ['CAPABILITY_NAMED_IAM'],
    ResourceTypes: ['AWS::IAM::Role'],
  });
  expect(await bench.cloudFormation('ValidateTemplate', { TemplateBody })).toMatchObject({
    Capabilities: ['CAPABILITY_NAMED_IAM'],
    CapabilitiesReason: 'The following resource(s) require capabilities: [AWS::IAM::Role]',
  });
});

it('a public layer of AWS needs one of its name that stands in for it', async () => {
  const bench = new DeployerBench();
  const name = 'AWSLambdaPowertoolsPythonV3-python312-x86_64';
  const Worker = {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: { ZipFile: 'def handler(event, context): pass' },
      Handler: 'index.handler',
      Role: 'arn:aws:iam::000000000000:role/runner',
      Runtime: 'python3.12',
      Layers: [{ 'Fn::Join': ['', ['arn:aws:lambda:', { Ref: 'AWS::Region' }, `:017000801446:layer:${name}:5`]] }],
    },
  };
  await expect(bench.create('traced', { Resources: { Worker } })).rejects.toThrow(
    'the layers of Powertools for AWS Lambda (publish a layer of the same content under its name',
  );
  const ZipFile = zipSync({ 'python/aws_lambda_powertools/__init__.py': strToU8('') });
  await bench.call('lambda', 'PublishLayerVersion', { LayerName: name, Content: { ZipFile } });
  expect((await bench.create('traced', { Resources: { Worker } })).StackStatus).toBe('CREATE_COMPLETE');
});

describe('a change set with property values', () => {
  const template = (name: string, more: object = {}) =>
    JSON.stringify({
      Parameters: { Secret: { Type: 'String', NoEcho: true, Default: 'hush' } },
      Resources: {
        Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: name } },
        Name: {
          Type: 'AWS::SSM::Parameter',
          Properties: {
            Type: 'String',
            Value: { 'Fn::Join': [' ', ['is', { 'Fn::GetAtt': ['Topic', 'TopicName'] }]] },
            Description: { Ref: 'Secret' },
          },
        },
        ...more,
      },
    });
  const described = async (bench: DeployerBench, TemplateBody: string, IncludePropertyValues: boolean) => {
    await bench.cloudFormation('CreateChangeSet', { StackName: 'shop', ChangeSetName: 'c', TemplateBody });
    const { Changes } = await bench.cloudFormation<{ Changes: { ResourceChange: object }[] }>('DescribeChangeSet', {
      StackName: 'shop',
      ChangeSetName: 'c',
      IncludePropertyValues,
    });
    return Changes.map(({ ResourceChange }) => ResourceChange);
  };

  it('tells what is before and after, what is not known yet and why, and no secrets', async () => {
    const bench = new DeployerBench();
    await bench.create('shop', template('one'));
    const unknown = '{{changeSet:KNOWN_AFTER_APPLY}}';
    const value = {
      Attribute: 'Properties',
      Name: 'Value',
      Path: '/Properties/Value',
      AttributeChangeType: 'Modify',
      RequiresRecreation: 'Never',
      BeforeValue: 'is one',
      AfterValue: unknown,
    };

    const [topic, name] = await described(bench, template('two'), true);

    expect(topic).toMatchObject({
      Replacement: 'True',
      PolicyAction: 'ReplaceAndDelete',
      BeforeContext: '{"Properties":{"TopicName":"one"}}',
      AfterContext: '{"Properties":{"TopicName":"two"}}',
      Details: [
        { Evaluation: 'Static', Target: { BeforeValue: 'one', AfterValue: 'two', RequiresRecreation: 'Always' } },
      ],
    });
    expect(name).toMatchObject({
      Replacement: 'False',
      AfterContext: JSON.stringify({ Properties: { Type: 'String', Value: unknown, Description: '****' } }),
      Details: [
        { Evaluation: 'Dynamic', ChangeSource: 'DirectModification', Target: value },
        { Evaluation: 'Static', ChangeSource: 'ResourceAttribute', CausingEntity: 'Topic.TopicName', Target: value },
      ],
    });
  });

  it('is told without them unless they are asked for', async () => {
    const bench = new DeployerBench();
    await bench.create('shop', template('one'));
    const more = {
      New: {
        Type: 'AWS::SNS::Topic',
        Properties: { DisplayName: { 'Fn::Select': [1, { 'Fn::Split': ['.', { Ref: 'Topic' }] }] } },
      },
    };

    const changes = await described(bench, template('two', more), false);

    expect(changes).toEqual([
      expect.objectContaining({ LogicalResourceId: 'Topic' }),
      expect.objectContaining({
        LogicalResourceId: 'Name',
        Details: [
          {
            Evaluation: 'Static',
            ChangeSource: 'ResourceAttribute',
            CausingEntity: 'Topic.TopicName',
            Target: { Attribute: 'Properties', Name: 'Value', RequiresRecreation: 'Never' },
          },
        ],
      }),
      { Action: 'Add', LogicalResourceId: 'New', ResourceType: 'AWS::SNS::Topic', Scope: [], Details: [] },
    ]);
  });
});

it('a stack leaves out lists without anything in them, and when it is gone what can no longer be asked', async () => {
  const bench = new DeployerBench();
  const TemplateBody = JSON.stringify({ Resources: { Jobs: { Type: 'AWS::SQS::Queue' } } });
  const made = { StackName: 'shop', ChangeSetName: 'c', ChangeSetType: 'CREATE', TemplateBody };
  const { StackId } = await bench.cloudFormation<{ StackId: string }>('CreateChangeSet', made);
  await bench.cloudFormation('ExecuteChangeSet', { StackName: 'shop', ChangeSetName: 'c' });
  const stack = await bench.settle('shop');
  await bench.cloudFormation('DeleteStack', { StackName: 'shop' });
  const gone = await bench.settle(StackId);

  for (const member of ['Parameters', 'Outputs', 'Capabilities']) expect(stack).not.toHaveProperty(member);
  expect(stack).toMatchObject({ Tags: [], LastUpdatedTime: expect.any(Date), EnableTerminationProtection: false });
  expect(gone.StackStatus).toBe('DELETE_COMPLETE');
  for (const member of ['ChangeSetId', 'EnableTerminationProtection']) expect(gone).not.toHaveProperty(member);
});

it.each([
  ['prod', ['DELETE_SKIPPED', 1]],
  ['dev', ['DELETE_COMPLETE', 0]],
])('a condition decides what becomes of a resource: in %s', async (Environment, expected) => {
  const bench = new DeployerBench();
  const template = {
    Parameters: { Environment: { Type: 'String' } },
    Conditions: { IsProd: { 'Fn::Equals': [{ Ref: 'Environment' }, 'prod'] } },
    Resources: {
      Kept: { ...queue({ QueueName: 'kept' }), DeletionPolicy: { 'Fn::If': ['IsProd', 'Retain', 'Delete'] } },
    },
  };
  const Parameters = [{ ParameterKey: 'Environment', ParameterValue: Environment }];
  const { StackId } = await bench.create('shop', template, { Parameters });
  await bench.cloudFormation('DeleteStack', { StackName: 'shop' });
  await bench.settle(StackId as string);

  const { StackEvents } = await bench.cloudFormation<{
    StackEvents: { LogicalResourceId: string; ResourceStatus: string }[];
  }>('DescribeStackEvents', { StackName: StackId });
  const { QueueUrls = [] } = await bench.call<{ QueueUrls?: string[] }>('sqs', 'ListQueues');

  const kept = StackEvents.find(({ LogicalResourceId }) => LogicalResourceId === 'Kept');
  expect([kept?.ResourceStatus, QueueUrls.length]).toEqual(expected);
});
