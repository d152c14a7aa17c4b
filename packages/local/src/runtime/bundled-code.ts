import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { buildSync } from 'esbuild';

const texts = new Map<string, string>();

/**
 * Code that is run elsewhere than in this thread, as one text. When built it lies beside us as `<name>.js`; from
 * sources it is bundled here, once per process, so that nobody strips types for each environment.
 *
 * @param source where the sources of `name` are, relative to this file
 */
export const bundledCode = (name: string, source: string): string => {
  const known = texts.get(name);
  if (known !== undefined) return known;
  const isSource = import.meta.url.endsWith('.ts');
  const text = isSource ? bundle(source) : readFileSync(new URL(`./${name}.js`, import.meta.url), 'utf8');
  texts.set(name, text);
  return text;
};

const bundle = (source: string): string => {
  const esbuild = createRequire(import.meta.url)('esbuild') as { readonly buildSync: typeof buildSync };
  const { outputFiles } = esbuild.buildSync({
    entryPoints: [fileURLToPath(new URL(source, import.meta.url))],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
};
