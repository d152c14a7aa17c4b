import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { FunctionSpec } from '@holdfast/engine';
import { SECOND_MS } from '@holdfast/kernel';
import { strToU8, type Zippable, zipSync } from 'fflate';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClockMode } from '../engine-time.ts';
import { isAlive, type Run, TestRuntime } from '../test-runtime.ts';

/** A runtime in a few lines of Node.js: answers with what `handle` makes of an event. */
const bootstrapWith = (handle: string, before = ''): string => `#!${process.execPath}
const http = require('node:http');
const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const call = (method, path, body, headers = {}) => new Promise((resolve, reject) => {
  const request = http.request({ host, port, method, path: '/2018-06-01/runtime' + path, headers }, (response) => {
    let text = '';
    response.on('data', (chunk) => { text += chunk; });
    response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
  });
  request.on('error', reject);
  request.end(body);
});
const post = (path, body, headers) => call('POST', path, typeof body === 'string' ? body : JSON.stringify(body), headers);
(async () => {
  ${before}
  for (;;) {
    const { headers, text } = await call('GET', '/invocation/next');
    const id = headers['lambda-runtime-aws-request-id'];
    const event = JSON.parse(text);
    ${handle}
  }
})();
`;

describe.skipIf(process.platform === 'win32')('functions that bring their own runtime', () => {
  let runtime: TestRuntime;

  const begin = (mode: ClockMode): void => {
    runtime = new TestRuntime(mode);
  };

  afterEach(() => runtime.close());

  type Options = { payload?: unknown; clientContext?: string; spec?: Partial<FunctionSpec> };
  const run = (bootstrap: string, options: Options = {}): Run => {
    runtime.write('bootstrap', bootstrap, 0o755);
    return again(options);
  };
  const again = (options: Options = {}): Run =>
    runtime.invoke({ ...options, spec: { runtime: 'provided.al2023', handler: 'function.handler', ...options.spec } });
  const payloadOf = async ({ outcome }: Run): Promise<Record<string, unknown>> => JSON.parse((await outcome).payload);

  it('a shell script is a runtime, cold once and warm afterwards, its output in order', async () => {
    begin('live');
    const script = `#!/bin/bash
set -euo pipefail
calls=0
echo "loading $_HANDLER" > /dev/stderr
while true; do
  headers=$(mktemp)
  event=$(curl -sS -LD "$headers" "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/next")
  id=$(grep -Fi Lambda-Runtime-Aws-Request-Id "$headers" | tr -d '[:space:]' | cut -d: -f2)
  rm "$headers"
  calls=$((calls + 1))
  echo "out $calls"
  echo "err $calls" >&2
  curl -sS "http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/invocation/$id/response" -d "{\\"event\\":$event,\\"calls\\":$calls,\\"env\\":\\"\${AWS_EXECUTION_ENV:-none}\\",\\"root\\":\\"$LAMBDA_TASK_ROOT\\",\\"cwd\\":\\"$PWD\\"}" > /dev/stdout
  echo
done
`;
    const first = run(script, { payload: { a: 1 } });
    expect(await payloadOf(first)).toEqual({
      event: { a: 1 },
      calls: 1,
      env: 'none',
      root: runtime.taskRootOfProcesses,
      cwd: runtime.taskRootOfProcesses,
    });
    const second = again();
    expect(await payloadOf(second)).toMatchObject({ calls: 2 });
    expect([first.starts, second.starts]).toEqual([[true], [false]]);
    expect(first.logs).toEqual(['loading function.handler', 'out 1', 'err 1']);
    // What is written after an answer belongs to whoever runs next.
    expect(second.logs).toEqual(['{"status":"OK"}', 'out 2', 'err 2']);
  });

  it('the API answers and refuses as Lambda does', async () => {
    begin('live');
    const handle = `
      const early = await call('GET', '/invocation/next');
      const unknown = await post('/invocation/other/response', 'x');
      const path = '/invocation/' + id;
      if (event.ask) { await post(path + '/response', { early, unknown, headers, late }); continue; }
      const first = await post(path + '/response', 'null');
      const second = await post(path + '/response', 'null');
      const error = await post(path + '/error', {});
      const init = await post('/init/error', {});
      const nowhere = await call('GET', '/../2020-01-01/extension/register');
      late = [first, second, error, init, nowhere].map(({ status, text }) => [status, JSON.parse(text)]);`;
    expect(await run(bootstrapWith(handle, 'let late;')).outcome).toMatchObject({ kind: 'success', payload: 'null' });
    const before = Date.now();
    const second = again({ payload: { ask: true }, clientContext: '{"a":"ü"}' });
    const { early, unknown, headers, late } = await payloadOf(second);
    const transition = (from: string, to: string) => [
      403,
      {
        errorMessage: `State transition from ${from} to ${to} failed for runtime. Error: State transition is not allowed`,
        errorType: 'InvalidStateTransition',
      },
    ];
    expect(late).toEqual([
      [202, { status: 'OK' }],
      transition('ResponseSent', 'InvocationResponse'),
      transition('ResponseSent', 'InvocationErrorResponse'),
      transition('ResponseSent', 'InitError'),
      [404, expect.objectContaining({ errorType: 'InvalidPath' })],
    ]);
    expect(early).toMatchObject({ status: 403 });
    expect(unknown).toMatchObject({
      status: 400,
      text: '{"errorMessage":"Invalid request ID","errorType":"InvalidRequestID"}',
    });
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': second.requestId,
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:us-east-1:000000000000:function:fn',
      'lambda-runtime-trace-id': 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0',
      'lambda-runtime-client-context': '{"a":"\\u00fc"}',
    });
    const deadline = Number((headers as Record<string, string>)['lambda-runtime-deadline-ms']);
    expect(deadline).toBeGreaterThanOrEqual(before + 60 * SECOND_MS);
    expect(deadline).toBeLessThanOrEqual(Date.now() + 60 * SECOND_MS);
  });

  it('an answer beyond 6 MB is refused with 413 and becomes an error; the environment goes on', async () => {
    begin('live');
    const handle = `
      const path = '/invocation/' + id + '/response';
      if (event.ask) { await post(path, { status }); continue; }
      ({ status } = await post(path, 'x'.repeat(6291557)));`;
    const first = run(bootstrapWith(handle, 'let status;'));
    expect(await first.outcome).toMatchObject({ kind: 'error', errorType: 'Function.ResponseSizeTooLarge' });
    expect(await payloadOf(again({ payload: { ask: true } }))).toEqual({ status: 413 });
  });

  it('errors that a runtime reports carry its type, from the header or from the body', async () => {
    begin('live');
    const body = `{ errorType: 'FromBody', errorMessage: 'm', stackTrace: [] }`;
    const handle = `await post('/invocation/' + id + '/error', event.body === false ? 'plain' : ${body},
      event.header ? { 'Lambda-Runtime-Function-Error-Type': event.header } : {});`;
    const first = run(bootstrapWith(handle), { payload: { header: 'Runtime.UnknownReason' } });
    expect(await first.outcome).toMatchObject({ kind: 'error', errorType: 'Runtime.UnknownReason' });
    expect(await payloadOf(first)).toEqual({ errorType: 'FromBody', errorMessage: 'm', stackTrace: [] });
    expect(await again().outcome).toMatchObject({ kind: 'error', errorType: 'FromBody' });
    const plain = again({ payload: { body: false } });
    expect(await plain.outcome).toMatchObject({ kind: 'error', errorType: 'Runtime.Unknown', payload: 'plain' });
  });

  it('an error while loading ends the environment with what was reported', async () => {
    begin('live');
    const before = `await post('/init/error', { errorType: 'Runtime.NoConfig', errorMessage: 'no config' }); process.exit(1);`;
    for (let count = 0; count < 2; count += 1) {
      const attempt = run(bootstrapWith('', before));
      expect(await attempt.outcome).toMatchObject({ kind: 'init-error', errorType: 'Runtime.NoConfig' });
      expect(attempt.starts).toEqual([true]);
    }
  });

  it.each([
    ['is missing', undefined, 0o755, "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"],
    ['is not executable', '#!/bin/sh\n', 0o644, 'fork/exec /var/task/bootstrap: permission denied'],
    ['is no program', 'echo hello', 0o755, 'fork/exec /var/task/bootstrap: exec format error'],
  ])('a bootstrap that %s is an invalid entry point', async (_what, text, mode, message) => {
    begin('live');
    if (text !== undefined) runtime.write('bootstrap', text, mode);
    const { outcome, logs } = again();
    expect(await outcome).toMatchObject({ kind: 'init-error', errorType: 'Runtime.InvalidEntrypoint' });
    expect(JSON.parse((await outcome).payload)).toEqual({
      errorType: 'Runtime.InvalidEntrypoint',
      errorMessage: `RequestId: request-1 Error: ${message}`,
    });
    expect(logs).toEqual([message]);
  });

  it.each([
    ['ends at once', '#!/bin/sh\nexit 0\n', 'Runtime exited without providing a reason'],
    ['ends with a status', '#!/bin/sh\nexit 42\n', 'Runtime exited with error: exit status 42'],
    ['calls what is not there', '#!/bin/sh\nno-such-command-here\n', 'Runtime exited with error: exit status 127'],
    ['ends by a signal', '#!/bin/sh\nkill -TERM $$\n', 'Runtime exited with error: signal: terminated'],
  ])('a bootstrap that %s is an exit error', async (_what, script, message) => {
    begin('live');
    const { outcome } = run(script);
    expect(await outcome).toMatchObject({ kind: 'exit', errorType: 'Runtime.ExitError' });
    expect(JSON.parse((await outcome).payload).errorMessage).toBe(`RequestId: request-1 Error: ${message}`);
  });

  it('after a crash the next invocation starts afresh', async () => {
    begin('live');
    const handle = `if (event.crash) process.exit(3); await post('/invocation/' + id + '/response', String(calls += 1));`;
    const bootstrap = bootstrapWith(handle, 'let calls = 0;');
    expect(await run(bootstrap).outcome).toMatchObject({ payload: '1' });
    expect(await again().outcome).toMatchObject({ payload: '2' });
    const crash = again({ payload: { crash: true } });
    expect(await crash.outcome).toMatchObject({ kind: 'exit' });
    expect((await crash.outcome).payload).toMatch(/exit status 3/);
    const next = again();
    expect(await next.outcome).toMatchObject({ kind: 'success', payload: '1' });
    expect([crash.starts, next.starts]).toEqual([[false], [true]]);
  });

  it('a runtime that serves one invocation and ends still serves all', async () => {
    begin('live');
    const bootstrap = bootstrapWith(`await post('/invocation/' + id + '/response', event); process.exit(0);`);
    runtime.write('bootstrap', bootstrap, 0o755);
    for (let count = 0; count < 5; count += 1) {
      const one = again({ payload: { count } });
      expect(await payloadOf(one)).toEqual({ count });
      expect(one.starts).toEqual([true]);
    }
  });

  it('code from an archive keeps its execute bits', async () => {
    begin('live');
    const bootstrap = strToU8(bootstrapWith(`await post('/invocation/' + id + '/response', process.cwd());`));
    const archive = (files: Zippable): FunctionSpec['code'] => {
      const blobId = `archive-${Object.values(files)[0]}`.slice(0, 40) + Math.random();
      runtime.blobs.put(blobId, zipSync(files));
      return { kind: 'zip', blobId };
    };
    const unix = archive({ bootstrap: [bootstrap, { os: 3, attrs: (0o100755 << 16) >>> 0 }] });
    expect(await again({ spec: { code: unix, revision: '2' } }).outcome).toMatchObject({ kind: 'success' });
    const plain = archive({ bootstrap: [bootstrap, { os: 0 }] });
    expect((await again({ spec: { code: plain, revision: '3' } }).outcome).payload).toMatch(/permission denied/);
  });

  it('many invocations at once get an environment each, up to the limit', async () => {
    begin('live');
    const handle = `await new Promise((resolve) => setTimeout(resolve, 20)); await post('/invocation/' + id + '/response', '1');`;
    runtime.write('bootstrap', bootstrapWith(handle), 0o755);
    const outcomes = await Promise.all(
      Array.from({ length: 12 }, () => again({ spec: { timeoutSeconds: 30 } }).outcome),
    );
    expect(outcomes.every(({ kind }) => kind === 'success')).toBe(true);
    expect(runtime.environments.environmentCount).toBeLessThanOrEqual(8);
  });

  it('in virtual time an idle process is ended when its time has come, and its number is free again', async () => {
    begin('virtual');
    const first = run(bootstrapWith(`await post('/invocation/' + id + '/response', String(process.pid));`));
    await runtime.virtual.advance(SECOND_MS);
    const pid = Number((await first.outcome).payload);
    expect(isAlive(pid)).toBe(true);
    await runtime.virtual.advance(601 * SECOND_MS);
    expect(runtime.environments.environmentCount).toBe(0);
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 10_000);
  });

  it('processes do not outlive an engine that is killed', async () => {
    begin('live');
    const script = `
      import { spawn } from 'node:child_process';
      import { watchGroup } from ${JSON.stringify(new URL('./process-groups.ts', import.meta.url).href)};
      const child = spawn('/bin/sh', ['-c', 'sleep 60; true'], { detached: true, stdio: 'ignore' });
      watchGroup(child.pid);
      console.log(child.pid);
      setInterval(() => {}, 1000);`;
    const engine = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const [line] = (await once(engine.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    engine.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(pid)).toBe(false), 10_000);
  });
});
