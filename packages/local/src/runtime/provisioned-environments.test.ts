import type { FunctionSpec, OnProvisionSettled } from '@holdfast/engine';
import { afterEach, describe, expect, it } from 'vitest';
import { TestRuntime } from './test-runtime.ts';

let runtime: TestRuntime;
afterEach(() => runtime.close());

const AHEAD = { initializationType: 'provisioned-concurrency' } as const;

const NODE = `
  const bornAt = process.env.AWS_LAMBDA_INITIALIZATION_TYPE;
  let runs = 0;
  export const handler = async (event) => {
    runs += 1;
    if (event.exit) process.exit(1);
    return { bornAt, runs };
  };
`;
const PYTHON = `
import os
born_at = os.environ["AWS_LAMBDA_INITIALIZATION_TYPE"]
runs = 0
def handler(event, context):
    global runs
    runs += 1
    if "exit" in event:
        os._exit(1)
    return {"bornAt": born_at, "runs": runs}
`;

const languages: Record<
  string,
  { file: string; text: string; broken: string; errorType: string; spec: Partial<FunctionSpec> }
> = {
  'Node.js': { file: 'index.mjs', text: NODE, broken: 'throw new Error("no")', errorType: 'Error', spec: {} },
  Python: {
    file: 'index.py',
    text: PYTHON,
    broken: 'raise Exception("no")',
    errorType: 'Exception',
    spec: { runtime: 'python3.12', handler: 'index.handler' },
  },
};

const provision = (count: number, more: Partial<FunctionSpec>): Promise<boolean> =>
  new Promise((resolve) => {
    runtime.environments.provision(runtime.specOf({ ...more, ...AHEAD }), count, resolve);
  });

const resultOf = async (run: { outcome: Promise<{ payload: string }> }): Promise<unknown> =>
  JSON.parse((await run.outcome).payload) as unknown;

describe.each(Object.entries(languages))('environments of %s that are initialised ahead', (_, language) => {
  it('are there before the first invocation, serve only their own kind, and go when they are no longer wanted', async () => {
    runtime = new TestRuntime('live');
    runtime.write(language.file, language.text);

    expect(await provision(2, language.spec)).toBe(true);
    expect(runtime.environments.environmentCount).toBe(2);

    const ahead = runtime.invoke({ spec: { ...language.spec, ...AHEAD } });
    expect(await resultOf(ahead)).toEqual({ bornAt: AHEAD.initializationType, runs: 1 });
    expect(await resultOf(runtime.invoke({ spec: language.spec }))).toEqual({ bornAt: 'on-demand', runs: 1 });
    expect(runtime.environments.environmentCount).toBe(3);

    runtime.environments.retire('arn:aws:lambda:us-east-1:000000000000:function:fn');
    expect(runtime.environments.environmentCount).toBe(2);
    expect(await provision(1, language.spec)).toBe(true);
    expect(runtime.environments.environmentCount).toBe(1);
    void provision(0, language.spec);
    expect(runtime.environments.environmentCount).toBe(0);
  });

  it('are replaced when one ends', async () => {
    runtime = new TestRuntime('live');
    runtime.write(language.file, language.text);
    await provision(1, language.spec);

    await runtime.invoke({ payload: { exit: true }, spec: { ...language.spec, ...AHEAD } }).outcome;
    await expect.poll(() => runtime.environments.environmentCount).toBe(1);
    const next = runtime.invoke({ spec: { ...language.spec, ...AHEAD } });
    expect(await resultOf(next)).toEqual({ bornAt: AHEAD.initializationType, runs: 1 });
  });

  it('are given up when the code cannot be initialised', async () => {
    runtime = new TestRuntime('live');
    runtime.write(language.file, language.broken);

    const [isReady, failure] = await new Promise<Parameters<OnProvisionSettled>>((resolve) => {
      const spec = runtime.specOf({ ...language.spec, ...AHEAD });
      runtime.environments.provision(spec, 2, (...settled) => resolve(settled));
    });
    expect(isReady).toBe(false);
    expect(failure).toMatchObject({ status: 'error', errorType: language.errorType });
    expect(failure?.lines.join('\n')).toContain('no');
    await expect.poll(() => runtime.environments.environmentCount).toBe(0);
  });

  it('are initialised within one instant of virtual time', async () => {
    runtime = new TestRuntime('virtual');
    runtime.write(language.file, language.text);
    const settled = provision(2, language.spec);

    await runtime.virtual.advance(0);

    expect(await settled).toBe(true);
    expect(runtime.environments.environmentCount).toBe(2);
  });
});

describe('code that sleeps while it is loaded ahead, in virtual time', () => {
  it.each([
    ['is loaded when its timer is due', 5_000, 10_000, true],
    ['has failed after a minute of that time', 3_600_000, 60_000, false],
  ])('%s', async (_, sleepMs, advanceMs, isReady) => {
    runtime = new TestRuntime('virtual');
    runtime.write(
      'index.mjs',
      `await new Promise((resolve) => setTimeout(resolve, ${sleepMs})); export const handler = async () => 1;`,
    );
    const settled = provision(1, {});
    await runtime.virtual.advance(advanceMs);
    expect(await settled).toBe(isReady);
  });
});
