import { readFile } from 'node:fs/promises';
import type { ChartPainter, ChartView } from '@holdfast/engine';
import { assetFile } from './assets.ts';
import { chartOption } from './chart-option.ts';

/** Pictures have their widget's title above the chart. */
const TITLE_HEIGHT = 28;

const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`);

/** SVG of a chart, drawn without a browser. */
const drawSvg = async (view: ChartView, width: number, height: number): Promise<string> => {
  const [{ init, use }, { SVGRenderer }, { useCharts }] = await Promise.all([
    import('echarts/core'),
    import('echarts/renderers'),
    import('./charts.ts'),
  ]);
  useCharts();
  use([SVGRenderer]);
  const top = view.title === '' ? 0 : TITLE_HEIGHT;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height: Math.max(1, height - top) });
  try {
    chart.setOption(chartOption(view));
    const title = `<text x="12" y="19" font-family="DejaVu Sans" font-size="14" font-weight="bold" fill="#16191f">${escaped(view.title)}</text>`;
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><rect width="100%" height="100%" fill="#fff"/>${top === 0 ? '' : title}<g transform="translate(0 ${top})">${chart.renderToSVGString()}</g></svg>`;
  } finally {
    chart.dispose();
  }
};

/** The rasteriser is made ready once, at the first picture. */
let rasteriser: Promise<{ readonly render: (svg: string) => Uint8Array }> | undefined;

const loadRasteriser = async () => {
  const [{ initWasm, Resvg }, wasm, font] = await Promise.all([
    import('@resvg/resvg-wasm'),
    assetFile('resvg.wasm').then((file) => readFile(file)),
    assetFile('DejaVuSans.ttf').then((file) => readFile(file)),
  ]);
  await initWasm(wasm);
  return {
    render: (svg: string): Uint8Array => {
      const resvg = new Resvg(svg, { font: { fontBuffers: [font], defaultFontFamily: 'DejaVu Sans' } });
      try {
        return resvg.render().asPng();
      } finally {
        resvg.free();
      }
    },
  };
};

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  'page.js': 'text/javascript; charset=utf-8',
  'page.css': 'text/css; charset=utf-8',
};

/** Draws widgets with ECharts: as PNG here, and in the browser by the page's own script. */
export const chartPainter: ChartPainter = {
  paint: async (view, width, height) => {
    const svg = await drawSvg(view, width, height);
    rasteriser ??= loadRasteriser();
    return (await rasteriser).render(svg);
  },
  asset: async (name) => {
    const contentType = CONTENT_TYPES[name];
    if (contentType === undefined) return undefined;
    return { contentType, body: await readFile(await assetFile(`dashboard-${name}`)) };
  },
};
