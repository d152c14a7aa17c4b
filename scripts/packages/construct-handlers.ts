import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLE_FILE, bundleEntry, REQUIRE_BANNER } from '../../packages/constructs/src/bundle-entry.ts';

/** Handlers that constructs deploy unless they are given another. */
const HANDLERS = ['scheduled-retry', 'dead-letter-replay', 'failure-ledger'];

/** Bundles them, so that a user's CDK app needs no path into this repository. */
export const addHandlers = (lib: string): void => {
  for (const name of HANDLERS) {
    const bundle = bundleEntry(join(process.cwd(), `packages/functions/src/handlers/${name}.ts`));
    mkdirSync(join(lib, 'handlers'), { recursive: true });
    // A construct bundles it once more, and puts the banner there itself: twice is a syntax error.
    const code = readFileSync(join(bundle, BUNDLE_FILE), 'utf8').replace(REQUIRE_BANNER, '');
    writeFileSync(join(lib, 'handlers', `${name}.mjs`), code);
    rmSync(bundle, { recursive: true });
  }
};
