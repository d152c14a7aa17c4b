import { mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync } from 'esbuild';

/** The bundle's file name; the handler of a bundled function is `index.<export>`. */
export const BUNDLE_FILE = 'index.mjs';

/** CommonJS dependencies ask for Node's own modules with `require`, which an ES module does not have. */
const REQUIRE_BANNER = `import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);`;

/**
 * Bundles a handler with everything it imports, the AWS SDK included, into one readable ES module, and returns the
 * directory that holds it.
 *
 * The SDK is bundled although Lambda brings one: what was tested is what runs, and a cold start reads one file.
 * Not minified: stack traces in the logs name the lines people know. The same sources give the same bytes on every
 * machine, so an asset is uploaded only when code changed.
 */
export const bundleEntry = (entry: string): string => {
  const outputDirectory = mkdtempSync(join(realpathSync(tmpdir()), 'holdfast-bundle-'));
  buildSync({
    entryPoints: [entry],
    outfile: join(outputDirectory, BUNDLE_FILE),
    absWorkingDir: dirname(entry),
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE_BANNER },
    legalComments: 'none',
    minify: false,
    logLevel: 'error',
  });
  return outputDirectory;
};
