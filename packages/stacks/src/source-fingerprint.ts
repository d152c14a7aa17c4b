import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

const filesBelow = (path: string): readonly string[] => {
  if (!existsSync(path)) return [];
  if (statSync(path).isFile()) return [path];
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.name !== 'node_modules' && entry.name !== 'cdk.out')
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => filesBelow(join(path, entry.name)));
};

/** A digest of names and contents below `roots`, tests left out: equal means that a synthesis would give the same. */
export const fingerprintSources = (roots: readonly string[]): string => {
  const digest = createHash('sha256');
  for (const root of roots) {
    for (const file of filesBelow(root)) {
      if (file.endsWith('.test.ts')) continue;
      const content = readFileSync(file);
      digest.update(`${file}\0${content.length}\0`).update(content);
    }
  }
  return digest.digest('hex');
};
