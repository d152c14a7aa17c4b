import { MINUTE_MS } from '@holdfast/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import { TestEngine } from '../../test-engine.ts';
import { createFunction } from '../lambda/function-bench.ts';

const ACCOUNT = '000000000000';
const OWNER = {
  Effect: 'Allow',
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
  Action: 'kms:*',
  Resource: '*',
};
const service = (principal: string) => ({
  Effect: 'Allow',
  Principal: { Service: principal },
  Action: ['kms:GenerateDataKey*', 'kms:Decrypt'],
  Resource: '*',
});
const policyOf = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const arnOf = (kind: string, name: string) => `arn:aws:${kind}:us-east-1:${ACCOUNT}:${name}`;
const open = (action: string, Resource: string, principal: string) =>
  policyOf({ Effect: 'Allow', Principal: { Service: principal }, Action: action, Resource });

let test: TestEngine;
let KeyId: string;

const createQueue = (QueueName: string, Attributes: object) =>
  test.call('sqs', 'CreateQueue', { QueueName, Attributes });
const bodies = async (QueueUrl: string) => {
  const { Messages = [] } = await test.call<{ Messages?: { Body: string }[] }>('sqs', 'ReceiveMessage', {
    QueueUrl,
    MaxNumberOfMessages: 10,
    VisibilityTimeout: 0,
  });
  return Messages.map(({ Body }) => Body);
};
const letIn = (...principals: string[]) =>
  test.call('kms', 'PutKeyPolicy', { KeyId, Policy: policyOf(OWNER, ...principals.map(service)) });

const addFunction = (FunctionName: string, more: object = {}) =>
  createFunction(test, FunctionName, { Role: `arn:aws:iam::${ACCOUNT}:role/app`, ...more });

beforeEach(async () => {
  test = new TestEngine();
  const { KeyMetadata } = await test.call<{ KeyMetadata: { KeyId: string } }>('kms', 'CreateKey');
  ({ KeyId } = KeyMetadata);
});

describe('an encrypted queue', () => {
  const send = () => test.call('sqs', 'SendMessage', { QueueUrl: 'q', MessageBody: 'x' });

  it('fails when its data key is over and the key is disabled, and works again with it', async () => {
    await createQueue('q', { KmsMasterKeyId: KeyId, KmsDataKeyReusePeriodSeconds: '60' });
    await send();
    await test.call('kms', 'DisableKey', { KeyId });
    await send();
    await test.advance(MINUTE_MS);
    await expect(send()).rejects.toMatchObject({ code: 'KmsDisabled', status: 400 });
    await expect(bodies('q')).rejects.toMatchObject({ code: 'KmsDisabled' });
    await test.call('kms', 'EnableKey', { KeyId });
    expect(await bodies('q')).toEqual(['x', 'x']);
    await test.call('kms', 'ScheduleKeyDeletion', { KeyId });
    await test.advance(MINUTE_MS);
    await expect(send()).rejects.toMatchObject({ code: 'KmsInvalidState' });
  });

  it('says so entry by entry, with the code of old', async () => {
    await createQueue('q', { KmsMasterKeyId: 'alias/nobody' });
    const Entries = [{ Id: 'a', MessageBody: 'x' }];
    expect(await test.call('sqs', 'SendMessageBatch', { QueueUrl: 'q', Entries })).toMatchObject({
      Failed: [{ Id: 'a', Code: 'KMS.NotFoundException' }],
    });
  });

  it('takes what EventBridge sends only if its key lets EventBridge in; else it is dead-lettered', async () => {
    const ruleArn = arnOf('events', 'rule/r');
    const Policy = open('sqs:SendMessage', '*', 'events.amazonaws.com');
    await createQueue('q', { KmsMasterKeyId: KeyId, Policy });
    await createQueue('dead', { Policy });
    await test.call('events', 'PutRule', { Name: 'r', EventPattern: '{"source":["app"]}' });
    const target = { Id: 't', Arn: arnOf('sqs', 'q'), DeadLetterConfig: { Arn: arnOf('sqs', 'dead') } };
    await test.call('events', 'PutTargets', { Rule: 'r', Targets: [target] });
    const put = () => test.call('events', 'PutEvents', { Entries: [{ Source: 'app', DetailType: 'd', Detail: '{}' }] });
    await put();
    const { Messages = [] } = await test.call<{ Messages: { MessageAttributes: object }[] }>('sqs', 'ReceiveMessage', {
      QueueUrl: 'dead',
      MessageAttributeNames: ['All'],
    });
    expect(Messages).toMatchObject([
      {
        MessageAttributes: {
          ERROR_CODE: { StringValue: 'NO_PERMISSIONS' },
          RULE_ARN: { StringValue: ruleArn },
        },
      },
    ]);
    expect(await bodies('q')).toEqual([]);
    await letIn('events.amazonaws.com');
    await put();
    expect(await bodies('q')).toHaveLength(1);
  });

  it('holds its messages back from a function until the key works again', async () => {
    await createQueue('q', { KmsMasterKeyId: KeyId, KmsDataKeyReusePeriodSeconds: '60' });
    await addFunction('worker');
    await send();
    await test.call('kms', 'DisableKey', { KeyId });
    await test.advance(MINUTE_MS);
    await test.call('lambda', 'CreateEventSourceMapping', {
      FunctionName: 'worker',
      EventSourceArn: arnOf('sqs', 'q'),
    });
    await test.advance(10 * MINUTE_MS);
    expect(test.invocations).toEqual([]);
    await test.call('kms', 'EnableKey', { KeyId });
    await test.advance(MINUTE_MS);
    expect(test.invocations).toHaveLength(1);
  });
});

describe('an encrypted topic', () => {
  const TopicArn = arnOf('sns', 't');
  const publish = () => test.call('sns', 'Publish', { TopicArn, Message: 'm' });

  it('refuses who publishes while its key is disabled', async () => {
    await test.call('sns', 'CreateTopic', { Name: 't', Attributes: { KmsMasterKeyId: KeyId } });
    await publish();
    await test.call('kms', 'DisableKey', { KeyId });
    await test.advance(5 * MINUTE_MS);
    await expect(publish()).rejects.toMatchObject({ code: 'KMSDisabled' });
  });

  it('sends to an encrypted queue only if the key of the queue lets SNS in', async () => {
    await test.call('sns', 'CreateTopic', { Name: 't' });
    const Policy = open('sqs:SendMessage', '*', 'sns.amazonaws.com');
    await createQueue('q', { KmsMasterKeyId: KeyId, Policy });
    await createQueue('dead', { Policy });
    await test.call('sns', 'Subscribe', {
      TopicArn,
      Protocol: 'sqs',
      Endpoint: arnOf('sqs', 'q'),
      Attributes: {
        RawMessageDelivery: 'true',
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('sqs', 'dead') }),
      },
    });
    await publish();
    expect([await bodies('q'), await bodies('dead')]).toEqual([[], ['m']]);
    await letIn('sns.amazonaws.com');
    await publish();
    expect(await bodies('q')).toEqual(['m']);
  });

  it('lets a service publish only if its key does', async () => {
    const Policy = open('sns:Publish', TopicArn, 'events.amazonaws.com');
    await test.call('sns', 'CreateTopic', { Name: 't', Attributes: { KmsMasterKeyId: KeyId, Policy } });
    await createQueue('q', { Policy: open('sqs:SendMessage', '*', 'sns.amazonaws.com') });
    const Attributes = { RawMessageDelivery: 'true' };
    await test.call('sns', 'Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: arnOf('sqs', 'q'), Attributes });
    await test.call('events', 'PutRule', { Name: 'r', EventPattern: '{"source":["app"]}' });
    await test.call('events', 'PutTargets', { Rule: 'r', Targets: [{ Id: 't', Arn: TopicArn, Input: '"hello"' }] });
    const put = () => test.call('events', 'PutEvents', { Entries: [{ Source: 'app', DetailType: 'd', Detail: '{}' }] });
    await put();
    expect(await bodies('q')).toEqual([]);
    await letIn('events.amazonaws.com');
    await put();
    expect(await bodies('q')).toEqual(['"hello"']);
  });
});

describe('other data under a key', () => {
  const disable = async () => {
    await test.call('kms', 'DisableKey', { KeyId });
    await test.advance(5 * MINUTE_MS);
  };

  it('of a table cannot be read or written while the key is disabled', async () => {
    await test.call('dynamodb', 'CreateTable', {
      TableName: 'orders',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { Enabled: true, SSEType: 'KMS', KMSMasterKeyId: KeyId },
    });
    const item = { TableName: 'orders', Item: { id: { S: '1' } } };
    await test.call('dynamodb', 'PutItem', item);
    await disable();
    await expect(test.call('dynamodb', 'PutItem', item)).rejects.toMatchObject({
      code: 'AccessDeniedException',
      message: expect.stringContaining('is disabled.'),
    });
    await test.call('dynamodb', 'DescribeTable', { TableName: 'orders' });
  });

  it('of a table without a key of its own is told to be under the one that AWS keeps, by its ARN', async () => {
    const { TableDescription } = (await test.call('dynamodb', 'CreateTable', {
      TableName: 'orders',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { Enabled: true },
    })) as { TableDescription: { SSEDescription: { KMSMasterKeyArn: string } } };
    const arn = TableDescription.SSEDescription.KMSMasterKeyArn;
    expect(await test.call('kms', 'DescribeKey', { KeyId: 'alias/aws/dynamodb' })).toMatchObject({
      KeyMetadata: {
        Arn: arn,
        KeyManager: 'AWS',
        Description: 'Default key that protects my DynamoDB data when no other key is defined',
      },
    });
  });

  it('of a stream neither', async () => {
    const StreamName = 'clicks';
    await test.call('kinesis', 'CreateStream', { StreamName, ShardCount: 1 });
    await test.advance(MINUTE_MS);
    await test.call('kinesis', 'StartStreamEncryption', { StreamName, EncryptionType: 'KMS', KeyId });
    const put = () => test.call('kinesis', 'PutRecord', { StreamName, PartitionKey: 'a', Data: new Uint8Array([1]) });
    await put();
    const { ShardIterator } = await test.call<{ ShardIterator: string }>('kinesis', 'GetShardIterator', {
      StreamName,
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    });
    await test.call('kms', 'DisableKey', { KeyId });
    await test.advance(5 * MINUTE_MS - 1);
    await put();
    await test.advance(1);
    await expect(put()).rejects.toMatchObject({ code: 'KMSDisabledException' });
    await expect(test.call('kinesis', 'GetRecords', { ShardIterator })).rejects.toMatchObject({
      code: 'KMSDisabledException',
    });
  });

  it('of a bucket neither', async () => {
    await test.call('s3', 'CreateBucket', { Bucket: 'files' });
    const place = { Bucket: 'files', Key: 'a' };
    const encryption = { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: KeyId };
    const put = () => test.call('s3', 'PutObject', { ...place, ...encryption, Body: new Uint8Array([1]) });
    await put();
    await disable();
    await expect(put()).rejects.toMatchObject({ code: 'KMS.DisabledException' });
    await expect(test.call('s3', 'GetObject', place)).rejects.toMatchObject({ code: 'KMS.DisabledException' });
    await test.call('s3', 'HeadObject', place);
    await test.call('s3', 'PutObject', { ...place, Body: new Uint8Array([1]) });
  });

  it('keeps a function from starting', async () => {
    await addFunction('worker', {
      KMSKeyArn: arnOf('kms', `key/${KeyId}`),
      Environment: { Variables: { MODE: '1' } },
    });
    await disable();
    await expect(test.call('lambda', 'Invoke', { FunctionName: 'worker' })).rejects.toMatchObject({
      code: 'KMSDisabledException',
      status: 502,
    });
  });
});
