import { expect, it } from 'vitest';
import { DeployerBench } from '../deployer-bench.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:jobs';
const jobs = {
  Jobs: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs' } },
  JobsPolicy: {
    Type: 'AWS::SQS::QueuePolicy',
    Properties: {
      Queues: [{ Ref: 'Jobs' }],
      PolicyDocument: {
        Statement: [
          { Effect: 'Allow', Principal: { Service: 's3.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' },
        ],
      },
    },
  },
};
const toQueue = (event: string) => ({ QueueConfigurations: [{ Events: [event], QueueArn: QUEUE }] });
const notifications = (BucketName: unknown, NotificationConfiguration: object, Managed: boolean | string) => ({
  Type: 'Custom::S3BucketNotifications',
  DependsOn: ['JobsPolicy'],
  Properties: { ServiceToken: 'arn:handler', BucketName, NotificationConfiguration, Managed },
});

const eventsOf = async (bench: DeployerBench, Bucket: string): Promise<readonly string[]> => {
  const { QueueConfigurations } = await bench.call<{ QueueConfigurations?: { Events: string[] }[] }>(
    's3',
    'GetBucketNotificationConfiguration',
    { Bucket },
  );
  return (QueueConfigurations ?? []).flatMap(({ Events }) => Events);
};

it('the notifications of a CDK bucket are set, changed and taken away', async () => {
  const bench = new DeployerBench();
  const template = (event: string | undefined) => ({
    Resources: {
      ...jobs,
      Files: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'files' } },
      ...(event === undefined ? {} : { Told: notifications({ Ref: 'Files' }, toQueue(event), true) }),
    },
  });

  expect((await bench.create('shop', template('s3:ObjectCreated:*'))).StackStatus).toBe('CREATE_COMPLETE');
  expect(await eventsOf(bench, 'files')).toEqual(['s3:ObjectCreated:*']);
  await bench.update('shop', template('s3:ObjectRemoved:*'));
  expect(await eventsOf(bench, 'files')).toEqual(['s3:ObjectRemoved:*']);
  await bench.update('shop', template(undefined));
  expect(await eventsOf(bench, 'files')).toEqual([]);
});

it('notifications that stacks set on one bucket at the same time leave each other alone', async () => {
  const bench = new DeployerBench();
  await bench.call('s3', 'CreateBucket', { Bucket: 'shared' });
  await bench.create('jobs', { Resources: jobs });
  const template = (event: string) => {
    const { DependsOn: _, ...told } = notifications('shared', toQueue(event), false);
    return { Resources: { Told: told } };
  };

  await Promise.all([
    bench.create('one', template('s3:ObjectCreated:Put')),
    bench.create('two', template('s3:ObjectRemoved:Delete')),
  ]);

  expect(await eventsOf(bench, 'shared')).toEqual(['s3:ObjectCreated:Put', 's3:ObjectRemoved:Delete']);
});

it('notifications on the bucket of another stack leave those of others alone', async () => {
  const bench = new DeployerBench();
  await bench.call('s3', 'CreateBucket', { Bucket: 'shared' });
  await bench.create('jobs', { Resources: jobs });
  await bench.call('s3', 'PutBucketNotificationConfiguration', {
    Bucket: 'shared',
    NotificationConfiguration: toQueue('s3:ObjectRemoved:Delete'),
  });
  const told = (event: string) => {
    const { DependsOn: _, ...resource } = notifications('shared', toQueue(event), 'false');
    return { Resources: { Told: resource } };
  };

  await bench.create('shop', told('s3:ObjectCreated:Put'));
  expect(await eventsOf(bench, 'shared')).toEqual(['s3:ObjectRemoved:Delete', 's3:ObjectCreated:Put']);
  await bench.update('shop', told('s3:ObjectCreated:Post'));
  expect(await eventsOf(bench, 'shared')).toEqual(['s3:ObjectRemoved:Delete', 's3:ObjectCreated:Post']);
  await bench.cloudFormation('DeleteStack', { StackName: 'shop' });
  await bench.settle((await bench.describe('shop')).StackId as string);
  expect(await eventsOf(bench, 'shared')).toEqual(['s3:ObjectRemoved:Delete']);
});

it('a bucket with automatic deletion of its objects is emptied, versions and all, and deleted', async () => {
  const bench = new DeployerBench();
  const { StackId } = await bench.create('shop', {
    Resources: {
      Files: {
        Type: 'AWS::S3::Bucket',
        Properties: { BucketName: 'files', VersioningConfiguration: { Status: 'Enabled' } },
      },
      Emptied: {
        Type: 'Custom::S3AutoDeleteObjects',
        Properties: { ServiceToken: 'arn:handler', BucketName: { Ref: 'Files' } },
      },
    },
  });
  for (const Body of ['1', '2']) await bench.call('s3', 'PutObject', { Bucket: 'files', Key: 'a', Body });
  await bench.call('s3', 'DeleteObject', { Bucket: 'files', Key: 'a' });

  await bench.cloudFormation('DeleteStack', { StackName: 'shop' });

  expect((await bench.settle(StackId as string)).StackStatus).toBe('DELETE_COMPLETE');
  await expect(bench.call('s3', 'HeadBucket', { Bucket: 'files' })).rejects.toThrow();
});
