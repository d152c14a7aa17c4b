import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type Run, TestRuntime } from '../test-runtime.ts';
import { LOOK_AGAIN_MS } from './directory-revision.ts';

const answering = (text: string): string => `export const handler = async () => '${text}';`;

describe('functions that run from a directory', () => {
  let runtime: TestRuntime;

  const run = async (options: Parameters<TestRuntime['invoke']>[0] = {}) => {
    const { outcome, starts }: Run = runtime.invoke(options);
    return { payload: (await outcome).payload, starts };
  };

  const waitOut = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS + 20));

  /** The first run with the code that answers `text`: on a busy machine directories are looked at less often. */
  const firstAnswering = async (text: string) => {
    for (let tries = 0; tries < 200; tries++) {
      await waitOut();
      const found = await run();
      if (found.payload === JSON.stringify(text)) return found;
    }
    throw new Error(`nothing ever answered ${text}`);
  };

  afterEach(() => runtime.close());

  it('use changed files from the next invocation on, and let the old environment go', async () => {
    runtime = new TestRuntime('live');
    runtime.write('index.mjs', answering('old'));
    expect(await run()).toEqual({ payload: '"old"', starts: [true] });
    expect(await run()).toEqual({ payload: '"old"', starts: [false] });

    runtime.write('index.mjs', answering('new'));

    expect(await firstAnswering('new')).toEqual({ payload: '"new"', starts: [true] });
    expect(await run()).toEqual({ payload: '"new"', starts: [false] });
    expect(runtime.environments.environmentCount).toBe(1);
  });

  it('use changed files further below as well', async () => {
    runtime = new TestRuntime('live');
    mkdirSync(join(runtime.directory, 'src'));
    runtime.write('src/word.mjs', `export const word = 'old';`);
    runtime.write('index.mjs', `import { word } from './src/word.mjs'; export const handler = async () => word;`);
    expect(await run()).toMatchObject({ payload: '"old"' });

    runtime.write('src/word.mjs', `export const word = 'new';`);

    expect(await firstAnswering('new')).toEqual({ payload: '"new"', starts: [true] });
  });

  it('stay warm while only caches and installed packages change', async () => {
    runtime = new TestRuntime('live');
    runtime.write('index.mjs', answering('same'));
    await run();
    for (const directory of ['node_modules', '__pycache__', '.git']) {
      mkdirSync(join(runtime.directory, directory));
      runtime.write(`${directory}/file`, 'x');
    }
    await waitOut();

    expect(await run()).toEqual({ payload: '"same"', starts: [false] });
  });
});
