import { beforeEach, describe, expect, it } from 'vitest';
import type { RouteAnswer, RouteRequest } from '../../core/index.ts';
import { MapStore } from '../../map-store.ts';
import { type SimulatedFunction, TestEngine } from '../../test-engine.ts';
import { createFunction } from '../lambda/function-bench.ts';

const FUNCTION = 'arn:aws:lambda:us-east-1:000000000000:function:fn';
const ROLE = 'arn:aws:iam::000000000000:role/api';
const START = Date.UTC(2025, 0, 2, 3, 4, 5);

let store: MapStore;
let test: TestEngine;
let apiId: string;

const api = <Output = Record<string, string>>(action: string, input: object = {}): Promise<Output> =>
  test.call<Output>('apigatewayv2', action, { ApiId: apiId, ...input });

const refusal = (action: string, input: object): Promise<unknown> =>
  api(action, input).then(
    () => 'accepted',
    (error: { status: number; code: string; message: string }) => [error.status, error.code, error.message],
  );

const addFunction = async (behaviour: SimulatedFunction, SourceArn?: string): Promise<void> => {
  test.functions.set('fn', behaviour);
  await createFunction(test, 'fn', { Timeout: 60 });
  await test.call('lambda', 'AddPermission', {
    FunctionName: 'fn',
    StatementId: 'api',
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    SourceArn: SourceArn ?? `arn:aws:execute-api:us-east-1:000000000000:${apiId}/*/*`,
  });
  await test.advance(1_000);
};

/** Routes to one new integration. */
const route = async (keys: readonly string[], integration: object): Promise<void> => {
  const { IntegrationId } = await api('CreateIntegration', { IntegrationType: 'AWS_PROXY', ...integration });
  for (const RouteKey of keys) await api('CreateRoute', { RouteKey, Target: `integrations/${IntegrationId}` });
};

const toFunction = (more: object = {}) => ({ IntegrationUri: FUNCTION, PayloadFormatVersion: '2.0', ...more });

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Asks by host; `body` is JSON. */
const ask = async (
  method: string,
  path: string,
  {
    body,
    headers = {},
    repeatedHeaders,
    waitMs = 10,
  }: {
    body?: unknown;
    headers?: Record<string, string>;
    repeatedHeaders?: Record<string, readonly string[]>;
    waitMs?: number;
  } = {},
): Promise<Answer> => {
  const host = `${apiId}.execute-api.localhost:4566`;
  const [rawPath = '', query = ''] = path.split('?');
  const found = test.engine.routeOf(host, rawPath);
  const request: RouteRequest = {
    ...(found as NonNullable<typeof found>),
    method,
    query,
    headers: { host, 'content-type': 'application/json', 'user-agent': 'test', ...headers },
    repeatedHeaders,
    body:
      body === undefined
        ? new Uint8Array()
        : new TextEncoder().encode(typeof body === 'string' ? body : JSON.stringify(body)),
    sourceIp: '10.0.0.7',
    host,
    accessKeyId: undefined,
    account: '000000000000',
    region: 'us-east-1',
  };
  const pending = found?.route.answer(request);
  await test.advance(waitMs);
  const answer = (await pending) as RouteAnswer;
  const pairs = Array.from({ length: answer.headers.length / 2 }, (_, at) => [
    (answer.headers[2 * at] as string).toLowerCase(),
    answer.headers[2 * at + 1] as string,
  ]);
  return { status: answer.status, headers: Object.fromEntries(pairs), body: Buffer.from(answer.body).toString() };
};

const lastEvent = (): Record<string, unknown> =>
  JSON.parse(test.invocations.at(-1)?.payload ?? 'null') as Record<string, unknown>;

beforeEach(async () => {
  store = new MapStore();
  test = new TestEngine({ start: START, store });
  ({ ApiId: apiId } = await test.call<{ ApiId: string }>('apigatewayv2', 'CreateApi', {
    Name: 'shop',
    ProtocolType: 'HTTP',
  }));
});

describe('an HTTP API', () => {
  it('is described with an endpoint that works', async () => {
    expect(await api('GetApi')).toEqual({
      ApiEndpoint: `http://127.0.0.1:4566/_holdfast/execute-api/${apiId}`,
      ApiId: apiId,
      ApiKeySelectionExpression: '$request.header.x-api-key',
      CreatedDate: new Date(START),
      DisableExecuteApiEndpoint: false,
      IpAddressType: 'ipv4',
      Name: 'shop',
      ProtocolType: 'HTTP',
      RouteSelectionExpression: '$request.method $request.path',
      Tags: {},
    });
  });

  it('gives a function an event of format 2.0 and its answer to the caller', async () => {
    await addFunction(() => ({
      result: { statusCode: 201, headers: { 'X-A': 'b' }, cookies: ['a=1'], body: 'made' },
    }));
    await route(['POST /events/{id}'], toFunction());
    await api('CreateStage', { StageName: 'prod', AutoDeploy: true, StageVariables: { word: 'one' } });

    const answer = await ask('POST', '/prod/events/a%20b?x=1&x=2', { body: { n: 1 }, headers: { cookie: 'k=v' } });

    expect(answer).toMatchObject({ status: 201, body: 'made', headers: { 'x-a': 'b', 'set-cookie': 'a=1' } });
    expect(answer.headers['apigw-requestid']).toMatch(/^[A-Za-z0-9_-]{15}=$/);
    expect(lastEvent()).toEqual({
      version: '2.0',
      routeKey: 'POST /events/{id}',
      rawPath: '/prod/events/a%20b',
      rawQueryString: 'x=1&x=2',
      cookies: ['k=v'],
      headers: {
        'content-type': 'application/json',
        'user-agent': 'test',
        host: `${apiId}.execute-api.localhost:4566`,
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-/) as string,
        'x-forwarded-for': '10.0.0.7',
        'x-forwarded-port': '4566',
        'x-forwarded-proto': 'http',
      },
      queryStringParameters: { x: '1,2' },
      pathParameters: { id: 'a b' },
      stageVariables: { word: 'one' },
      requestContext: {
        accountId: '000000000000',
        apiId,
        domainName: `${apiId}.execute-api.localhost`,
        domainPrefix: apiId,
        http: {
          method: 'POST',
          path: '/prod/events/a b',
          protocol: 'HTTP/1.1',
          sourceIp: '10.0.0.7',
          userAgent: 'test',
        },
        requestId: answer.headers['apigw-requestid'],
        routeKey: 'POST /events/{id}',
        stage: 'prod',
        time: '02/Jan/2025:03:04:06 +0000',
        timeEpoch: START + 1_000,
      },
      body: '{"n":1}',
      isBase64Encoded: false,
    });
  });

  it('gives a function an event of format 1.0, and wants a structure back', async () => {
    let result: unknown = { statusCode: 200, multiValueHeaders: { 'X-M': ['1'] }, body: 'ok' };
    await addFunction(() => ({ result }));
    await route(['GET /a/{proxy+}'], toFunction({ PayloadFormatVersion: '1.0' }));
    await api('CreateStage', { StageName: '$default', AutoDeploy: true });

    expect(await ask('GET', '/a/b/c?x=1&x=2')).toMatchObject({ status: 200, body: 'ok', headers: { 'x-m': '1' } });
    expect(lastEvent()).toMatchObject({
      version: '1.0',
      resource: '/a/{proxy+}',
      path: '/a/b/c',
      httpMethod: 'GET',
      queryStringParameters: { x: '2' },
      multiValueQueryStringParameters: { x: ['1', '2'] },
      pathParameters: { proxy: 'b/c' },
      stageVariables: null,
      body: null,
      requestContext: { resourcePath: '/a/{proxy+}', stage: '$default', identity: { sourceIp: '10.0.0.7' } },
    });
    result = 'text';
    expect(await ask('GET', '/a/b')).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
  });

  it('writes into an event of format 1.0 itself what tells where a request is from, sent twice too', async () => {
    await addFunction(() => ({ result: { statusCode: 200 } }));
    await route(['GET /a'], toFunction({ PayloadFormatVersion: '1.0' }));
    await api('CreateStage', { StageName: '$default', AutoDeploy: true });

    await ask('GET', '/a', {
      headers: { 'x-forwarded-for': '1.1.1.1,2.2.2.2', 'x-a': '1,2' },
      repeatedHeaders: { 'x-forwarded-for': ['1.1.1.1', '2.2.2.2'], 'x-a': ['1', '2'] },
    });

    expect(lastEvent()).toMatchObject({
      headers: { 'x-forwarded-for': '10.0.0.7', 'x-a': '2' },
      multiValueHeaders: { 'x-forwarded-for': ['10.0.0.7'], 'x-a': ['1', '2'] },
    });
  });

  it('answers for a function as API Gateway does', async () => {
    let behaviour: ReturnType<SimulatedFunction> = { result: { hello: 1 } };
    await addFunction(() => behaviour);
    await route(['$default'], toFunction({ TimeoutInMillis: 5_000 }));
    await api('CreateStage', { StageName: '$default', AutoDeploy: true });

    expect(await ask('GET', '/x')).toMatchObject({
      status: 200,
      body: '{"hello":1}',
      headers: { 'content-type': 'application/json' },
    });
    behaviour = { error: { errorType: 'E', errorMessage: 'no' } };
    expect(await ask('GET', '/x')).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
    behaviour = { result: { statusCode: 'abc' } };
    expect(await ask('GET', '/x')).toMatchObject({ status: 500 });
    behaviour = { result: 'late', durationMs: 6_000 };
    expect(await ask('GET', '/x', { waitMs: 10_000 })).toMatchObject({
      status: 503,
      body: '{"message":"Service Unavailable"}',
    });
    await test.call('lambda', 'PutFunctionConcurrency', { FunctionName: 'fn', ReservedConcurrentExecutions: 0 });
    expect(await ask('GET', '/x')).toMatchObject({ status: 503, body: '{"message":"Service Unavailable"}' });
    expect(await ask('POST', '/x', { body: 'x'.repeat(10 * 2 ** 20 + 1) })).toMatchObject({
      status: 413,
      body: '{"message":"Request Entity Too Large"}',
    });
  });

  it('takes 10,240 bytes of request line and header values, and no more', async () => {
    await addFunction(() => ({ result: 'x' }));
    await route(['GET /x'], toFunction());
    await api('CreateStage', { StageName: '$default', AutoDeploy: true });
    const others = `GET /x HTTP/1.1${apiId}.execute-api.localhost:4566application/jsontest`.length;
    const withHeader = (bytes: number) => ask('GET', '/x', { headers: { 'x-long': 'x'.repeat(bytes - others) } });
    expect(await withHeader(10_240)).toMatchObject({ status: 200 });
    expect(await withHeader(10_241)).toMatchObject({ status: 431, body: 'HTTP header is larger than 10240 bytes.' });
  });

  it('lets a function be called only by whom its policy names', async () => {
    await addFunction(() => ({ result: 'x' }), `arn:aws:execute-api:us-east-1:000000000000:${apiId}/*/GET/a`);
    await route(['GET /a', 'GET /b'], toFunction());
    await api('CreateStage', { StageName: '$default', AutoDeploy: true });
    expect((await ask('GET', '/a')).status).toBe(200);
    expect(await ask('GET', '/b')).toMatchObject({ status: 500, body: '{"message":"Internal Server Error"}' });
  });

  it('serves what was deployed, until it is deployed again', async () => {
    await addFunction(() => ({ result: 'x' }));
    await route(['GET /a'], toFunction());
    await api('CreateStage', { StageName: 'prod' });
    expect((await ask('GET', '/prod/a')).status).toBe(404);
    const { DeploymentId } = await api('CreateDeployment', { StageName: 'prod' });
    expect((await ask('GET', '/prod/a')).status).toBe(200);
    await route(['GET /b'], toFunction());
    expect(await ask('GET', '/prod/b')).toMatchObject({ status: 404, body: '{"message":"Not Found"}' });
    expect(await refusal('DeleteDeployment', { DeploymentId })).toEqual([
      400,
      'BadRequestException',
      'Active stages pointing to this deployment must be moved or deleted',
    ]);
    await api('UpdateStage', { StageName: 'prod', AutoDeploy: true });
    expect((await ask('GET', '/prod/b')).status).toBe(200);
    await api('DeleteDeployment', { DeploymentId });
    expect(await api('GetDeployments')).toMatchObject({ Items: [{ AutoDeployed: true }] });
  });

  it('may have stages that are called like what every object has', async () => {
    await addFunction(() => ({ result: 'x' }));
    await route(['GET /constructor'], toFunction());
    expect((await ask('GET', '/constructor/constructor')).status).toBe(404);
    for (const StageName of ['constructor', '__proto__']) {
      await api('CreateStage', { StageName, AutoDeploy: true });
      expect((await ask('GET', `/${StageName}/constructor`)).status).toBe(200);
    }
    await api('DeleteStage', { StageName: '__proto__' });
    expect(await api('GetStages')).toMatchObject({ Items: [{ StageName: 'constructor' }] });
  });

  it('is there after a restart, and gone when it is deleted', async () => {
    await addFunction(() => ({ result: 'x' }));
    await route(['GET /a'], toFunction());
    await api('CreateStage', { StageName: '$default', AutoDeploy: true });
    const { functions } = test;
    test = new TestEngine({ start: START + 60_000, store });
    for (const [name, behaviour] of functions) test.functions.set(name, behaviour);
    expect((await ask('GET', '/a')).status).toBe(200);
    await api('DeleteApi');
    expect((await ask('GET', '/a')).status).toBe(404);
    test = new TestEngine({ start: START + 90_000, store });
    expect((await ask('GET', '/a')).status).toBe(404);
    expect(await refusal('GetApi', {})).toEqual([
      404,
      'NotFoundException',
      `Invalid API identifier specified 000000000000:${apiId}`,
    ]);
  });
});

describe('limits', () => {
  it('of a stage and of a route answer 429 once the burst is used, and fill again', async () => {
    await addFunction(() => ({ result: 'x' }));
    await route(['GET /a', 'GET /b'], toFunction());
    await api('CreateStage', {
      StageName: '$default',
      AutoDeploy: true,
      DefaultRouteSettings: { ThrottlingRateLimit: 1, ThrottlingBurstLimit: 2 },
      RouteSettings: { 'GET /b': { ThrottlingRateLimit: 0, ThrottlingBurstLimit: 0 } },
    });
    const statuses = [];
    for (let times = 0; times < 3; times++) statuses.push((await ask('GET', '/a')).status);
    expect(statuses).toEqual([200, 200, 429]);
    expect(await ask('GET', '/b')).toMatchObject({ status: 429, body: '{"message":"Too Many Requests"}' });
    await test.advance(1_000);
    expect((await ask('GET', '/a')).status).toBe(200);
  });
});

describe('CORS', () => {
  it('is answered by the API, whatever the function says', async () => {
    await addFunction(() => ({
      result: { statusCode: 200, headers: { 'Access-Control-Allow-Origin': 'https://evil', 'X-A': '1' }, body: '' },
    }));
    await route(['GET /a'], toFunction());
    await api('UpdateApi', {
      CorsConfiguration: {
        AllowOrigins: ['https://shop.example', 'http://*'],
        AllowMethods: ['GET'],
        ExposeHeaders: ['x-a'],
        MaxAge: 5,
      },
    });
    await api('CreateStage', { StageName: '$default', AutoDeploy: true });

    const preflight = { origin: 'https://shop.example', 'access-control-request-method': 'GET' };
    const allowed = await ask('OPTIONS', '/a', { headers: preflight });
    expect(allowed).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': 'https://shop.example',
        'access-control-allow-methods': 'GET',
        'access-control-max-age': '5',
      },
    });
    const denied = await ask('OPTIONS', '/a', { headers: { ...preflight, origin: 'https://evil' } });
    expect([denied.status, Object.keys(denied.headers)]).toEqual([204, ['apigw-requestid']]);
    const wild = await ask('GET', '/a', { headers: { origin: 'http://any.example' } });
    expect(wild.headers).toMatchObject({
      'access-control-allow-origin': 'http://any.example',
      'access-control-expose-headers': 'x-a',
      'x-a': '1',
    });
    const foreign = await ask('GET', '/a', { headers: { origin: 'https://evil' } });
    expect(foreign.headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('does not take credentials with a star', async () => {
    const CorsConfiguration = { AllowOrigins: ['*'], AllowCredentials: true };
    expect(await refusal('UpdateApi', { CorsConfiguration })).toEqual([
      400,
      'BadRequestException',
      'allow-credentials is not supported for a wildcard (*)',
    ]);
  });
});

describe('an integration with another service', () => {
  it('sends to a queue what the mapping takes from the request', async () => {
    const { QueueUrl } = await test.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: 'jobs' });
    await route(['POST /jobs/{kind}'], {
      IntegrationSubtype: 'SQS-SendMessage',
      PayloadFormatVersion: '1.0',
      CredentialsArn: ROLE,
      RequestParameters: {
        QueueUrl,
        MessageBody: '$request.body',
        MessageAttributes:
          // biome-ignore lint/suspicious/noTemplateCurlyInString: the mapping's own placeholders.
          '{"kind":{"DataType":"String","StringValue":"${request.path.kind}-${request.header.x-key}"}}',
      },
    });
    await api('CreateStage', { StageName: '$default', AutoDeploy: true });

    const answer = await ask('POST', '/jobs/small', { body: { n: 1 }, headers: { 'x-key': 'k1' } });

    expect(answer.status).toBe(200);
    expect(answer.body).toContain('<MD5OfMessageBody>');
    const { Messages } = await test.call<{ Messages: object[] }>('sqs', 'ReceiveMessage', {
      QueueUrl,
      MessageAttributeNames: ['All'],
    });
    expect(Messages).toMatchObject([{ Body: '{"n":1}', MessageAttributes: { kind: { StringValue: 'small-k1' } } }]);
  });

  it.each([
    ['null', 'MessageAttributes must be an object'],
    ['[]', 'MessageAttributes must be an object'],
    ['5', 'MessageAttributes must be an object'],
    ['{"a":{"DataType":5}}', 'MessageAttributes must be an object'],
    ['{"__proto__":{"DataType":"String","StringValue":"a"}}', 'MessageAttributes must be an object'],
    ['{"a', 'MessageAttributes must be JSON'],
  ])('sends nothing with %s for attributes', async (attributes, message) => {
    const { QueueUrl } = await test.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: 'jobs' });
    await route(['POST /jobs'], {
      IntegrationSubtype: 'SQS-SendMessage',
      PayloadFormatVersion: '1.0',
      CredentialsArn: ROLE,
      RequestParameters: { QueueUrl, MessageBody: 'a job', MessageAttributes: '$request.querystring.attributes' },
    });
    await api('CreateStage', { StageName: '$default', AutoDeploy: true });
    const answer = await ask('POST', `/jobs?attributes=${encodeURIComponent(attributes)}`);
    expect([answer.status, answer.body]).toEqual([400, expect.stringContaining(message)]);
    expect(await test.call('sqs', 'ReceiveMessage', { QueueUrl })).not.toHaveProperty('Messages');
  });

  it('sends bytes of an attribute as bytes', async () => {
    const { QueueUrl } = await test.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: 'jobs' });
    const MessageAttributes = '{"a":{"DataType":"Binary","BinaryValue":"AQI="}}';
    await route(['POST /jobs'], {
      IntegrationSubtype: 'SQS-SendMessage',
      PayloadFormatVersion: '1.0',
      CredentialsArn: ROLE,
      RequestParameters: { QueueUrl, MessageBody: 'a job', MessageAttributes },
    });
    await api('CreateStage', { StageName: '$default', AutoDeploy: true });
    expect(await ask('POST', '/jobs')).toMatchObject({ status: 200 });
    const { Messages } = await test.call<{ Messages: object[] }>('sqs', 'ReceiveMessage', {
      QueueUrl,
      MessageAttributeNames: ['All'],
    });
    expect(Messages).toMatchObject([{ MessageAttributes: { a: { BinaryValue: new Uint8Array([1, 2]) } } }]);
  });

  it.each(['time=garbage', 'resources=5', 'resources=[5]', 'resources=null'])(
    'puts no event with %s',
    async (query) => {
      await route(['POST /events'], {
        IntegrationSubtype: 'EventBridge-PutEvents',
        PayloadFormatVersion: '1.0',
        CredentialsArn: ROLE,
        RequestParameters: {
          Source: 'shop',
          DetailType: 'sold',
          Detail: '$request.body',
          Time: '$request.querystring.time',
          Resources: '$request.querystring.resources',
        },
      });
      await api('CreateStage', { StageName: '$default', AutoDeploy: true });
      expect(await ask('POST', `/events?${query}`, { body: {} })).toMatchObject({
        status: 400,
        body: expect.stringMatching(/"message":"(Time|Resources) must be /),
      });
    },
  );

  describe('that is a stream', () => {
    const stream = { StreamName: 'clicks', ShardCount: 1 };
    const record = { data: 'J0hlbGxvLCBXb3JsZCEnCg==', key: 'p1', stream: 'clicks', hash: '5' };
    const records = async () => {
      const { ShardIterator } = await test.call<{ ShardIterator: string }>('kinesis', 'GetShardIterator', {
        StreamName: 'clicks',
        ShardId: 'shardId-000000000000',
        ShardIteratorType: 'TRIM_HORIZON',
      });
      return (await test.call<{ Records: object[] }>('kinesis', 'GetRecords', { ShardIterator })).Records;
    };
    beforeEach(async () => {
      await test.call('kinesis', 'CreateStream', stream);
      await route(['POST /clicks'], {
        IntegrationSubtype: 'Kinesis-PutRecord',
        PayloadFormatVersion: '1.0',
        CredentialsArn: ROLE,
        RequestParameters: {
          StreamName: '$request.body.stream',
          Data: '$request.body.data',
          PartitionKey: '$request.body.key',
          ExplicitHashKey: '$request.body.hash',
        },
      });
      await api('CreateStage', { StageName: '$default', AutoDeploy: true });
    });

    it('gets a record, whose data the caller sends as base64', async () => {
      const answer = await ask('POST', '/clicks', { body: record });

      expect([answer.status, JSON.parse(answer.body)]).toEqual([
        200,
        { ShardId: 'shardId-000000000000', SequenceNumber: expect.stringMatching(/^\d{56}$/) },
      ]);
      expect(answer.headers).toMatchObject({ 'content-type': 'application/x-amz-json-1.1' });
      const Data = new TextEncoder().encode("'Hello, World!'\n");
      expect(await records()).toMatchObject([{ PartitionKey: 'p1', Data }]);
    });

    it.each([
      ['no stream', { stream: undefined }, 400, '{"message":"Bad Request"}'],
      ['nothing for a parameter that is mapped', { hash: undefined }, 400, '{"message":"Bad Request"}'],
      ['an empty name', { stream: '' }, 400, 'ValidationException'],
      ['an empty hash key', { hash: '' }, 400, 'ValidationException'],
      ['a stream that is not there', { stream: 'nothing' }, 500, '{"message":"Internal Server Error"}'],
      ['what is no base64', { data: 'string' }, 400, 'a multiple of 4 bytes but found: 6'],
      ['what looks like base64', { data: '{"n":1}:' }, 400, 'can not be converted to a Blob'],
      ['much that is no base64', { data: '-'.repeat(1_000) }, 400, `'${'-'.repeat(200)}...' can not be converted`],
    ])('is refused %s', async (_, wrong, status, body) => {
      const answer = await ask('POST', '/clicks', { body: { ...record, ...wrong } });

      expect([answer.status, answer.body]).toEqual([status, expect.stringContaining(body)]);
      expect(await records()).toEqual([]);
    });
  });

  it('puts events, and starts workflows', async () => {
    const { QueueUrl } = await test.call<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName: 'events' });
    await test.call('events', 'PutRule', { Name: 'all', EventPattern: '{"source":["shop"]}' });
    await test.call('sqs', 'SetQueueAttributes', {
      QueueUrl,
      Attributes: {
        Policy: JSON.stringify({
          Statement: [
            { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:*', Resource: '*' },
          ],
        }),
      },
    });
    await test.call('events', 'PutTargets', {
      Rule: 'all',
      Targets: [{ Id: 'q', Arn: 'arn:aws:sqs:us-east-1:000000000000:events' }],
    });
    const { stateMachineArn } = await test.call<{ stateMachineArn: string }>('states', 'CreateStateMachine', {
      name: 'flow',
      roleArn: ROLE,
      definition: '{"StartAt":"A","States":{"A":{"Type":"Pass","End":true}}}',
    });
    await route(['POST /events'], {
      IntegrationSubtype: 'EventBridge-PutEvents',
      PayloadFormatVersion: '1.0',
      CredentialsArn: ROLE,
      RequestParameters: { Source: 'shop', DetailType: '$request.body.type', Detail: '$request.body.data' },
    });
    await route(['POST /flows'], {
      IntegrationSubtype: 'StepFunctions-StartExecution',
      PayloadFormatVersion: '1.0',
      CredentialsArn: ROLE,
      RequestParameters: {
        StateMachineArn: stateMachineArn,
        Input: '$request.body',
        Name: '$request.querystring.name',
      },
    });
    await api('CreateStage', { StageName: '$default', AutoDeploy: true });

    const put = await ask('POST', '/events', { body: { type: 'Sold', data: { id: 7 } } });
    expect(JSON.parse(put.body)).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }] });
    const { Messages = [] } = await test.call<{ Messages?: { Body: string }[] }>('sqs', 'ReceiveMessage', { QueueUrl });
    expect(JSON.parse(Messages[0]?.Body ?? '')).toMatchObject({ 'detail-type': 'Sold', detail: { id: 7 } });

    expect(await ask('POST', '/events', { body: { data: {} } })).toMatchObject({ status: 400 });
    const started = await ask('POST', '/flows?name=one', { body: { n: 1 } });
    const { executionArn } = JSON.parse(started.body) as { executionArn: string };
    expect(executionArn).toMatch(/:execution:flow:one$/);
    expect(await test.call('states', 'DescribeExecution', { executionArn })).toMatchObject({ input: '{"n":1}' });
    expect(await ask('POST', '/flows?name=one', { body: { n: 2 } })).toMatchObject({
      status: 400,
      body: expect.stringContaining('ExecutionAlreadyExists') as string,
    });
  });
});

describe('what is seen of requests', () => {
  it('is counted, and logged in the format of the stage', async () => {
    await test.call('logs', 'CreateLogGroup', { logGroupName: '/access' });
    await addFunction(() => ({ result: { statusCode: 418, body: 'tea' }, durationMs: 7 }));
    await route(['GET /a'], toFunction());
    await api('CreateStage', {
      StageName: '$default',
      AutoDeploy: true,
      AccessLogSettings: {
        DestinationArn: 'arn:aws:logs:us-east-1:000000000000:log-group:/access:*',
        Format:
          '$context.identity.sourceIp "$context.httpMethod $context.path" $context.routeKey $context.status $context.integrationLatency $context.error.message $context.nobody',
      },
    });
    await ask('GET', '/a');
    await ask('GET', '/nothing');
    const { events } = await test.call<{ events: { message: string }[] }>('logs', 'FilterLogEvents', {
      logGroupName: '/access',
    });
    expect(events.map(({ message }) => message)).toEqual([
      '10.0.0.7 "GET /a" GET /a 418 7 - -',
      '10.0.0.7 "GET /nothing" - 404 - Not Found -',
    ]);
    const sum = async (MetricName: string): Promise<number | undefined> => {
      const { Datapoints } = await test.call<{ Datapoints: { Sum: number }[] }>('cloudwatch', 'GetMetricStatistics', {
        Namespace: 'AWS/ApiGateway',
        MetricName,
        Dimensions: [{ Name: 'ApiId', Value: apiId }],
        StartTime: new Date(START - 60_000),
        EndTime: new Date(START + 60_000),
        Period: 300,
        Statistics: ['Sum'],
      });
      return Datapoints[0]?.Sum;
    };
    expect([await sum('Count'), await sum('4xx'), await sum('5xx'), await sum('IntegrationLatency')]).toEqual([
      2, 2, 0, 7,
    ]);
  });
});

describe('an HTTP endpoint behind a route', () => {
  const proxy = (more: object = {}) => ({
    IntegrationType: 'HTTP_PROXY',
    IntegrationMethod: 'ANY',
    IntegrationUri: 'http://127.0.0.1:8080/base/{proxy}',
    ...more,
  });
  const setUp = async (more: object = {}) => {
    await route(['ANY /shop/{proxy+}'], proxy(more));
    await api('CreateStage', { StageName: '$default', AutoDeploy: true });
  };

  it('gets the request and gives the answer', async () => {
    test.endpoints.set('http://127.0.0.1:8080/base/a/b', () => ({
      status: 418,
      headers: { 'X-Own': '1', 'Transfer-Encoding': 'chunked' },
      body: 'tea',
    }));
    await setUp();
    const answer = await ask('PUT', '/shop/a/b?x=1', {
      body: { n: 1 },
      headers: { 'x-key': 'k', connection: 'close' },
    });
    expect(answer).toMatchObject({ status: 418, body: 'tea', headers: { 'x-own': '1' } });
    expect(answer.headers).not.toHaveProperty('transfer-encoding');
    const [call] = test.httpCalls;
    expect(call).toMatchObject({
      method: 'PUT',
      url: 'http://127.0.0.1:8080/base/a/b?x=1',
      headers: { 'x-key': 'k', forwarded: expect.stringContaining('for=10.0.0.7;') as string },
    });
    expect(call?.headers).not.toHaveProperty('connection');
    expect(new TextDecoder().decode(call?.bytes)).toBe('{"n":1}');
  });

  it('that cannot be reached, or is too slow, is 503', async () => {
    await setUp({ TimeoutInMillis: 50 });
    expect(await ask('GET', '/shop/nobody')).toMatchObject({ status: 503, body: '{"message":"Service Unavailable"}' });
    test.endpoints.set('http://127.0.0.1:8080/base/slow', () => ({ durationMs: 200 }));
    expect(await ask('GET', '/shop/slow', { waitMs: 100 })).toMatchObject({ status: 503 });
  });
});

describe('what cannot be', () => {
  it.each<[string, object, readonly unknown[]]>([
    ['CreateApi', { ApiId: undefined, Name: 'x', ProtocolType: 'WEBSOCKET' }, [501, 'NotSupportedByHoldfast']],
    ['CreateRoute', { RouteKey: 'GET a' }, [400, 'BadRequestException']],
    ['CreateRoute', { RouteKey: 'GET /a', AuthorizationType: 'JWT' }, [400, 'BadRequestException']],
    ['CreateRoute', { RouteKey: 'GET /a', AuthorizationType: 'AWS_IAM' }, [501, 'NotSupportedByHoldfast']],
    ['CreateRoute', { RouteKey: 'GET /a', Target: 'integrations/none' }, [400, 'BadRequestException']],
    ['CreateIntegration', { IntegrationType: 'HTTP_PROXY' }, [400, 'BadRequestException']],
    [
      'CreateIntegration',
      { IntegrationType: 'HTTP_PROXY', IntegrationMethod: 'GET', IntegrationUri: 'ftp://x' },
      [400, 'BadRequestException'],
    ],
    ['CreateIntegration', { IntegrationType: 'AWS_PROXY', IntegrationUri: 'x' }, [400, 'BadRequestException']],
    [
      'CreateIntegration',
      { IntegrationType: 'AWS_PROXY', IntegrationSubtype: 'SQS-PurgeQueue' },
      [501, 'NotSupportedByHoldfast'],
    ],
    [
      'CreateIntegration',
      { IntegrationType: 'AWS_PROXY', IntegrationSubtype: 'SQS-SendMessage', CredentialsArn: ROLE },
      [400, 'BadRequestException'],
    ],
    ['CreateStage', { StageName: 'a b' }, [400, 'BadRequestException']],
    ['CreateStage', { StageName: 'a', RouteSettings: { 'GET /no': {} } }, [404, 'NotFoundException']],
    ['CreateDeployment', {}, [400, 'BadRequestException']],
    ['GetRoute', { RouteId: 'none' }, [404, 'NotFoundException']],
    ['GetStage', { StageName: 'none' }, [404, 'NotFoundException']],
    // What every object has is no route and no stage.
    ['GetRoute', { RouteId: 'constructor' }, [404, 'NotFoundException']],
    ['UpdateRoute', { RouteId: '__proto__' }, [404, 'NotFoundException']],
    ['GetIntegration', { IntegrationId: 'constructor' }, [404, 'NotFoundException']],
    ['GetStage', { StageName: 'constructor' }, [404, 'NotFoundException']],
    ['CreateDeployment', { StageName: 'constructor' }, [404, 'NotFoundException']],
    ['CreateRoute', { RouteKey: 'GET /a', Target: 'integrations/constructor' }, [400, 'BadRequestException']],
    [
      'CreateIntegration',
      { IntegrationType: 'AWS_PROXY', IntegrationSubtype: 'constructor' },
      [501, 'NotSupportedByHoldfast'],
    ],
    ['CreateAuthorizer', { Name: 'a' }, [400, 'BadRequestException']],
  ])('%s with %j is refused', async (action, input, expected) => {
    expect(await refusal(action, input)).toEqual([...expected, expect.any(String)]);
  });

  it('is a second route of one key, or an integration taken from under its route', async () => {
    await addFunction(() => ({ result: 'x' }));
    await route(['GET /a'], toFunction());
    expect(await refusal('CreateRoute', { RouteKey: 'GET /a' })).toEqual([
      409,
      'ConflictException',
      'Route with key GET /a already exists for this API',
    ]);
    const { Items } = await api<{ Items: { IntegrationId: string }[] }>('GetIntegrations');
    expect(await refusal('DeleteIntegration', { IntegrationId: Items[0]?.IntegrationId })).toEqual([
      409,
      'ConflictException',
      expect.stringContaining('because it is referenced by Route'),
    ]);
  });
});
