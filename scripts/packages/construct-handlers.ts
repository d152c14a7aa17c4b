import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { BUNDLE_FILE, bundleEntry } from '../../packages/constructs/src/bundle-entry.ts';

/** Handlers that constructs deploy unless they are given another. */
const HANDLERS = ['csv-parser-retry'];

/** Bundles them, so that a user's CDK app needs no path into this repository. */
export const addHandlers = (lib: string): void => {
  for (const name of HANDLERS) {
    const bundle = bundleEntry(join(process.cwd(), `packages/functions/src/handlers/${name}.ts`));
    mkdirSync(join(lib, 'handlers'), { recursive: true });
    copyFileSync(join(bundle, BUNDLE_FILE), join(lib, 'handlers', `${name}.mjs`));
    rmSync(bundle, { recursive: true });
  }
};
