import { existsSync, mkdtempSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);

/** Where files are in a checkout; the build puts them beside its code under the same names. */
const SOURCES: Readonly<Record<string, () => string | Promise<string>>> = {
  'resvg.wasm': () => require.resolve('@resvg/resvg-wasm/index_bg.wasm'),
  'DejaVuSans.ttf': () => require.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf'),
  'dashboard-page.css': () => fileURLToPath(new URL('./page/page.css', import.meta.url)),
  'dashboard-page.js': () => bundlePage(),
};

let bundled: Promise<string> | undefined;

/** Only a checkout has it: what is built must not seem to need it. */
const BUNDLER: string = 'esbuild';

/** In a checkout the page's script is bundled when it is first asked for. */
const bundlePage = (): Promise<string> => {
  bundled ??= import(BUNDLER).then(async ({ build }: typeof import('esbuild')) => {
    const outfile = join(mkdtempSync(join(tmpdir(), 'holdfast-page-')), 'page.js');
    await build({
      entryPoints: [fileURLToPath(new URL('./page/page.ts', import.meta.url))],
      bundle: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      minify: true,
      logLevel: 'warning',
      outfile,
    });
    return outfile;
  });
  return bundled;
};

/** The path of a file that belongs to dashboards. */
export const assetFile = async (name: string): Promise<string> => {
  const built = fileURLToPath(new URL(`./${name}`, import.meta.url));
  if (existsSync(built)) return built;
  const source = SOURCES[name];
  if (source === undefined) throw new Error(`no asset ${name}`);
  return source();
};
