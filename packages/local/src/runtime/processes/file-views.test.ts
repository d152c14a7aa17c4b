import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FunctionSpec } from '@holdfast/engine';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { archiveOf } from '../../testing/archive.ts';
import { type Run, TestRuntime } from '../test-runtime.ts';
import { FileViews } from './file-views.ts';

const machineHasPython = ((): boolean => {
  try {
    execFileSync('python3', ['-c', 'import sys; assert sys.version_info >= (3, 9)'], { stdio: 'ignore' });
    return true;
  } catch {
    console.warn('What processes see of files is not tested: this machine has no python3 of version 3.9 or later.');
    return false;
  }
})();

/** Tells what it sees, and leaves a trace in `/tmp`. */
const LOOK_AROUND = `
import os, sys, time
def refused(path):
    try:
        open(path, 'w').close()
    except OSError as error:
        return error.strerror
def handler(event, context):
    seen = sorted(os.listdir('/tmp'))
    if 'name' in event:
        open('/tmp/' + event['name'], 'w').close()
    if 'wait' in event:
        time.sleep(event['wait'])
    if 'exit' in event:
        os._exit(event['exit'])
    return {'file': __file__, 'root': os.environ['LAMBDA_TASK_ROOT'], 'seen': seen, 'group': os.getpgrp() == os.getpid(),
            'refused': [refused('/var/task/x'), refused('/opt/x'), refused('/var/x')],
            'layers': sorted(os.listdir('/opt')), 'variable': os.environ.get('HOLDFAST_LAYERS_ROOT')}
`;

const READ_ONLY = 'Read-only file system';

const lookAround = (runtime: TestRuntime, payload: object = {}, spec: Partial<FunctionSpec> = {}): Run =>
  runtime.invoke({ payload, spec: { runtime: 'python3.12', handler: 'app.handler', ...spec } });
const payloadOf = async ({ outcome }: Run): Promise<Record<string, unknown>> => JSON.parse((await outcome).payload);
const withLayer = (runtime: TestRuntime): readonly string[] => {
  runtime.blobs.put('layer', archiveOf({ 'python/colour.py': 'NAME = "blue"', 'settings.json': '{}' }));
  return ['layer'];
};

describe.skipIf(!machineHasPython)('what processes see of files', () => {
  let runtime: TestRuntime;

  const begin = async (hasOwnViews: boolean): Promise<void> => {
    runtime = new TestRuntime('live', true, hasOwnViews);
    runtime.write('app.py', LOOK_AROUND);
  };

  afterEach(() => runtime.close());

  it('is the machine as it is where namespaces cannot be had, which only the first process asks', async () => {
    await begin(false);
    expect(runtime.environments.processFileView).toBeUndefined();
    const seen = await payloadOf(lookAround(runtime, {}, { layers: withLayer(runtime) }));
    expect(runtime.environments.processFileView).toBe('machine');
    expect(seen).toMatchObject({ root: runtime.directory, file: `${runtime.directory}/app.py` });
    expect(seen['variable']).toMatch(/layers-/);
  });

  describe('where namespaces can be had', () => {
    const beginOwn = async (context: { skip: (note: string) => void }): Promise<void> => {
      await begin(true);
      if (await new FileViews(join(runtime.directory, '.asked')).areOwn()) return;
      context.skip('This machine gives no mount namespaces to this user.');
    };

    it('is the code, the layers and a place for temporary files where AWS has them', async (context) => {
      await beginOwn(context);
      const seen = await payloadOf(lookAround(runtime, {}, { layers: withLayer(runtime) }));
      expect(runtime.environments.processFileView).toBe('own');
      expect(seen).toMatchObject({
        file: '/var/task/app.py',
        root: '/var/task',
        group: true,
        refused: [READ_ONLY, READ_ONLY, READ_ONLY],
        variable: null,
      });
      expect(seen['layers']).toEqual(expect.arrayContaining(['python', 'settings.json']));
    });

    it('includes the modules of layers, whatever PYTHONPATH says', async (context) => {
      await beginOwn(context);
      runtime.write('app.py', `import colour\ndef handler(event, context): return [colour.NAME, colour.__file__]\n`);
      const environment = { PYTHONPATH: '/nowhere' };
      const run = lookAround(runtime, {}, { layers: withLayer(runtime), environment });
      expect(await payloadOf(run)).toEqual(['blue', '/opt/python/colour.py']);
    });

    it('differs in /tmp from one environment to the next, and stays while an environment does', async (context) => {
      await beginOwn(context);
      const waiting = lookAround(runtime, { name: 'first', wait: 0.5 });
      const other = lookAround(runtime, { name: 'second', wait: 0.5 });
      expect((await payloadOf(waiting))['seen']).not.toContain('second');
      expect((await payloadOf(other))['seen']).not.toContain('first');
      const again = (await payloadOf(lookAround(runtime)))['seen'] as string[];
      expect(again.filter((name) => ['first', 'second'].includes(name))).toHaveLength(1);
    });

    it('keeps /tmp when a time limit or an exit resets the environment, and loses it with new code', async (context) => {
      await beginOwn(context);
      const slow = lookAround(runtime, { name: 'a', wait: 5 }, { timeoutSeconds: 1 });
      expect(await slow.outcome).toMatchObject({ kind: 'timeout' });
      const gone = lookAround(runtime, { name: 'b', exit: 3 });
      expect(await gone.outcome).toMatchObject({ kind: 'exit', errorType: 'Runtime.ExitError' });
      expect((await gone.outcome).payload).toMatch(/exit status 3/);
      expect((await payloadOf(lookAround(runtime)))['seen']).toEqual(expect.arrayContaining(['a', 'b']));
      const changed = (await payloadOf(lookAround(runtime, {}, { revision: '2' })))['seen'];
      expect(changed).not.toContain('a');
    });

    it('is compiled once for all environments of an archive', async (context) => {
      await beginOwn(context);
      runtime.blobs.put('code', archiveOf({ 'app.py': 'import part\nhandler = part.handler', 'part.py': LOOK_AROUND }));
      const run = lookAround(runtime, {}, { code: { kind: 'zip', blobId: 'code' } });
      expect(await payloadOf(run)).toMatchObject({ file: '/var/task/part.py' });
      const compiled = readdirSync(join(runtime.directory, 'code'), { recursive: true, encoding: 'utf8' });
      expect(compiled.filter((name) => name.endsWith('.pyc') && name.includes('part'))).toHaveLength(1);
    });
  });

  it('leaves nothing behind in directories for temporary files', async () => {
    await begin(true);
    await lookAround(runtime, { name: 'a' }).outcome;
    await runtime.environments.close();
    expect(readdirSync(join(runtime.directory, '.environments'))).not.toContain('tmp');
  });
});

it('directories in the path that may not be looked at are passed over', async () => {
  vi.stubEnv('PATH', '/nowhere:relative:/dev/null/x');
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-views-'));
  try {
    const views = new FileViews(directory);
    expect(views.kind).toBeUndefined();
    expect([true, false]).toContain(await views.areOwn());
  } finally {
    vi.unstubAllEnvs();
    rmSync(directory, { recursive: true });
  }
});
