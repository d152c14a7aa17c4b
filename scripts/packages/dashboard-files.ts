import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'esbuild';

const DASHBOARDS = 'packages/local/src/dashboards';

/** Marks a question that is asked of esbuild itself. */
const ASKED = Symbol('asked');

/**
 * What draws widgets goes in, cut down to what they use: installed whole it is larger than all the rest. esbuild itself finds each package,
 * from where it is imported: only so it is the version that the importer has, and read as the kind of module that its manifest says.
 */
export const bundledCharts: Plugin = {
  name: 'bundled-charts',
  setup(builder) {
    builder.onResolve(
      { filter: /^(?:echarts|zrender|tslib|@resvg\/resvg-wasm)(?:\/|$)/ },
      ({ path, importer, kind, namespace, pluginData, resolveDir }) =>
        pluginData === ASKED
          ? undefined
          : builder.resolve(path, { importer, kind, namespace, resolveDir, pluginData: ASKED }),
    );
  },
};

/** The page of dashboards, and what turns their charts into pictures. */
export const addDashboardFiles = async (lib: string): Promise<void> => {
  await build({
    entryPoints: { 'dashboard-page': `${DASHBOARDS}/page/page.ts` },
    bundle: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    minify: true,
    logLevel: 'warning',
    outdir: lib,
  });
  copyFileSync(`${DASHBOARDS}/page/page.css`, join(lib, 'dashboard-page.css'));
  copyFileSync(fileURLToPath(import.meta.resolve('@resvg/resvg-wasm/index_bg.wasm')), join(lib, 'resvg.wasm'));
  copyFileSync(fileURLToPath(import.meta.resolve('dejavu-fonts-ttf/ttf/DejaVuSans.ttf')), join(lib, 'DejaVuSans.ttf'));
};
