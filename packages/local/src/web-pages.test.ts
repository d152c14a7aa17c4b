import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import {
  AddPermissionCommand,
  CreateFunctionCommand,
  CreateFunctionUrlConfigCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutBucketCorsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateQueueCommand, GetQueueUrlCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LocalEngine } from './index.ts';
import { archiveOf } from './testing/archive.ts';
import { clientOptions } from './testing/client-options.ts';

const EVIL = 'https://evil.example';
const APP = 'https://app.example.com';

let local: LocalEngine;
let port: number;
beforeAll(async () => {
  local = await LocalEngine.start({ port: 0, allowedOrigins: ['https://ours.example.com'], allowedHosts: ['box.lan'] });
  port = Number(new URL(local.endpoint).port);
});
afterAll(() => local.close());

interface Answer {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

/** Sends what a browser would: `fetch` sets no `Host` and no `Origin`. */
const send = async (method: string, path: string, headers: Record<string, string> = {}, body = ''): Promise<Answer> => {
  const all = {
    Host: `127.0.0.1:${port}`,
    'Content-Length': String(Buffer.byteLength(body)),
    Connection: 'close',
    ...headers,
  };
  const socket = connect(port, '127.0.0.1');
  socket.write(
    `${method} ${path} HTTP/1.1\r\n${Object.entries(all)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n${body}`,
  );
  const text = Buffer.concat(await socket.toArray()).toString();
  const [head = '', ...rest] = text.split('\r\n\r\n');
  return { status: Number(head.slice(9, 12)), headers: head, body: rest.join('\r\n\r\n') };
};

describe('whoever opens the port in a browser', () => {
  it('is led to a page that says what this is and where to look', async () => {
    const page = { Accept: 'text/html,application/xhtml+xml', 'Sec-Fetch-Site': 'none', 'User-Agent': 'Mozilla/5.0' };
    const root = await send('GET', '/', page);
    expect(root).toMatchObject({ status: 302, headers: expect.stringMatching(/^Location: \/_holdfast\/\r?$/m) });
    const front = await send('GET', '/_holdfast/', page);
    expect(front.status).toBe(200);
    expect(front.body).toContain('AWS_ENDPOINT_URL');
    for (const [, link = ''] of front.body.matchAll(/href="(\/[^"]*)"/g))
      expect(await send('GET', link, page), link).toMatchObject({ status: 200 });
  });

  it('takes nothing from clients: a list of buckets is one still', async () => {
    expect((await send('GET', '/')).body).toContain('ListAllMyBucketsResult');
    expect((await send('GET', '/', { Accept: 'text/html', Host: `some-bucket.localhost:${port}` })).status).toBe(404);
  });
});

describe('a page of another site', () => {
  it('reaches nothing: no function, no queue, no bucket, not the clock, not a reset', async () => {
    const sqs = new SQSClient(clientOptions(local));
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'precious' }));
    const path = new URL(QueueUrl).pathname;
    const form = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const attempts: [string, string, Record<string, string>, string][] = [
      ['POST', '/2015-03-31/functions', { 'Content-Type': 'text/plain' }, '{"FunctionName":"x"}'],
      ['POST', '/', form, 'Action=DeleteQueue&QueueUrl=precious'],
      ['POST', path, form, 'Action=PurgeQueue'],
      [
        'POST',
        '/',
        { 'Content-Type': 'text/plain', 'X-Amz-Target': 'AmazonSQS.DeleteQueue' },
        JSON.stringify({ QueueUrl }),
      ],
      ['GET', `${path}?Action=DeleteQueue`, {}, ''],
      ['PUT', '/bucket', {}, ''],
      ['GET', '/_holdfast/health', {}, ''],
      ['POST', '/_holdfast/reset', { 'Content-Type': 'application/json' }, ''],
      ['POST', '/_holdfast/clock', { 'Content-Type': 'application/json' }, '{"mode":"virtual"}'],
    ];
    for (const [method, where, headers, body] of attempts) {
      for (const page of [
        { Origin: EVIL },
        { Origin: 'null' },
        { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' },
        { Host: 'attacker.example' },
      ]) {
        const answer = await send(method, where, { ...headers, ...page }, body);
        expect([answer.status, answer.body.split('\n').length], `${method} ${where} ${JSON.stringify(page)}`).toEqual([
          403, 2,
        ]);
        expect(answer.headers).not.toContain('Access-Control-Allow');
      }
    }
    expect((await sqs.send(new GetQueueUrlCommand({ QueueName: 'precious' }))).QueueUrl).toBe(QueueUrl);
    expect(local.clock().mode).toBe('live');
    sqs.destroy();
  });

  it('may call when it is let in, and reads the answer', async () => {
    const origin = 'https://ours.example.com';
    const preflight = await send('OPTIONS', '/', {
      Origin: origin,
      'Access-Control-Request-Method': 'POST',
      'Access-Control-Request-Private-Network': 'true',
    });
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toContain('Access-Control-Allow-Private-Network: true');
    const answer = await send('GET', '/_holdfast/health', { Origin: origin, Host: `box.lan:${port}` });
    expect(answer.status).toBe(200);
    expect(answer.headers).toContain(`Access-Control-Allow-Origin: ${origin}`);
  });

  it('gets objects as the CORS rules of their bucket say, and nothing else', async () => {
    const s3 = new S3Client({ ...clientOptions(local), forcePathStyle: true });
    await s3.send(new CreateBucketCommand({ Bucket: 'shared' }));
    await s3.send(new PutObjectCommand({ Bucket: 'shared', Key: 'k', Body: 'hello' }));
    expect((await send('GET', '/shared/k', { Origin: APP })).status).toBe(403);
    await s3.send(
      new PutBucketCorsCommand({
        Bucket: 'shared',
        CORSConfiguration: {
          CORSRules: [
            {
              AllowedOrigins: ['https://*.example.com'],
              AllowedMethods: ['GET', 'PUT', 'POST'],
              AllowedHeaders: ['content-*'],
              ExposeHeaders: ['ETag'],
              MaxAgeSeconds: 60,
            },
          ],
        },
      }),
    );
    s3.destroy();
    const read = await send('GET', '/shared/k', { Origin: APP });
    expect([read.status, read.body]).toEqual([200, 'hello']);
    expect(read.headers).toContain(`Access-Control-Allow-Origin: ${APP}\r\n`);
    expect(read.headers).toContain('Access-Control-Expose-Headers: ETag\r\n');
    expect((await send('GET', '/shared/k', { Origin: EVIL })).status).toBe(403);
    expect((await send('DELETE', '/shared/k', { Origin: APP })).status).toBe(403);
    expect((await send('GET', '/', { Origin: APP })).status).toBe(403);
    const preflight = (headers: string, origin = APP): Promise<Answer> =>
      send('OPTIONS', '/shared/new', {
        Origin: origin,
        'Access-Control-Request-Method': 'PUT',
        'Access-Control-Request-Headers': headers,
      });
    const allowed = await preflight('content-type');
    expect(allowed.status).toBe(200);
    expect(allowed.headers).toContain('Access-Control-Max-Age: 60\r\n');
    expect((await preflight('x-own')).status).toBe(403);
    expect((await preflight('content-type', EVIL)).status).toBe(403);
    // Rules for the bucket open no other service at the same path.
    const disguised = { Origin: APP, 'Content-Type': 'application/x-www-form-urlencoded' };
    expect((await send('POST', '/shared', disguised, 'Action=ListQueues&Version=2012-11-05')).status).toBe(403);
    expect((await send('POST', '/shared', { Origin: APP, 'X-Amz-Target': 'AmazonSQS.ListQueues' }, '{}')).status).toBe(
      403,
    );
  });

  it('calls a function by its URL, whose own rules say who reads the answer', async () => {
    const lambda = new LambdaClient(clientOptions(local));
    const FunctionName = 'web';
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        Runtime: 'nodejs22.x',
        Handler: 'index.handler',
        Role: 'arn:aws:iam::000000000000:role/runner',
        Code: {
          ZipFile: archiveOf({
            'index.mjs': `export const handler = async () => ({ statusCode: 200, headers: { 'Access-Control-Allow-Origin': 'https://own.example' }, body: 'hi' });`,
          }),
        },
      }),
    );
    const { FunctionUrl = '' } = await lambda.send(
      new CreateFunctionUrlConfigCommand({
        FunctionName,
        AuthType: 'NONE',
        Cors: { AllowOrigins: [APP], AllowMethods: ['POST'], MaxAge: 9 },
      }),
    );
    await lambda.send(
      new AddPermissionCommand({
        FunctionName,
        StatementId: 'all',
        Action: 'lambda:InvokeFunctionUrl',
        Principal: '*',
        FunctionUrlAuthType: 'NONE',
      }),
    );
    lambda.destroy();
    const path = new URL(FunctionUrl).pathname;
    const answer = await send('POST', path, { Origin: APP, 'Content-Type': 'text/plain' }, 'x');
    expect([answer.status, answer.body]).toEqual([200, 'hi']);
    expect(answer.headers.match(/access-control-allow-origin: .*/gi)).toEqual([`Access-Control-Allow-Origin: ${APP}`]);
    const preflight = await send('OPTIONS', path, { Origin: APP, 'Access-Control-Request-Method': 'POST' });
    expect(preflight.headers).toContain('Access-Control-Max-Age: 9');
    expect(
      (await send('OPTIONS', path, { Origin: EVIL, 'Access-Control-Request-Method': 'POST' })).headers,
    ).not.toContain('Access-Control');
    expect((await send('POST', path, { Origin: APP, Host: 'attacker.example' })).status).toBe(403);
  });

  it('is kept out of HTTP/2 as well', async () => {
    const session = connectHttp2(local.endpoint);
    const stream = session.request({
      ':method': 'POST',
      ':path': '/',
      origin: EVIL,
      'x-amz-target': 'AmazonSQS.ListQueues',
    });
    stream.end('{}');
    const [headers] = await once(stream, 'response');
    expect(headers[':status']).toBe(403);
    const rebound = session.request({
      ':method': 'GET',
      ':path': '/_holdfast/health',
      ':authority': 'attacker.example',
    });
    expect((await once(rebound, 'response'))[0][':status']).toBe(403);
    session.destroy();
  });
});
