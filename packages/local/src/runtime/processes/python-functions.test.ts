import { execFileSync } from 'node:child_process';
import type { FunctionSpec } from '@holdfast/engine';
import { SECOND_MS } from '@holdfast/kernel';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ClockMode } from '../engine-time.ts';
import { isAlive, type Run, TestRuntime } from '../test-runtime.ts';

const machineHasPython = ((): boolean => {
  try {
    execFileSync('python3', ['-c', 'import sys; assert sys.version_info >= (3, 9)'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('Python functions are not tested: this machine has no python3 of version 3.9 or later.');
    return false;
  }
})();

describe.skipIf(!machineHasPython)('Python functions', () => {
  let runtime: TestRuntime;

  const begin = (mode: ClockMode): void => {
    runtime = new TestRuntime(mode);
  };

  afterEach(() => runtime.close());

  type Options = { payload?: unknown; clientContext?: string; spec?: Partial<FunctionSpec> };
  const run = (code: string, options: Options = {}): Run => {
    runtime.write('app.py', code);
    return again(options);
  };
  const again = (options: Options = {}): Run =>
    runtime.invoke({ ...options, spec: { runtime: 'python3.12', handler: 'app.handler', ...options.spec } });
  const payloadOf = async ({ outcome }: Run): Promise<Record<string, unknown>> => JSON.parse((await outcome).payload);

  it('a handler gets event, context and environment, and is warm the second time', async () => {
    begin('live');
    const first = run(
      `
import os
calls = 0
def handler(event, context):
    global calls
    calls += 1
    left = context.get_remaining_time_in_millis()
    return {'event': event, 'calls': calls, 'colour': os.environ['COLOUR'], 'left': 40000 < left <= 60000,
            'context': [context.function_name, context.function_version, context.memory_limit_in_mb, context.aws_request_id,
                        context.invoked_function_arn, context.log_group_name, context.identity.cognito_identity_id],
            'stream': context.log_stream_name == os.environ['AWS_LAMBDA_LOG_STREAM_NAME'],
            'client': [context.client_context.custom, context.client_context.client.app_title] if calls == 1 else context.client_context}
`,
      { payload: { a: 'ü' }, clientContext: '{"custom":{"k":"ü"},"client":{"app_title":"t"}}' },
    );
    const outcome = await first.outcome;
    expect(outcome).toMatchObject({ kind: 'success', errorType: undefined });
    expect(JSON.parse(outcome.payload)).toEqual({
      event: { a: 'ü' },
      calls: 1,
      colour: 'blue',
      left: true,
      context: [
        'fn',
        '$LATEST',
        '128',
        first.requestId,
        'arn:aws:lambda:us-east-1:000000000000:function:fn',
        '/aws/lambda/fn',
        null,
      ],
      stream: true,
      client: [{ k: 'ü' }, 't'],
    });
    expect(outcome.initDurationMs).toBeGreaterThan(0);
    expect(outcome.maxMemoryUsedMb).toBeGreaterThan(process.platform === 'linux' ? 1 : -1);
    const second = again();
    expect(await payloadOf(second)).toMatchObject({ calls: 2, client: null });
    expect((await second.outcome).initDurationMs).toBeUndefined();
    expect([first.starts, second.starts]).toEqual([[true], [false]]);
  });

  it('print and logging become log lines in order; a record of several lines is one event', async () => {
    begin('live');
    const { logs, outcome, requestId } = run(`
import logging, os, sys
logger = logging.getLogger()
logger.setLevel(logging.INFO)
print('while loading')
def handler(event, context):
    print('one', 2)
    logger.info('two\\nlines')
    print('to stderr', file=sys.stderr)
    logging.getLogger('orders').warning('three %s', 'x')
    logger.debug('not shown')
    os.system('echo from a child')
    print('{"raw": true}')
    print('no end', end='')
`);
    await outcome;
    const at = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z';
    expect(logs).toEqual([
      'while loading',
      'one 2',
      expect.stringMatching(new RegExp(`^\\[INFO\\]\\t${at}\\t${requestId}\\ttwo\\nlines$`)),
      'to stderr',
      expect.stringMatching(new RegExp(`^\\[WARNING\\]\\t${at}\\t${requestId}\\tthree x$`)),
      'from a child',
      '{"raw": true}',
      'no end',
    ]);
  });

  it('an exception is answered with its trace and request id, logged as one event, and leaves the environment warm', async () => {
    begin('live');
    const first = run(`
class CustomException(Exception):
    pass
def inner():
    raise CustomException('some error occurred')
def handler(event, context):
    if event:
        return 'fine'
    inner()
`);
    expect(await first.outcome).toMatchObject({ kind: 'error', errorType: 'CustomException' });
    const file = `${runtime.taskRootOfProcesses}/app.py`;
    expect(await payloadOf(first)).toEqual({
      errorMessage: 'some error occurred',
      errorType: 'CustomException',
      requestId: first.requestId,
      stackTrace: [
        `  File "${file}", line 9, in handler\n    inner()\n`,
        `  File "${file}", line 5, in inner\n    raise CustomException('some error occurred')\n`,
      ],
    });
    expect(first.logs).toEqual([
      [
        '[ERROR] CustomException: some error occurred',
        'Traceback (most recent call last):',
        `\u00a0\u00a0File "${file}", line 9, in handler`,
        '\u00a0\u00a0\u00a0\u00a0inner()',
        `\u00a0\u00a0File "${file}", line 5, in inner`,
        "\u00a0\u00a0\u00a0\u00a0raise CustomException('some error occurred')",
      ].join('\n'),
    ]);
    const second = again({ payload: { a: 1 } });
    expect(await second.outcome).toMatchObject({ kind: 'success', payload: '"fine"' });
    expect(second.starts).toEqual([false]);
  });

  it.each([
    ['None', 'None', 'null'],
    ['floats', '[0.1, 1e22, 3.0]', '[0.1, 1e+22, 3.0]'],
    ['tuples and keys that are numbers', '{1: (1, 2)}', '{"1": [1, 2]}'],
    ['decimals with all digits', "[Decimal('1.10'), {'a': Decimal('12345678901234567890.5')}]", undefined],
    ['text as it is', "'Grüße'", '"Grüße"'],
    ['bytes as they are', 'b\'{"a":1}\'', '{"a":1}'],
  ])('a result may hold %s', async (_what, expression, text) => {
    begin('live');
    const run1 = run(`from decimal import Decimal\ndef handler(event, context):\n    return ${expression}`);
    expect(await run1.outcome).toMatchObject({
      kind: 'success',
      payload: text ?? '[1.10, {"a": 12345678901234567890.5}]',
    });
  });

  it('until Python 3.11 results are written in ASCII', async () => {
    begin('live');
    const { outcome } = run(`def handler(event, context): return 'ü'`, { spec: { runtime: 'python3.11' } });
    expect((await outcome).payload).toBe('"\\u00fc"');
  });

  it.each([
    [
      'returns what JSON cannot hold',
      `import datetime\ndef handler(event, context): return {'at': datetime.datetime(2025, 1, 1)}`,
      {},
      'error',
      'Runtime.MarshalError',
      'Unable to marshal response: Object of type datetime is not JSON serializable',
    ],
    [
      'imports what is not there',
      'import no_such_module',
      {},
      'init-error',
      'Runtime.ImportModuleError',
      "Unable to import module 'app': No module named 'no_such_module'",
    ],
    [
      'is in no module',
      '',
      { handler: 'missing.handler' },
      'init-error',
      'Runtime.ImportModuleError',
      "Unable to import module 'missing': No module named 'missing'",
    ],
    [
      'is not defined',
      'other = 1',
      {},
      'init-error',
      'Runtime.HandlerNotFound',
      "Handler 'handler' missing on module 'app'",
    ],
    [
      'cannot be parsed',
      'def handler(:\n  pass',
      {},
      'init-error',
      'Runtime.UserCodeSyntaxError',
      /^Syntax error in module 'app': .*app\.py, line 1\)$/,
    ],
    [
      'has a name without a dot',
      '',
      { handler: 'app' },
      'init-error',
      'Runtime.MalformedHandlerName',
      "Bad handler 'app': not enough values to unpack (expected 2, got 1)",
    ],
    [
      'is named like a module of Python itself',
      '',
      { handler: 'sys.handler' },
      'init-error',
      'Runtime.BuiltInModuleConflict',
      'Cannot use built-in module sys as a handler module',
    ],
    ['raises while loading', `raise ValueError('no start')`, {}, 'init-error', 'ValueError', 'no start'],
    ['hangs', `import time\ndef handler(event, context): time.sleep(60)`, {}, 'timeout', 'Sandbox.Timedout', /1\.00 s/],
    [
      'computes for ever',
      `def handler(event, context):\n  while True: pass`,
      {},
      'timeout',
      'Sandbox.Timedout',
      'RequestId: request-1 Error: Task timed out after 1.00 seconds',
    ],
    [
      'exits',
      `import sys\ndef handler(event, context): sys.exit(0)`,
      {},
      'exit',
      'Runtime.ExitError',
      'RequestId: request-1 Error: Runtime exited without providing a reason',
    ],
    [
      'exits with a status while loading',
      `import sys\nsys.exit(7)`,
      {},
      'exit',
      'Runtime.ExitError',
      'RequestId: request-1 Error: Runtime exited with error: exit status 7',
    ],
    [
      'is aborted',
      `import os\ndef handler(event, context): os.abort()`,
      {},
      'exit',
      'Runtime.ExitError',
      'RequestId: request-1 Error: Runtime exited with error: signal: aborted',
    ],
    [
      'violates memory, which AWS notices only by the time limit',
      `import ctypes\ndef handler(event, context): ctypes.string_at(0)`,
      {},
      'timeout',
      'Sandbox.Timedout',
      /Task timed out/,
    ],
    [
      'answers with more than 6 MB',
      `def handler(event, context): return 'x' * 7000000`,
      {},
      'error',
      'Function.ResponseSizeTooLarge',
      'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
    ],
  ])('a function that %s is told apart', async (_what, code, spec, kind, errorType, message) => {
    begin('live');
    // On a busy machine an answer of 7 MB takes a second, too.
    const run1 = run(code, { spec: { timeoutSeconds: kind === 'timeout' ? 1 : 30, ...spec } });
    expect(await run1.outcome).toMatchObject({ kind, errorType });
    const { errorMessage, ...rest } = await payloadOf(run1);
    expect(errorMessage).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
    expect(rest).toMatchObject(kind === 'init-error' ? { errorType, requestId: '' } : { errorType });
  });

  it.skipIf(process.platform !== 'linux')('a function that takes more memory than it has is killed', async () => {
    begin('live');
    const { outcome } = run(
      `import time\ndef handler(event, context):\n  a = b'x' * 200_000_000\n  time.sleep(60)\n  return len(a)`,
      { spec: { timeoutSeconds: 10 } },
    );
    expect(await outcome).toMatchObject({ kind: 'exit', errorType: 'Runtime.ExitError', maxMemoryUsedMb: 128 });
    expect((await outcome).payload).toMatch(/signal: killed/);
  });

  it('handlers may lie in directories, with slashes or dots', async () => {
    begin('live');
    runtime.write('outer.py', `def handler(event, context): return 'outer'`);
    const { mkdirSync } = await import('node:fs');
    mkdirSync(`${runtime.directory}/src`);
    runtime.write('src/app.py', `import outer\ndef handler(event, context): return 'in src with ' + outer.__name__`);
    for (const handler of ['src/app.handler', 'src.app.handler']) {
      const { outcome } = again({ spec: { handler, revision: handler } });
      expect((await outcome).payload).toBe('"in src with outer"');
    }
  });

  it('a time limit ends child processes too, and the next invocation starts afresh', async () => {
    begin('live');
    const first = run(
      `
import subprocess, time
calls = 0
def handler(event, context):
    global calls
    calls += 1
    if event:
        return calls
    print(subprocess.Popen(['sleep', '60']).pid)
    time.sleep(60)
`,
      { spec: { timeoutSeconds: 1 } },
    );
    expect(await first.outcome).toMatchObject({ kind: 'timeout' });
    const second = again({ payload: { a: 1 }, spec: { timeoutSeconds: 1 } });
    expect(await second.outcome).toMatchObject({ kind: 'success', payload: '1' });
    expect(second.starts).toEqual([true]);
    await vi.waitFor(() => expect(isAlive(Number(first.logs[0]))).toBe(false), 10_000);
  });

  it('a process that ends between invocations is replaced without anybody noticing', async () => {
    begin('live');
    const code = `
import os, threading, time
def end():
    time.sleep(0.05)
    os._exit(3)
def handler(event, context):
    threading.Thread(target=end).start()
    return os.getpid()
`;
    const first = run(code);
    const pid = (await first.outcome).payload;
    await new Promise((resolve) => setTimeout(resolve, 200));
    const second = again();
    expect(await second.outcome).toMatchObject({ kind: 'success' });
    expect((await second.outcome).payload).not.toBe(pid);
    expect(second.starts).toEqual([true]);
  });

  it('the environment holds what Lambda reserves', async () => {
    begin('live');
    const result = await payloadOf(
      run(
        `import os, sys\ndef handler(event, context): return {**os.environ, 'cwd': os.getcwd(), 'path': sys.path[0]}`,
        {
          spec: { environment: { PYTHONPATH: '/elsewhere', AWS_REGION: 'eu-west-1', TZ: 'Europe/Berlin' } },
        },
      ),
    );
    expect(result).toMatchObject({
      _HANDLER: 'app.handler',
      _X_AMZN_TRACE_ID: 'Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0',
      AWS_DEFAULT_REGION: 'us-east-1',
      AWS_REGION: 'us-east-1',
      AWS_EXECUTION_ENV: 'AWS_Lambda_python3.12',
      AWS_LAMBDA_FUNCTION_NAME: 'fn',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/fn',
      AWS_LAMBDA_LOG_STREAM_NAME: expect.stringMatching(/^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/),
      AWS_ACCESS_KEY_ID: expect.stringMatching(/^ASIA/),
      AWS_SECRET_ACCESS_KEY: expect.any(String),
      AWS_SESSION_TOKEN: expect.any(String),
      AWS_LAMBDA_RUNTIME_API: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
      AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
      LAMBDA_TASK_ROOT: runtime.taskRootOfProcesses,
      LAMBDA_RUNTIME_DIR: '/var/runtime',
      PYTHONPATH: '/elsewhere',
      TZ: 'Europe/Berlin',
      cwd: runtime.taskRootOfProcesses,
      path: runtime.taskRootOfProcesses,
    });
    expect(result['HOME']).toBeUndefined();
  });

  it('a wrapper script gets the command that starts the runtime; a missing one is exit status 127', async () => {
    begin('live');
    runtime.write('wrap.sh', '#!/bin/sh\nexport WRAPPED="$#"\nexec "$@"\n', 0o755);
    const code = "import os\ndef handler(event, context):\n  return os.environ['WRAPPED']";
    const wrapper = (path: string, revision: string): Partial<FunctionSpec> => ({
      environment: { AWS_LAMBDA_EXEC_WRAPPER: path },
      revision,
    });

    const missing = run(code, { spec: wrapper('/nowhere/wrap.sh', '1') });
    expect(await payloadOf(missing)).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/Runtime exited with error: exit status 127$/),
    });
    const found = again({ spec: wrapper(`${runtime.taskRootOfProcesses}/wrap.sh`, '2') });
    expect(Number(JSON.parse((await found.outcome).payload))).toBeGreaterThan(1);
  });

  it('in virtual time a process is waited for, and a hanging one times out at its virtual moment', async () => {
    begin('virtual');
    const code = `import time\ndef handler(event, context):\n  time.sleep(event['s'])\n  return 'done'`;
    const slow = run(code, { payload: { s: 0.3 } });
    await runtime.virtual.advance(SECOND_MS);
    expect(await slow.outcome).toMatchObject({ kind: 'success', durationMs: 0 });

    const hanging = again({ payload: { s: 60 }, spec: { timeoutSeconds: 1, revision: '2' } });
    await runtime.virtual.advance(900);
    expect(await Promise.race([hanging.outcome, 'still running'])).toBe('still running');
    await runtime.virtual.advance(200);
    expect(await hanging.outcome).toMatchObject({ kind: 'timeout', durationMs: 1_000 });
  });
});
