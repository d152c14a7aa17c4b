import { afterEach, expect, it } from 'vitest';
import { TestRuntime } from '../test-runtime.ts';
import { guardParent } from './parent-guard.ts';

let runtime: TestRuntime | undefined;
afterEach(() => runtime?.close());

it('the parent cannot be signalled, only asked whether it is there; everybody means the own group', () => {
  const sent: (readonly [pid: number, signal: number])[] = [];
  const signaller = {
    ppid: 42,
    _kill: (pid: number, signal: number): number => {
      sent.push([pid, signal]);
      return 0;
    },
  };
  guardParent(signaller);
  expect([signaller._kill(42, 9), signaller._kill(-42, 15), signaller._kill(42, 0)]).toEqual([-1, -1, 0]);
  expect([signaller._kill(-1, 9), signaller._kill(43, 9)]).toEqual([0, 0]);
  expect(sent).toEqual([
    [42, 0],
    [0, 9],
    [43, 9],
  ]);
});

// SIGURG ends nobody, should it arrive.
it('a Node.js function in a process cannot signal the engine', async () => {
  runtime = new TestRuntime('live', true, true, 'process');
  runtime.write(
    'index.js',
    `exports.handler = async () => { try { return process.kill(process.ppid, 'SIGURG'); } catch (error) { return error.code; } };`,
  );
  expect((await runtime.invoke().outcome).payload).toBe('"EPERM"');
});

it('nor can a Python function', async () => {
  runtime = new TestRuntime('live');
  runtime.write(
    'app.py',
    `import os, signal
def handler(event, context):
    answers = []
    for send in (lambda: os.kill(os.getppid(), signal.SIGURG), lambda: os.killpg(os.getppid(), signal.SIGURG), lambda: os.kill(os.getppid(), 0)):
        try:
            answers.append(send())
        except PermissionError as error:
            answers.append(error.errno)
    return answers
`,
  );
  const { payload } = await runtime.invoke({ spec: { runtime: 'python3.12', handler: 'app.handler' } }).outcome;
  expect(JSON.parse(payload)).toEqual([1, 1, null]);
});
