import { mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buildSync, transformSync } from 'esbuild';
import { withEarlyModules } from './early-modules.ts';

/** The bundle's file name; the handler of a bundled function is `index.<export>`. */
export const BUNDLE_FILE = 'index.mjs';

/** CommonJS dependencies ask for Node's own modules with `require`, which an ES module does not have. */
export const REQUIRE_BANNER = `import { createRequire as __createRequire } from 'node:module';\nconst require = __createRequire(import.meta.url);`;

/** Stands in a trial for what is not ASCII in comments. */
const MARK = '__holdfast_in_a_comment__';

/**
 * The bundler escapes everything that is not ASCII but comments, and one such character makes the engine keep the
 * whole text at two bytes a character: a tenth of a cold start.
 */
const withAsciiComments = (code: string, replacement: string): string =>
  code.replace(/^\s*(?:\*|\/\*|\/\/).*[^\n\x20-\x7e].*$/gm, (line) => line.replace(/[^\s\x20-\x7e]/gu, replacement));

/**
 * The bundle as an engine starts it sooner. Lines of templates may look like comments (nothing escapes the raw text of
 * a tagged one), or like the end of a module: then the bundle stays as it is.
 */
const startedSooner = (code: string): string => {
  const changed = withEarlyModules(withAsciiComments(code, '?'));
  if (changed === code) return code;
  const trial = withEarlyModules(withAsciiComments(code, MARK));
  try {
    const withoutComments = transformSync(trial, { minifyWhitespace: true, legalComments: 'none', logLevel: 'silent' });
    return withoutComments.code.includes(MARK) ? code : changed;
  } catch {
    return code;
  }
};

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
  const { outputFiles } = buildSync({
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
    write: false,
  });
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new Error(`${entry}: nothing was bundled`);
  writeFileSync(join(outputDirectory, BUNDLE_FILE), startedSooner(bundle.text));
  return outputDirectory;
};
