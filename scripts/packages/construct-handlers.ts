import { join, resolve } from 'node:path';
import { build } from 'esbuild';

/** Handlers that constructs deploy unless they are given another. */
const HANDLERS = ['scheduled-retry', 'dead-letter-replay', 'failure-ledger', 'reaper'];

/**
 * Bundles them, so that a user's CDK app needs no path into this repository. What several of them need is there once: a
 * construct bundles each once more into one file, and puts the banner for CommonJS there itself.
 */
export const addHandlers = async (lib: string): Promise<void> => {
  const handlers = join(process.cwd(), 'packages/functions/src/handlers');
  await build({
    entryPoints: HANDLERS.map((name) => join(handlers, `${name}.ts`)),
    absWorkingDir: handlers,
    outdir: resolve(lib, 'handlers'),
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    mainFields: ['module', 'main'],
    legalComments: 'none',
    logLevel: 'error',
  });
};
