import { join } from 'node:path';
import { build, type Metafile, type Plugin } from 'esbuild';
import type { PublishedPackage } from './published.ts';

/** Oldest Node.js on which what is built runs: `module.registerHooks` came with it. */
export const NODE_FLOOR = '22.15.0';

/** `@aws-sdk/core/protocols` belongs to `@aws-sdk/core`. */
export const packageOf = (specifier: string): string =>
  specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');

/** Private packages of ours go in; published ones and everybody else's stay dependencies. */
const bundleOnlyOurs = (published: readonly string[]): Plugin => ({
  name: 'bundle-only-ours',
  setup(builder) {
    builder.onResolve({ filter: /^[^./]/ }, ({ path, kind, pluginData }) =>
      // Another plugin that asks where a package lies wants it bundled.
      kind === 'entry-point' ||
      pluginData !== undefined ||
      (path.startsWith('@holdfast/') && !published.includes(packageOf(path)))
        ? undefined
        : { path, external: true },
    );
  },
});

/** Builds a package's modules into `lib` and answers the packages that they import. */
export const buildJavaScript = async (
  { folder, entries, plugins = [], name }: PublishedPackage,
  published: readonly string[],
  lib: string,
): Promise<readonly string[]> => {
  const { metafile } = await build({
    entryPoints: Object.fromEntries(
      Object.entries(entries).map(([out, path]) => [out, join('packages', folder, path)]),
    ),
    outdir: lib,
    bundle: true,
    platform: 'node',
    target: `node${NODE_FLOOR}`,
    format: 'esm',
    splitting: true,
    // All in one directory: code in whichever chunk finds the files that lie beside it.
    chunkNames: '[name]-[hash]',
    sourcemap: 'linked',
    // Names in stack traces and errors are those of the sources; who installs it may read it.
    minify: false,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    plugins: [...plugins, bundleOnlyOurs(published.filter((other) => other !== name))],
  });
  return importedPackages(metafile);
};

const importedPackages = ({ outputs }: Metafile): readonly string[] => {
  const imported = Object.values(outputs).flatMap(({ imports }) =>
    imports
      .filter(({ external, path }) => external === true && !path.startsWith('node:'))
      .map(({ path }) => packageOf(path)),
  );
  return [...new Set(imported)].sort();
};
