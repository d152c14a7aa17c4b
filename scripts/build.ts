/**
 * Bundles what is published: the command with everything it needs, and the code that runs in function threads.
 * With `--if-stale` it does nothing when the bundle belongs to the sources, and leaves files alone that a running
 * engine may still load.
 */
import { rmSync, writeFileSync } from 'node:fs';
import { build } from 'esbuild';
import { isBuilt, STAMP_FILE, sourcesStamp } from '../packages/cli/bin/sources-stamp.mjs';
import { addConsoleFiles } from './packages/console-files.ts';
import { addRuntimeFiles } from './packages/runtime-files.ts';

const OUT = 'packages/cli/dist';

const onlyIfStale = process.argv.includes('--if-stale');
if (onlyIfStale && isBuilt()) process.exit(0);
const stamp = sourcesStamp() ?? '';
if (!onlyIfStale) rmSync(OUT, { recursive: true, force: true });
await build({
  bundle: true,
  platform: 'node',
  target: 'node24',
  format: 'esm',
  logLevel: 'warning',
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
await addRuntimeFiles(OUT);
await addConsoleFiles(OUT);
writeFileSync(STAMP_FILE, stamp);
