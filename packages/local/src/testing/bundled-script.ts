import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';

const PACKAGES = fileURLToPath(new URL('../../../', import.meta.url));
const KEPT = fileURLToPath(new URL('../../../../node_modules/.cache/holdfast', import.meta.url));
/** All that an engine is made of, and the locked dependencies. */
const SOURCES = [
  ...['kernel', 'aws-model', 'retry', 'engine', 'cloudformation', 'local'].map((name) => join(PACKAGES, name, 'src')),
  join(PACKAGES, '../package-lock.json'),
];

/** Whatever looks for files beside itself finds those of the sources. */
const SOURCE_PLACES: Plugin = {
  name: 'source-places',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/packages\/\w[\w-]*\/src\/.*\.ts$/ }, ({ path }) => ({
      loader: 'ts',
      contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
    }));
  },
};

const fingerprint = (script: string): string => {
  const digest = createHash('sha256').update(script);
  for (const root of SOURCES) {
    const files = statSync(root).isFile() ? [''] : readdirSync(root, { recursive: true, encoding: 'utf8' }).sort();
    for (const file of files) {
      const { size, mtimeMs } = statSync(join(root, file));
      digest.update(`${root} ${file} ${size} ${mtimeMs}\n`);
    }
  }
  return digest.digest('hex').slice(0, 16);
};

const bundle = async (script: string): Promise<string> => {
  const name = basename(script, '.ts');
  const directory = join(KEPT, `${name}-${fingerprint(script)}`);
  const bundled = join(directory, `${name}.js`);
  if (existsSync(bundled)) return bundled;
  mkdirSync(KEPT, { recursive: true });
  const outdated = readdirSync(KEPT).filter(
    (entry) => new RegExp(`^${name}-\\w+$`).test(entry) && entry !== basename(directory),
  );
  // Beside it first: who starts at the same time must not run half of it.
  const made = mkdtempSync(`${directory}.`);
  try {
    await build({
      entryPoints: [script],
      outdir: made,
      bundle: true,
      splitting: true,
      platform: 'node',
      target: 'node24',
      format: 'esm',
      logLevel: 'warning',
      // The CommonJS form of the SDK hides its schemas behind `default` when it is imported on demand.
      mainFields: ['module', 'main'],
      banner: {
        js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
      },
      plugins: [SOURCE_PLACES],
    });
    renameSync(made, directory);
  } catch (error) {
    // Somebody else was faster.
    if (!existsSync(bundled)) throw error;
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
  for (const entry of outdated) rmSync(join(KEPT, entry), { recursive: true, force: true });
  return bundled;
};

const bundled = new Map<string, Promise<string>>();

/**
 * For tests: a script of ours that starts engines, with all that it imports, as one bundle, which is made anew when its sources
 * change. Most of what a start from sources costs is finding a thousand files.
 */
export const bundledScript = (url: URL): Promise<string> => {
  const script = fileURLToPath(url);
  const made = bundled.get(script) ?? bundle(script);
  bundled.set(script, made);
  return made;
};
