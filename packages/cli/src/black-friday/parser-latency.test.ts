import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { LocalEngine } from '@holdfast/local';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ANY_CREDENTIALS, type Target } from '../target.ts';
import { slowParser } from './parser-latency.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:csv-parser';
const BY_ITS_CODE = { variable: '5000', beforeCodeMs: 0 };

const targetAt = (endpoint: string): Target => ({ endpoint, region: 'us-east-1', credentials: ANY_CREDENTIALS });

describe('a parser of an engine', () => {
  let engine: LocalEngine;
  beforeEach(async () => {
    engine = await LocalEngine.start({ port: 0, clock: 'virtual' });
    await engine.deployTemplate(
      'Parser',
      JSON.stringify({
        Resources: {
          Parser: {
            Type: 'AWS::Lambda::Function',
            Properties: {
              FunctionName: 'csv-parser',
              Runtime: 'nodejs24.x',
              Handler: 'index.handler',
              Role: 'arn:aws:iam::000000000000:role/runner',
              Timeout: 60,
              Code: { ZipFile: 'exports.handler = async () => {};' },
            },
          },
        },
      }),
    );
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await engine.close();
  });

  const invoke = (): unknown =>
    engine.engine.call('lambda', 'Invoke', { FunctionName: ARN, InvocationType: 'Event' }, engine.context());

  it('is delayed by a fault, which says whom it holds and is gone at the end', async () => {
    const latency = await slowParser(targetAt(engine.endpoint), ARN, 5_000);
    expect(latency).toMatchObject({ variable: '0', beforeCodeMs: 5_000 });
    expect(engine.faults.states()).toMatchObject([{ functionArn: ARN, delayMs: 5_000 }]);
    await invoke();
    await engine.advance(1_000);
    expect([await latency.holding(), engine.environmentCount]).toEqual([1, 0]);
    await engine.advance(4_000);
    expect(await latency.holding()).toBe(0);
    await latency.end();
    expect(engine.faults.states()).toEqual([]);
  });

  it('is delayed again when the engine has forgotten, as after a restart, and the end finds nothing wrong in that', async () => {
    const latency = await slowParser(targetAt(engine.endpoint), ARN, 5_000);
    engine.faults.end();
    expect(await latency.holding()).toBe(0);
    expect(engine.faults.states()).toMatchObject([{ functionArn: ARN, delayMs: 5_000 }]);
    engine.faults.end();
    const others = engine.fault({ function: ARN, delayMs: 1 });
    await latency.end();
    expect(engine.faults.states()).toMatchObject([{ delayMs: 1 }]);
    others.recover();
  });

  it("is told to be delayed by somebody else's fault, too, which counts to what comes before its code", async () => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    engine.fault({ function: 'csv-parser', delayMs: 7_000 });
    engine.fault({ function: 'csv-parser', delayMs: 300, share: 0.5 });
    const latency = await slowParser(targetAt(engine.endpoint), ARN, 5_000);
    expect(written.mock.calls.join('')).toContain('the parser is delayed by 7000 ms more, by a fault that is not');
    expect(latency.beforeCodeMs).toBe(12_000);
    await latency.end();
    expect(engine.faults.states()).toMatchObject([{ delayMs: 7_000 }, { delayMs: 300 }]);
    expect((await slowParser(targetAt(engine.endpoint), ARN, 0)).beforeCodeMs).toBe(7_000);
  });

  it('is not delayed twice by two runs, nor by what one that was killed has left; who began it ends it', async () => {
    const written = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const target = targetAt(engine.endpoint);
    const [one, other] = await Promise.all([slowParser(target, ARN, 5_000), slowParser(target, ARN, 5_000)]);
    const third = await slowParser(target, ARN, 5_000);
    expect(written.mock.calls.join('')).toContain('the parser is delayed by 5000 ms already, by a fault that is not');
    expect(engine.faults.states()).toHaveLength(1);
    expect([one, other, third].map(({ beforeCodeMs }) => beforeCodeMs)).toEqual([5_000, 5_000, 5_000]);
    await invoke();
    await engine.advance(1_000);
    expect(await third.holding()).toBe(1);
    await third.end();
    expect(engine.faults.states()).toHaveLength(1);
    await Promise.all([one.end(), other.end()]);
    expect(engine.faults.states()).toEqual([]);
    // Who still runs has it begun again.
    await third.holding();
    expect(engine.faults.states()).toMatchObject([{ functionArn: ARN, delayMs: 5_000 }]);
    await third.end();
    expect(engine.faults.states()).toEqual([]);
  });

  it('has no fault when it is to take no time, nor when the delay is refused', async () => {
    expect(await slowParser(targetAt(engine.endpoint), ARN, 0)).toMatchObject({ variable: '0', beforeCodeMs: 0 });
    await expect(slowParser(targetAt(engine.endpoint), ARN, 900_001)).rejects.toThrow('from 0 to 900000');
    expect(engine.faults.states()).toEqual([]);
  });
});

describe('elsewhere', () => {
  let server: Server | undefined;
  afterEach(() => void server?.close());

  const serve = async (answer: RequestListener): Promise<Target> => {
    server = createServer(answer).listen(0, '127.0.0.1');
    await new Promise((resolve) => server?.once('listening', resolve));
    return targetAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  };

  it('on AWS the parser itself sleeps', async () => {
    expect(await slowParser({ region: 'us-east-1' }, ARN, 5_000)).toMatchObject(BY_ITS_CODE);
  });

  it.each([
    ['an engine of an earlier version', 404, 'text/plain', 'Nothing answers /_holdfast/faults'],
    ['something else in JSON', 200, 'application/json', '{"status":"ok"}'],
  ])('%s: the parser itself sleeps', async (_, status, type, body) => {
    const target = await serve((_request, response) => response.writeHead(status, { 'content-type': type }).end(body));
    const latency = await slowParser(target, ARN, 5_000);
    expect(latency).toMatchObject(BY_ITS_CODE);
    expect(await latency.holding()).toBe(0);
    await latency.end();
  });

  it('an engine that is away for a moment is waited for', async () => {
    let asked = 0;
    const target = await serve((request, response) => {
      asked += 1;
      if (asked <= 2) request.socket.destroy();
      else response.writeHead(404).end();
    });
    expect(await slowParser(target, ARN, 5_000)).toMatchObject(BY_ITS_CODE);
    expect(asked).toBe(3);
  });
});
