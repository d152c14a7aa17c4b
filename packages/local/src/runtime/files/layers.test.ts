import { execFileSync } from 'node:child_process';
import type { FunctionSpec } from '@holdfast/engine';
import { afterEach, describe, expect, it } from 'vitest';
import { archiveOf } from '../../testing/archive.ts';
import { type Run, TestRuntime } from '../test-runtime.ts';

const machineHasPython = ((): boolean => {
  try {
    execFileSync('python3', ['-c', 'import sys; assert sys.version_info >= (3, 9)'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('Layers of Python functions are not tested: this machine has no python3 of version 3.9 or later.');
    return false;
  }
})();

describe('layers of a function', () => {
  let runtime: TestRuntime;
  let published = 0;

  const begin = (): void => {
    runtime = new TestRuntime('live');
  };

  afterEach(() => runtime.close());

  const layer = (files: Record<string, string>): string => {
    published += 1;
    runtime.blobs.put(`layer-${published}`, archiveOf(files));
    return `layer-${published}`;
  };
  const run = (layers: readonly string[], spec: Partial<FunctionSpec> = {}): Run =>
    runtime.invoke({ spec: { layers, ...spec } });
  const payloadOf = async ({ outcome }: Run): Promise<unknown> => JSON.parse((await outcome).payload);

  it('give a CommonJS handler their packages, of its own version first', async () => {
    begin();
    const packages = layer({
      'nodejs/node_modules/colour/index.js': `module.exports = 'any';`,
      'nodejs/node_modules/shape/index.js': `module.exports = 'round';`,
      'nodejs/node22/node_modules/colour/index.js': `module.exports = 'of 22';`,
    });
    runtime.write('index.js', `exports.handler = async () => [require('colour'), require('shape')];`);
    expect(await payloadOf(run([packages]))).toEqual(['of 22', 'round']);
  });

  it('give an ES module their packages from Node.js 18 on, as Lambda does', async () => {
    begin();
    const packages = layer({
      'nodejs/node_modules/colour/package.json': '{"type":"module","exports":"./main.js"}',
      'nodejs/node_modules/colour/main.js': `export { default } from 'shape';`,
      'nodejs/node_modules/shape/index.js': `module.exports = 'round';`,
    });
    runtime.write('index.mjs', `import colour from 'colour';\nexport const handler = async () => colour;`);
    expect(await payloadOf(run([packages]))).toBe('round');
    expect(await payloadOf(run([packages], { runtime: 'nodejs16.x', revision: '2' }))).toMatchObject({
      errorType: 'Error',
    });
  });

  it('lie over one another in their order', async () => {
    begin();
    const path = 'nodejs/node_modules/colour';
    const below = layer({
      [`${path}/index.js`]: `module.exports = 'below';`,
      [`${path}/other.js`]: `module.exports = 1;`,
    });
    const above = layer({ [`${path}/index.js`]: `module.exports = 'above';` });
    runtime.write('index.js', `exports.handler = async () => [require('colour'), require('colour/other')];`);
    expect(await payloadOf(run([below, above]))).toEqual(['above', 1]);
    expect(await payloadOf(run([above, below], { revision: '2' }))).toEqual(['below', 1]);
  });

  it('bring programs and files', async () => {
    begin();
    const tools = layer({ 'bin/greet': '#!/bin/sh\necho hello\n', 'settings.json': '{"a":1}' });
    runtime.write(
      'index.js',
      `const { execFileSync } = require('node:child_process');
       const { HOLDFAST_LAYERS_ROOT: root, LD_LIBRARY_PATH: libraries } = process.env;
       exports.handler = async () => [
         execFileSync('greet', { encoding: 'utf8' }),
         require(root + '/settings.json'),
         libraries.endsWith(root + '/lib'),
       ];`,
    );
    expect(await payloadOf(run([tools]))).toEqual(['hello\n', { a: 1 }, true]);
  });

  it('leave a function without any as it was', async () => {
    begin();
    runtime.write('index.js', `exports.handler = async () => Object.keys(process.env);`);
    const names = await payloadOf(run([]));
    expect(names).not.toContain('NODE_PATH');
    expect(names).not.toContain('HOLDFAST_LAYERS_ROOT');
  });

  it('that hold extensions do not have them started, which the log says', async () => {
    begin();
    const extension = layer({ 'extensions/watcher': '#!/bin/sh\nsleep 60\n' });
    runtime.write('index.js', `exports.handler = async () => console.log('here');`);
    const { outcome, logs } = run([extension]);
    expect(await outcome).toMatchObject({ kind: 'success' });
    expect(logs[0]).toMatch(/^EXTENSION\tName: watcher\tState: LaunchError\t.*NotSupportedByHoldfast$/);
    expect(logs[1]).toMatch(/here$/);
  });

  it('that cannot be unpacked are said to be so', async () => {
    begin();
    runtime.blobs.put('broken', new Uint8Array([0x50, 0x4b, 3, 4]));
    runtime.write('index.js', `exports.handler = async () => 1;`);
    expect(await run(['broken']).outcome).toMatchObject({ kind: 'init-error', errorType: 'Runtime.InvalidEntrypoint' });
  });

  it('may hold the bootstrap of a custom runtime, which the function may replace', async () => {
    begin();
    const fails = (text: string): string => `#!/bin/sh\necho ${text}\nexit 7\n`;
    const shared = layer({ bootstrap: fails('shared') });
    const spec = { runtime: 'provided.al2023' } as const;
    const first = run([shared], spec);
    expect((await first.outcome).payload).toMatch(/exit status 7/);
    expect(first.logs.join('')).toMatch(/shared/);
    runtime.write('bootstrap', fails('own'), 0o755);
    const second = run([shared], { ...spec, revision: '2' });
    expect((await second.outcome).payload).toMatch(/exit status 7/);
    expect(second.logs.join('')).toMatch(/own/);
  });

  it.skipIf(!machineHasPython)('give a Python handler their modules, also when it has a PYTHONPATH', async () => {
    begin();
    const modules = layer({
      'python/colour.py': 'NAME = "any"',
      'python/shape.py': 'NAME = "round"',
      'python/lib/python3.12/site-packages/colour.py': 'NAME = "of 3.12"',
    });
    runtime.write(
      'app.py',
      'import colour, shape\ndef handler(event, context):\n    return [colour.NAME, shape.NAME]\n',
    );
    const spec = { runtime: 'python3.12', handler: 'app.handler' } as const;
    expect(await payloadOf(run([modules], spec))).toEqual(['of 3.12', 'round']);
    const environment = { PYTHONPATH: '/nowhere' };
    expect(await payloadOf(run([modules], { ...spec, environment, revision: '2' }))).toEqual(['of 3.12', 'round']);
  });
});
