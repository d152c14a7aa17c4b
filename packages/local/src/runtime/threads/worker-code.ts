import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { buildSync } from 'esbuild';

/** What a thread runs, as one text. */
const bundled = (): string => {
  if (!import.meta.url.endsWith('.ts')) return readFileSync(new URL('./worker-main.js', import.meta.url), 'utf8');
  // From sources: the same bundle, made once per process, so that no thread strips types by itself.
  const esbuild = createRequire(import.meta.url)('esbuild') as { readonly buildSync: typeof buildSync };
  const { outputFiles } = esbuild.buildSync({
    entryPoints: [fileURLToPath(new URL('./worker-main.ts', import.meta.url))],
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    write: false,
  });
  return outputFiles[0]?.text ?? '';
};

let url: URL | undefined;

/** The code of every thread, prepared once. Stack traces name the file that AWS has in its place. */
export const workerUrl = (): URL => {
  url ??= new URL(
    `data:text/javascript,${encodeURIComponent(`${bundled()}\n//# sourceURL=file:///var/runtime/index.mjs`)}`,
  );
  return url;
};
