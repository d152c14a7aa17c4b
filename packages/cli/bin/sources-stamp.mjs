// Tells whether what was built is made from the sources that stand here now.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PACKAGES = fileURLToPath(new URL('../../', import.meta.url));

/** Packages that do not end up in the bundle; what is new does until somebody says otherwise. */
const OUTSIDE = ['constructs', 'functions', 'stacks'];

/** The stamp that a build leaves beside its bundle. */
export const STAMP_FILE = fileURLToPath(new URL('../dist/sources.txt', import.meta.url));

/**
 * Number, size and youngest change of all sources, as text; `undefined` where there are none (an installed package).
 * @returns {string | undefined}
 */
export const sourcesStamp = () => {
  if (!existsSync(join(PACKAGES, 'kernel', 'src'))) return undefined;
  let count = 0;
  let bytes = 0;
  let youngest = 0;
  for (const name of readdirSync(PACKAGES)) {
    const source = join(PACKAGES, name, 'src');
    if (OUTSIDE.includes(name) || !existsSync(source)) continue;
    for (const file of readdirSync(source, { recursive: true })) {
      const facts = statSync(join(source, String(file)));
      if (!facts.isFile() || /\.test\.ts$/.test(String(file))) continue;
      count += 1;
      bytes += facts.size;
      youngest = Math.max(youngest, facts.mtimeMs);
    }
  }
  return `${count} ${bytes} ${youngest}`;
};

/** Whether the bundle exists and belongs to the sources. */
export const isBuilt = () => {
  if (!existsSync(STAMP_FILE)) return false;
  const stamp = sourcesStamp();
  return stamp === undefined || readFileSync(STAMP_FILE, 'utf8') === stamp;
};
