import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, GetMetricDataCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, CreateLogGroupCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, PutItemCommand, QueryCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListArchivesCommand, PutEventsCommand, PutRuleCommand } from '@aws-sdk/client-eventbridge';
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { notSupported, ServiceError } from '@holdfast/engine';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { failing, TestGateway } from './test-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await TestGateway.start();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.calls.length = 0;
  gateway.answer = () => ({});
});

describe('AWS JSON', () => {
  it('SQS sends a message with a binary attribute', async () => {
    const sqs = new SQSClient(gateway.client);
    gateway.answer = () => ({ MessageId: 'm-1', MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592' });
    const sent = await sqs.send(
      new SendMessageCommand({
        QueueUrl: `${gateway.endpoint}/000000000000/q`,
        MessageBody: 'hello',
        MessageAttributes: { b: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2, 255]) } },
      }),
    );
    expect(sent.MessageId).toBe('m-1');
    expect(sent.$metadata.requestId).toBe(gateway.lastCall.context.requestId);
    const { service, action, input, context } = gateway.lastCall;
    expect([service, action]).toEqual(['sqs', 'SendMessage']);
    const { b } = input['MessageAttributes'] as { b: { BinaryValue: Uint8Array } };
    expect([...b.BinaryValue]).toEqual([1, 2, 255]);
    expect(context).toMatchObject({
      account: '123456789012',
      region: 'eu-west-1',
      accessKeyId: '123456789012',
      host: `127.0.0.1:${gateway.port}`,
      sourceIp: '127.0.0.1',
      now: gateway.clock.now(),
    });
  });

  it('SQS gives binary attributes back', async () => {
    const sqs = new SQSClient({ ...gateway.client, md5: false });
    const attribute = { DataType: 'Binary', BinaryValue: new Uint8Array([9, 8]) };
    gateway.answer = () => ({ Messages: [{ MessageId: 'm', Body: 'x', MessageAttributes: { a: attribute } }] });
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: 'http://q' }));
    expect([...(Messages?.[0]?.MessageAttributes?.['a']?.BinaryValue ?? [])]).toEqual([9, 8]);
  });

  it('an SQS error carries its JSON name, and the Query code for those who look for that', async () => {
    const sqs = new SQSClient(gateway.client);
    gateway.answer = () => {
      throw new ServiceError('QueueDoesNotExist', 'The specified queue does not exist.');
    };
    const error = await failing(sqs.send(new SendMessageCommand({ QueueUrl: 'http://q', MessageBody: 'x' })));
    expect(error).toMatchObject({
      name: 'QueueDoesNotExist',
      message: 'The specified queue does not exist.',
      Code: 'AWS.SimpleQueueService.NonExistentQueue',
      Type: 'Sender',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('DynamoDB items keep numbers, binaries, sets and nesting', async () => {
    const dynamodb = new DynamoDBClient(gateway.client);
    const item = {
      pk: { S: 'a' },
      n: { N: '12345678901234567890' },
      b: { B: new Uint8Array([0, 1]) },
      bs: { BS: [new Uint8Array([2]), new Uint8Array([3])] },
      m: { M: { l: { L: [{ NULL: true as const }, { BOOL: false }, { B: new Uint8Array([4]) }] } } },
    };
    await dynamodb.send(new PutItemCommand({ TableName: 't', Item: item }));
    expect(plain(gateway.lastCall.input['Item'])).toEqual(plain(item));
    gateway.answer = () => ({ Items: [item], Count: 1, ScannedCount: 1 });
    const { Items } = await dynamodb.send(new QueryCommand({ TableName: 't', KeyConditionExpression: 'pk = a' }));
    expect(plain(Items?.[0])).toEqual(plain(item));
  });

  it('DynamoDB errors carry the members of their model', async () => {
    const dynamodb = new DynamoDBClient(gateway.client);
    gateway.answer = () => {
      throw new ServiceError('TransactionCanceledException', 'Transaction cancelled', 400, {
        CancellationReasons: [{ Code: 'ConditionalCheckFailed', Item: { b: { B: new Uint8Array([7]) } } }],
      });
    };
    const error = await failing(dynamodb.send(new TransactWriteItemsCommand({ TransactItems: [] })));
    expect(error['name']).toBe('TransactionCanceledException');
    const [reason] = error['CancellationReasons'] as { Code: string; Item: { b: { B: Uint8Array } } }[];
    expect(reason?.Code).toBe('ConditionalCheckFailed');
    expect([...(reason?.Item.b.B ?? [])]).toEqual([7]);
  });

  it('EventBridge takes and gives timestamps', async () => {
    const events = new EventBridgeClient(gateway.client);
    const time = new Date('2025-03-01T10:20:30.500Z');
    await events.send(new PutEventsCommand({ Entries: [{ Time: time, Source: 's', DetailType: 'd', Detail: '{}' }] }));
    expect((gateway.lastCall.input['Entries'] as { Time: Date }[])[0]?.Time).toEqual(time);
    gateway.answer = () => ({ Archives: [{ ArchiveName: 'a', CreationTime: time }] });
    const { Archives } = await events.send(new ListArchivesCommand({}));
    expect(Archives?.[0]?.CreationTime).toEqual(time);
  });

  it('an EventBridge error has the bare name', async () => {
    const events = new EventBridgeClient(gateway.client);
    gateway.answer = () => {
      throw new ServiceError('ResourceNotFoundException', 'Event bus x does not exist.');
    };
    const error = await failing(events.send(new PutRuleCommand({ Name: 'r', EventBusName: 'x' })));
    expect(error).toMatchObject({ name: 'ResourceNotFoundException', message: 'Event bus x does not exist.' });
  });

  it('a mistake is 400, whatever the model says of it', async () => {
    gateway.answer = () => {
      throw new ServiceError('ParameterNotFound', '', 400);
    };
    expect(await failing(new SSMClient(gateway.client).send(new GetParameterCommand({ Name: '/a' })))).toMatchObject({
      name: 'ParameterNotFound',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('CloudWatch Logs and SSM answer, also operations without output', async () => {
    const logs = new CloudWatchLogsClient(gateway.client);
    gateway.answer = () => undefined;
    await logs.send(new CreateLogGroupCommand({ logGroupName: 'g' }));
    expect(gateway.lastCall).toMatchObject({ service: 'logs', action: 'CreateLogGroup', input: { logGroupName: 'g' } });
    gateway.answer = () => ({ nextSequenceToken: '1' });
    const logEvents = [{ timestamp: 1, message: 'm' }];
    await logs.send(new PutLogEventsCommand({ logGroupName: 'g', logStreamName: 's', logEvents }));
    expect(gateway.lastCall.input['logEvents']).toEqual(logEvents);
    const ssm = new SSMClient(gateway.client);
    const LastModifiedDate = new Date(1_700_000_000_000);
    gateway.answer = () => ({ Parameter: { Name: '/a', Value: 'v', Version: 1, LastModifiedDate } });
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name: '/a' }));
    expect(Parameter).toMatchObject({ Value: 'v', LastModifiedDate });
  });

  it('an operation that the engine does not model is refused with its words', async () => {
    const ssm = new SSMClient(gateway.client);
    gateway.answer = ({ service, action }) => {
      throw notSupported(`${service} ${action}`);
    };
    const error = await failing(ssm.send(new GetParameterCommand({ Name: '/a' })));
    expect(error).toMatchObject({ name: 'NotSupportedByHoldfast', $metadata: { httpStatusCode: 501 } });
    expect(error['message']).toContain('ssm GetParameter');
  });
});

describe('CloudWatch', () => {
  const MetricData = [
    {
      MetricName: 'm',
      Value: 1.5,
      Timestamp: new Date('2025-01-02T03:04:05Z'),
      Dimensions: [{ Name: 'd', Value: 'x' }],
    },
  ];

  it('takes metrics, compressed or not', async () => {
    const cloudwatch = new CloudWatchClient({ ...gateway.client, requestMinCompressionSizeBytes: 0 });
    await cloudwatch.send(new PutMetricDataCommand({ Namespace: 'n', MetricData }));
    expect(gateway.lastCall).toMatchObject({
      service: 'cloudwatch',
      action: 'PutMetricData',
      input: { Namespace: 'n', MetricData },
    });
  });

  it('gives lists of timestamps and numbers', async () => {
    const cloudwatch = new CloudWatchClient(gateway.client);
    const Timestamps = [new Date('2025-01-02T03:04:00Z'), new Date('2025-01-02T03:05:00Z')];
    gateway.answer = () => ({ MetricDataResults: [{ Id: 'a', Timestamps, Values: [1, 2.5], StatusCode: 'Complete' }] });
    const { MetricDataResults } = await cloudwatch.send(
      new GetMetricDataCommand({ StartTime: Timestamps[0], EndTime: Timestamps[1], MetricDataQueries: [] }),
    );
    expect(MetricDataResults).toEqual([{ Id: 'a', Timestamps, Values: [1, 2.5], StatusCode: 'Complete' }]);
  });
});

describe('AWS Query', () => {
  it('SNS publishes with message attributes and reads the answer', async () => {
    const sns = new SNSClient(gateway.client);
    gateway.answer = () => ({ MessageId: 'm-1' });
    const answer = await sns.send(
      new PublishCommand({
        TopicArn: 'arn:t',
        Message: 'a & b <c>\nä',
        MessageAttributes: {
          s: { DataType: 'String', StringValue: 'x' },
          b: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
        },
      }),
    );
    expect(answer.MessageId).toBe('m-1');
    expect(answer.$metadata.requestId).toBe(gateway.lastCall.context.requestId);
    expect(plain(gateway.lastCall.input)).toEqual({
      TopicArn: 'arn:t',
      Message: 'a & b <c>\nä',
      MessageAttributes: {
        s: { DataType: 'String', StringValue: 'x' },
        b: { DataType: 'Binary', BinaryValue: [1, 2] },
      },
    });
  });

  it('SNS takes maps and lists of structures', async () => {
    const sns = new SNSClient(gateway.client);
    await sns.send(
      new CreateTopicCommand({ Name: 't', Attributes: { FifoTopic: 'true' }, Tags: [{ Key: 'k', Value: 'v' }] }),
    );
    expect(gateway.lastCall.input).toEqual({
      Name: 't',
      Attributes: { FifoTopic: 'true' },
      Tags: [{ Key: 'k', Value: 'v' }],
    });
  });

  it.each(['NotFoundException', 'NotFound'])('an SNS error thrown as %s has Query code and status', async (code) => {
    const sns = new SNSClient(gateway.client);
    gateway.answer = () => {
      throw new ServiceError(code, 'Topic does not exist');
    };
    const error = await failing(sns.send(new PublishCommand({ TopicArn: 'arn:t', Message: 'x' })));
    expect(error).toMatchObject({
      name: 'NotFoundException',
      message: 'Topic does not exist',
      Code: 'NotFound',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('STS and IAM give structures and timestamps', async () => {
    const sts = new STSClient(gateway.client);
    gateway.answer = () => ({ Account: '123456789012', UserId: 'u', Arn: 'arn:x' });
    expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: '123456789012', Arn: 'arn:x' });
    const Expiration = new Date('2025-01-01T01:00:00Z');
    gateway.answer = () => ({
      Credentials: { AccessKeyId: 'A', SecretAccessKey: 's', SessionToken: 't', Expiration },
    });
    const assumed = await sts.send(
      new AssumeRoleCommand({ RoleArn: 'arn:r', RoleSessionName: 's', DurationSeconds: 900 }),
    );
    expect(assumed.Credentials?.Expiration).toEqual(Expiration);
    expect(gateway.lastCall.input['DurationSeconds']).toBe(900);
    const iam = new IAMClient(gateway.client);
    gateway.answer = () => {
      throw new ServiceError('NoSuchEntityException', 'The role with name r cannot be found.');
    };
    const error = await failing(iam.send(new GetRoleCommand({ RoleName: 'r' })));
    expect(error).toMatchObject({ name: 'NoSuchEntityException', $metadata: { httpStatusCode: 404 } });
  });

  it('CloudFormation takes templates and gives stacks', async () => {
    const cloudformation = new CloudFormationClient(gateway.client);
    gateway.answer = () => ({ StackId: 'arn:stack' });
    const Parameters = [{ ParameterKey: 'a', ParameterValue: '1' }];
    await cloudformation.send(
      new CreateStackCommand({
        StackName: 's',
        TemplateBody: '{}',
        Parameters,
        Capabilities: ['CAPABILITY_IAM'],
        DisableRollback: true,
      }),
    );
    expect(gateway.lastCall.input).toMatchObject({
      StackName: 's',
      Parameters,
      Capabilities: ['CAPABILITY_IAM'],
      DisableRollback: true,
    });
    const CreationTime = new Date('2025-01-01T00:00:00.123Z');
    const stack = {
      StackName: 's',
      CreationTime,
      StackStatus: 'CREATE_COMPLETE',
      Outputs: [{ OutputKey: 'o', OutputValue: '1' }],
      Tags: [],
    };
    gateway.answer = () => ({ Stacks: [stack] });
    const { Stacks } = await cloudformation.send(new DescribeStacksCommand({ StackName: 's' }));
    expect(Stacks).toEqual([stack]);
  });
});

/** With bytes as plain arrays, so that Buffer and Uint8Array compare. */
const plain = (value: unknown): unknown => {
  if (value instanceof Uint8Array) return [...value];
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]));
};
