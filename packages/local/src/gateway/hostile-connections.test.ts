import { once } from 'node:events';
import { connect as connectHttp2, constants } from 'node:http2';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { GatewayOptions } from './index.ts';
import { TestGateway } from './test-gateway.ts';

const open: TestGateway[] = [];
const start = async (options: Partial<GatewayOptions> = {}): Promise<TestGateway> => {
  const gateway = await TestGateway.start(options);
  open.push(gateway);
  return gateway;
};
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
});

const TRIES_MAX = 20;

/** On a busy machine this client, too, may be slower than its gateway has patience; a gateway that is gone never answers. */
const isAlive = async (gateway: TestGateway, tries = 1): Promise<void> => {
  const answer = await fetch(gateway.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'AmazonSQS.ListQueues' },
    body: '{}',
  }).catch((error: unknown) => {
    if (tries >= TRIES_MAX) throw error;
    return undefined;
  });
  if (answer === undefined) return isAlive(gateway, tries + 1);
  expect(answer.status).toBe(200);
};

describe('nothing that arrives ends the process or stays without an answer', () => {
  it.each([
    'GET /?X-Amz-Credential=%',
    'GET /?X-Amz-Credential=%zz/a/b/s3/aws4_request',
    'GET /%zz/%',
    'GET /bucket/%ff%fe?x=%',
    'GET /?Action=%&Version=%',
    'GET //?Action=ListQueues',
    'GET /_holdfast/%',
    'GET /_holdfast/lambda-url/0123456789abcdefghijklmnopqrstuv/%zz',
    'POST /service/%/operation/%',
    'GET http://[/x',
    'GET ?',
    'OPTIONS *',
    'PUT /bucket?acl&acl&%00',
    'DELETE /2015-03-31/functions/%E0%A4%A',
  ])('%s', async (line) => {
    const gateway = await start();
    const answer = await gateway.raw(`${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 (?:[2-4]\d\d|501)/);
    await isAlive(gateway);
  });

  it.each([
    'Authorization: AWS4-HMAC-SHA256 Credential=',
    'Authorization: AWS4-HMAC-SHA256 Credential=/////',
    'Authorization: AWS',
    'Authorization: AWS :',
    'X-Amz-Target: ',
    'X-Amz-Target: .',
    'X-Amz-Target: AmazonSQS.__proto__',
    'X-Amz-Target: AmazonSQS.constructor',
    'X-Amz-Target: AmazonSQS.toString',
    'Content-Encoding: gzip',
    'Smithy-Protocol: rpc-v2-cbor',
    'Content-Type: application/x-amz-cbor-1.1',
    'X-Amz-Content-Sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER',
  ])('%s', async (header) => {
    const gateway = await start();
    const answer = await gateway.raw(
      `POST / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 3\r\n${header}\r\n\r\n{}x`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 [45]\d\d/);
    expect(answer).not.toMatch(/^HTTP\/1\.1 500/);
    await isAlive(gateway);
  });
});

describe('a client that does not come to an end', () => {
  const silentFor = { headersMs: 80, requestMs: 200 };

  it.each([
    ['sends nothing', ''],
    ['sends half a method', 'PO'],
    ['sends the beginning of an HTTP/2 preface', 'PR'],
    ['sends half its headers', 'POST / HTTP/1.1\r\nHost: localhost\r\nX-A'],
    ['sends half its body', 'POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nhalf'],
    ['sends half a chunk', 'PUT /b/k HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal'],
  ])('%s and is cut off', async (_, text) => {
    const gateway = await start({ timeouts: silentFor });
    const socket = connect(gateway.port, '127.0.0.1', () => socket.write(text));
    socket.on('error', () => {});
    socket.resume();
    await once(socket, 'close');
    expect(gateway.calls).toEqual([]);
    await isAlive(gateway);
  });

  it('is cut off in HTTP/2 as well, and others on its connection are not', async () => {
    // The session itself is to be there in time on any machine.
    const gateway = await start({ timeouts: { headersMs: 1_500, requestMs: 1_500 } });
    const session = connectHttp2(gateway.endpoint);
    const half = session.request({ ':method': 'PUT', ':path': '/b/k' });
    half.on('error', () => {});
    half.write('half');
    half.resume();
    await once(half, 'close');
    const whole = session.request({ ':method': 'GET', ':path': '/' });
    expect((await once(whole, 'response'))[0][':status']).toBe(200);
    session.destroy();
    expect(gateway.calls.map(({ action }) => action)).toEqual(['ListBuckets']);
  });

  it.each([constants.NGHTTP2_NO_ERROR, constants.NGHTTP2_CANCEL])(
    'breaks off an upload in HTTP/2 (code %i), and half of it is not kept',
    async (code) => {
      const gateway = await start();
      const session = connectHttp2(gateway.endpoint);
      const half = session.request({ ':method': 'PUT', ':path': '/b/k' });
      half.on('error', () => {});
      half.write('half', () => half.close(code));
      half.resume();
      await once(half, 'close');
      const whole = session.request({ ':method': 'GET', ':path': '/' });
      await once(whole, 'response');
      session.destroy();
      expect(gateway.calls.map(({ action }) => action)).toEqual(['ListBuckets']);
    },
  );

  it('sends without end, gets its answer and is cut off', async () => {
    const gateway = await start({ bodyLimitBytes: 100_000 });
    for (const [head, code] of [
      ['POST / HTTP/1.1\r\nX-Amz-Target: AmazonSQS.SendMessage', 'RequestEntityTooLargeException'],
      ['PUT /b/k HTTP/1.1', 'EntityTooLarge'],
    ] as const) {
      const socket = connect(gateway.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(`${head}\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n`);
      const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
      let answer = '';
      socket.on('data', (data) => {
        answer += data;
      });
      const sending = setInterval(() => socket.writable && socket.write(chunk), 1);
      await once(socket, 'close');
      clearInterval(sending);
      expect(answer).toContain(code);
      expect(answer).toContain('Connection: close');
    }
    expect(gateway.calls).toEqual([]);
  });

  it('sends without end over HTTP/2 and gets its answer, and the connection lives on', async () => {
    const gateway = await start({ bodyLimitBytes: 100_000 });
    const session = connectHttp2(gateway.endpoint);
    const endless = session.request({ ':method': 'PUT', ':path': '/b/k' });
    endless.on('error', () => {});
    const sending = setInterval(() => endless.writable && endless.write('x'.repeat(0x4000)), 1);
    expect((await once(endless, 'response'))[0][':status']).toBe(400);
    endless.resume();
    await once(endless, 'end');
    clearInterval(sending);
    expect(endless.closed).toBe(true);
    const next = session.request({ ':method': 'GET', ':path': '/' });
    expect((await once(next, 'response'))[0][':status']).toBe(200);
    session.destroy();
  });
});
