import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';
import { packageOf } from './javascript.ts';

const EMITTED = resolve('dist/.declarations');

/** The modules that packages of ours let others import. */
const exportsOf = (folder: string): Readonly<Record<string, string>> =>
  (JSON.parse(readFileSync(join('packages', folder, 'package.json'), 'utf8')) as { exports?: Record<string, string> })
    .exports ?? {};

/** Has the compiler write the declarations of all that packages of ours export, without what is marked `@internal`. */
export const emitDeclarations = (): void => {
  // By its path a module is a file of ours. By its name it would be one of node_modules, of which nothing is written.
  const paths = Object.fromEntries(
    readdirSync('packages').flatMap((folder) =>
      Object.entries(exportsOf(folder)).map(([name, path]) => [
        `@holdfast/${folder}${name.slice(1)}`,
        [resolve('packages', folder, path)],
      ]),
    ),
  );
  rmSync(EMITTED, { recursive: true, force: true });
  mkdirSync(EMITTED, { recursive: true });
  const project = join(EMITTED, 'tsconfig.json');
  const compilerOptions = {
    noEmit: false,
    emitDeclarationOnly: true,
    declaration: true,
    stripInternal: true,
    rewriteRelativeImportExtensions: true,
    rootDir: resolve('packages'),
    outDir: EMITTED,
    paths,
  };
  writeFileSync(
    project,
    JSON.stringify({
      extends: resolve('tsconfig.json'),
      compilerOptions,
      files: Object.values(paths).flat(),
      include: [],
    }),
  );
  // It also complains of declarations that it cannot write for modules which nobody outside sees; types are checked elsewhere.
  spawnSync('node_modules/.bin/tsc', ['-p', project]);
};

/** Where the compiler put the declarations of a module of ours, e.g. `@holdfast/kernel/live`. */
const declarationsOf = (specifier: string): string => {
  const name = packageOf(specifier);
  const folder = name.replace('@holdfast/', '');
  const source = exportsOf(folder)[`.${specifier.slice(name.length)}`];
  if (source === undefined) throw new Error(`${specifier} is not exported`);
  return join(EMITTED, folder, source.replace(/\.ts$/, '.d.ts'));
};

/**
 * Rolls the declarations that a module's users see into one file, and answers the packages that it refers to. Those of ours
 * that are published stay references: a class is one class, wherever it is met.
 */
export const bundleDeclarations = async (
  folder: string,
  source: string,
  outFile: string,
  published: readonly string[],
): Promise<readonly string[]> => {
  const isReference = (specifier: string): boolean =>
    /^[^./]/.test(specifier) && (!specifier.startsWith('@holdfast/') || published.includes(packageOf(specifier)));
  const bundle = await rolldown({
    input: { index: join(EMITTED, folder, source.replace(/\.ts$/, '.d.ts')) },
    plugins: [
      {
        name: 'declarations-of-ours',
        resolveId: {
          // Before the other plugin looks into node_modules, where our packages are links to sources.
          order: 'pre',
          handler: (specifier, importer) => {
            if (isReference(specifier)) return undefined;
            if (specifier.startsWith('@holdfast/')) return declarationsOf(specifier);
            if (!specifier.startsWith('.') || importer === undefined) return undefined;
            return resolve(dirname(importer), specifier.replace(/\.[jt]s$/, '.d.ts'));
          },
        },
        // What the compiler could not write is part of no public type: it is dropped again, or the consumer's check fails.
        load: (path) => (path.startsWith(EMITTED) && !existsSync(path) ? 'export {};' : undefined),
      },
      // All declarations are there already; nothing is left to generate.
      dts({ dtsOnly: true, tsconfig: false, generator: 'oxc' }),
    ],
    shimMissingExports: true,
    external: isReference,
  });
  const { output } = await bundle.write({ file: outFile });
  await bundle.close();
  const imports = output.flatMap((part) => (part.type === 'chunk' ? part.imports : []));
  return [...new Set(imports.filter((specifier) => !specifier.startsWith('node:')).map(packageOf))].sort();
};
