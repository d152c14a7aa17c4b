import { generateKeyPairSync, sign } from 'node:crypto';
import { MINUTE_MS, SECOND_MS } from '@holdfast/kernel';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RouteAnswer, RouteRequest } from '../../core/index.ts';
import { MapStore } from '../../map-store.ts';
import { type SimulatedFunction, TestEngine } from '../../test-engine.ts';
import { createFunction } from '../lambda/function-bench.ts';

const ACCOUNT = '000000000000';
const ISSUER = 'http://127.0.0.1:9000/pool';
const START = Date.UTC(2025, 0, 2, 3, 4, 5);
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
const functionArn = (name: string) => `arn:aws:lambda:us-east-1:${ACCOUNT}:function:${name}`;

let test: TestEngine;
let apiId: string;
let integrationId: string;

const api = <Output = Record<string, string>>(action: string, input: object = {}): Promise<Output> =>
  test.call<Output>('apigatewayv2', action, { ApiId: apiId, ...input });

const addFunction = async (name: string, behaviour: SimulatedFunction) => {
  test.functions.set(name, behaviour);
  await createFunction(test, name);
};
const allow = (FunctionName: string, place: string) =>
  test.call('lambda', 'AddPermission', {
    FunctionName,
    StatementId: 'api',
    Action: 'lambda:InvokeFunction',
    Principal: 'apigateway.amazonaws.com',
    SourceArn: `arn:aws:execute-api:us-east-1:${ACCOUNT}:${apiId}/${place}`,
  });

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const tokenWith = (claims: object, header: object = {}) => {
  const now = test.clock.now() / 1_000;
  const defaults = { iss: ISSUER, aud: 'app', sub: 'u1', exp: now + 60, iat: now - 1 };
  const signed = `${encoded({ alg: 'RS256', kid: 'k1', ...header })}.${encoded({ ...defaults, ...claims })}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
};

const ask = async (path: string, headers: Record<string, string> = {}) => {
  const host = `${apiId}.execute-api.localhost:4566`;
  const [rawPath = '', query = ''] = path.split('?');
  const found = test.engine.routeOf(host, rawPath);
  const request: RouteRequest = {
    ...(found as NonNullable<typeof found>),
    method: 'GET',
    query,
    headers: { host, ...headers },
    body: new Uint8Array(),
    sourceIp: '10.0.0.7',
    host,
    accessKeyId: undefined,
    account: ACCOUNT,
    region: 'us-east-1',
  };
  const pending = found?.route.answer(request);
  for (let turn = 0; turn < 8; turn++) await test.advance(1);
  const answer = (await pending) as RouteAnswer;
  const at = answer.headers.indexOf('WWW-Authenticate');
  return { status: answer.status, body: String(answer.body), challenge: at < 0 ? undefined : answer.headers[at + 1] };
};
const lastEvent = () => JSON.parse(test.invocations.at(-1)?.payload ?? 'null') as Record<string, never>;

const setUp = async (store?: MapStore) => {
  test = new TestEngine({ start: START, ...(store === undefined ? {} : { store }) });
  ({ ApiId: apiId } = await test.call<{ ApiId: string }>('apigatewayv2', 'CreateApi', {
    Name: 'shop',
    ProtocolType: 'HTTP',
  }));
  await addFunction('fn', () => ({ result: { statusCode: 200, body: 'in' } }));
  await allow('fn', '*/*');
  ({ IntegrationId: integrationId = '' } = await api('CreateIntegration', {
    IntegrationType: 'AWS_PROXY',
    IntegrationUri: functionArn('fn'),
    PayloadFormatVersion: '2.0',
  }));
  await api('CreateStage', { StageName: '$default', AutoDeploy: true });
};
const routeTo = (RouteKey: string, more: object) =>
  api('CreateRoute', { RouteKey, Target: `integrations/${integrationId}`, ...more });

beforeEach(() => setUp());

describe('a JWT authorizer', () => {
  let keys: object[];
  const create = (more: object = {}) =>
    api('CreateAuthorizer', {
      Name: 'tokens',
      AuthorizerType: 'JWT',
      IdentitySource: ['$request.header.Authorization'],
      JwtConfiguration: { Issuer: ISSUER, Audience: ['app'] },
      ...more,
    });

  beforeEach(async () => {
    keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'RS256', use: 'sig' }];
    const document = { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` };
    test.endpoints.set(`${ISSUER}/.well-known/openid-configuration`, () => ({ body: JSON.stringify(document) }));
    test.endpoints.set(`${ISSUER}/keys`, () => ({ body: JSON.stringify({ keys }) }));
    const { AuthorizerId } = await create();
    const byToken = { AuthorizationType: 'JWT', AuthorizerId };
    await routeTo('GET /me', byToken);
    await routeTo('GET /orders', { ...byToken, AuthorizationScopes: ['orders:read', 'admin'] });
  });

  it('lets a good token in and tells the function of its claims', async () => {
    const authorization = `Bearer ${tokenWith({ scope: 'a b', groups: ['x', 'y'], level: 3 })}`;
    expect(await ask('/me', { authorization })).toMatchObject({ status: 200, body: 'in' });
    expect(lastEvent()['requestContext']).toMatchObject({
      authorizer: {
        jwt: { claims: { sub: 'u1', aud: 'app', groups: '[x y]', level: '3', scope: 'a b' }, scopes: null },
      },
    });
    await ask('/me', { authorization });
    expect(test.httpCalls, 'the keys are kept').toHaveLength(2);
  });

  it('hands on claims within claims as API Gateway prints them', async () => {
    const claims = { realm: { roles: ['admin', 'user'], at: 1 }, list: [{ a: null }], none: null };
    await ask('/me', { authorization: tokenWith(claims) });
    expect(lastEvent()['requestContext']).toMatchObject({
      authorizer: {
        jwt: { claims: { realm: 'map[at:1 roles:[admin user]]', list: '[map[a:<nil>]]', none: '<nil>' } },
      },
    });
  });

  it('wants a token, and says so', async () => {
    expect(await ask('/me')).toEqual({ status: 401, body: '{"message":"Unauthorized"}', challenge: 'Bearer' });
    expect(test.invocations).toEqual([]);
  });

  it.each([
    ['out of time', () => tokenWith({ exp: START / 1_000 - 1 }), 'the token has expired'],
    ['not valid yet', () => tokenWith({ nbf: START / 1_000 + 600 }), 'the token is not valid yet'],
    ['of another issuer', () => tokenWith({ iss: 'http://127.0.0.1:9000/other' }), 'the issuer is not valid'],
    ['for another audience', () => tokenWith({ aud: ['x'] }), 'the audience is not valid'],
    ['without an end', () => tokenWith({ exp: undefined }), 'the token has expired'],
    ['of an unknown key', () => tokenWith({}, { kid: 'k2' }), 'unable to find the signing key'],
    ['signed by nobody', () => tokenWith({}, { alg: 'none' }), 'signing method none is invalid'],
    [
      'that would end the header',
      () => tokenWith({}, { alg: 'x"\r\nSet-Cookie: é😀' }),
      "signing method x'??Set-Cookie: é?? is invalid",
    ],
    ['that was changed', () => `${tokenWith({})}AA`, 'signature is invalid'],
    ['that is none', () => 'abc', 'invalid number of segments'],
  ])('refuses a token %s', async (_, token, description) => {
    expect(await ask('/me', { authorization: token() })).toEqual({
      status: 401,
      body: '{"message":"Unauthorized"}',
      challenge: `Bearer scope="" error="invalid_token" error_description="${description}"`,
    });
    expect(test.invocations).toEqual([]);
  });

  it('takes the client for the audience where there is none', async () => {
    const authorization = tokenWith({ aud: undefined, client_id: 'app' });
    expect(await ask('/me', { authorization })).toMatchObject({ status: 200 });
  });

  it('wants one of the scopes of the route', async () => {
    expect(await ask('/orders', { authorization: tokenWith({ scope: 'orders:write' }) })).toEqual({
      status: 403,
      body: '{"message":"Forbidden"}',
      challenge: expect.stringContaining('scope="orders:read admin" error="insufficient_scope"') as string,
    });
    expect(await ask('/orders', { authorization: tokenWith({ scope: 'x orders:read' }) })).toMatchObject({
      status: 200,
    });
    expect(lastEvent()['requestContext']).toMatchObject({ authorizer: { jwt: { scopes: ['x', 'orders:read'] } } });
    expect(await ask('/orders', { authorization: tokenWith({ scp: ['admin'] }) })).toMatchObject({ status: 200 });
  });

  it('looks for a new key when a token names one, after a minute', async () => {
    await ask('/me', { authorization: tokenWith({}) });
    keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'k2' }];
    const fresh = () => ask('/me', { authorization: tokenWith({}, { kid: 'k2' }) });
    expect(await fresh()).toMatchObject({ status: 401 });
    await test.advance(MINUTE_MS);
    expect(await fresh()).toMatchObject({ status: 200 });
  });

  it('passes over what is no key, and asks an issuer once for all who wait', async () => {
    keys = [null as unknown as object, 5 as unknown as object, ...keys];
    const together = await Promise.all(
      ['/me', '/me', '/orders'].map((path) => ask(path, { authorization: tokenWith({ scope: 'admin' }) })),
    );
    expect(together.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(test.httpCalls).toHaveLength(2);
  });

  it('takes 150,000 bytes of keys, and no more', async () => {
    const padded = (bytes: number) => {
      const empty = JSON.stringify({ keys, padding: '' });
      return JSON.stringify({ keys, padding: 'x'.repeat(bytes - empty.length) });
    };
    test.endpoints.set(`${ISSUER}/keys`, () => ({ body: padded(150_001) }));
    expect(await ask('/me', { authorization: tokenWith({}) })).toMatchObject({ status: 401 });
    test.endpoints.set(`${ISSUER}/keys`, () => ({ body: padded(150_000) }));
    expect(await ask('/me', { authorization: tokenWith({}) })).toMatchObject({ status: 200 });
  });

  it('says when its issuer cannot be asked', async () => {
    test.endpoints.clear();
    expect(await ask('/me', { authorization: tokenWith({}) })).toMatchObject({
      status: 401,
      challenge: expect.stringContaining('OIDC discovery endpoint communication error') as string,
    });
  });

  it('is checked when it is made', async () => {
    const refused = (more: object) => create(more).catch(({ message }: Error) => message);
    expect(await refused({ IdentitySource: ['$context.routeKey'] })).toMatch(/IdentitySource/);
    expect(await refused({ JwtConfiguration: { Issuer: ISSUER, Audience: [] } })).toMatch(/Audience/);
    expect(await refused({ AuthorizerType: 'TOKEN' })).toMatch(/TOKEN/);
    await expect(routeTo('GET /a', { AuthorizationType: 'JWT', AuthorizerId: 'nobody' })).rejects.toThrow(
      'Invalid authorizer ID specified: nobody',
    );
    await expect(routeTo('GET /a', { AuthorizationType: 'AWS_IAM' })).rejects.toThrow(/AWS_IAM/);
  });
});

describe('a Lambda authorizer', () => {
  const create = async (behaviour: SimulatedFunction, more: object = {}) => {
    await addFunction('judge', behaviour);
    const { AuthorizerId = '' } = await api('CreateAuthorizer', {
      Name: 'judge',
      AuthorizerType: 'REQUEST',
      AuthorizerUri: `arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/${functionArn('judge')}/invocations`,
      AuthorizerPayloadFormatVersion: '2.0',
      EnableSimpleResponses: true,
      AuthorizerResultTtlInSeconds: 0,
      IdentitySource: ['$request.header.X-Key'],
      ...more,
    });
    await allow('judge', `authorizers/${AuthorizerId}`);
    await routeTo('GET /a/{id}', { AuthorizationType: 'CUSTOM', AuthorizerId });
    await routeTo('GET /b', { AuthorizationType: 'CUSTOM', AuthorizerId });
    return AuthorizerId;
  };
  const judged = () => test.invocations.filter(({ spec }) => spec.functionName === 'judge');
  const key = { 'x-key': 'open' };

  it('decides by yes and no, and gives the function what it knows', async () => {
    await create(({ payload }) => ({
      result: { isAuthorized: payload.includes('open'), context: { user: 'u1', level: 3 } },
    }));
    expect(await ask('/a/7?x=1', key)).toMatchObject({ status: 200, body: 'in' });
    expect(lastEvent()['requestContext']).toMatchObject({ authorizer: { lambda: { user: 'u1', level: 3 } } });
    expect(JSON.parse(judged()[0]?.payload as string)).toMatchObject({
      version: '2.0',
      type: 'REQUEST',
      routeArn: `arn:aws:execute-api:us-east-1:${ACCOUNT}:${apiId}/$default/GET/a/{id}`,
      identitySource: ['open'],
      routeKey: 'GET /a/{id}',
      rawQueryString: 'x=1',
      pathParameters: { id: '7' },
      requestContext: { http: { method: 'GET' }, stage: '$default' },
    });
    expect(await ask('/a/7', { 'x-key': 'no' })).toMatchObject({ status: 403, body: '{"message":"Forbidden"}' });
    expect(await ask('/a/7')).toMatchObject({ status: 401, body: '{"message":"Unauthorized"}' });
    expect(judged()).toHaveLength(2);
  });

  it('decides by a policy in the format of REST APIs', async () => {
    const policyDocument = {
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'execute-api:Invoke', Resource: `arn:aws:execute-api:*:*:${apiId}/*/GET/b` },
      ],
    };
    await create(() => ({ result: { principalId: 'u1', policyDocument, context: { plan: 'gold' } } }), {
      AuthorizerPayloadFormatVersion: '1.0',
      EnableSimpleResponses: undefined,
    });
    expect(await ask('/b', key)).toMatchObject({ status: 200 });
    expect(await ask('/a/1', key)).toMatchObject({ status: 403 });
    expect(JSON.parse(judged()[0]?.payload as string)).toMatchObject({
      version: '1.0',
      type: 'REQUEST',
      methodArn: `arn:aws:execute-api:us-east-1:${ACCOUNT}:${apiId}/$default/GET/b`,
      identitySource: 'open',
      authorizationToken: 'open',
      httpMethod: 'GET',
    });
    expect(lastEvent()['type']).toBe('REQUEST');
  });

  it('is asked again when its answer is too old, or forgotten', async () => {
    await create(() => ({ result: { isAuthorized: true } }), { AuthorizerResultTtlInSeconds: 60 });
    await ask('/b', key);
    await ask('/a/1', key);
    expect(judged()).toHaveLength(1);
    await ask('/b', { 'x-key': 'other' });
    expect(judged()).toHaveLength(2);
    await test.advance(60 * SECOND_MS);
    await ask('/b', key);
    expect(judged()).toHaveLength(3);
    await api('ResetAuthorizersCache', { StageName: '$default' });
    await ask('/b', key);
    expect(judged()).toHaveLength(4);
  });

  it('that fails, or says nothing of use, is an error of the server', async () => {
    await create(({ payload }) =>
      payload.includes('throw')
        ? { error: { errorType: 'Error', errorMessage: 'no' } }
        : { result: payload.includes('text') ? 'yes' : { isAuthorized: 'yes' } },
    );
    for (const word of ['throw', 'text', 'open']) {
      expect(await ask('/b', { 'x-key': word })).toMatchObject({
        status: 500,
        body: '{"message":"Internal Server Error"}',
      });
    }
  });

  it('must let API Gateway invoke it', async () => {
    await create(() => ({ result: { isAuthorized: true } }));
    await test.call('lambda', 'RemovePermission', { FunctionName: 'judge', StatementId: 'api' });
    expect(await ask('/b', key)).toMatchObject({ status: 500 });
  });

  it('cannot be deleted while a route has it, and survives the process', async () => {
    const store = new MapStore();
    await setUp(store);
    const AuthorizerId = await create(() => ({ result: { isAuthorized: false } }));
    await expect(api('DeleteAuthorizer', { AuthorizerId })).rejects.toMatchObject({ code: 'ConflictException' });
    test = new TestEngine({ store, start: test.clock.now() });
    test.functions.set('judge', () => ({ result: { isAuthorized: false } }));
    expect(await ask('/b', key)).toMatchObject({ status: 403 });
    expect(await api('GetAuthorizers')).toMatchObject({ Items: [{ AuthorizerId, Name: 'judge' }] });
  });
});
