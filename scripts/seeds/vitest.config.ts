/**
 * Runs every property test with many seeds instead of one: `npm run test:seeds`, `SEEDS=500 npm run test:seeds -- stream-mappings`.
 * A seed that fails is named by fast-check itself; `FIRST_SEED` begins elsewhere.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Property tests are those that use fast-check, whatever their file is called. */
const files = execFileSync('git', ['grep', '-l', "from 'fast-check'", '--', '*.test.ts'], {
  cwd: root,
  encoding: 'utf8',
});

export default defineConfig({
  root,
  test: {
    include: files.trim().split('\n'),
    alias: { 'fast-check': fileURLToPath(new URL('every-seed.ts', import.meta.url)) },
    // A whole sweep is one test for the runner.
    testTimeout: 3_600_000,
    pool: 'forks',
  },
});
