import { afterEach, expect, it, vi } from 'vitest';
import { TestRuntime } from '../test-runtime.ts';

let runtime: TestRuntime;

afterEach(async () => {
  vi.unstubAllEnvs();
  await runtime.close();
});

it('a machine without Python says so when a Python function is to run', async () => {
  vi.stubEnv('PATH', '/nowhere');
  runtime = new TestRuntime('live');
  const { outcome, logs, starts } = runtime.invoke({ spec: { runtime: 'python3.13', handler: 'app.handler' } });
  expect(await outcome).toMatchObject({ kind: 'init-error', errorType: 'Runtime.InvalidEntrypoint' });
  const message =
    'Functions with runtime python3.13 need Python 3.9 or later on this machine, and no python3.13 or python3 was found in its PATH';
  expect(JSON.parse((await outcome).payload).errorMessage).toBe(`RequestId: request-1 Error: ${message}`);
  expect([logs, starts]).toEqual([[message], [true]]);
  expect(runtime.environments.environmentCount).toBe(0);
});
