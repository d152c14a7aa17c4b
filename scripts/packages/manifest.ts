import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PublishedPackage } from './published.ts';

export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly license: string;
  readonly keywords?: readonly string[];
  readonly engines?: Readonly<Record<string, string>>;
  readonly sideEffects?: boolean | readonly string[];
  readonly bin?: Readonly<Record<string, string>>;
  readonly repository?: { readonly type: string; readonly url: string; readonly directory?: string };
  readonly homepage?: string;
  readonly bugs?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>;
}

export const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** What a pinned version lets in once it is published: npm then shares one copy with the application's own clients. */
const compatible = (range: string): string => (/^\d/.test(range) ? `^${range}` : range);

/** The version that this workspace has tested of a package that built code imports. */
const rangeOf = (dependency: string): string => {
  for (const folder of readdirSync('packages')) {
    const { dependencies = {}, devDependencies = {} } = readManifest(join('packages', folder));
    const range = dependencies[dependency] ?? devDependencies[dependency];
    if (range !== undefined) return range;
  }
  throw new Error(`${dependency} is imported, and no package of the workspace depends on it`);
};

/** With what the imported packages in their turn expect to find beside them. */
const withPeers = (imported: readonly string[]): readonly string[] => {
  const peers = imported
    .filter((dependency) => !dependency.startsWith('@holdfast/'))
    .flatMap((dependency) => {
      const { peerDependencies = {}, peerDependenciesMeta = {} } = readManifest(join('node_modules', dependency));
      return Object.keys(peerDependencies).filter((peer) => peerDependenciesMeta[peer]?.optional !== true);
    });
  return [...new Set([...imported, ...peers])].sort();
};

/** What can be imported: `index` by the package's own name, everything else below it. */
const publishedExports = ({ entries }: PublishedPackage): Readonly<Record<string, object>> =>
  Object.fromEntries(
    Object.keys(entries).map((entry) => [
      entry === 'index' ? '.' : `./${entry}`,
      { types: `./lib/${entry}.d.ts`, default: `./lib/${entry}.js` },
    ]),
  );

/**
 * The `package.json` that is published. Dependencies are what the built files import, and what functions find; those of
 * ours that are published too are wanted in exactly this version.
 */
export const publishedManifest = (
  published: PublishedPackage,
  imported: readonly string[],
): Readonly<Record<string, unknown>> => {
  const { folder, name, hasTypes, forFunctions = [] } = published;
  const own = readManifest(join('packages', folder));
  const { repository, homepage, bugs } = readManifest('.');
  const { peerDependencies = {} } = own;
  const dependencies = Object.fromEntries(
    withPeers([...imported, ...forFunctions].filter((dependency) => peerDependencies[dependency] === undefined))
      .filter((dependency) => peerDependencies[dependency] === undefined)
      .map((dependency) => [
        dependency,
        dependency.startsWith('@holdfast/') ? own.version : compatible(rangeOf(dependency)),
      ]),
  );
  return {
    name,
    version: own.version,
    description: own.description,
    keywords: own.keywords,
    license: own.license,
    homepage,
    bugs,
    repository: { ...repository, directory: `packages/${folder}` },
    type: 'module',
    ...(own.bin === undefined ? {} : { bin: { holdfast: 'bin/holdfast.mjs' } }),
    exports: {
      ...(hasTypes ? publishedExports(published) : {}),
      './package.json': './package.json',
    },
    ...(hasTypes ? { types: './lib/index.d.ts', sideEffects: own.sideEffects ?? false } : {}),
    files: own.bin === undefined ? ['lib'] : ['bin', 'lib'],
    engines: own.engines,
    dependencies,
    ...(own.peerDependencies === undefined ? {} : { peerDependencies }),
    ...(own.peerDependenciesMeta === undefined ? {} : { peerDependenciesMeta: own.peerDependenciesMeta }),
    publishConfig: { access: 'public', provenance: true },
  };
};
