import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { addDashboardFiles } from './dashboard-files.ts';

const RUNTIME = 'packages/local/src/runtime';

/** What the engine reads beside its own code and hands to threads and processes of functions. */
export const addRuntimeFiles = async (lib: string): Promise<void> => {
  await build({
    entryPoints: {
      'worker-main': `${RUNTIME}/threads/worker-main.ts`,
      'node-bootstrap': `${RUNTIME}/processes/node-bootstrap.ts`,
      'unpack-main': `${RUNTIME}/files/unpack-main.ts`,
    },
    outdir: lib,
    bundle: true,
    platform: 'node',
    target: 'node22.15',
    format: 'esm',
    logLevel: 'warning',
  });
  await addDashboardFiles(lib);
  copyFileSync(`${RUNTIME}/processes/python-bootstrap.py`, join(lib, 'python-bootstrap.py'));
};
