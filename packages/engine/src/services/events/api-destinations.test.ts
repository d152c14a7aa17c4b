import { describe, expect, it } from 'vitest';
import { MapStore } from '../../map-store.ts';
import { TestEngine } from '../../test-engine.ts';

const API = 'http://localhost:8080/orders';
const TOKENS = 'http://localhost:8080/token';
const DLQ = 'arn:aws:sqs:us-east-1:000000000000:dlq';

const OPEN_TO_EVENTS = JSON.stringify({
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: DLQ },
  ],
});

const BASIC = {
  AuthorizationType: 'BASIC',
  AuthParameters: { BasicAuthParameters: { Username: 'user', Password: 'pass' } },
};
const OAUTH = {
  AuthorizationType: 'OAUTH_CLIENT_CREDENTIALS',
  AuthParameters: {
    OAuthParameters: {
      AuthorizationEndpoint: TOKENS,
      HttpMethod: 'POST',
      ClientParameters: { ClientID: 'id', ClientSecret: 'secret' },
      OAuthHttpParameters: { BodyParameters: [{ Key: 'scope', Value: 'orders' }] },
    },
  },
};

/** An engine with a rule that sends all events of `shop` to an API destination. */
const wired = async (
  connection: object = BASIC,
  destination: object = {},
  target: object = {},
  store = new MapStore(),
) => {
  const test = new TestEngine({ store });
  test.endpoints.set(API, () => ({}));
  test.endpoints.set(TOKENS, () => ({ body: JSON.stringify({ access_token: 't1', expires_in: 3_600 }) }));
  await test.call('sqs', 'CreateQueue', { QueueName: 'dlq', Attributes: { Policy: OPEN_TO_EVENTS } });
  const { ConnectionArn } = await test.call('events', 'CreateConnection', { Name: 'shop', ...connection });
  const { ApiDestinationArn } = await test.call<{ ApiDestinationArn: string }>('events', 'CreateApiDestination', {
    Name: 'shop',
    ConnectionArn,
    InvocationEndpoint: API,
    HttpMethod: 'POST',
    ...destination,
  });
  await test.call('events', 'PutRule', { Name: 'all', EventPattern: '{"source":["shop"]}' });
  await test.call('events', 'PutTargets', {
    Rule: 'all',
    Targets: [{ Id: 'api', Arn: ApiDestinationArn, DeadLetterConfig: { Arn: DLQ }, ...target }],
  });
  await test.advance(0);
  test.httpCalls.length = 0;
  return test;
};

const put = (test: TestEngine, detail: object = { id: 'a/1' }) =>
  test.call('events', 'PutEvents', {
    Entries: [{ Source: 'shop', DetailType: 'order', Detail: JSON.stringify(detail) }],
  });

const deadLetters = async (test: TestEngine) => {
  const { Messages = [] } = await test.call<{
    Messages?: { MessageAttributes: Record<string, { StringValue: string }> }[];
  }>('sqs', 'ReceiveMessage', {
    QueueUrl: 'http://127.0.0.1:4566/000000000000/dlq',
    MaxNumberOfMessages: 10,
    MessageAttributeNames: ['All'],
  });
  return Messages.map(({ MessageAttributes }) =>
    Object.fromEntries(Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue])),
  );
};

describe('an API destination', () => {
  it('gets events as its connection authorizes them', async () => {
    const test = await wired();
    await put(test);
    await test.advance(0);

    const [call] = test.httpCalls;
    expect(call).toMatchObject({
      method: 'POST',
      url: API,
      headers: {
        Authorization: 'Basic dXNlcjpwYXNz',
        'Content-Type': 'application/json; charset=utf-8',
        'User-Agent': 'Amazon/EventBridge/ApiDestinations',
      },
    });
    expect(JSON.parse(call?.body ?? '')).toMatchObject({ source: 'shop', detail: { id: 'a/1' } });
  });

  it('is called with what target and connection add, the connection last', async () => {
    const parameters = (name: string) => [
      { Key: name, Value: 'connection' },
      { Key: 'both', Value: 'connection' },
    ];
    const test = await wired(
      {
        AuthorizationType: 'API_KEY',
        AuthParameters: {
          ApiKeyAuthParameters: { ApiKeyName: 'x-key', ApiKeyValue: 'k1' },
          InvocationHttpParameters: {
            HeaderParameters: parameters('x-connection'),
            QueryStringParameters: parameters('connection'),
            BodyParameters: parameters('connection'),
          },
        },
      },
      { InvocationEndpoint: `${API}/*/lines/*`, HttpMethod: 'PUT' },
      {
        Input: '{"both":"input"}',
        HttpParameters: {
          PathParameterValues: ['$.detail.id', 'x'],
          HeaderParameters: { 'x-target': 'target', both: 'target' },
          QueryStringParameters: { target: '$.detail-type', both: 'target' },
        },
      },
    );
    await put(test);
    await test.advance(0);

    const [call] = test.httpCalls;
    expect(call?.url).toBe(`${API}/a%2F1/lines/x?target=order&both=connection&connection=connection`);
    expect(call?.headers).toMatchObject({
      'x-key': 'k1',
      'x-target': 'target',
      'x-connection': 'connection',
      both: 'connection',
    });
    expect(JSON.parse(call?.body ?? '')).toEqual({ both: 'connection', connection: 'connection' });
  });

  it('asks for a token once, and for another one when it is refused', async () => {
    const test = await wired(OAUTH);
    let token = 1;
    test.endpoints.set(TOKENS, () => ({ body: JSON.stringify({ access_token: `t${++token}`, expires_in: 3_600 }) }));
    test.endpoints.set(API, ({ headers }) => ({ status: headers['Authorization'] === 'Bearer t2' ? 200 : 401 }));
    await put(test);
    await test.advance(10_000);
    await put(test);
    await test.advance(0);

    expect(test.httpCalls.map(({ url, headers }) => [url, headers['Authorization']?.split(' ')[1]])).toEqual([
      [API, 't1'],
      [TOKENS, 'aWQ6c2VjcmV0'],
      [API, 't2'],
      [API, 't2'],
    ]);
    expect(test.httpCalls[1]?.body).toBe(
      'grant_type=client_credentials&client_id=id&client_secret=secret&scope=orders',
    );
  });

  it('whose connection is not authorized gets nothing; the dead-letter queue does', async () => {
    const test = await wired(OAUTH);
    test.endpoints.set(TOKENS, () => ({ status: 403 }));
    await test.call('events', 'UpdateConnection', { Name: 'shop', AuthParameters: OAUTH.AuthParameters });
    await test.advance(0);
    await put(test);
    await test.advance(0);

    expect(await test.call('events', 'DescribeConnection', { Name: 'shop' })).toMatchObject({
      ConnectionState: 'DEAUTHORIZED',
      StateReason: 'The authorization endpoint answered 403.',
    });
    expect(await deadLetters(test)).toMatchObject([{ ERROR_CODE: 'CONNECTION_FAILURE', RETRY_ATTEMPTS: '0' }]);
  });

  it('gets no more requests per second than it says', async () => {
    const test = await wired(BASIC, { InvocationRateLimitPerSecond: 4 });
    for (let index = 0; index < 6; index++) await put(test);
    await test.advance(10_000);
    const [{ at: first } = { at: 0 }] = test.httpCalls;
    expect(test.httpCalls.map(({ at }) => at - first)).toEqual([0, 250, 500, 750, 1_000, 1_250]);
  });

  it.each([
    [400, 1, 'ERROR_FROM_TARGET'],
    [404, 1, 'ERROR_FROM_TARGET'],
    [302, 1, 'ERROR_FROM_TARGET'],
    [409, 4, 'ERROR_FROM_TARGET'],
    [429, 4, 'THROTTLING'],
    [500, 4, 'ERROR_FROM_TARGET'],
  ])('after %i is called %i times, then the dead-letter queue says %s', async (status, calls, code) => {
    const test = await wired(BASIC, {}, { RetryPolicy: { MaximumRetryAttempts: 3 } });
    test.endpoints.set(API, () => ({ status }));
    await put(test);
    await test.advance(86_400_000);
    expect(test.httpCalls).toHaveLength(calls);
    expect(await deadLetters(test)).toMatchObject([{ ERROR_CODE: code, RETRY_ATTEMPTS: String(calls - 1) }]);
  });

  it('that says when to come again is left alone until then', async () => {
    const test = await wired();
    test.endpoints.set(API, () => ({ status: 503, headers: { 'retry-after': '120' } }));
    await put(test);
    await test.advance(119_999);
    expect(test.httpCalls).toHaveLength(1);
    await test.advance(2_000);
    expect(test.httpCalls).toHaveLength(2);
  });

  it('that does not answer in time, or is not there, is tried again', async () => {
    const test = await wired(BASIC, {}, { RetryPolicy: { MaximumRetryAttempts: 0 } });
    test.endpoints.set(API, () => ({ failure: { kind: 'failed', reason: 'timeout', message: 'slow' } }));
    await put(test);
    await test.advance(0);
    test.endpoints.delete(API);
    await put(test);
    await test.advance(10);
    expect((await deadLetters(test)).map(({ ERROR_CODE }) => ERROR_CODE)).toEqual(['TIMEOUT', 'CONNECTION_FAILURE']);
  });

  it('is called again after a restart when there was no answer', async () => {
    const store = new MapStore();
    const test = await wired(BASIC, {}, {}, store);
    test.endpoints.set(API, () => ({ durationMs: 60_000 }));
    await put(test);
    await test.advance(0);
    const again = new TestEngine({ store, start: test.clock.now() });
    again.endpoints.set(API, () => ({}));
    await again.advance(86_400_000);
    expect(again.httpCalls).toHaveLength(1);
  });
});

describe('a connection', () => {
  it('keeps its secrets in Secrets Manager, and does not show them', async () => {
    const test = await wired();
    const described = await test.call<{ SecretArn: string }>('events', 'DescribeConnection', { Name: 'shop' });
    expect(described).toMatchObject({ AuthParameters: { BasicAuthParameters: { Username: 'user' } } });
    expect(JSON.stringify(described)).not.toContain('pass');
    const { SecretString } = await test.call<{ SecretString: string }>('secretsmanager', 'GetSecretValue', {
      SecretId: described.SecretArn,
    });
    expect(JSON.parse(SecretString)).toEqual({ username: 'user', password: 'pass' });
    expect(await test.call('secretsmanager', 'DescribeSecret', { SecretId: described.SecretArn })).toMatchObject({
      OwningService: 'events',
      Tags: [{ Key: 'aws:secretsmanager:owningService', Value: 'events' }],
    });
    await test.call('events', 'DeleteConnection', { Name: 'shop' });
    await expect(test.call('secretsmanager', 'DescribeSecret', { SecretId: described.SecretArn })).rejects.toThrow();
  });
});
