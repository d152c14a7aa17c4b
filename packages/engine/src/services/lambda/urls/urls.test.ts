import { describe, expect, it } from 'vitest';
import type { RouteAnswer } from '../../../core/index.ts';
import { MapStore } from '../../../map-store.ts';
import { type Behaviour, LambdaBench } from '../lambda-bench.ts';
import type { UrlRequest } from './url-event.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:fn';

const refusal = (bench: LambdaBench, action: string, input: object): Promise<unknown> =>
  bench.refusal(action, { FunctionName: 'fn', ...input });

/** A function with a URL that everybody may call, unless the settings say otherwise. */
const withUrl = async (
  behaviour: Behaviour,
  { isOpen = true, AuthType = 'NONE', store = new MapStore() } = {},
): Promise<{ bench: LambdaBench; urlId: string }> => {
  const bench = new LambdaBench({ start: Date.UTC(2025, 0, 2, 3, 4, 5), store });
  await bench.createFunction('fn', behaviour, { Publish: true });
  const { FunctionUrl } = await bench.call<{ FunctionUrl: string }>('CreateFunctionUrlConfig', {
    FunctionName: 'fn',
    AuthType,
  });
  if (isOpen) {
    await bench.call('AddPermission', {
      FunctionName: 'fn',
      StatementId: 'everybody',
      Action: 'lambda:InvokeFunctionUrl',
      Principal: '*',
      FunctionUrlAuthType: 'NONE',
    });
  }
  return { bench, urlId: /lambda-url\/([0-9a-z]{32})\/$/.exec(FunctionUrl)?.[1] as string };
};

const request = (urlId: string, more: Partial<UrlRequest> = {}): UrlRequest => ({
  urlId,
  method: 'GET',
  path: '/',
  query: '',
  headers: { host: 'localhost:4566' },
  body: new Uint8Array(),
  sourceIp: '10.0.0.7',
  host: 'localhost:4566',
  accessKeyId: undefined,
  account: '000000000000',
  region: 'us-east-1',
  ...more,
});

const ask = async (bench: LambdaBench, asked: UrlRequest): Promise<RouteAnswer> => {
  const [urlRoute] = bench.service.routes;
  const answer = urlRoute?.answer({ ...asked, path: `/${asked.urlId}${asked.path}` });
  await bench.advance(1_000);
  return (await answer) as RouteAnswer;
};

describe('the configuration of a function URL', () => {
  it('is created, shown, changed, listed and deleted, for the function and its aliases apart', async () => {
    const store = new MapStore();
    const { bench } = await withUrl(() => ({}), { store });
    await bench.call('CreateAlias', { FunctionName: 'fn', Name: 'live', FunctionVersion: '1' });
    const FunctionUrl = expect.stringMatching(
      /^http:\/\/127\.0\.0\.1:4566\/_holdfast\/lambda-url\/[0-9a-f]{32}\/$/,
    ) as string;
    const time = '2025-01-02T03:04:05.000Z';

    expect(
      await bench.call('CreateFunctionUrlConfig', {
        FunctionName: 'fn',
        Qualifier: 'live',
        AuthType: 'AWS_IAM',
        Cors: { AllowOrigins: ['*'] },
      }),
    ).toEqual({
      FunctionUrl,
      FunctionArn: `${ARN}:live`,
      AuthType: 'AWS_IAM',
      Cors: { AllowOrigins: ['*'] },
      CreationTime: time,
    });
    expect(await bench.call('GetFunctionUrlConfig', { FunctionName: 'fn' })).toEqual({
      FunctionUrl,
      FunctionArn: ARN,
      AuthType: 'NONE',
      CreationTime: time,
      LastModifiedTime: time,
      InvokeMode: 'BUFFERED',
    });
    expect(await refusal(bench, 'CreateFunctionUrlConfig', { AuthType: 'NONE' })).toEqual([
      409,
      'ResourceConflictException',
      `Failed to create function url config for [functionArn = ${ARN}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
    ]);
    expect(await bench.call('UpdateFunctionUrlConfig', { FunctionName: 'fn', AuthType: 'AWS_IAM' })).toMatchObject({
      AuthType: 'AWS_IAM',
    });
    const again = new LambdaBench({ store });
    expect(await again.call('ListFunctionUrlConfigs', { FunctionName: 'fn' })).toMatchObject({
      FunctionUrlConfigs: [{ FunctionArn: ARN, AuthType: 'AWS_IAM' }, { FunctionArn: `${ARN}:live` }],
    });
    await again.call('DeleteFunctionUrlConfig', { FunctionName: 'fn' });
    const gone = [404, 'ResourceNotFoundException', 'The resource you requested does not exist.'];
    expect(await refusal(again, 'GetFunctionUrlConfig', {})).toEqual(gone);
    expect(await refusal(again, 'DeleteFunctionUrlConfig', {})).toEqual(gone);
    expect(await refusal(again, 'GetFunctionUrlConfig', { Qualifier: 'live' })).toBe('accepted');
  });

  it.each<[string, object, readonly unknown[]]>([
    ['CreateFunctionUrlConfig', { FunctionName: 'no' }, [404, 'ResourceNotFoundException', 'Function does not exist']],
    ['CreateFunctionUrlConfig', { Qualifier: 'v1' }, [404, 'ResourceNotFoundException', 'Function does not exist']],
    [
      'GetFunctionUrlConfig',
      { FunctionName: 'no' },
      [404, 'ResourceNotFoundException', 'The resource you requested does not exist.'],
    ],
    [
      'UpdateFunctionUrlConfig',
      { Qualifier: '$LATEST' },
      [
        400,
        'ValidationException',
        String.raw`1 validation error detected: Value '$LATEST' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)`,
      ],
    ],
    [
      'UpdateFunctionUrlConfig',
      { InvokeMode: 'UNKNOWN' },
      [
        400,
        'ValidationException',
        "1 validation error detected: Value 'UNKNOWN' at 'invokeMode' failed to satisfy constraint: Member must satisfy enum value set: [RESPONSE_STREAM, BUFFERED]",
      ],
    ],
    ['UpdateFunctionUrlConfig', { InvokeMode: 'RESPONSE_STREAM' }, [501, 'NotSupportedByHoldfast', expect.any(String)]],
  ])('answers %s with %j as AWS does', async (action, input, expected) => {
    const { bench } = await withUrl(() => ({}));
    expect(await refusal(bench, action, { AuthType: 'NONE', ...input })).toEqual(expected);
  });
});

describe('a request to a function URL', () => {
  it('becomes an event of format 2.0', async () => {
    const { bench, urlId } = await withUrl(() => ({ result: 'hello' }));

    const answer = await ask(
      bench,
      request(urlId, {
        method: 'POST',
        path: '/orders%2F7/a%20b',
        query: 'a=1&b=2&a=3%204',
        headers: {
          'content-type': 'application/json',
          cookie: 'x=1; y=2',
          'user-agent': 'test',
          host: 'localhost:4566',
          connection: 'keep-alive',
        },
        body: new TextEncoder().encode('{"sku":1}'),
      }),
    );

    expect(answer).toMatchObject({ status: 200, body: 'hello' });
    const event = JSON.parse(bench.invocations[0]?.payload ?? '') as object;
    expect(event).toEqual({
      version: '2.0',
      routeKey: '$default',
      rawPath: '/orders%2F7/a%20b',
      rawQueryString: 'a=1&b=2&a=3%204',
      cookies: ['x=1', 'y=2'],
      headers: {
        'content-type': 'application/json',
        'user-agent': 'test',
        host: `${urlId}.lambda-url.us-east-1.on.aws`,
        'x-amzn-trace-id': expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/) as string,
        'x-forwarded-for': '10.0.0.7',
        'x-forwarded-port': '4566',
        'x-forwarded-proto': 'http',
      },
      queryStringParameters: { a: '1,3 4', b: '2' },
      requestContext: {
        accountId: 'anonymous',
        apiId: urlId,
        domainName: `${urlId}.lambda-url.us-east-1.on.aws`,
        domainPrefix: urlId,
        http: { method: 'POST', path: '/orders/7/a b', protocol: 'HTTP/1.1', sourceIp: '10.0.0.7', userAgent: 'test' },
        requestId: bench.invocations[0]?.requestId,
        routeKey: '$default',
        stage: '$default',
        time: '02/Jan/2025:03:04:05 +0000',
        timeEpoch: Date.UTC(2025, 0, 2, 3, 4, 5),
      },
      body: '{"sku":1}',
      isBase64Encoded: false,
    });
  });

  it('names the host that the caller used when it has one of its own, and carries on the trace', async () => {
    const { bench, urlId } = await withUrl(() => ({}));
    const host = `${urlId}.lambda-url.us-east-1.localhost:4566`;
    const trace = 'Root=1-677600c5-0123456789abcdef01234567';

    await ask(bench, request(urlId, { host, path: '/100%', headers: { host, 'x-amzn-trace-id': trace } }));

    expect(JSON.parse(bench.invocations[0]?.payload ?? '')).toMatchObject({
      headers: { host, 'x-amzn-trace-id': trace, 'x-forwarded-port': '4566' },
      requestContext: { domainName: `${urlId}.lambda-url.us-east-1.localhost`, http: { path: '/100%' } },
    });
    expect(bench.invocations[0]?.traceHeader).toContain(trace);
  });

  it.each<[string, unknown, number, string, Record<string, string>]>([
    ['a structure', { statusCode: '418', body: 'teapot' }, 418, 'teapot', { 'Content-Type': 'application/json' }],
    [
      'headers and cookies',
      { statusCode: 201, headers: { 'content-type': 'text/plain', 'X-A': 1 }, cookies: ['a=1'], body: 'x' },
      201,
      'x',
      { 'content-type': 'text/plain', 'X-A': '1', 'Set-Cookie': 'a=1' },
    ],
    ['Base64', { statusCode: 200, body: 'aGk=', isBase64Encoded: true }, 200, 'hi', {}],
    ['any value', ['hello', 3, true], 200, '["hello",3,true]', { 'Content-Type': 'application/json' }],
    ['a number', 3, 200, '3', {}],
    ['an impossible status', { statusCode: 'abc' }, 502, 'Internal Server Error', {}],
  ])('is answered with what the function returned: %s', async (_, result, status, body, headers) => {
    const { bench, urlId } = await withUrl(() => ({ result }));

    const answer = await ask(bench, request(urlId));

    expect([answer.status, Buffer.from(answer.body).toString()]).toEqual([status, body]);
    const pairs = Array.from({ length: answer.headers.length / 2 }, (__, at) =>
      answer.headers.slice(2 * at, 2 * at + 2),
    );
    expect(Object.fromEntries(pairs)).toMatchObject(headers);
  });

  it('is answered 502 when the function fails, 429 when it is throttled, and counted', async () => {
    const { bench, urlId } = await withUrl(() => ({ error: { errorType: 'E', errorMessage: 'no' } }));

    expect(await ask(bench, request(urlId))).toMatchObject({ status: 502, body: 'Internal Server Error' });
    await bench.call('PutFunctionConcurrency', { FunctionName: 'fn', ReservedConcurrentExecutions: 0 });
    const throttled = await ask(bench, request(urlId));
    expect(throttled.status).toBe(429);
    expect(throttled.body).toContain('ReservedFunctionConcurrentInvocationLimitExceeded');
    expect(['UrlRequestCount', 'Url5xxCount', 'Url4xxCount'].map((name) => bench.total(name))).toEqual([2, 1, 1]);
  });

  it('is answered 403 without permission, without a signature, without its alias and without a function', async () => {
    const forbidden =
      '{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}';
    const closed = await withUrl(() => ({}), { isOpen: false });
    expect(await ask(closed.bench, request(closed.urlId))).toMatchObject({ status: 403, body: forbidden });

    const signed = await withUrl(() => ({ result: 1 }), { isOpen: false, AuthType: 'AWS_IAM' });
    expect(await ask(signed.bench, request(signed.urlId))).toMatchObject({ status: 403, body: forbidden });
    expect(await ask(signed.bench, request(signed.urlId, { accessKeyId: 'AKIA' }))).toMatchObject({ status: 200 });
    expect(signed.bench.invocations[0]?.payload).toContain('"accessKey":"AKIA"');

    await closed.bench.call('DeleteFunction', { FunctionName: 'fn' });
    const nobody = await ask(closed.bench, request(closed.urlId));
    expect(nobody).toMatchObject({ status: 403, body: '{"Message":null}' });
    expect(nobody.headers).toContain('AccessDeniedException');
  });
});
