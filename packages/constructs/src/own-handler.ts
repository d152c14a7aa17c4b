import { fileURLToPath } from 'node:url';

/**
 * The file of a handler that comes with the constructs: bundled beside this module in the installed package, the source
 * in this repository. Never imported: a stack must not load the code that it deploys.
 */
export const ownHandler = (name: 'scheduled-retry' | 'dead-letter-replay' | 'failure-ledger' | 'reaper'): string =>
  fileURLToPath(
    new URL(
      import.meta.url.endsWith('.ts') ? `../../functions/src/handlers/${name}.ts` : `./handlers/${name}.mjs`,
      import.meta.url,
    ),
  );
