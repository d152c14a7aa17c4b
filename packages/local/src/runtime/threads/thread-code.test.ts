import { Script } from 'node:vm';
import { beforeAll, describe, expect, it } from 'vitest';
import { TestRuntime } from '../test-runtime.ts';
import { keepCompiled, threadCode } from './thread-code.ts';

/** The payload of a function's first invocation, in an environment of its own. */
const runNew = async (body: string): Promise<string> => {
  const runtime = new TestRuntime('live');
  try {
    runtime.write('index.js', body);
    return (await runtime.invoke().outcome).payload;
  } finally {
    await runtime.close();
  }
};

describe.skipIf(process.platform === 'win32')('the code of threads', () => {
  // Other tests in this process may have run functions.
  beforeAll(() => keepCompiled(undefined));

  it('is asked of another thread when the one that was asked ends before it hands its code over', async () => {
    await runNew('process.exit(1);');

    expect(threadCode()).toMatchObject({ compiled: undefined, isWanted: true });
    expect(threadCode().isWanted).toBe(false);
    keepCompiled(undefined);
  });

  it('is compiled by the first, and taken by all that come later', async () => {
    await runNew('exports.handler = async () => 1;');

    const { text, compiled, isWanted } = threadCode();
    expect(isWanted).toBe(false);
    const options = { filename: 'file:///var/runtime/index.mjs', cachedData: compiled as Uint8Array };
    expect(new Script(text, options).cachedDataRejected).toBe(false);
    expect(await runNew('exports.handler = async () => 2;')).toBe('2');
  });

  it('runs from its text where what was kept is of no use', async () => {
    keepCompiled(new Uint8Array(100));
    expect(await runNew('exports.handler = async () => 3;')).toBe('3');
  });

  it('has twice the room for young objects that V8 begins with', async () => {
    const body = `
      const profiler = new (require('node:v8').GCProfiler)();
      const isYoung = ({ spaceName }) => spaceName === 'new_space';
      exports.handler = async () => {
        profiler.start();
        const kept = [];
        for (let index = 0; index < 100_000; index += 1) kept.push({ index });
        const [first] = profiler.stop().statistics;
        return first.beforeGC.heapSpaceStatistics.find(isYoung).spaceUsedSize;
      };`;
    expect(Number(await runNew(body))).toBeGreaterThan(3 * 2 ** 20);
  });
});
