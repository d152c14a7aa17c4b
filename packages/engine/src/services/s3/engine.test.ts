import { describe, expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';

const QUEUE = 'arn:aws:sqs:us-east-1:000000000000:arrivals';
const TOPIC = 'arn:aws:sns:us-east-1:000000000000:arrivals';

const allow = (service: string, action: string, resource: string): string =>
  JSON.stringify({
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: action, Resource: resource }],
  });

/** Everything that waits in the queue, parsed. */
const received = async (test: TestEngine, QueueUrl: string) => {
  const { Messages = [] } = await test.call<{ Messages?: { Body: string }[] }>('sqs', 'ReceiveMessage', {
    QueueUrl,
    MaxNumberOfMessages: 10,
  });
  return Messages.map((message) => JSON.parse(message.Body));
};

const withQueue = async (test: TestEngine, sender: string): Promise<string> => {
  const { QueueUrl } = await test.call<{ QueueUrl: string }>('sqs', 'CreateQueue', {
    QueueName: 'arrivals',
    Attributes: { Policy: allow(sender, 'sqs:SendMessage', QUEUE) },
  });
  await test.call('s3', 'CreateBucket', { Bucket: 'uploads' });
  return QueueUrl;
};

describe('among the other services', () => {
  it('S3 tells a queue what arrived', async () => {
    const test = new TestEngine();
    const url = await withQueue(test, 's3.amazonaws.com');
    await test.call('s3', 'PutBucketNotificationConfiguration', {
      Bucket: 'uploads',
      NotificationConfiguration: { QueueConfigurations: [{ QueueArn: QUEUE, Events: ['s3:ObjectCreated:*'] }] },
    });

    await test.call('s3', 'PutObject', { Bucket: 'uploads', Key: 'VEND001/x.csv', Body: new Uint8Array([1]) });

    const [first, second] = await received(test, url);
    expect(first).toMatchObject({ Event: 's3:TestEvent' });
    expect(second).toMatchObject({ Records: [{ s3: { object: { key: 'VEND001/x.csv', size: 1 } } }] });
  });

  it('S3 is not let into a queue whose policy does not name it', async () => {
    const test = new TestEngine();
    await withQueue(test, 'sns.amazonaws.com');

    await expect(
      test.call('s3', 'PutBucketNotificationConfiguration', {
        Bucket: 'uploads',
        NotificationConfiguration: { QueueConfigurations: [{ QueueArn: QUEUE, Events: ['s3:ObjectCreated:*'] }] },
      }),
    ).rejects.toMatchObject({
      code: 'InvalidArgument',
      members: {
        ArgumentValue1:
          'Permissions on the destination queue do not allow S3 to publish notifications from this bucket',
      },
    });
  });

  it('S3 tells a topic, and the topic a queue', async () => {
    const test = new TestEngine();
    const url = await withQueue(test, 'sns.amazonaws.com');
    await test.call('sns', 'CreateTopic', {
      Name: 'arrivals',
      Attributes: { Policy: allow('s3.amazonaws.com', 'sns:Publish', TOPIC) },
    });
    await test.call('sns', 'Subscribe', { TopicArn: TOPIC, Protocol: 'sqs', Endpoint: QUEUE });
    await test.call('s3', 'PutBucketNotificationConfiguration', {
      Bucket: 'uploads',
      NotificationConfiguration: { TopicConfigurations: [{ TopicArn: TOPIC, Events: ['s3:ObjectCreated:*'] }] },
    });

    await test.call('s3', 'PutObject', { Bucket: 'uploads', Key: 'a b.csv', Body: new Uint8Array([1]) });

    const [, envelope] = await received(test, url);
    expect(envelope).toMatchObject({ Type: 'Notification', Subject: 'Amazon S3 Notification' });
    expect(JSON.parse(envelope.Message).Records[0].s3.object.key).toBe('a+b.csv');
  });

  it('S3 reaches a queue through EventBridge', async () => {
    const test = new TestEngine();
    const url = await withQueue(test, 'events.amazonaws.com');
    await test.call('events', 'PutRule', { Name: 'arrivals', EventPattern: '{"source":["aws.s3"]}' });
    await test.call('events', 'PutTargets', { Rule: 'arrivals', Targets: [{ Id: 'q', Arn: QUEUE }] });
    await test.call('s3', 'PutBucketNotificationConfiguration', {
      Bucket: 'uploads',
      NotificationConfiguration: { EventBridgeConfiguration: {} },
    });

    await test.call('s3', 'PutObject', { Bucket: 'uploads', Key: 'a b.csv', Body: new Uint8Array([1]) });
    await test.advance(1_000);

    expect(await received(test, url)).toMatchObject([
      { source: 'aws.s3', 'detail-type': 'Object Created', detail: { object: { key: 'a b.csv' } } },
    ]);
  });
});
