import { gzipSync } from 'node:zlib';
import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { ServiceError } from '@holdfast/engine';
import { cbor, SmithyRpcV2CborProtocol } from '@smithy/core/cbor';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { authorization, TestGateway } from './test-gateway.ts';

let gateway: TestGateway;
beforeAll(async () => {
  gateway = await TestGateway.start();
});
afterAll(() => gateway.close());
beforeEach(() => {
  gateway.calls.length = 0;
  gateway.answer = () => ({});
});

const refusing = (code: string, message: string, status?: number, members?: Record<string, unknown>) => () => {
  throw new ServiceError(code, message, status, members);
};

const form = (service: string, parameters: Record<string, string>, path = '/'): Promise<Response> =>
  fetch(gateway.endpoint + path, {
    method: 'POST',
    headers: { authorization: authorization(service) },
    body: new URLSearchParams(parameters),
  });

const json = (
  target: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> =>
  fetch(gateway.endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target, ...headers },
    body,
  });

describe('the Query protocol of SQS', () => {
  it('names queue attributes and message attributes in its flattened way', async () => {
    gateway.answer = () => ({ QueueUrl: 'http://q?a=1&b' });
    const created = await form('sqs', {
      Action: 'CreateQueue',
      Version: '2012-11-05',
      QueueName: 'q',
      'Attribute.1.Name': 'DelaySeconds',
      'Attribute.1.Value': '5',
      'Attribute.2.Name': 'Policy',
      'Attribute.2.Value': '',
      'Tag.1.Key': 'team',
      'Tag.1.Value': 'x',
    });
    expect(gateway.lastCall).toMatchObject({
      service: 'sqs',
      action: 'CreateQueue',
      input: { QueueName: 'q', Attributes: { DelaySeconds: '5', Policy: '' }, tags: { team: 'x' } },
    });
    const { requestId } = gateway.lastCall.context;
    expect(created.headers.get('content-type')).toBe('text/xml');
    expect(await created.text()).toBe(
      '<?xml version="1.0"?>\n<CreateQueueResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">' +
        '<CreateQueueResult><QueueUrl>http://q?a=1&amp;b</QueueUrl></CreateQueueResult>' +
        `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></CreateQueueResponse>`,
    );
  });

  it('takes the queue from the path and gives lists and maps flattened', async () => {
    gateway.answer = () => ({
      Messages: [
        {
          MessageId: 'm',
          Body: 'a\r\n<b>',
          Attributes: { SentTimestamp: '1' },
          MessageAttributes: { x: { DataType: 'Binary', BinaryValue: Buffer.from('hi') } },
        },
        { MessageId: 'n' },
      ],
    });
    const parameters = {
      Action: 'ReceiveMessage',
      MaxNumberOfMessages: '10',
      'AttributeName.1': 'All',
      'MessageAttributeName.2': 'b',
      'MessageAttributeName.10': 'c',
      'MessageAttributeName.1': 'a',
    };
    const response = await form('sqs', parameters, '/000000000000/q');
    expect(gateway.lastCall.input).toEqual({
      QueueUrl: `http://127.0.0.1:${gateway.port}/000000000000/q`,
      MaxNumberOfMessages: 10,
      AttributeNames: ['All'],
      MessageAttributeNames: ['a', 'b', 'c'],
    });
    expect(await response.text()).toContain(
      '<ReceiveMessageResult><Message><MessageId>m</MessageId><Body>a&#13;\n&lt;b&gt;</Body>' +
        '<Attribute><Name>SentTimestamp</Name><Value>1</Value></Attribute>' +
        '<MessageAttribute><Name>x</Name><Value><DataType>Binary</DataType><BinaryValue>aGk=</BinaryValue></Value></MessageAttribute>' +
        '</Message><Message><MessageId>n</MessageId></Message></ReceiveMessageResult>',
    );
  });

  it('reads a batch in order, blobs included', async () => {
    await form('sqs', {
      Action: 'SendMessageBatch',
      QueueUrl: 'http://q',
      'SendMessageBatchRequestEntry.2.Id': 'b',
      'SendMessageBatchRequestEntry.2.MessageBody': '2',
      'SendMessageBatchRequestEntry.1.Id': 'a',
      'SendMessageBatchRequestEntry.1.MessageBody': '1',
      'SendMessageBatchRequestEntry.1.MessageAttribute.1.Name': 'n',
      'SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.DataType': 'Binary',
      'SendMessageBatchRequestEntry.1.MessageAttribute.1.Value.BinaryValue': 'aGk=',
    });
    expect(gateway.lastCall.input['Entries']).toEqual([
      { Id: 'a', MessageBody: '1', MessageAttributes: { n: { DataType: 'Binary', BinaryValue: Buffer.from('hi') } } },
      { Id: 'b', MessageBody: '2' },
    ]);
  });

  it('words a missing queue in its own way', async () => {
    gateway.answer = refusing('QueueDoesNotExist', 'The specified queue does not exist.');
    const response = await form('sqs', { Action: 'PurgeQueue', QueueUrl: 'http://q' });
    expect(response.status).toBe(400);
    expect(await response.text()).toBe(
      '<?xml version="1.0"?>\n<ErrorResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/"><Error><Type>Sender</Type>' +
        '<Code>AWS.SimpleQueueService.NonExistentQueue</Code>' +
        '<Message>The specified queue does not exist for this wsdl version.</Message><Detail/></Error>' +
        `<RequestId>${gateway.lastCall.context.requestId}</RequestId></ErrorResponse>`,
    );
  });

  it.each([
    ['InvalidParameterValueException', 'InvalidParameterValue'],
    ['MissingRequiredParameterException', 'MissingParameter'],
    ['QueueNameExists', 'QueueAlreadyExists'],
    ['TooManyEntriesInBatchRequest', 'AWS.SimpleQueueService.TooManyEntriesInBatchRequest'],
    ['ReceiptHandleIsInvalid', 'ReceiptHandleIsInvalid'],
  ])('calls %s %s, with status 400', async (name, code) => {
    gateway.answer = refusing(name, 'x');
    const response = await form('sqs', { Action: 'ListQueues' });
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining(`<Code>${code}</Code>`)]);
  });

  it('refuses unknown and missing actions and parameters of the wrong type', async () => {
    const unknown = await form('sqs', { Action: 'Nope' });
    expect([unknown.status, await unknown.text()]).toEqual([
      400,
      expect.stringContaining('<Code>InvalidAction</Code>'),
    ]);
    const missing = await form('sqs', { Version: '2012-11-05' });
    expect([missing.status, await missing.text()]).toEqual([
      400,
      expect.stringContaining('<Code>MissingAction</Code>'),
    ]);
    const wrong = await form('sqs', { Action: 'ReceiveMessage', WaitTimeSeconds: 'soon' });
    expect(await wrong.text()).toContain('Value soon for parameter WaitTimeSeconds is invalid.');
    expect(gateway.calls).toEqual([]);
  });

  it('a GET without an action finds nothing', async () => {
    const path = '/000000000000/q?X-Amz-Credential=AKID%2F20250101%2Feu-west-1%2Fsqs%2Faws4_request';
    for (const accept of ['*/*', 'application/json']) {
      const response = await fetch(gateway.endpoint + path, { headers: { accept } });
      expect([response.status, await response.text()]).toEqual([404, '<UnknownOperationException/>\n']);
    }
  });

  it("a queue's URL takes the actions of queues, and of the account only the search for another one", async () => {
    for (const Action of ['CreateQueue', 'ListQueues']) {
      const refused = await form('sqs', { Action, QueueName: 'other' }, '/000000000000/q');
      expect(refused.status).toBe(400);
      const text = await refused.text();
      expect(text).toContain('<Code>InvalidAction</Code>');
      expect(text).toContain(`<Message>The action ${Action} is not valid for this endpoint.</Message>`);
    }
    expect(gateway.calls).toEqual([]);
    await form('sqs', { Action: 'GetQueueUrl', QueueName: 'other' }, '/000000000000/q');
    expect(gateway.lastCall.input).toEqual({ QueueName: 'other' });
    await form('sqs', { Action: 'PurgeQueue' }, '/queue/eu-west-1/000000000000/q');
    expect(gateway.lastCall.input).toEqual({
      QueueUrl: `http://127.0.0.1:${gateway.port}/queue/eu-west-1/000000000000/q`,
    });
  });

  it('a result without content is one empty element', async () => {
    gateway.answer = () => ({});
    const response = await form('sqs', { Action: 'ReceiveMessage' }, '/000000000000/q');
    expect(await response.text()).toContain('"><ReceiveMessageResult/><ResponseMetadata>');
  });

  it('answers JSON of its own kind to those who accept it', async () => {
    const ask = async (parameters: string) => {
      const headers = { accept: 'application/json, text/plain, */*' };
      const response = await fetch(`${gateway.endpoint}/000000000000/q?${parameters}`, { headers });
      expect(response.headers.get('content-type')).toBe('application/json');
      return [response.status, await response.json()];
    };
    const attribute = { DataType: 'Binary', BinaryValue: Buffer.from('hi') };
    gateway.answer = () => ({
      Messages: [{ MessageId: 'm', Body: 'a', Attributes: { SenderId: 's' }, MessageAttributes: { x: attribute } }],
    });
    const received = await ask('Action=ReceiveMessage');
    const ResponseMetadata = { RequestId: gateway.lastCall.context.requestId };
    const Value = { BinaryListValues: null, BinaryValue: 'aGk=', DataType: 'Binary', StringListValues: null };
    const message = {
      Attributes: [{ Name: 'SenderId', Value: 's' }],
      Body: 'a',
      MD5OfBody: null,
      MD5OfMessageAttributes: null,
      MessageAttributes: [{ Name: 'x', Value: { ...Value, StringValue: null } }],
      MessageId: 'm',
      ReceiptHandle: null,
    };
    expect(received).toEqual([
      200,
      { ReceiveMessageResponse: { ResponseMetadata, ReceiveMessageResult: { messages: [message] } } },
    ]);
    gateway.answer = () => ({});
    const deleted = await ask('Action=DeleteMessage&ReceiptHandle=r');
    expect(deleted[1]).toEqual({
      DeleteMessageResponse: { ResponseMetadata: { RequestId: gateway.lastCall.context.requestId } },
    });
    expect(await ask('Action=ListQueues')).toEqual([
      400,
      {
        Error: {
          Code: 'InvalidAction',
          Message: 'The action ListQueues is not valid for this endpoint.',
          Type: 'Sender',
        },
        RequestId: expect.any(String),
      },
    ]);
  });

  it('reads a single item or entry without a number, and an empty list', async () => {
    await form('sqs', {
      Action: 'SetQueueAttributes',
      QueueUrl: 'http://q',
      'Attribute.Name': 'DelaySeconds',
      'Attribute.Value': '1',
    });
    expect(gateway.lastCall.input['Attributes']).toEqual({ DelaySeconds: '1' });
    await form('sqs', { Action: 'GetQueueAttributes', QueueUrl: 'http://q', AttributeName: 'All' });
    expect(gateway.lastCall.input['AttributeNames']).toEqual(['All']);
    await form('sns', { Action: 'TagResource', ResourceArn: 'arn:t', Tags: '' });
    expect(gateway.lastCall.input).toEqual({ ResourceArn: 'arn:t', Tags: [] });
  });

  it('may come to a queue by hand, unsigned and without a version', async () => {
    await fetch(`${gateway.endpoint}/000000000000/q?Action=SendMessage&MessageBody=hello+world`);
    expect(gateway.lastCall).toMatchObject({
      action: 'SendMessage',
      input: { QueueUrl: `http://127.0.0.1:${gateway.port}/000000000000/q`, MessageBody: 'hello world' },
    });
    const unknown = await fetch(`${gateway.endpoint}/?Action=Nope`);
    expect([unknown.status, await unknown.text()]).toEqual([501, expect.stringContaining('unsigned action Nope')]);
  });

  it('keeps parameters that the model does not know, for the engine to refuse', async () => {
    await form('sqs', { Action: 'ListQueues', Version: '2012-11-05', NewOption: '1' });
    expect(gateway.lastCall.input).toEqual({ NewOption: '1' });
  });

  it('may come by GET, presigned or unsigned', async () => {
    const credential = encodeURIComponent('AKID/20250101/eu-west-1/sqs/aws4_request');
    await fetch(`${gateway.endpoint}/?Action=GetQueueUrl&QueueName=q&X-Amz-Credential=${credential}&X-Amz-Signature=0`);
    expect(gateway.lastCall).toMatchObject({
      service: 'sqs',
      input: { QueueName: 'q' },
      context: { region: 'eu-west-1' },
    });
    await fetch(`${gateway.endpoint}/?Action=GetCallerIdentity&Version=2011-06-15`);
    expect(gateway.lastCall).toMatchObject({ service: 'sts', action: 'GetCallerIdentity' });
  });
});

it('old CloudWatch clients speak Query', async () => {
  await form('monitoring', {
    Action: 'PutMetricData',
    Version: '2010-08-01',
    Namespace: 'n',
    'MetricData.member.1.MetricName': 'm',
    'MetricData.member.1.Value': '1.5',
    'MetricData.member.1.Timestamp': '2025-01-02T03:04:05Z',
    'MetricData.member.1.Dimensions.member.1.Name': 'd',
    'MetricData.member.1.Dimensions.member.1.Value': 'x',
  });
  expect(gateway.lastCall).toMatchObject({
    service: 'cloudwatch',
    input: {
      Namespace: 'n',
      MetricData: [
        {
          MetricName: 'm',
          Value: 1.5,
          Timestamp: new Date('2025-01-02T03:04:05Z'),
          Dimensions: [{ Name: 'd', Value: 'x' }],
        },
      ],
    },
  });
});

describe('AWS JSON', () => {
  it('errors have namespace, query code and request id', async () => {
    gateway.answer = refusing('QueueDoesNotExist', 'The specified queue does not exist.');
    const response = await json('AmazonSQS.SendMessage', '{"QueueUrl":"http://q","MessageBody":"x"}');
    expect(response.headers.get('x-amzn-query-error')).toBe('AWS.SimpleQueueService.NonExistentQueue;Sender');
    expect(response.headers.get('x-amzn-requestid')).toBe(gateway.lastCall.context.requestId);
    expect(response.headers.get('content-type')).toBe('application/x-amz-json-1.0');
    expect(await response.json()).toEqual({
      __type: 'com.amazonaws.sqs#QueueDoesNotExist',
      message: 'The specified queue does not exist.',
    });
    gateway.answer = refusing('InvalidParameterValueException', 'bad');
    const generic = await json('AmazonSQS.SendMessage', '{}');
    expect(generic.headers.get('x-amzn-query-error')).toBe('InvalidParameterValue;Sender');
    expect(await generic.json()).toEqual({
      __type: 'com.amazon.coral.service#InvalidParameterValueException',
      message: 'bad',
    });
  });

  it('the text of an error is called as the model of the error calls it', async () => {
    gateway.answer = refusing('ValidationException', 'Invalid Schedule Expression rate().');
    const response = await fetch(`${gateway.endpoint}/schedules/s`, {
      method: 'POST',
      headers: { authorization: authorization('scheduler'), 'content-type': 'application/json' },
      body: '{"ClientToken":"t"}',
    });
    expect(await response.json()).toEqual({ Message: 'Invalid Schedule Expression rate().' });
  });

  it.each([
    [
      'DynamoDB_20120810.GetItem',
      'ResourceNotFoundException',
      'com.amazonaws.dynamodb.v20120810#ResourceNotFoundException',
    ],
    ['DynamoDB_20120810.GetItem', 'ValidationException', 'com.amazon.coral.validate#ValidationException'],
    ['AWSEvents.PutRule', 'ResourceNotFoundException', 'ResourceNotFoundException'],
    ['AmazonSSM.GetParameter', 'ParameterNotFound', 'ParameterNotFound'],
  ])('%s types %s as %s', async (target, code, type) => {
    gateway.answer = refusing(code, 'x');
    expect(await (await json(target, '{}')).json()).toMatchObject({ __type: type });
  });

  it('DynamoDB answers carry their checksum', async () => {
    gateway.answer = () => ({ Item: { pk: { S: 'ä' } } });
    const response = await json('DynamoDB_20120810.GetItem', '{}');
    const { crc32 } = await import('node:zlib');
    expect(response.headers.get('x-amz-crc32')).toBe(String(crc32(Buffer.from(await response.arrayBuffer()))));
  });

  it.each([
    ['{"MaxNumberOfMessages":"5"}', 'STRING_VALUE can not be converted to an Integer: MaxNumberOfMessages'],
    ['{"QueueUrl":5}', 'NUMBER_VALUE can not be converted to a String: QueueUrl'],
    ['{"AttributeNames":"All"}', 'STRING_VALUE can not be converted to a list: AttributeNames'],
    ['{"AttributeNames":[true]}', 'TRUE_VALUE can not be converted to a String: AttributeNames'],
    ['[]', 'START_ARRAY can not be converted to a structure: ReceiveMessage'],
    ['{"QueueUrl":', 'The request body is not valid JSON'],
  ])('%s does not fit', async (body, message) => {
    const response = await json('AmazonSQS.ReceiveMessage', body);
    expect(response.status).toBe(400);
    const error = (await response.json()) as { __type: string; message: string };
    expect(error.__type).toBe('com.amazon.coral.service#SerializationException');
    expect(error.message).toContain(message);
    expect(gateway.calls).toEqual([]);
  });

  it('null is no value, and unknown members are left for the engine to refuse', async () => {
    await json('AmazonSQS.ReceiveMessage', '{"QueueUrl":null,"NewOption":1}');
    expect(gateway.lastCall.input).toEqual({ QueueUrl: undefined, NewOption: 1 });
  });

  it('unknown operations and services are refused by name', async () => {
    const operation = await json('AmazonSQS.Nope', '{}');
    expect([operation.status, await operation.json()]).toEqual([
      400,
      { __type: 'com.amazon.coral.service#UnknownOperationException', message: expect.stringContaining('Nope') },
    ]);
    // One that nobody is going to play: a service is to be added without a change here.
    const message = expect.stringMatching(/^Holdfast does not support AWS Support\./);
    const service = await json('AWSSupport_20130415.CreateCase', '{}');
    expect([service.status, await service.json()]).toEqual([501, { __type: 'NotSupportedByHoldfast', message }]);
    const stranger = await json('Nobody_20150804.PutRecord', '{}');
    expect(await stranger.json()).toMatchObject({ message: expect.stringContaining('the service Nobody_20150804') });
  });

  it('a request may be compressed', async () => {
    const body = gzipSync('{"Namespace":"n","MetricData":[]}') as Buffer<ArrayBuffer>;
    await json('GraniteServiceVersion20100801.PutMetricData', body, { 'content-encoding': 'gzip' });
    expect(gateway.lastCall.input).toEqual({ Namespace: 'n', MetricData: [] });
  });

  it('an unexpected exception is an internal failure, logged once with its request id', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    gateway.answer = () => {
      throw new TypeError('a bug');
    };
    const response = await json('AmazonSQS.ListQueues', '{}');
    const requestId = response.headers.get('x-amzn-requestid');
    expect([response.status, await response.json()]).toEqual([
      500,
      { __type: 'com.amazon.coral.service#InternalFailure', message: expect.stringContaining(String(requestId)) },
    ]);
    expect(log).toHaveBeenCalledTimes(1);
    expect(log.mock.calls[0]?.[0]).toContain(String(requestId));
    log.mockRestore();
  });
});

describe('RPC v2 CBOR', () => {
  const client = () =>
    new CloudWatchClient({
      ...gateway.client,
      protocol: SmithyRpcV2CborProtocol,
      protocolSettings: {
        defaultNamespace: 'com.amazonaws.cloudwatch',
        serviceTarget: 'GraniteServiceVersion20100801',
      } as never,
    });

  it('takes numbers and timestamps and gives them back', async () => {
    const Timestamp = new Date('2025-01-02T03:04:05.678Z');
    const MetricData = [{ MetricName: 'm', Values: [1, 2.5, 3e9], Timestamp }];
    await client().send(new PutMetricDataCommand({ Namespace: 'n', MetricData }));
    expect(gateway.lastCall).toMatchObject({
      service: 'cloudwatch',
      action: 'PutMetricData',
      input: { Namespace: 'n', MetricData },
    });
    const alarm = {
      AlarmName: 'a',
      Threshold: 1.5,
      EvaluationPeriods: 3,
      StateUpdatedTimestamp: Timestamp,
      ActionsEnabled: true,
    };
    gateway.answer = () => ({ MetricAlarms: [{ ...alarm, AlarmDescription: undefined }] });
    const { MetricAlarms } = await client().send(new DescribeAlarmsCommand({}));
    expect(MetricAlarms).toEqual([alarm]);
  });

  it('errors have type and query code', async () => {
    gateway.answer = refusing('ResourceNotFound', 'no such alarm', 404);
    await expect(client().send(new DescribeAlarmsCommand({}))).rejects.toMatchObject({
      name: 'ResourceNotFound',
      message: 'no such alarm',
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('doubles are doubles, also where they are whole, and integers are not', async () => {
    gateway.answer = () => ({ MetricAlarms: [{ Threshold: 30, Period: 60 }] });
    const answer = await fetch(`${gateway.endpoint}/service/GraniteServiceVersion20100801/operation/DescribeAlarms`, {
      method: 'POST',
      headers: { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' },
    });
    const bytes = Buffer.from(await answer.arrayBuffer()).toString('hex');
    const named = (name: string) => Buffer.from(name).toString('hex');
    expect(bytes).toContain(`${named('Threshold')}fb403e000000000000`);
    expect(bytes).toContain(`${named('Period')}183c`);
  });

  it('errors without a text have none', async () => {
    gateway.answer = refusing('ResourceNotFound', '', 404);
    const answer = await fetch(`${gateway.endpoint}/service/GraniteServiceVersion20100801/operation/DescribeAlarms`, {
      method: 'POST',
      headers: { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' },
    });
    expect(cbor.deserialize(new Uint8Array(await answer.arrayBuffer()))).toEqual({
      __type: expect.stringContaining('ResourceNotFound'),
    });
  });

  it('refuses what is not CBOR and operations it does not know', async () => {
    const ask = (operation: string, body: string): Promise<Response> =>
      fetch(`${gateway.endpoint}/service/GraniteServiceVersion20100801/operation/${operation}`, {
        method: 'POST',
        headers: { 'smithy-protocol': 'rpc-v2-cbor', 'content-type': 'application/cbor' },
        body,
      });
    const malformed = await ask('PutMetricData', '\u0018');
    expect([malformed.status, malformed.headers.get('smithy-protocol')]).toEqual([400, 'rpc-v2-cbor']);
    expect(await malformed.text()).toContain('SerializationException');
    expect((await ask('Nope', '')).status).toBe(404);
  });
});

it('unsigned Lambda paths reach Lambda, and unknown ones are refused', async () => {
  await fetch(`${gateway.endpoint}/2015-03-31/functions/`);
  expect(gateway.lastCall).toMatchObject({ service: 'lambda', action: 'ListFunctions' });
  const unknown = await fetch(`${gateway.endpoint}/2015-03-31/functions/f/nope`);
  expect([unknown.status, unknown.headers.get('x-amzn-errortype')]).toEqual([404, 'UnknownOperationException']);
});

it('a service that is signed for but not played is refused by name', async () => {
  const response = await fetch(`${gateway.endpoint}/schedules/x`, {
    headers: { authorization: authorization('textract') },
  });
  expect([response.status, await response.json()]).toEqual([
    501,
    { message: expect.stringContaining('Amazon Textract') },
  ]);
});

it('accounts come from the access key id, else from the engine, else from the settings', async () => {
  const asked: string[] = [];
  const other = await TestGateway.start({
    identify: (accessKeyId) => {
      asked.push(accessKeyId);
      return accessKeyId === 'ASIAFUNCTION' ? { account: '222222222222', arn: 'arn:role' } : undefined;
    },
  });
  const contextFor = async (accessKeyId: string | undefined) => {
    const headers: Record<string, string> = { 'x-amz-target': 'AmazonSQS.ListQueues', 'x-amzn-trace-id': 'Root=1-2-3' };
    if (accessKeyId !== undefined) headers['authorization'] = authorization('sqs', accessKeyId, 'eu-west-2');
    await fetch(other.endpoint, { method: 'POST', headers });
    return other.lastCall.context;
  };
  expect(await contextFor('111111111111')).toMatchObject({ account: '111111111111', region: 'eu-west-2' });
  expect(await contextFor('ASIAFUNCTION')).toMatchObject({ account: '222222222222', callerArn: 'arn:role' });
  expect(await contextFor('test')).toMatchObject({ account: '000000000000', accessKeyId: 'test' });
  expect(await contextFor(undefined)).toMatchObject({
    account: '000000000000',
    region: 'us-east-1',
    accessKeyId: undefined,
    traceHeader: 'Root=1-2-3',
  });
  expect(asked).toEqual(['ASIAFUNCTION', 'test']);
  await other.close();
});

describe('the older CBOR of the SDK for Java', () => {
  const call = (target: string, body: Uint8Array) =>
    json(target, Buffer.from(body), { 'content-type': 'application/x-amz-cbor-1.1' });
  const contentOf = async (response: Response) => cbor.deserialize(new Uint8Array(await response.arrayBuffer()));

  it('names the operation in a header, has bytes as bytes and timestamps in milliseconds', async () => {
    const ApproximateArrivalTimestamp = new Date('2025-01-02T03:04:05.678Z');
    const Data = new Uint8Array([0, 255]);
    gateway.answer = () => ({
      Records: [{ SequenceNumber: '1', Data, PartitionKey: 'k', ApproximateArrivalTimestamp }],
      MillisBehindLatest: 0,
    });

    // A map of unknown length, as the SDK writes it.
    const start = Buffer.from([0xbf, ...cbor.serialize('Timestamp'), 0xc1, ...cbor.serialize(1_735_787_045_678), 0xff]);
    await call('Kinesis_20131202.GetShardIterator', start);
    expect(gateway.lastCall.input).toEqual({ Timestamp: ApproximateArrivalTimestamp });

    const response = await call('Kinesis_20131202.GetRecords', cbor.serialize({ ShardIterator: 'i', Limit: 10 }));
    expect(gateway.lastCall).toMatchObject({ service: 'kinesis', input: { ShardIterator: 'i', Limit: 10 } });
    expect(response.headers.get('content-type')).toBe('application/x-amz-cbor-1.1');
    expect(response.headers.has('smithy-protocol')).toBe(false);
    expect(await contentOf(response)).toMatchObject({
      Records: [{ Data, PartitionKey: 'k', ApproximateArrivalTimestamp: { tag: 1, value: 1_735_787_045_678 } }],
      MillisBehindLatest: 0,
    });
  });

  it('says its errors in CBOR too, and nothing where there is nothing to say', async () => {
    const silent = await call('Kinesis_20131202.DeleteStream', cbor.serialize({ StreamName: 's' }));
    expect([silent.status, await silent.text()]).toEqual([200, '']);

    gateway.answer = refusing('ResourceNotFoundException', 'Stream s under account 000000000000 not found.');
    const refused = await call('Kinesis_20131202.DescribeStream', cbor.serialize({ StreamName: 's' }));

    expect(refused.status).toBe(400);
    expect(await contentOf(refused)).toEqual({
      __type: 'ResourceNotFoundException',
      message: 'Stream s under account 000000000000 not found.',
    });
  });
});
