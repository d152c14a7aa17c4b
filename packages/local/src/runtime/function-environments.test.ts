import { type AddressInfo, createServer } from 'node:net';
import type { FunctionSpec } from '@holdfast/engine';
import { SECOND_MS } from '@holdfast/kernel';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { archiveOf } from '../testing/archive.ts';
import type { ClockMode } from './engine-time.ts';
import { IDLE_ENVIRONMENT_MS } from './function-environments.ts';
import { type Run, START, TestRuntime } from './test-runtime.ts';

describe('FunctionEnvironments with Node.js functions', () => {
  let runtime: TestRuntime;

  const begin = (mode: ClockMode): void => {
    runtime = new TestRuntime(mode);
  };

  afterEach(() => runtime.close());

  const run = (code: string, options: { payload?: unknown; spec?: Partial<FunctionSpec> } = {}): Run => {
    runtime.write('index.mjs', code);
    return runtime.invoke(options);
  };

  it('a handler gets event, context and environment, and is warm the second time', async () => {
    begin('live');
    const code = `let calls = 0; export const handler = async (event, context) => ({
      event, calls: ++calls, colour: process.env.COLOUR, region: process.env.AWS_REGION, name: context.functionName,
      left: context.getRemainingTimeInMillis() > 40000 && context.getRemainingTimeInMillis() <= 60000 });`;
    const first = run(code, { payload: { a: 1 } });
    const outcome = await first.outcome;
    const second = run(code);

    expect(outcome.kind).toBe('success');
    expect(JSON.parse(outcome.payload)).toEqual({
      event: { a: 1 },
      calls: 1,
      colour: 'blue',
      region: 'us-east-1',
      name: 'fn',
      left: true,
    });
    expect(outcome.initDurationMs).toBeGreaterThan(0);
    expect(JSON.parse((await second.outcome).payload)).toMatchObject({ calls: 2 });
    expect([first.starts, second.starts]).toEqual([[true], [false]]);
  });

  it('a warm invocation that writes nothing is told of while it runs', async () => {
    begin('live');
    const code = 'export const handler = ({ ms }) => new Promise((resolve) => setTimeout(resolve, ms));';
    const spec = { timeoutSeconds: 60 };
    await run(code, { payload: { ms: 0 }, spec }).outcome;
    const { starts } = run(code, { payload: { ms: 60_000 }, spec });

    await vi.waitFor(() => expect(starts).toEqual([false]), { timeout: 10_000 });
  });

  it('what node:http lends from undici is there when it is used', async () => {
    begin('live');
    const { outcome } = run(`import http, { WebSocket } from 'node:http';
      export const handler = async () => [
        new http.CloseEvent('close', { code: 1001 }).code,
        new (class extends http.MessageEvent {})('message', { data: 7 }) instanceof http.MessageEvent,
        WebSocket.OPEN,
      ];`);
    expect((await outcome).payload).toBe('[1001,true,1]');
  });

  it('console lines carry time, request id and level; raw output stays raw', async () => {
    begin('live');
    const { logs, outcome } = run(
      `export const handler = async () => { console.log('hello', { a: 1 }); console.error('two\\nlines'); process.stdout.write('{"raw":true}\\n'); };`,
    );
    await outcome;
    expect(logs[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z\trequest-\d+\tINFO\thello \{ a: 1 \}$/);
    expect(logs[1]).toMatch(/\tERROR\ttwo\nlines$/);
    expect(logs[2]).toBe('{"raw":true}');
  });

  it.each([
    ['throws', `export const handler = async () => { throw new TypeError('bad'); };`, 'error', 'TypeError', 'bad'],
    [
      'hangs',
      `export const handler = () => new Promise(() => setInterval(() => {}, 50));`,
      'timeout',
      'Sandbox.Timedout',
      /Task timed out after 1.00 seconds/,
    ],
    [
      'computes for ever',
      `export const handler = async () => { for (;;) {} };`,
      'timeout',
      'Sandbox.Timedout',
      /timed out/,
    ],
    [
      'exits',
      `export const handler = async () => process.exit(0);`,
      'exit',
      'Runtime.ExitError',
      /without providing a reason/,
    ],
    [
      'exits with a status',
      `export const handler = async () => process.exit(7);`,
      'exit',
      'Runtime.ExitError',
      /exit status 7/,
    ],
    [
      'exhausts memory',
      `export const handler = async () => { const a = []; for (;;) a.push(new Array(1e5).fill(Math.random())); };`,
      'exit',
      'Runtime.ExitError',
      /signal: killed/,
    ],
    [
      'throws while loading',
      `throw new Error('no start'); export const handler = 1;`,
      'init-error',
      'Error',
      'no start',
    ],
    [
      'is not exported',
      `export const other = 1;`,
      'init-error',
      'Runtime.HandlerNotFound',
      /undefined or not exported/,
    ],
    [
      'rejects elsewhere',
      `export const handler = () => { Promise.reject(new Error('stray')); return new Promise(() => {}); };`,
      'error',
      'Runtime.UnhandledPromiseRejection',
      /stray/,
    ],
  ])('a function that %s is told apart', async (_what, code, kind, errorType, message) => {
    begin('live');
    // Filling the memory takes more than a second on a busy machine.
    const outcome = await run(code, { spec: { timeoutSeconds: kind === 'timeout' ? 1 : 20 } }).outcome;
    expect(outcome).toMatchObject({ kind, errorType });
    const payload = JSON.parse(outcome.payload) as { errorType: string; errorMessage: string };
    expect(payload.errorType).toBe(errorType);
    expect(payload.errorMessage).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  it('a missing module is an import error', async () => {
    begin('live');
    const outcome = await run('', { spec: { handler: 'nothing.handler' } }).outcome;
    expect(outcome).toMatchObject({ kind: 'init-error', errorType: 'Runtime.ImportModuleError' });
  });

  it('a slow cold start does not use up the time limit', async () => {
    begin('live');
    const { outcome } = run(
      `const end = Date.now() + 1_500; while (Date.now() < end);
       export const handler = async (event, context) => context.getRemainingTimeInMillis() > 0;`,
      { spec: { timeoutSeconds: 1 } },
    );
    expect(await outcome).toMatchObject({ kind: 'success', payload: 'true' });
  });

  it('in virtual time a handler that sleeps for minutes needs no real time, and sees the virtual date', async () => {
    begin('virtual');
    const { outcome } = run(
      `import { setTimeout as sleep } from 'node:timers/promises';
       export const handler = async () => {
         const before = new Date().toISOString();
         await new Promise((resolve) => setTimeout(resolve, 120_000));
         await sleep(60_000);
         return { before, after: new Date().toISOString(), elapsed: Math.round(performance.now()) };
       };`,
      { spec: { timeoutSeconds: 900 } },
    );
    await runtime.virtual.advance(179 * SECOND_MS);
    expect(await Promise.race([outcome, 'still running'])).toBe('still running');
    await runtime.virtual.advance(2 * SECOND_MS);

    expect(JSON.parse((await outcome).payload)).toEqual({
      before: '2025-11-28T09:00:00.000Z',
      after: '2025-11-28T09:03:00.000Z',
      elapsed: 180_000,
    });
    expect((await outcome).durationMs).toBe(180_000);
  });

  it.each([true, false])(
    'in virtual time code that sleeps while it loads needs no real time; repeatable: %j',
    async (isRepeatable) => {
      runtime = new TestRuntime('virtual', isRepeatable);
      runtime.write(
        'index.mjs',
        `await new Promise((resolve) => setTimeout(resolve, 5_000));
       const { readFile } = await import('node:fs/promises');
       await readFile(new URL(import.meta.url));
       export const handler = async () => Date.now();`,
      );
      const first = runtime.invoke();
      const second = runtime.invoke();
      await runtime.virtual.advance(5_000);
      expect((await first.outcome).payload).toBe(String(START + 5_000));
      if (isRepeatable) await runtime.virtual.advance(5_000);
      expect((await second.outcome).kind).toBe('success');
    },
  );

  it('in virtual time code that loads and waits for a socket holds time, however many timers it has', async () => {
    const server = createServer((socket) => setTimeout(() => socket.end('x'), 700));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    runtime = new TestRuntime('virtual');
    runtime.write(
      'index.mjs',
      `import { connect } from 'node:net';
       const got = await new Promise((resolve) => {
         setTimeout(resolve, 5_000, 'too late');
         connect(${port}, '127.0.0.1').once('data', (data) => resolve(String(data)));
       });
       export const handler = async () => got;`,
    );
    const { outcome } = runtime.invoke();
    await runtime.virtual.advance(10_000);
    expect((await outcome).payload).toBe('"x"');
    server.close();
  });

  it('in virtual time a timeout comes at its virtual moment', async () => {
    begin('virtual');
    const { outcome } = run(`export const handler = () => new Promise(() => setInterval(() => {}, 40_000));`, {
      spec: { timeoutSeconds: 300 },
    });
    await runtime.virtual.advance(301 * SECOND_MS);
    expect(await outcome).toMatchObject({ kind: 'timeout', durationMs: 300_000 });
  });

  it('in virtual time work on files is waited for', async () => {
    begin('virtual');
    const { outcome } = run(
      `import { readFile } from 'node:fs/promises';
       export const handler = async () => { for (let i = 0; i < 50; i++) await readFile(process.env.LAMBDA_TASK_ROOT + '/index.mjs'); return Date.now(); };`,
    );
    await runtime.virtual.advance(SECOND_MS);
    expect(JSON.parse((await outcome).payload)).toBe(START);
  });

  describe('in virtual time that need not be repeatable', () => {
    const code = `let calls = 0; export const handler = async ({ seconds }) => {
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
      return (calls += 1);
    };`;
    const sleepFor = (seconds: number): Run => run(code, { payload: { seconds }, spec: { timeoutSeconds: 300 } });

    beforeEach(() => {
      runtime = new TestRuntime('virtual', false);
    });

    it('a growing function has its next environment ready, which begins cold and serves one invocation', async () => {
      const runs = [sleepFor(100)];
      await runtime.virtual.advance(SECOND_MS);
      expect(runtime.environments.environmentCount).toBe(1);
      runs.push(sleepFor(100));
      await runtime.virtual.advance(SECOND_MS);
      expect(runtime.environments.environmentCount).toBe(3);
      runs.push(sleepFor(100));
      await runtime.virtual.advance(SECOND_MS);
      expect(runtime.environments.environmentCount).toBe(4);

      await runtime.virtual.advance(100 * SECOND_MS);
      const outcomes = await Promise.all(runs.map(({ outcome }) => outcome));
      expect(outcomes.map(({ payload }) => payload)).toEqual(['1', '1', '1']);
      expect(runs.map(({ starts }) => starts)).toEqual([[true], [true], [true]]);
    });

    it('what is warm comes before what is only ready, and what nobody needed ends', async () => {
      const runs = [sleepFor(1), sleepFor(1)];
      await runtime.virtual.advance(2 * SECOND_MS);
      await Promise.all(runs.map(({ outcome }) => outcome));
      const again = sleepFor(1);
      await runtime.virtual.advance(2 * SECOND_MS);
      expect((await again.outcome).payload).toBe('2');
      expect(again.starts).toEqual([false]);
      expect(runtime.environments.environmentCount).toBe(3);

      await runtime.virtual.advance(IDLE_ENVIRONMENT_MS + 2 * SECOND_MS);
      expect(runtime.environments.environmentCount).toBe(0);
    });
  });

  it('invocations beyond the limit of environments wait for one to end', async () => {
    begin('live');
    const code = `export const handler = async () => { await new Promise((resolve) => setTimeout(resolve, 20)); return 1; };`;
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => run(code).outcome));
    expect(outcomes.every(({ kind }) => kind === 'success')).toBe(true);
    expect(runtime.environments.environmentCount).toBeLessThanOrEqual(8);
  });

  it('a function may set its time zone and path, and nothing that Lambda reserves', async () => {
    begin('live');
    const { outcome } = run(
      `export const handler = async () => [process.env.TZ, process.env.PATH, process.env.AWS_REGION, process.env._HANDLER];`,
      { spec: { environment: { TZ: 'Europe/Berlin', PATH: '/bin', AWS_REGION: 'eu-west-1', _HANDLER: 'x' } } },
    );
    expect(JSON.parse((await outcome).payload)).toEqual(['Europe/Berlin', '/bin', 'us-east-1', 'index.handler']);
  });

  it('a runtime that cannot be run here is named', async () => {
    begin('live');
    const { outcome, starts } = run('', { spec: { runtime: 'java21' } });
    expect(await outcome).toMatchObject({ kind: 'init-error', errorType: 'Runtime.InvalidRuntime' });
    expect(JSON.parse((await outcome).payload).errorMessage).toMatch(/runtime java21 cannot be run here/);
    expect(starts).toEqual([true]);
  });

  it('in virtual time a large archive is waited for', async () => {
    begin('virtual');
    const files = Array.from({ length: 1_000 }, (_, n) => [`m${n}.js`, `exports.n = ${n};`] as const);
    const handler = `exports.handler = async () => require('./m999.js').n;`;
    runtime.blobs.put('large', archiveOf({ ...Object.fromEntries(files), 'index.js': handler }));
    const runs = [1, 2].map(() => run('', { spec: { code: { kind: 'zip', blobId: 'large' } } }));
    await runtime.virtual.advance(SECOND_MS);
    const outcomes = await Promise.all(runs.map(({ outcome }) => outcome));
    expect(outcomes.map(({ payload }) => payload)).toEqual(['999', '999']);
  });

  it('an archive that cannot be unpacked ends the invocation, not the engine', async () => {
    begin('virtual');
    runtime.blobs.put('broken', Buffer.from('PK but no archive'));
    const { outcome } = run('', { spec: { code: { kind: 'zip', blobId: 'broken' } } });
    await runtime.virtual.advance(SECOND_MS);
    expect(await outcome).toMatchObject({ kind: 'init-error', errorType: 'Runtime.InvalidEntrypoint' });
  });
});
