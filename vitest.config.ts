import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Packages whose code has no sockets, threads or files: their tests share processes, and each takes milliseconds. */
const PURE = 'packages/{kernel,aws-model,retry,engine,cloudformation,functions}/src/**/*.test.ts';
const END_TO_END = ['packages/*/src/**/*.e2e.test.ts', 'benchmarks/**/*.test.ts', 'examples/*.test.ts'];

/** `npm test` runs all; `npm run test:unit` what a change is tried with, in a fraction of the time. */
export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    globalSetup: fileURLToPath(new URL('scripts/temporary-directory.ts', import.meta.url)),
    pool: 'forks',
    // One more than there are cores: tests of kills, commands and time limits wait for much of their time.
    maxWorkers: availableParallelism() + 1,
    alias: { 'fast-check': fileURLToPath(new URL('scripts/seeds/one-seed.ts', import.meta.url)) },
    // What is transformed is kept from run to run, and from project to project.
    fsModuleCache: true,
    env: {
      // CDK's own look at each template is three seconds of CPU in every process that makes one; the engine judges them itself.
      CDK_VALIDATION: 'false',
      // Of workers, and of the engines and commands that tests start from sources: half of what such a start costs.
      NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/node', import.meta.url)),
    },
    projects: [
      { extends: true, test: { name: 'unit', include: [PURE], isolate: false } },
      {
        extends: true,
        test: {
          name: 'world',
          include: ['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          exclude: ['**/node_modules/**', PURE, ...END_TO_END],
          // Most import the engine: a second of CPU, once in a process instead of once in a file.
          isolate: false,
        },
      },
      {
        extends: true,
        // With much beside them some take several times their usual seconds: that says nothing about what they test.
        test: { name: 'end-to-end', include: END_TO_END, isolate: false, testTimeout: 300_000, hookTimeout: 300_000 },
      },
    ],
  },
});
