import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type FunctionSpec, MemoryStore, type RuntimeOutcome } from '@holdfast/engine';
import { idsFrom, SECOND_MS, seededRandom, VirtualDriver } from '@holdfast/kernel';
import { LiveDriver } from '@holdfast/kernel/live';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CodeStore } from './code-store.ts';
import { type ClockMode, EngineTime } from './engine-time.ts';
import { NodeRuntime } from './node-runtime.ts';

const START = Date.UTC(2025, 10, 28, 9);

describe('NodeRuntime', () => {
  let directory: string;
  let runtime: NodeRuntime;
  let time: EngineTime;
  let live: LiveDriver | undefined;
  let virtual: VirtualDriver;

  const begin = (mode: ClockMode): void => {
    time = new EngineTime(mode, mode === 'virtual' ? START : undefined);
    runtime = new NodeRuntime({
      time,
      ids: idsFrom(seededRandom(1)),
      code: new CodeStore(new MemoryStore().blobs, join(directory, 'code')),
      endpoint: () => 'http://127.0.0.1:1',
      compileCache: undefined,
      environmentsMax: 8,
      isRepeatable: true,
    });
    live = undefined;
    if (mode === 'live') {
      live = new LiveDriver(runtime, time);
      runtime.onEarlier = () => live?.rearm();
      live.start();
    }
    virtual = new VirtualDriver(time, [runtime], runtime);
  };

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'holdfast-runtime-'));
  });

  afterEach(async () => {
    live?.stop();
    await runtime.close();
    rmSync(directory, { recursive: true, force: true });
  });

  interface Run {
    readonly logs: string[];
    readonly outcome: Promise<RuntimeOutcome>;
    readonly starts: boolean[];
  }

  let requests = 0;
  const run = (code: string, options: { payload?: unknown; spec?: Partial<FunctionSpec> } = {}): Run => {
    writeFileSync(join(directory, 'index.mjs'), code);
    const { promise, resolve } = Promise.withResolvers<RuntimeOutcome>();
    const logs: string[] = [];
    const starts: boolean[] = [];
    requests += 1;
    runtime.invoke({
      requestId: `request-${requests}`,
      spec: {
        account: '000000000000',
        region: 'us-east-1',
        functionName: 'fn',
        version: '$LATEST',
        revision: '1',
        runtime: 'nodejs22.x',
        handler: 'index.handler',
        timeoutSeconds: 3,
        memoryMb: 128,
        environment: { COLOUR: 'blue' },
        roleArn: 'arn:aws:iam::000000000000:role/fn-role',
        code: { kind: 'directory', path: directory },
        logGroup: '/aws/lambda/fn',
        ...options.spec,
      },
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:fn',
      payload: JSON.stringify(options.payload ?? {}),
      traceHeader: 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0',
      startedAt: time.now(),
      onStart: ({ coldStart }) => starts.push(coldStart),
      onLog: (line) => logs.push(line),
      onDone: resolve,
    });
    return { logs, outcome: promise, starts };
  };

  test('a handler gets event, context and environment, and is warm the second time', async () => {
    begin('live');
    const code = `let calls = 0; export const handler = async (event, context) => ({
      event, calls: ++calls, colour: process.env.COLOUR, region: process.env.AWS_REGION, name: context.functionName,
      left: context.getRemainingTimeInMillis() > 2000 && context.getRemainingTimeInMillis() <= 3000 });`;
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

  test('console lines carry time, request id and level; raw output stays raw', async () => {
    begin('live');
    const { logs, outcome } = run(
      `export const handler = async () => { console.log('hello', { a: 1 }); console.error('two\\nlines'); process.stdout.write('{"raw":true}\\n'); };`,
    );
    await outcome;
    expect(logs[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z\trequest-\d+\tINFO\thello \{ a: 1 \}$/);
    expect(logs[1]).toMatch(/\tERROR\ttwo\rlines$/);
    expect(logs[2]).toBe('{"raw":true}');
  });

  test.each([
    ['throws', `export const handler = async () => { throw new TypeError('bad'); };`, 'error', 'TypeError', 'bad'],
    [
      'hangs',
      `export const handler = () => new Promise(() => {});`,
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
    const outcome = await run(code, { spec: { timeoutSeconds: 1 } }).outcome;
    expect(outcome).toMatchObject({ kind, errorType });
    const payload = JSON.parse(outcome.payload) as { errorType: string; errorMessage: string };
    expect(payload.errorType).toBe(errorType);
    expect(payload.errorMessage).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
  });

  test('a missing module is an import error', async () => {
    begin('live');
    const outcome = await run('', { spec: { handler: 'nothing.handler' } }).outcome;
    expect(outcome).toMatchObject({ kind: 'init-error', errorType: 'Runtime.ImportModuleError' });
  });

  test('in virtual time a handler that sleeps for minutes needs no real time, and sees the virtual date', async () => {
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
    await virtual.advance(179 * SECOND_MS);
    expect(await Promise.race([outcome, 'still running'])).toBe('still running');
    await virtual.advance(2 * SECOND_MS);

    expect(JSON.parse((await outcome).payload)).toEqual({
      before: '2025-11-28T09:00:00.000Z',
      after: '2025-11-28T09:03:00.000Z',
      elapsed: 180_000,
    });
    expect((await outcome).durationMs).toBe(180_000);
  });

  test('in virtual time a timeout comes at its virtual moment', async () => {
    begin('virtual');
    const { outcome } = run(`export const handler = () => new Promise(() => {});`, { spec: { timeoutSeconds: 300 } });
    await virtual.advance(301 * SECOND_MS);
    expect(await outcome).toMatchObject({ kind: 'timeout', durationMs: 300_000 });
  });

  test('in virtual time work on files is waited for', async () => {
    begin('virtual');
    const { outcome } = run(
      `import { readFile } from 'node:fs/promises';
       export const handler = async () => { for (let i = 0; i < 50; i++) await readFile(process.env.LAMBDA_TASK_ROOT + '/index.mjs'); return Date.now(); };`,
    );
    await virtual.advance(SECOND_MS);
    expect(JSON.parse((await outcome).payload)).toBe(START);
  });

  test('invocations beyond the limit of environments wait for one to end', async () => {
    begin('live');
    const code = `export const handler = async () => { await new Promise((resolve) => setTimeout(resolve, 20)); return 1; };`;
    const outcomes = await Promise.all(Array.from({ length: 20 }, () => run(code).outcome));
    expect(outcomes.every(({ kind }) => kind === 'success')).toBe(true);
    expect(runtime.environmentCount).toBeLessThanOrEqual(8);
  });
});
