/**
 * Bundles what is published: the command with everything it needs, and the code that runs in function threads.
 * With `--if-stale` it does nothing when the bundle belongs to the sources, and leaves files alone that a running
 * engine may still load.
 */
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { isBuilt, STAMP_FILE, sourcesStamp } from '../packages/cli/bin/sources-stamp.mjs';
import { addDashboardFiles } from './packages/dashboard-files.ts';

const OUT = 'packages/cli/dist';

const onlyIfStale = process.argv.includes('--if-stale');
if (onlyIfStale && isBuilt()) process.exit(0);
const stamp = sourcesStamp() ?? '';
if (!onlyIfStale) rmSync(OUT, { recursive: true, force: true });
const shared = {
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  logLevel: 'warning',
  sourcemap: false,
} as const;

await build({
  ...shared,
  entryPoints: { main: 'packages/cli/src/main.ts' },
  outdir: OUT,
  splitting: true,
  // The CommonJS form of the SDK hides its schemas behind `default` when it is imported on demand.
  mainFields: ['module', 'main'],
  // All in one directory: code in whichever chunk finds the files below beside itself.
  chunkNames: '[name]-[hash]',
  // The pipelines stay outside: CDK is large, and handlers are bundled from their sources.
  external: ['@holdfast/stacks'],
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
});
await build({
  ...shared,
  entryPoints: {
    'worker-main': 'packages/local/src/runtime/threads/worker-main.ts',
    'node-bootstrap': 'packages/local/src/runtime/processes/node-bootstrap.ts',
  },
  outdir: OUT,
});
await addDashboardFiles(OUT);
copyFileSync('packages/local/src/runtime/processes/python-bootstrap.py', `${OUT}/python-bootstrap.py`);
writeFileSync(STAMP_FILE, stamp);
