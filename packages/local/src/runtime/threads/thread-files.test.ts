import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FunctionSpec } from '@holdfast/engine';
import { afterEach, describe, expect, it } from 'vitest';
import { archiveOf } from '../../testing/archive.ts';
import { type Run, TestRuntime } from '../test-runtime.ts';

describe.skipIf(process.platform === 'win32')('files of functions in threads', () => {
  let runtime: TestRuntime;

  afterEach(() => runtime.close());

  /** `body` is that of an ES module; what it exports as `handler` runs. */
  const run = (body: string, payload: object = {}, spec: Partial<FunctionSpec> = {}): Run => {
    runtime ??= new TestRuntime('live');
    runtime.write('index.mjs', body);
    return runtime.invoke({ payload, spec });
  };
  const begin = (): void => {
    runtime = new TestRuntime('live');
  };
  const payloadOf = async ({ outcome }: Run): Promise<unknown> => JSON.parse((await outcome).payload);
  const layer = (files: Record<string, string>): readonly string[] => {
    runtime.blobs.put('layer', archiveOf(files));
    return ['layer'];
  };

  it('/tmp belongs to an environment, and stays with it', async () => {
    begin();
    const body = `
      import fs, { readdirSync } from 'node:fs';
      import { readFile, writeFile } from 'node:fs/promises';
      import { createRequire } from 'node:module';
      import { tmpdir } from 'node:os';
      import { setTimeout } from 'node:timers/promises';
      const required = createRequire(import.meta.url)('fs');
      export const handler = async ({ name, waitMs = 0 }) => {
        const before = readdirSync(tmpdir());
        await writeFile('/tmp/' + name, 'x' + name);
        await setTimeout(waitMs);
        return [before, fs.readFileSync('/tmp/' + name, 'utf8'), required.existsSync('/tmp/' + name), await readFile(new URL('file:///tmp/' + name), 'utf8')];
      };`;
    const first = run(body, { name: 'first', waitMs: 300 });
    const other = run(body, { name: 'other', waitMs: 300 });
    expect(await payloadOf(first)).toEqual([[], 'xfirst', true, 'xfirst']);
    expect(await payloadOf(other)).toEqual([[], 'xother', true, 'xother']);
    const [before] = (await payloadOf(run(body, { name: 'second' }))) as [string[]];
    expect(before).toHaveLength(1);
    expect(existsSync('/tmp/first')).toBe(false);
  });

  it('/tmp outlives the reset after a time limit, and is removed with its environment', async () => {
    begin();
    const body = `
      import { existsSync, writeFileSync } from 'node:fs';
      export const handler = async ({ wait }) => {
        if (!wait) return existsSync('/tmp/kept');
        writeFileSync('/tmp/kept', '');
        await new Promise(() => setTimeout(() => {}, 60000));
      };`;
    const slow = run(body, { wait: true }, { timeoutSeconds: 1 });
    expect(await slow.outcome).toMatchObject({ kind: 'timeout' });
    expect(await payloadOf(run(body))).toBe(true);
    expect(await payloadOf(run(body, {}, { revision: '2' }))).toBe(false);
    await runtime.environments.close();
    expect(readdirSync(join(runtime.directory, '.environments'))).not.toContain('tmp');
  });

  it('paths in answers and errors are those that the function knows', async () => {
    begin();
    const body = `
      import fs from 'node:fs';
      import { promisify } from 'node:util';
      const told = async (attempt) => {
        try { return await attempt(); } catch ({ code, message, path, dest }) { return { code, message, path, dest }; }
      };
      const called = (name, ...parts) => told(() => promisify(fs[name])(...parts));
      export const handler = async () => {
        const made = fs.mkdtempSync('/tmp/a-');
        fs.symlinkSync(made, '/tmp/link');
        fs.symlinkSync('link', '/tmp/relative');
        fs.writeFileSync('/tmp/link/file', '');
        return {
          made: made.startsWith('/tmp/a-') && made.length === 13,
          link: fs.readlinkSync('/tmp/link') === made && fs.readlinkSync('/tmp/relative') === 'link',
          followed: [fs.realpathSync('/tmp/relative'), fs.realpathSync.native('/tmp/link'), await fs.promises.realpath('/tmp/link'), await called('realpath', '/tmp/relative')].every((path) => path === made),
          entry: fs.readdirSync(made, { withFileTypes: true }).map(({ name, parentPath }) => parentPath === made && name),
          created: fs.mkdirSync('/tmp/x/y/z', { recursive: true }),
          outside: fs.realpathSync('/tmp/x/../../usr') === fs.realpathSync('/usr'),
          errors: [
            await told(() => fs.readFileSync('/tmp/none')),
            await told(() => fs.promises.rename('/tmp/none', '/tmp/other')),
            await called('stat', '/tmp/none'),
          ],
          exists: [await called('exists', '/tmp/x'), fs.existsSync('/tmp/none')],
        };
      };`;
    expect(await payloadOf(run(body))).toEqual({
      made: true,
      link: true,
      followed: true,
      entry: ['file'],
      created: '/tmp/x',
      outside: true,
      errors: [
        { code: 'ENOENT', message: "ENOENT: no such file or directory, open '/tmp/none'", path: '/tmp/none' },
        {
          code: 'ENOENT',
          message: "ENOENT: no such file or directory, rename '/tmp/none' -> '/tmp/other'",
          path: '/tmp/none',
          dest: '/tmp/other',
        },
        { code: 'ENOENT', message: "ENOENT: no such file or directory, stat '/tmp/none'", path: '/tmp/none' },
      ],
      exists: [true, false],
    });
  });

  it('streams go where paths go', async () => {
    begin();
    const body = `
      import { createReadStream, createWriteStream, readFileSync } from 'node:fs';
      import { pipeline } from 'node:stream/promises';
      export const handler = async () => {
        await pipeline(['a', 'b'], createWriteStream('/tmp/out'));
        await pipeline(createReadStream('/tmp/out'), createWriteStream('/tmp/copy'));
        return readFileSync('/tmp/copy', 'utf8');
      };`;
    expect(await payloadOf(run(body))).toBe('ab');
    expect(existsSync('/tmp/copy')).toBe(false);
  });

  it('/opt holds the layers, for files, modules of both kinds and programs', async () => {
    begin();
    const layers = layer({
      'settings.json': '{"a":1}',
      'nodejs/shared.js': `exports.colour = require('colour'); exports.file = __filename.endsWith('nodejs/shared.js');`,
      'nodejs/shared.mjs': `import './other.mjs'; export { default } from '/opt/settings.json' with { type: 'json' };`,
      'nodejs/other.mjs': '',
      'nodejs/node_modules/colour/index.js': `module.exports = 'blue';`,
      'bin/greet': '#!/bin/sh\necho hello\n',
    });
    const body = `
      import { execFile, execFileSync, spawnSync } from 'node:child_process';
      import { readFileSync } from 'node:fs';
      import { createRequire } from 'node:module';
      import { promisify } from 'node:util';
      import settings from '/opt/nodejs/shared.mjs';
      const require = createRequire(import.meta.url);
      export const handler = async () => [
        readFileSync('/opt/settings.json', 'utf8'),
        settings,
        require('/opt/nodejs/shared'),
        (await import('file:///opt/nodejs/shared.js')).default.colour,
        execFileSync('/opt/bin/greet', { encoding: 'utf8' }),
        spawnSync('/opt/bin/greet').stdout.toString(),
        (await promisify(execFile)('/opt/bin/greet')).stdout,
      ];`;
    const shared = { colour: 'blue', file: true };
    expect(await payloadOf(run(body, {}, { layers }))).toEqual([
      '{"a":1}',
      { a: 1 },
      shared,
      'blue',
      'hello\n',
      'hello\n',
      'hello\n',
    ]);
  });

  it('relative paths and /var/task lead to the code, where programs begin too', async () => {
    begin();
    runtime.write('data.txt', 'mine');
    const body = `
      import { execSync } from 'node:child_process';
      import { readFileSync } from 'node:fs';
      import { readFile } from 'node:fs/promises';
      import { resolve } from 'node:path';
      export const handler = async () => {
        const found = [
          readFileSync('data.txt', 'utf8'),
          await readFile('./data.txt', 'utf8'),
          readFileSync('/var/task/data.txt', 'utf8'),
          readFileSync(resolve('data.txt'), 'utf8'),
          readFileSync(new URL('data.txt', import.meta.url), 'utf8'),
          execSync('cat data.txt', { encoding: 'utf8' }),
        ];
        process.chdir('/tmp');
        return [...new Set(found), process.cwd()];
      };`;
    expect(await payloadOf(run(body))).toEqual(['mine', '/tmp']);
  });

  it('code and layers are read-only, however they are named', async () => {
    begin();
    runtime.write('data.txt', 'mine');
    const body = `
      import fs from 'node:fs';
      import { open, writeFile } from 'node:fs/promises';
      import { once } from 'node:events';
      import { promisify } from 'node:util';
      const told = async (attempt) => { try { await attempt(); return 'done'; } catch ({ code, message }) { return message.split(', ')[0] + ' ' + code; } };
      export const handler = async () => {
        fs.writeFileSync('/tmp/mine', 'x');
        const attempts = [
          () => fs.writeFileSync('out.txt', ''),
          () => fs.mkdirSync(import.meta.dirname + '/made'),
          () => promisify(fs.unlink)('/var/task/data.txt'),
          () => writeFile('/opt/x', ''),
          () => fs.promises.rename('/tmp/mine', './mine'),
          () => fs.copyFileSync('data.txt', 'copy.txt'),
          () => open('data.txt', 'r+'),
          () => once(fs.createWriteStream('/var/task/stream'), 'open'),
          () => fs.accessSync('data.txt', fs.constants.W_OK),
        ];
        const fine = [
          () => fs.mkdirSync('.', { recursive: true }),
          () => fs.rmSync('none', { force: true }),
          () => fs.copyFileSync('data.txt', '/tmp/copy.txt'),
          () => fs.accessSync('data.txt', fs.constants.R_OK),
          async () => (await open('data.txt')).close(),
        ];
        return [await Promise.all(attempts.map(told)), await Promise.all(fine.map(told)), fs.readFileSync('data.txt', 'utf8')];
      };`;
    const refused = 'EROFS: read-only file system EROFS';
    expect(await payloadOf(run(body, {}, { layers: layer({ a: '' }) }))).toEqual([
      Array(9).fill(refused),
      Array(5).fill('done'),
      'mine',
    ]);
  });

  it('modules that the code links to are found wherever they are, with the files beside them', async () => {
    begin();
    const other = new TestRuntime('live');
    try {
      other.write('package.json', '{"name":"linked"}');
      other.write('index.js', `module.exports = require('node:fs').readFileSync(__dirname + '/data.txt', 'utf8');`);
      other.write('data.txt', 'linked');
      mkdirSync(join(runtime.directory, 'node_modules'));
      symlinkSync(other.directory, join(runtime.directory, 'node_modules', 'linked'));
      const body = `import linked from 'linked';\nexport const handler = async () => linked;`;
      expect(await payloadOf(run(body))).toBe('linked');
    } finally {
      await other.close();
    }
  });

  it('the AWS SDK is there for functions that bring none, for both kinds of modules, and nothing else is', async () => {
    begin();
    const body = `
      import { SQSClient } from '@aws-sdk/client-sqs';
      import { createRequire } from 'node:module';
      const require = createRequire(import.meta.url);
      export const handler = async () => [
        typeof SQSClient,
        typeof require('@aws-sdk/client-sqs').SQSClient,
        typeof (await import('@aws-sdk/lib-dynamodb')).DynamoDBDocumentClient,
        typeof (await import('@aws-sdk/lib-storage')).Upload,
        typeof (await import('@aws-sdk/s3-request-presigner')).getSignedUrl,
        await import('fflate').catch(({ code }) => code),
      ];`;
    expect(await payloadOf(run(body))).toEqual([...Array(5).fill('function'), 'ERR_MODULE_NOT_FOUND']);
  });

  it('modules written to /tmp can be loaded from there', async () => {
    begin();
    const body = `
      import { writeFileSync } from 'node:fs';
      import { createRequire } from 'node:module';
      export const handler = async () => {
        writeFileSync('/tmp/a.cjs', 'module.exports = 1');
        writeFileSync('/tmp/b.mjs', 'export default 2');
        return [createRequire(import.meta.url)('/tmp/a.cjs'), (await import('/tmp/b.mjs')).default];
      };`;
    expect(await payloadOf(run(body))).toEqual([1, 2]);
  });

  it('what was in the directories of an engine that was killed is gone', async () => {
    begin();
    mkdirSync(join(runtime.directory, '.environments/tmp/1'), { recursive: true });
    writeFileSync(join(runtime.directory, '.environments/tmp/1/stale'), '');
    const body = `import { readdirSync } from 'node:fs';\nexport const handler = async () => readdirSync('/tmp');`;
    expect(await payloadOf(run(body))).toEqual([]);
  });
});
