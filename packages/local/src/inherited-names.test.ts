import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CloudFormationClient, CreateStackCommand } from '@aws-sdk/client-cloudformation';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { CreateRoleCommand, GetRolePolicyCommand, IAMClient } from '@aws-sdk/client-iam';
import { CreateBucketCommand, HeadObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LocalEngine } from './index.ts';

/** Members that every JavaScript object has before anybody gave it one. All are legal names of attributes on AWS. */
const NAMES = ['__proto__', 'constructor', 'toString'];

const named = <Value>(value: (name: string) => Value): Record<string, Value> =>
  Object.fromEntries(NAMES.map((name) => [name, value(name)]));

let directory: string;
let local: LocalEngine;

const start = async (): Promise<void> => {
  local = await LocalEngine.start({ port: 0, dataDir: directory });
};

const client = () => ({
  endpoint: local.endpoint,
  region: 'us-east-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

/** An answer as it is on the wire: the SDK for JavaScript itself loses `__proto__` when it reads one. */
// biome-ignore lint/suspicious/noExplicitAny: answers of many operations
const ask = async (target: string, input: object): Promise<any> => {
  const answer = await fetch(local.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    body: JSON.stringify(input),
  });
  const text = await answer.text();
  expect(answer.status, text).toBe(200);
  return JSON.parse(text);
};

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'holdfast-names-'));
  await start();
});

afterAll(async () => {
  await local.close();
  rmSync(directory, { recursive: true });
});

const urlOf = (name: string): string => `${local.endpoint}/000000000000/${name}`;
const attribute = (StringValue: string) => ({ DataType: 'String', StringValue });
const KEY = JSON.parse('{"__proto__":{"S":"k"}}');

it('takes names that every JavaScript object inherits', async () => {
  const sqs = new SQSClient(client());
  for (const QueueName of [...NAMES, 'subscribed']) {
    const Policy = '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"sqs:SendMessage","Resource":"*"}]}';
    await sqs.send(new CreateQueueCommand({ QueueName, Attributes: { Policy }, tags: named((name) => `tag ${name}`) }));
  }
  const { MD5OfMessageAttributes } = await sqs.send(
    new SendMessageCommand({
      QueueUrl: urlOf('__proto__'),
      MessageBody: 'x',
      MessageAttributes: named(attribute),
    }),
  );
  expect(MD5OfMessageAttributes).toBe('ac124faa8e0578a82d6f1e077b25cc32');

  const sns = new SNSClient(client());
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: '__proto__' }));
  await sns.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'sqs',
      Endpoint: 'arn:aws:sqs:us-east-1:000000000000:subscribed',
      Attributes: { RawMessageDelivery: 'true', FilterPolicy: JSON.stringify(named((name) => [`of ${name}`])) },
    }),
  );
  await sns.send(new PublishCommand({ TopicArn, Message: 'no', MessageAttributes: {} }));
  await sns.send(
    new PublishCommand({ TopicArn, Message: 'yes', MessageAttributes: named((name) => attribute(`of ${name}`)) }),
  );

  const dynamodb = new DynamoDBClient(client());
  await dynamodb.send(
    new CreateTableCommand({
      TableName: '__proto__',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: '__proto__', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: '__proto__', AttributeType: 'S' }],
    }),
  );
  await dynamodb.send(
    new PutItemCommand({
      TableName: '__proto__',
      Item: { ...named((S) => ({ S })), ...KEY, inner: { M: named((S) => ({ S })) } },
    }),
  );

  const s3 = new S3Client({ ...client(), forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket: 'constructor' }));
  await s3.send(
    new PutObjectCommand({
      Bucket: 'constructor',
      Key: '__proto__',
      Body: 'x',
      Metadata: named((name) => `meta ${name}`),
    }),
  );

  const logs = new CloudWatchLogsClient(client());
  await logs.send(new CreateLogGroupCommand({ logGroupName: '__proto__', tags: named((name) => name) }));
  await logs.send(new CreateLogStreamCommand({ logGroupName: '__proto__', logStreamName: 'constructor' }));
  const at = Date.now();
  const measured = {
    ...named((name) => `is ${name}`),
    count: 1,
    _aws: {
      Timestamp: at,
      CloudWatchMetrics: [{ Namespace: 'names', Dimensions: [NAMES], Metrics: [{ Name: 'count' }] }],
    },
  };
  await logs.send(
    new PutLogEventsCommand({
      logGroupName: '__proto__',
      logStreamName: 'constructor',
      logEvents: [{ timestamp: at, message: JSON.stringify(measured) }],
    }),
  );

  const stepFunctions = new SFNClient(client());
  await stepFunctions.send(
    new CreateStateMachineCommand({
      name: '__proto__',
      roleArn: 'arn:aws:iam::000000000000:role/any',
      definition: `{"StartAt":"__proto__","QueryLanguage":"JSONata","States":{
        "__proto__":{"Type":"Pass","Assign":{"constructor":1},"Output":{"__proto__":"kept"},"Next":"constructor"},
        "constructor":{"Type":"Pass","End":true,"Output":{"given":"{% $states.input %}","variable":"{% $constructor %}"}}}}`,
    }),
  );

  await new CloudFormationClient(client()).send(
    new CreateStackCommand({
      StackName: 'constructor',
      Parameters: [{ ParameterKey: 'toString', ParameterValue: 'given' }],
      TemplateBody: JSON.stringify({
        Parameters: { toString: { Type: 'String' } },
        Mappings: { valueOf: { hasOwnProperty: { isPrototypeOf: 'mapped' } } },
        Conditions: { toLocaleString: { 'Fn::Equals': [{ Ref: 'toString' }, 'given'] } },
        Resources: {
          constructor: {
            Type: 'AWS::SQS::Queue',
            Condition: 'toLocaleString',
            Properties: { QueueName: { 'Fn::Sub': `\${toString}-queue` } },
          },
        },
        Outputs: {
          constructor: { Value: { Ref: 'constructor' } },
          toString: { Value: { 'Fn::FindInMap': ['valueOf', 'hasOwnProperty', 'isPrototypeOf'] } },
        },
      }),
    }),
  );

  await new IAMClient(client()).send(
    new CreateRoleCommand({
      RoleName: 'constructor',
      AssumeRolePolicyDocument:
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}',
    }),
  );
});

const expectEverything = async (): Promise<void> => {
  for (const name of NAMES) {
    const { Tags } = await ask('AmazonSQS.ListQueueTags', { QueueUrl: urlOf(name) });
    expect(Object.entries(Tags).sort()).toEqual(NAMES.map((tag) => [tag, `tag ${tag}`]).sort());
  }
  const receive = (queue: string) =>
    ask('AmazonSQS.ReceiveMessage', { QueueUrl: urlOf(queue), MessageAttributeNames: ['All'], VisibilityTimeout: 0 });
  const [direct] = (await receive('__proto__')).Messages;
  expect(Object.entries(direct.MessageAttributes).sort()).toEqual(NAMES.map((name) => [name, attribute(name)]).sort());
  const [published] = (await receive('subscribed')).Messages;
  expect(published.Body).toBe('yes');
  expect(Object.keys(published.MessageAttributes).sort()).toEqual([...NAMES].sort());

  const { Responses } = await ask('DynamoDB_20120810.BatchGetItem', {
    RequestItems: Object.fromEntries([['__proto__', { Keys: [KEY] }]]),
  });
  const [[table, items]] = Object.entries(Responses) as [[string, Record<string, object>[]]];
  expect(table).toBe('__proto__');
  expect(JSON.stringify(items)).toBe(
    '[{"__proto__":{"S":"k"},"constructor":{"S":"constructor"},"toString":{"S":"toString"},"inner":{"M":' +
      '{"__proto__":{"S":"__proto__"},"constructor":{"S":"constructor"},"toString":{"S":"toString"}}}}]',
  );

  const s3 = new S3Client({ ...client(), forcePathStyle: true });
  const { Metadata } = await s3.send(new HeadObjectCommand({ Bucket: 'constructor', Key: '__proto__' }));
  expect(Metadata?.['constructor']).toBe('meta constructor');
  const head = await fetch(`${local.endpoint}/constructor/__proto__`, { method: 'HEAD' });
  expect(head.headers.get('x-amz-meta-__proto__')).toBe('meta __proto__');

  const { tags } = await ask('Logs_20140328.ListTagsLogGroup', { logGroupName: '__proto__' });
  expect(Object.entries(tags).sort()).toEqual(NAMES.map((name) => [name, name]).sort());
  const { Metrics } = await ask('GraniteServiceVersion20100801.ListMetrics', { Namespace: 'names' });
  expect(Metrics[0].Dimensions.map(({ Name, Value }: { Name: string; Value: string }) => [Name, Value]).sort()).toEqual(
    NAMES.map((name) => [name, `is ${name}`]).sort(),
  );

  const machine = 'arn:aws:states:us-east-1:000000000000:stateMachine:__proto__';
  const { executionArn } = await ask('AWSStepFunctions.StartExecution', { stateMachineArn: machine });
  const { output } = await ask('AWSStepFunctions.DescribeExecution', { executionArn });
  expect(output).toBe('{"given":{"__proto__":"kept"},"variable":1}');
  // None of these was made.
  await expect(
    new IAMClient(client()).send(new GetRolePolicyCommand({ RoleName: 'constructor', PolicyName: 'constructor' })),
  ).rejects.toThrow('The role policy with name constructor cannot be found.');
  const outputs = await fetch(local.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=DescribeStacks&Version=2010-05-15&StackName=constructor',
  });
  const stack = await outputs.text();
  expect(stack).toContain(`<OutputValue>${local.endpoint.replace(/\d+$/, '')}`);
  expect(stack).toContain('/000000000000/given-queue</OutputValue>');
  expect(stack).toContain('<OutputValue>mapped</OutputValue>');
};

it('gives them back as they were', expectEverything);

it('gives them back as they were after a restart', async () => {
  await local.close();
  await start();
  await expectEverything();
});

it.each([
  [
    'a queue attribute',
    'AmazonSQS.CreateQueue',
    { QueueName: 'other', Attributes: { constructor: '1' } },
    'constructor',
  ],
  [
    'an unset topic attribute',
    'AmazonSQS.SetQueueAttributes',
    { QueueUrl: '', Attributes: { toString: '1' } },
    'toString',
  ],
])('refuses %s of such a name as any other that is not known', async (_, target, input, name) => {
  const answer = await fetch(local.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target },
    body: JSON.stringify('QueueUrl' in input ? { ...input, QueueUrl: urlOf('subscribed') } : input),
  });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain(`Unknown Attribute ${name}`);
});
