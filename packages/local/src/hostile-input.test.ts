import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalEngine } from './index.ts';

let local: LocalEngine;
beforeAll(async () => {
  local = await LocalEngine.start({ port: 0 });
  await ask('AmazonSQS.CreateQueue', { QueueName: 'q' });
  await ask('DynamoDB_20120810.CreateTable', {
    TableName: 't',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
  });
});
afterAll(() => local.close());

const ask = async (
  target: string,
  input: object | string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> => {
  const body = typeof input === 'string' || input instanceof Uint8Array ? input : JSON.stringify(input);
  const answer = await fetch(local.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target, ...headers },
    body: body as string,
  });
  return { status: answer.status, text: await answer.text() };
};

const QueueUrl = 'http://127.0.0.1/000000000000/q';

describe('null in a list or a map', () => {
  it.each([
    ['AmazonSQS.SendMessageBatch', { QueueUrl, Entries: [{ Id: 'a', MessageBody: 'x' }, null] }, 'entries.2.member'],
    ['AmazonSQS.ReceiveMessage', { QueueUrl, MessageAttributeNames: [null] }, 'messageAttributeNames.1.member'],
    ['AmazonSQS.TagQueue', { QueueUrl, Tags: { k: null } }, 'tags.k.member'],
    ['AWSEvents.PutEvents', { Entries: [null] }, 'entries.1.member'],
    ['Kinesis_20131202.PutRecords', { StreamName: 's', Records: [null] }, 'records.1.member'],
    ['DynamoDB_20120810.TransactWriteItems', { TransactItems: [null] }, 'transactItems.1.member'],
    ['DynamoDB_20120810.BatchWriteItem', { RequestItems: { t: [null] } }, 'requestItems.1.member'],
    ['DynamoDB_20120810.BatchWriteItem', { RequestItems: { t: null } }, 'requestItems.t.member'],
    ['GraniteServiceVersion20100801.PutMetricData', { Namespace: 'n', MetricData: [null] }, 'metricData.1.member'],
  ])('%s: %j', async (target, input, path) => {
    const { status, text } = await ask(target, input);
    expect(status).toBe(400);
    expect(text).toContain(`Value null at '${path}' failed to satisfy constraint: Member must not be null`);
  });
});

describe('values that their member cannot hold are refused, not bent', () => {
  const send = { QueueUrl, MessageBody: 'x' };
  it.each([
    ['half a surrogate pair', `{"QueueUrl":"${QueueUrl}","MessageBody":"a\\ud800"}`],
    [
      'half a surrogate pair as a name',
      `{"QueueUrl":"${QueueUrl}","MessageBody":"a","MessageAttributes":{"\\udfff":{"DataType":"String","StringValue":"x"}}}`,
    ],
    ['a fraction for an integer', { ...send, DelaySeconds: 1.5 }],
    ['a word for a number', { ...send, DelaySeconds: 'NaN' }],
    ['a number out of range', `{"QueueUrl":"${QueueUrl}","MessageBody":"a","DelaySeconds":1e999}`],
    ['a number above a long', { ...send, DelaySeconds: 1e30 }],
    ['a text for a number', { ...send, DelaySeconds: '5' }],
    ['a number for a text', { QueueUrl, MessageBody: 5 }],
    ['a list for a structure', []],
    ['nothing for a structure', 'null'],
    ['text that is not UTF-8', Buffer.from(`{"QueueUrl":"${QueueUrl}","MessageBody":"\u00ff"}`, 'latin1')],
    ['no JSON', '{"'],
  ])('%s', async (_, input) => {
    const { status, text } = await ask('AmazonSQS.SendMessage', input);
    expect([status, JSON.parse(text).__type]).toEqual([400, 'com.amazon.coral.service#SerializationException']);
  });

  it.each([1e300, -1e300, '99999-01-01T00:00:00Z', true])('a timestamp %s', async (Timestamp) => {
    const { status, text } = await ask('GraniteServiceVersion20100801.PutMetricData', {
      Namespace: 'n',
      MetricData: [{ MetricName: 'm', Value: 1, Timestamp }],
    });
    expect([status, text]).toEqual([400, expect.stringContaining('SerializationException')]);
  });

  it('floating-point numbers stay what they are', async () => {
    const MetricData = [{ MetricName: 'm', Value: 1.5, StorageResolution: 1 }];
    expect((await ask('GraniteServiceVersion20100801.PutMetricData', { Namespace: 'n', MetricData })).status).toBe(200);
  });

  it.each([
    ['GET', '/bucket?max-keys=abc'],
    ['GET', '/bucket?max-keys=1.5'],
    ['GET', '/2015-03-31/functions?MaxItems=abc'],
  ])('%s %s', async (method, path) => {
    expect((await fetch(local.endpoint + path, { method })).status).toBe(400);
  });
});

describe('nesting without end is a bad request', () => {
  const deep = (open: string, inner: string, close: string, levels = 5_000): string =>
    open.repeat(levels) + inner + close.repeat(levels);
  it.each([
    [
      'an item of maps',
      'DynamoDB_20120810.PutItem',
      `{"TableName":"t","Item":{"pk":{"S":"a"},"m":${deep('{"M":{"a":', '{"S":"x"}', '}}')}}}`,
    ],
    [
      'an item of lists',
      'DynamoDB_20120810.PutItem',
      `{"TableName":"t","Item":{"pk":{"S":"a"},"m":${deep('{"L":[', '{"S":"x"}', ']}')}}}`,
    ],
    [
      'a member that nobody knows',
      'AmazonSQS.SendMessage',
      `{"QueueUrl":"${QueueUrl}","MessageBody":${deep('[', '1', ']')}}`,
    ],
    [
      'a condition of parentheses',
      'DynamoDB_20120810.Scan',
      { TableName: 't', FilterExpression: deep('(', 'attribute_exists(a)', ')', 2_000) },
    ],
    [
      'a condition of NOT',
      'DynamoDB_20120810.Scan',
      { TableName: 't', FilterExpression: `${'NOT '.repeat(1_000)}attribute_exists(a)` },
    ],
    ['a pattern', 'AWSEvents.PutRule', { Name: 'r', EventPattern: deep('{"a":', '["x"]', '}') }],
    [
      'the detail of an event pattern test',
      'AWSEvents.TestEventPattern',
      { EventPattern: '{"a":["x"]}', Event: deep('{"a":', '1', '}') },
    ],
    [
      'a filter policy',
      'AmazonSimpleNotificationService.Subscribe',
      {
        TopicArn: 'arn:aws:sns:us-east-1:000000000000:t',
        Protocol: 'sqs',
        Endpoint: 'arn:aws:sqs:us-east-1:000000000000:q',
        Attributes: { FilterPolicyScope: 'MessageBody', FilterPolicy: deep('{"a":', '["x"]', '}') },
      },
    ],
    [
      'a template',
      'CloudFormation.ValidateTemplate',
      {
        TemplateBody: `{"Resources":{"R":{"Type":"AWS::SQS::Queue","Properties":{"QueueName":${deep('{"Fn::Join":["",["a",', '"b"', ']]}', 1_500)}}}}}`,
      },
    ],
    [
      'a template that is created',
      'CloudFormation.CreateStack',
      {
        StackName: 's',
        TemplateBody: `{"Resources":{"R":{"Type":"AWS::SQS::Queue","Properties":{"QueueName":${deep('{"Fn::Join":["",["a",', '"b"', ']]}', 1_500)}}}}}`,
      },
    ],
    ['a YAML template', 'CloudFormation.ValidateTemplate', { TemplateBody: `Resources: ${deep('{a: ', 'b', '}')}` }],
    [
      'a policy',
      'AmazonSQS.SetQueueAttributes',
      { QueueUrl, Attributes: { Policy: `{"Version":"2012-10-17","Statement":${deep('[', '', ']')}}` } },
    ],
    [
      'a dashboard',
      'GraniteServiceVersion20100801.PutDashboard',
      { DashboardName: 'd', DashboardBody: `{"widgets":${deep('[', '', ']')}}` },
    ],
  ])('%s', async (_, target, input) => {
    const { status, text } = await ask(target, input);
    expect([Math.floor(status / 100), text], text.slice(0, 200)).toEqual([4, expect.any(String)]);
  });

  it('in the detail of an event, which is handed on or refused', async () => {
    const { status, text } = await ask('AWSEvents.PutEvents', {
      Entries: [{ Source: 's', DetailType: 'd', Detail: deep('{"a":', '1', '}') }],
    });
    expect([status, JSON.parse(text).FailedEntryCount]).toEqual([200, 1]);
  });

  it('in CBOR', async () => {
    const body = Buffer.concat([Buffer.alloc(5_000, 0x81), Buffer.from([0])]);
    expect(
      (await ask('Kinesis_20131202.ListStreams', body, { 'content-type': 'application/x-amz-cbor-1.1' })).status,
    ).toBe(400);
  });
});

it('a token that cannot be decoded is an invalid argument', async () => {
  for (const NextToken of ['{}', '%zz', 'a']) {
    const { status, text } = await ask('Kinesis_20131202.ListStreams', { NextToken });
    expect([status, text]).toEqual([400, expect.stringContaining('InvalidArgumentException')]);
  }
});

describe('addresses that cannot be decoded', () => {
  it('are no reason to fail', async () => {
    const TemplateURL = 'https://s3.amazonaws.com/bucket/%zz';
    expect((await ask('CloudFormation.CreateStack', { StackName: 's', TemplateURL })).status).toBe(400);
    expect((await ask('CloudFormation.ValidateTemplate', { TemplateURL: `${local.endpoint}/bucket/%zz` })).status).toBe(
      400,
    );
  });
});

describe('what would hold the engine for long', () => {
  it('a number of 200 KB in CBOR is refused at once', async () => {
    const bignum = Buffer.concat([
      Buffer.from([0xa1, 0x65]),
      Buffer.from('Limit'),
      Buffer.from([0xc2, 0x5a, 0, 3, 0x0d, 0x40]),
      Buffer.alloc(200_000, 0xff),
    ]);
    const { status, text } = await ask('Kinesis_20131202.ListStreams', bignum, {
      'content-type': 'application/x-amz-cbor-1.1',
    });
    expect(status).toBe(400);
    expect(text).toContain('a number that is too large');
  });

  it.each([
    ['a list that says it is huge', [0x9b, 0x7f, 255, 255, 255, 255, 255, 255, 255]],
    ['a text that says it is huge', [0x7b, 0, 0, 0, 255, 255, 255, 255, 255]],
    ['nothing', []],
    ['a break', [0xff]],
    ['two items', [0xa0, 0xa0]],
    ['a reserved length', [0xbc]],
  ])('%s in CBOR', async (_, bytes) => {
    const { status } = await ask('Kinesis_20131202.DescribeStream', Buffer.from(bytes), {
      'content-type': 'application/x-amz-cbor-1.1',
    });
    expect(status).toBe(400);
  });
});
