import { execFileSync } from 'node:child_process';
import type { FunctionSpec } from '@holdfast/engine';
import { SECOND_MS } from '@holdfast/kernel';
import { afterEach, describe, expect, it } from 'vitest';
import { isAlive, type Run, START, TestRuntime } from '../test-runtime.ts';

describe.skipIf(process.platform === 'win32')('a thread of a function', () => {
  let runtime: TestRuntime;
  afterEach(() => runtime.close());

  const run = (body: string, spec: Partial<FunctionSpec> = {}, payload: unknown = {}): Run => {
    runtime ??= new TestRuntime('live');
    runtime.write('index.js', body);
    return runtime.invoke({ spec, payload });
  };
  const begin = (mode: 'live' | 'virtual' = 'live'): void => {
    runtime = new TestRuntime(mode);
  };
  const payloadOf = async ({ outcome }: Run): Promise<unknown> => JSON.parse((await outcome).payload);

  it('cannot send messages to the engine, of whatever kind', async () => {
    begin();
    const body = `
      const threads = require('node:worker_threads');
      const messages = [null, undefined, 1, 'x', {}, { type: 'log', text: 42 }, { type: 'done', payload: {} }, { type: 'init-error' },
        { type: 'constructor' }, { type: 'done', errorType: undefined, payload: '"forged"', memoryBytes: 1, isLast: false }];
      const original = threads.MessagePort.prototype.postMessage;
      threads.MessagePort.prototype.postMessage = function (...parts) {
        for (const message of messages) original.call(this, message);
        return original.apply(this, parts);
      };
      exports.handler = async () => {
        for (const message of messages) threads.parentPort?.postMessage(message);
        console.log('a line');
        return [threads.parentPort, threads.workerData, threads.isMainThread, threads.threadId];
      };`;
    expect(await payloadOf(run(body))).toEqual([null, null, true, 0]);
    expect(await payloadOf(run(body))).toEqual([null, null, true, 0]);
  });

  it('has loaded nothing large that its code does not ask for', async () => {
    begin();
    const body = `
      const large = ['http', 'https', 'tls', 'child_process', 'internal/fs/promises', 'internal/deps/undici/undici'];
      exports.handler = async ({ asked }) => {
        if (asked) require('http');
        const loaded = new Set(process.moduleLoadList.map((name) => name.split(' ')[1]));
        return large.filter((name) => loaded.has(name));
      };`;
    expect(await payloadOf(run(body))).toEqual([]);
    expect(await payloadOf(run(body, {}, { asked: true }))).toEqual(['http']);
  });

  it('draws the same by chance in each run that is to be repeatable, and not in others', async () => {
    const drawn = async (isRepeatable: boolean): Promise<unknown> => {
      runtime = new TestRuntime('live', isRepeatable);
      const number = await payloadOf(run('exports.handler = async () => Math.random();'));
      await runtime.close();
      return number;
    };
    expect(await drawn(true)).toBe(await drawn(true));
    expect(await drawn(false)).not.toBe(await drawn(false));
    begin();
  });

  it('cannot set the clock', async () => {
    begin('virtual');
    const body = `
      const { workerData } = require('node:worker_threads');
      exports.handler = async () => { try { new Float64Array(workerData.setup.clock)[1] = 5; } catch {} return Date.now(); };`;
    const { outcome } = run(body);
    await runtime.virtual.advance(SECOND_MS);
    expect((await outcome).payload).toBe(String(START));
    expect(runtime.time.now()).toBe(START + SECOND_MS);
  });

  it.each([
    ['process.kill(process.pid)', 'signal: terminated'],
    ["process.kill(process.pid, 'SIGKILL')", 'signal: killed'],
    ['process.kill(process.pid, 9)', 'signal: killed'],
    ['process._kill(process.pid, 9)', 'signal: killed'],
    ['process.kill(0)', 'signal: terminated'],
    ["process.kill(-1, 'SIGINT')", 'signal: interrupt'],
    ['process.abort()', 'signal: aborted'],
    ['process.exit(7)', 'exit status 7'],
    ['process.reallyExit(8)', 'exit status 8'],
  ])('ends itself alone with %s', async (call, text) => {
    begin();
    const outcome = await run(
      `exports.handler = async (event) => { if (event.end) ${call}; return 'alive'; };`,
      {},
      { end: true },
    ).outcome;
    expect(outcome).toMatchObject({ kind: 'exit', errorType: 'Runtime.ExitError' });
    expect(outcome.payload).toContain(`Runtime exited with error: ${text}`);
    expect(
      await payloadOf(run(`exports.handler = async (event) => { if (event.end) ${call}; return 'alive'; };`)),
    ).toBe('alive');
  });

  it('may signal what it started, and nobody else', async () => {
    begin();
    const body = `
      const { spawn } = require('node:child_process');
      exports.handler = async ({ other }) => {
        const child = spawn('sleep', ['60']);
        const ended = new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
        await new Promise((resolve) => child.once('spawn', resolve));
        const told = [];
        for (const pid of [${process.pid}, other, process.ppid]) {
          try { told.push(process.kill(pid, 0)); process.kill(pid, 'SIGCONT'); told.push('sent'); } catch ({ code }) { told.push(code); }
        }
        process.once('SIGUSR2', () => told.push('heard'));
        process.kill(process.pid, 'SIGUSR2');
        process.kill(child.pid);
        return [...told, await ended];
      };`;
    const other = process.ppid;
    // Signals that do nothing by themselves are taken by the own process in silence.
    expect(await payloadOf(run(body, {}, { other }))).toEqual([
      true,
      'sent',
      true,
      'EPERM',
      true,
      'EPERM',
      'heard',
      'SIGTERM',
    ]);
  });

  it('has no descriptors but its own', async () => {
    begin();
    const body = `
      const fs = require('node:fs');
      const told = (attempt) => { try { return attempt(); } catch ({ code }) { return code; } };
      exports.handler = async () => {
        const codes = new Set();
        for (let fd = 3; fd <= 60; fd += 1) {
          codes.add(told(() => fs.closeSync(fd)));
          codes.add(told(() => fs.writeSync(fd, 'x')));
          codes.add(told(() => fs.readSync(fd, Buffer.alloc(1))));
          codes.add(told(() => fs.ftruncateSync(fd)));
          codes.add(await new Promise((resolve) => fs.close(fd, (error) => resolve(error?.code))));
        }
        fs.closeSync(1);
        const own = fs.openSync('/tmp/mine', 'w+');
        fs.writeSync(own, 'mine');
        const handle = await fs.promises.open('/tmp/mine');
        const read = fs.readFileSync(handle.fd, 'utf8');
        await handle.close();
        fs.closeSync(own);
        return [[...codes], read, told(() => fs.closeSync(own)), fs.readFileSync(0, 'utf8')];
      };`;
    expect(await payloadOf(run(body))).toEqual([['EBADF'], 'mine', 'EBADF', '']);
  });

  it("does not see the engine's environment", async () => {
    begin();
    const body = `
      const fs = require('node:fs');
      const told = (path) => { try { return fs.readFileSync(path, 'utf8').length; } catch ({ code }) { return code; } };
      exports.handler = async () => ['/proc/self/environ', '/proc/thread-self/environ', '/proc/${process.pid}/environ',
        '/proc/self/task/${process.pid}/environ', '/proc/self/../self/environ', '/proc/self/mem', '/proc/self/root/etc/passwd', '/dev/fd/5'].map(told);`;
    expect(new Set((await payloadOf(run(body))) as string[])).toEqual(new Set(['EACCES']));
  });

  it('counts buffers as memory', async () => {
    begin();
    const body = `exports.handler = async () => {
      const kept = [];
      for (let mb = 0; mb < 1500; mb += 50) { kept.push(Buffer.alloc(50 << 20, 1)); await new Promise((ok) => setTimeout(ok, 10)); }
      return kept.length;
    };`;
    const outcome = await run(body, { timeoutSeconds: 20 }).outcome;
    expect(outcome).toMatchObject({ kind: 'exit', errorType: 'Runtime.ExitError', maxMemoryUsedMb: 128 });
    expect(outcome.payload).toContain('signal: killed');
  });

  it.skipIf(process.platform !== 'linux')(
    'takes its children with it, also those in a session of their own',
    async () => {
      begin();
      const body = `
      const { spawn, execSync } = require('node:child_process');
      exports.handler = async () => {
        const child = spawn('setsid', ['sleep', '300'], { detached: true, stdio: 'ignore', env: { PATH: process.env.PATH } });
        child.unref();
        await new Promise((resolve) => child.once('spawn', resolve));
        const double = execSync('setsid sh -c "sleep 301 >/dev/null 2>&1 & echo \\\\$!"').toString();
        return [child.pid, Number(double)];
      };`;
      const pids = (await payloadOf(run(body))) as number[];
      const sleeping = (): string => execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' });
      expect(pids.every(Boolean)).toBe(true);
      expect(isAlive(pids[1] as number)).toBe(true);
      await runtime.environments.close();
      await expect.poll(() => /sleep 30[01]$/m.test(sleeping())).toBe(false);
    },
  );

  it('has everything it writes in its log, by whichever way', async () => {
    begin();
    const body = `
      const fs = require('node:fs');
      const { execFileSync, execSync, spawn, spawnSync } = require('node:child_process');
      exports.handler = async () => {
        fs.writeSync(1, 'descriptor 1\\n');
        fs.writeFileSync('/dev/stdout', 'device\\n');
        fs.appendFileSync('/dev/stderr', 'error device\\n');
        fs.writeFileSync('/proc/self/fd/2', 'proc\\n');
        const stream = fs.createWriteStream('/dev/stdout');
        await new Promise((resolve) => stream.end('stream\\n', resolve));
        console.log('console');
        spawnSync('echo', ['inherited'], { stdio: 'inherit' });
        execFileSync('echo', ['by number'], { stdio: [0, 1, 2] });
        execSync('echo to stderr >&2; echo again >/dev/stderr', { stdio: ['ignore', 'pipe', process.stderr] });
        const child = spawn('sh', ['-c', 'echo async; echo async error >&2'], { stdio: ['ignore', 'inherit', 'inherit'] });
        await new Promise((resolve) => child.once('exit', resolve));
        fs.writeSync(2, 'without an end');
      };`;
    const { logs, outcome } = run(body);
    expect((await outcome).payload).toBe('null');
    expect(logs.map((line) => line.replace(/^.*\tINFO\t/, ''))).toEqual([
      'descriptor 1',
      'device',
      'error device',
      'proc',
      'stream',
      'console',
      'inherited',
      'by number',
      'to stderr',
      'again',
      'async',
      'async error',
      'without an end',
    ]);
  });

  it('is told which options of Node.js have no effect in it', async () => {
    begin();
    const { logs, outcome } = run('exports.handler = async () => process.env.NODE_OPTIONS;', {
      environment: { NODE_OPTIONS: '--max-semi-space-size=8 --max-old-space-size=100' },
    });
    expect((await outcome).payload).toBe('"--max-semi-space-size=8 --max-old-space-size=100"');
    expect(logs).toEqual([
      'NODE_OPTIONS: --max-semi-space-size=8: without effect in a thread; --isolation process has them work',
    ]);
  });

  it('does not parse ES modules without being told, before nodejs24.x', async () => {
    begin();
    const code = 'export const handler = async () => 1;';
    expect(await run(code, { runtime: 'nodejs22.x' }).outcome).toMatchObject({
      kind: 'init-error',
      errorType: 'Runtime.UserCodeSyntaxError',
    });
    expect(await payloadOf(run(code, { runtime: 'nodejs24.x' }))).toBe(1);
    const environment = { NODE_OPTIONS: '--experimental-detect-module --experimental-require-module' };
    expect(await payloadOf(run(code, { runtime: 'nodejs22.x', environment }))).toBe(1);
  });

  it('is refused response streaming by name', async () => {
    begin();
    const code = 'exports.handler = awslambda.streamifyResponse(async (event, stream) => stream.end());';
    const outcome = await run(code).outcome;
    expect(outcome).toMatchObject({ kind: 'init-error', errorType: 'Runtime.NotSupported' });
    expect(outcome.payload).toContain('Holdfast does not support response streaming');
  });

  it('in virtual time, ends at once when nothing is left that could run', async () => {
    begin('virtual');
    const { outcome } = run('exports.handler = async () => new Promise(() => {});', { timeoutSeconds: 300 });
    await runtime.virtual.advance(SECOND_MS);
    expect(await outcome).toMatchObject({ kind: 'error', errorType: 'Runtime.NodeJsExit', durationMs: 0 });
  });

  it('in virtual time, waits for what a callback leaves behind', async () => {
    begin('virtual');
    const { outcome } = run(
      `exports.handler = (event, context, callback) => { setTimeout(() => {}, 90_000); setInterval(() => {}, 50).unref(); callback(null, 'r'); };`,
      { timeoutSeconds: 300 },
    );
    await runtime.virtual.advance(100 * SECOND_MS);
    expect(await outcome).toMatchObject({ kind: 'success', payload: '"r"', durationMs: 90_000 });
  });
});
