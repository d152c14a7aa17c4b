/** Builds the packages that people install into `dist/<folder>`: JavaScript, declarations, source maps, manifest, README, licence. */
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { bundleDeclarations, emitDeclarations } from './declarations.ts';
import { buildJavaScript } from './javascript.ts';
import { publishedManifest, readManifest } from './manifest.ts';
import { PUBLISHED, type PublishedPackage } from './published.ts';

const names = PUBLISHED.map(({ name }) => name);

/** Where a built package lies. */
export const builtFolder = ({ folder }: PublishedPackage): string => resolve('dist', folder);

/** Links into the repository lead there from wherever the README is read. */
const absoluteLinks = (readme: string, home: string): string => readme.replaceAll('](../../', `](${home}/blob/main/`);

const buildPackage = async (published: PublishedPackage): Promise<void> => {
  const root = builtFolder(published);
  const lib = join(root, 'lib');
  const source = join('packages', published.folder);
  rmSync(root, { recursive: true, force: true });
  mkdirSync(lib, { recursive: true });
  const imported = new Set(await buildJavaScript(published, names, lib));
  if (published.hasTypes) {
    for (const [out, path] of Object.entries(published.entries)) {
      const file = join(lib, `${out}.d.ts`);
      for (const name of await bundleDeclarations(published.folder, path, file, names)) imported.add(name);
    }
  }
  imported.delete(published.name);
  await published.addFiles?.(lib, root);
  const { homepage = '' } = readManifest('.');
  writeFileSync(
    join(root, 'package.json'),
    `${JSON.stringify(publishedManifest(published, [...imported].sort()), null, 2)}\n`,
  );
  writeFileSync(
    join(root, 'README.md'),
    absoluteLinks(readFileSync(join(source, 'README.md'), 'utf8'), homepage.replace(/#.*$/, '')),
  );
  copyFileSync('LICENSE', join(root, 'LICENSE'));
};

export const buildPackages = async (): Promise<void> => {
  emitDeclarations();
  for (const published of PUBLISHED) await buildPackage(published);
};

if (import.meta.main) await buildPackages();
