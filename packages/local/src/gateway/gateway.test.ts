import { Agent, request as httpRequest } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { ServiceError } from '@holdfast/engine';
import { afterEach, describe, expect, it } from 'vitest';
import type { ControlRequest, GatewayOptions } from './index.ts';
import { authorization, TestGateway } from './test-gateway.ts';

const open: TestGateway[] = [];
const start = async (options: Partial<GatewayOptions> = {}): Promise<TestGateway> => {
  const gateway = await TestGateway.start(options);
  open.push(gateway);
  return gateway;
};
afterEach(async () => {
  for (const gateway of open.splice(0)) await gateway.close();
});

const SQS = { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AmazonSQS.ListQueues' };

const listQueues = (gateway: TestGateway, init: RequestInit = {}): Promise<Response> =>
  fetch(gateway.endpoint, { method: 'POST', headers: SQS, body: '{}', ...init });

describe('the port', () => {
  it('speaks HTTP/2 to clients that know it beforehand, and HTTP/1.1 to all others', async () => {
    const gateway = await start();
    gateway.answer = () => ({ QueueUrls: ['a'] });
    const session = connectHttp2(gateway.endpoint);
    const ask = (): Promise<[unknown, string]> =>
      new Promise((resolve, reject) => {
        const stream = session.request({ ':method': 'POST', ':path': '/', ...SQS });
        let body = '';
        let status: unknown;
        stream.on('response', (headers) => {
          status = headers[':status'];
        });
        stream.on('data', (data) => {
          body += data;
        });
        stream.on('end', () => resolve([status, body]));
        stream.on('error', reject);
        stream.end('{}');
      });
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers).toEqual(Array(3).fill([200, '{"QueueUrls":["a"]}']));
    expect(gateway.lastCall.context.host).toBe(`127.0.0.1:${gateway.port}`);
    expect(await (await listQueues(gateway)).json()).toEqual({ QueueUrls: ['a'] });
    session.close();
  });

  it('finds the protocol also when the first bytes come one by one', async () => {
    const gateway = await start();
    const { connect } = await import('node:net');
    const text = 'PUT /b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n';
    const received = await new Promise<string>((resolve) => {
      const socket = connect(gateway.port, '127.0.0.1');
      socket.setNoDelay(true);
      let answer = '';
      socket.on('data', (data) => {
        answer += data;
      });
      socket.on('end', () => resolve(answer));
      let at = 0;
      const send = (): void => {
        if (at === 5) socket.write(text.slice(5));
        else {
          socket.write(text[at++] as string);
          setTimeout(send, 5);
        }
      };
      send();
    });
    expect(received).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(gateway.lastCall.action).toBe('CreateBucket');
  });

  it('keeps connections for further requests', async () => {
    const gateway = await start();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const ports = new Set<number | undefined>();
    for (let round = 0; round < 3; round++) {
      await new Promise<void>((resolve, reject) => {
        const req = httpRequest(gateway.endpoint, { agent, method: 'POST', headers: SQS }, (res) => {
          ports.add(res.socket.localPort);
          res.resume().on('end', resolve);
        });
        req.on('error', reject);
        req.end('{}');
      });
    }
    expect(ports.size).toBe(1);
    agent.destroy();
  });

  it('answers pipelined requests in order', async () => {
    const gateway = await start();
    const head = (path: string, extra = ''): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${extra}\r\n`;
    gateway.answer = ({ input }) => ({ Body: Buffer.from(String(input['Key'])) });
    const received = await gateway.raw(head('/b/one') + head('/b/two') + head('/b/three', 'Connection: close\r\n'));
    expect(received.match(/one|two|three/g)).toEqual(['one', 'two', 'three']);
  });

  it('asks clients to continue who wait for it', async () => {
    const gateway = await start();
    const received = await new Promise<string>((resolve, reject) => {
      const headers = { ...SQS, expect: '100-continue', 'content-length': 2 };
      const req = httpRequest(gateway.endpoint, { method: 'POST', headers }, (res) => {
        res.setEncoding('utf8').on('data', resolve);
      });
      req.on('continue', () => req.end('{}'));
      req.on('error', reject);
      req.flushHeaders();
    });
    expect(received).toBe('{}');
  });

  it('survives clients that go away in the middle of a request', async () => {
    const gateway = await start();
    const { connect } = await import('node:net');
    await new Promise<void>((resolve) => {
      const socket = connect(gateway.port, '127.0.0.1', () => {
        socket.write('PUT /b/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\nhalf', () =>
          socket.resetAndDestroy(),
        );
      });
      socket.on('close', () => resolve());
    });
    const session = connectHttp2(gateway.endpoint);
    session.on('error', () => {});
    const stream = session.request({ ':method': 'PUT', ':path': '/b/k' });
    stream.on('error', () => {});
    stream.write('half');
    await pause(10);
    session.destroy();
    await pause(10);
    expect(gateway.calls).toEqual([]);
    expect((await listQueues(gateway)).status).toBe(200);
  });

  it('survives nonsense', async () => {
    const gateway = await start();
    expect(await gateway.raw('NONSENSE\r\n\r\n')).toMatch(/^HTTP\/1\.1 400/);
    expect((await listQueues(gateway)).status).toBe(200);
  });

  it('follows the clock of the engine in its Date header', async () => {
    const gateway = await start();
    gateway.clock.advance(86_400_000);
    expect((await listQueues(gateway)).headers.get('date')).toBe('Thu, 02 Jan 2025 00:00:00 GMT');
  });
});

describe('a body that is too large', () => {
  it.each([
    ['declared', '11'],
    ['chunked', undefined],
  ])('is refused when %s', async (_, length) => {
    const gateway = await start({ bodyLimitBytes: 10 });
    const framing = length === undefined ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`;
    const body = length === undefined ? 'b\r\nhello world\r\n0\r\n\r\n' : 'hello world';
    const json = await gateway.raw(
      `POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.ListQueues\r\n${framing}\r\n\r\n${body}`,
    );
    expect(json).toMatch(/^HTTP\/1\.1 413/);
    expect(json).toContain('RequestEntityTooLargeException');
    const s3 = await gateway.raw(`PUT /b/k HTTP/1.1\r\nHost: localhost\r\n${framing}\r\n\r\n${body}`);
    expect(s3).toContain('<Code>EntityTooLarge</Code>');
    expect(gateway.calls).toEqual([]);
  });
});

describe('an answer', () => {
  it('is written only when everything before it is durable', async () => {
    let commit = (): void => {};
    const events: string[] = [];
    const gateway = await start({
      durable: () => {
        events.push('durable?');
        return new Promise<void>((resolve) => {
          commit = resolve;
        });
      },
    });
    const answered = listQueues(gateway).then(() => events.push('answered'));
    await until(() => events.length === 1);
    await pause(20);
    expect(events).toEqual(['durable?']);
    commit();
    await answered;
    expect(events).toEqual(['durable?', 'answered']);
  });

  it('that is an error waits as well, and a failed commit is not answered as success', async () => {
    let commits = 0;
    const gateway = await start({
      durable: async () => {
        commits++;
        if (commits === 2) throw new Error('disk full');
      },
    });
    gateway.answer = () => {
      throw new ServiceError('X', 'x');
    };
    expect((await listQueues(gateway)).status).toBe(400);
    const { error } = console;
    console.error = () => {};
    expect((await listQueues(gateway)).status).toBe(500);
    console.error = error;
  });

  it('to one who waits is observed from parking to the end', async () => {
    const events: string[] = [];
    const gateway = await start({
      observe: (context) => {
        events.push(context.requestId);
        return {
          parked: () => events.push('parked'),
          resumed: () => events.push('resumed'),
          finished: () => events.push('finished'),
        };
      },
      durable: () => {
        events.push('durable');
        return undefined;
      },
    });
    let wake = (_: unknown): void => {};
    gateway.answer = () =>
      new Promise((resolve) => {
        wake = resolve;
      });
    const answered = listQueues(gateway);
    await until(() => events.length === 2);
    wake({ QueueUrls: [] });
    await answered;
    const { requestId } = gateway.lastCall.context;
    await until(() => events.length === 5);
    expect(events).toEqual([requestId, 'parked', 'resumed', 'durable', 'finished']);
    events.length = 0;
    gateway.answer = () => ({});
    await listQueues(gateway);
    expect(events).toEqual([gateway.lastCall.context.requestId, 'durable', 'finished']);
    gateway.answer = () => Promise.reject(new ServiceError('OverLimit', 'too many', 403));
    expect((await listQueues(gateway)).status).toBe(403);
  });

  it('is not waited for by a caller who has gone: the operation hears of it', async () => {
    const events: string[] = [];
    const gateway = await start({
      observe: () => ({
        parked: () => events.push('parked'),
        resumed: () => events.push('resumed'),
        finished: () => events.push('finished'),
      }),
    });
    let wake = (_: unknown): void => {};
    gateway.answer = ({ context }) => {
      context.onDisconnect?.(() => events.push('gone'));
      return new Promise((resolve) => {
        wake = resolve;
      });
    };
    const abort = new AbortController();
    const answered = listQueues(gateway, { signal: abort.signal }).catch(() => 'aborted');
    await until(() => events.includes('parked'));
    abort.abort();
    expect(await answered).toBe('aborted');
    await until(() => events.length === 3);
    wake({});
    await pause(10);
    expect(events).toEqual(['parked', 'gone', 'finished']);
    expect((await listQueues(gateway, { signal: AbortSignal.timeout(20) }).catch(() => 'gone')) as unknown).toBe(
      'gone',
    );
  });
});

it('a caller who goes while the service is loaded is noticed at once', async () => {
  const events: string[] = [];
  const gateway = await start({
    observe: () => ({
      parked: () => events.push('parked'),
      resumed: () => {},
      finished: () => events.push('finished'),
    }),
  });
  gateway.answer = () => {
    events.push('called');
    return new Promise(() => {});
  };
  const abort = new AbortController();
  const answered = listQueues(gateway, { signal: abort.signal }).catch(() => 'aborted');
  setTimeout(() => abort.abort(), 2);
  expect(await answered).toBe('aborted');
  await until(() => events.includes('finished'));
  expect(events).toContain('called');
});

describe('/_holdfast', () => {
  it('is answered by whoever controls the engine', async () => {
    const asked: ControlRequest[] = [];
    const gateway = await start({
      control: async (request) => {
        asked.push(request);
        if (request.path === '/_holdfast/broken') throw new Error('a bug');
        return request.path === '/_holdfast/clock'
          ? { status: 202, contentType: 'application/json', body: '{"mode":"live"}' }
          : undefined;
      },
    });
    const response = await fetch(`${gateway.endpoint}/_holdfast/clock?a=1`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: 'x',
    });
    expect([response.status, response.headers.get('content-type'), await response.text()]).toEqual([
      202,
      'application/json',
      '{"mode":"live"}',
    ]);
    expect(asked[0]).toMatchObject({ method: 'POST', path: '/_holdfast/clock' });
    expect(asked[0]?.query.get('a')).toBe('1');
    expect((await fetch(`${gateway.endpoint}/_holdfast/nope`)).status).toBe(404);
    const { error } = console;
    console.error = () => {};
    expect((await fetch(`${gateway.endpoint}/_holdfast/broken`)).status).toBe(500);
    console.error = error;
    expect(gateway.calls).toEqual([]);
  });
});

describe('pages of other origins', () => {
  const preflight = (gateway: TestGateway, origin: string): Promise<string> =>
    gateway.raw(
      `OPTIONS / HTTP/1.1\r\nHost: localhost\r\nOrigin: ${origin}\r\nAccess-Control-Request-Headers: x-amz-target\r\nConnection: close\r\n\r\n`,
    );

  it.each(['http://localhost:3000', 'http://127.0.0.1', 'https://app.localhost', 'http://[::1]:8080'])(
    'on this machine (%s) may call',
    async (origin) => {
      const gateway = await start();
      const answer = await preflight(gateway, origin);
      expect(answer).toMatch(/^HTTP\/1\.1 204/);
      expect(answer).toContain(`Access-Control-Allow-Origin: ${origin}\r\n`);
      expect(answer).toContain('Access-Control-Allow-Headers: x-amz-target\r\n');
      const response = await listQueues(gateway, { headers: { ...SQS, origin } });
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
    },
  );

  it.each(['https://example.com', 'http://localhost.example.com', 'null'])('elsewhere (%s) may not', async (origin) => {
    const gateway = await start();
    const answer = await preflight(gateway, origin);
    expect(answer).toMatch(/^HTTP\/1\.1 403/);
    expect(answer).not.toContain('Access-Control');
  });
});

it('the first request of a service loads its model while others are answered', async () => {
  const gateway = await start();
  const answers = await Promise.all(
    ['sns', 'iam', 'sts', 'cloudformation'].map((service) =>
      fetch(gateway.endpoint, {
        method: 'POST',
        headers: { authorization: authorization(service) },
        body: new URLSearchParams({ Action: 'Nope' }),
      }),
    ),
  );
  for (const answer of answers) expect(await answer.text()).toContain('<Code>InvalidAction</Code>');
});

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await pause(1);
};

it('who asks for the head alone of what the engine says of itself gets it', async () => {
  const gateway = await TestGateway.start({
    control: async ({ method, path }) => ({ status: 200, contentType: 'text/plain', body: `${method} ${path}` }),
  });
  const answer = await fetch(`${gateway.endpoint}/_holdfast/health`, { method: 'HEAD' });
  expect([answer.status, await answer.text()]).toEqual([200, '']);
  await gateway.close();
});
