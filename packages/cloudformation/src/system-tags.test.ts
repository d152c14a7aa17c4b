import { expect, it } from 'vitest';
import { DeployerBench } from './deployer-bench.ts';

const ROLE = {
  Type: 'AWS::IAM::Role',
  Properties: {
    RoleName: 'worker',
    AssumeRolePolicyDocument: {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    },
  },
};
const template = (more: readonly object[]) => ({
  Resources: {
    Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'orders', Tags: more } },
    Uploads: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'uploads' } },
    Login: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: 'login', SecretString: 'x' } },
    Stage: { Type: 'AWS::SSM::Parameter', Properties: { Name: 'stage', Type: 'String', Value: 'test' } },
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } },
    Role: ROLE,
  },
});
const tags = (logicalId: string, stackId: string | undefined) => [
  { Key: 'aws:cloudformation:stack-name', Value: 'shop' },
  { Key: 'aws:cloudformation:logical-id', Value: logicalId },
  { Key: 'aws:cloudformation:stack-id', Value: stackId },
];
const topicTags = async (bench: DeployerBench) =>
  (
    await bench.call<{ Tags: object[] }>('sns', 'ListTagsForResource', {
      ResourceArn: 'arn:aws:sns:us-east-1:000000000000:orders',
    })
  ).Tags;

it('what a stack makes is marked as its own where AWS marks it, and stays so through updates', async () => {
  const bench = new DeployerBench();
  const { StackId } = await bench.create('shop', template([{ Key: 'team', Value: 'a' }]));

  expect(await topicTags(bench)).toEqual([{ Key: 'team', Value: 'a' }, ...tags('Topic', StackId)]);
  expect(await bench.call('s3', 'GetBucketTagging', { Bucket: 'uploads' })).toEqual({
    TagSet: tags('Uploads', StackId),
  });
  expect(await bench.call('secretsmanager', 'DescribeSecret', { SecretId: 'login' })).toMatchObject({
    Tags: tags('Login', StackId),
  });
  const parameter = { ResourceType: 'Parameter', ResourceId: 'stage' };
  expect(await bench.call('ssm', 'ListTagsForResource', parameter)).toMatchObject({ TagList: tags('Stage', StackId) });
  // Queues and roles are not marked on AWS.
  const QueueUrl = 'http://127.0.0.1:4566/000000000000/jobs';
  expect(await bench.call('sqs', 'ListQueueTags', { QueueUrl })).toEqual({});
  expect(await bench.call('iam', 'ListRoleTags', { RoleName: 'worker' })).toMatchObject({ Tags: [] });

  await bench.update('shop', template([{ Key: 'team', Value: 'b' }]));
  expect(await topicTags(bench)).toEqual(
    expect.arrayContaining([{ Key: 'team', Value: 'b' }, ...tags('Topic', StackId)]),
  );
  await bench.update('shop', template([]));
  expect(await topicTags(bench)).toEqual(tags('Topic', StackId));
});

it('the marks show neither in events nor in change sets', async () => {
  const bench = new DeployerBench();
  await bench.create('shop', template([]));
  const change = { StackName: 'shop', ChangeSetName: 'next', Capabilities: ['CAPABILITY_NAMED_IAM'] };
  const TemplateBody = JSON.stringify(template([{ Key: 'team', Value: 'a' }]));
  await bench.cloudFormation('CreateChangeSet', { ...change, TemplateBody });

  const { Changes } = await bench.cloudFormation<{ Changes: object[] }>('DescribeChangeSet', {
    StackName: 'shop',
    ChangeSetName: 'next',
    IncludePropertyValues: true,
  });

  expect(Changes).toHaveLength(1);
  expect(JSON.stringify([Changes, await bench.events('shop')])).not.toContain('aws:cloudformation:stack-name');
});

it("a bucket's marks are nobody's to add, change or take away", async () => {
  const bench = new DeployerBench();
  const { StackId } = await bench.create('shop', template([]));
  const marks = tags('Uploads', StackId);
  const own = { Key: 'team', Value: 'a' };
  const put = (TagSet: readonly object[]) =>
    bench.call('s3', 'PutBucketTagging', { Bucket: 'uploads', Tagging: { TagSet } });

  await expect(put([own])).rejects.toMatchObject({
    code: 'InvalidTag',
    message: 'System Tags cannot be removed by requester',
  });
  await expect(put([...marks.slice(1), { ...marks[0], Value: 'mine' }])).rejects.toMatchObject({
    message: 'System tags cannot be added/updated by requester',
  });
  await put([own, ...marks]);
  await bench.call('s3', 'DeleteBucketTagging', { Bucket: 'uploads' });

  expect(await bench.call('s3', 'GetBucketTagging', { Bucket: 'uploads' })).toEqual({ TagSet: marks });
});

it('the marks do not count among the fifty tags of a resource', async () => {
  const bench = new DeployerBench();
  const fifty = Array.from({ length: 50 }, (_, at) => ({ Key: `k${at}`, Value: 'v' }));

  expect(await bench.create('shop', template(fifty))).toMatchObject({ StackStatus: 'CREATE_COMPLETE' });

  const ResourceArn = 'arn:aws:sns:us-east-1:000000000000:orders';
  await expect(
    bench.call('sns', 'TagResource', { ResourceArn, Tags: [{ Key: 'more', Value: 'v' }] }),
  ).rejects.toMatchObject({ code: 'TagLimitExceeded' });
});
