import { BarChart, LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { BatchSizeResult } from './batch-size-result.ts';
import type { WayResult } from './run-way.ts';

/** For who cannot see it. */
const titled = (svg: string, title: string): string => svg.replace(/<svg [^>]*>/, `$&<title>${title}</title>`);

/** Bars of attempts, recovery and what was lost, doubled or kept, as SVG. */
export const chartOf = (results: readonly WayResult[]): string => {
  use([BarChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);
  const names = results.map(({ name }) => name).toReversed();
  const panels: readonly { readonly title: string; readonly of: Readonly<Record<string, (r: WayResult) => number>> }[] =
    [
      {
        title: 'events',
        of: { lost: (r) => r.lost, doubled: (r) => r.doubled, 'good ones put aside': (r) => r.goodKept },
      },
      { title: 'attempts per event', of: { attempts: (r) => r.attemptsPerEvent } },
      {
        title: 'time to recover, seconds',
        of: { p50: (r) => r.recovery.p50, p99: (r) => r.recovery.p99, max: (r) => r.recovery.max },
      },
    ];
  const width = 1_080;
  const height = 60 + names.length * 44;
  const chart = init(null, null, { renderer: 'svg', ssr: true, width, height });
  const panelWidth = 270;
  const left = (panel: number): number => 180 + panel * (panelWidth + 30);
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: panels.map(({ title }, panel) => ({ text: title, left: left(panel), top: 4, textStyle: { fontSize: 13 } })),
    legend: { bottom: 0, left: 180, itemGap: 28 },
    grid: panels.map((_, panel) => ({ left: left(panel), top: 34, width: panelWidth, bottom: 44 })),
    xAxis: panels.map((_, panel) => ({ type: 'value', gridIndex: panel, splitNumber: 3 })),
    yAxis: panels.map((_, panel) => ({
      type: 'category',
      gridIndex: panel,
      data: names,
      axisLabel: { show: panel === 0 },
    })),
    series: panels.flatMap(({ of }, panel) =>
      Object.entries(of).map(([name, read]) => ({
        name,
        type: 'bar',
        xAxisIndex: panel,
        yAxisIndex: panel,
        data: results.map(read).toReversed(),
      })),
    ),
  });
  const svg = titled(chart.renderToSVGString(), 'Events, attempts and time to recover, by retry pattern');
  chart.dispose();
  return svg;
};

/** Good messages in the dead-letter queue by the size of batches that fail as a whole: mean, least and most of the seeds, as SVG. */
export const batchSizeChart = (sizes: readonly BatchSizeResult[], messages: number, bad: number): string => {
  use([LineChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);
  const chart = init(null, null, { renderer: 'svg', ssr: true, width: 640, height: 360 });
  const lines: Readonly<Record<string, (result: BatchSizeResult) => number>> = {
    most: ({ max }) => max,
    mean: ({ goodInDlq }) => goodInDlq,
    least: ({ min }) => min,
  };
  chart.setOption({
    animation: false,
    backgroundColor: '#ffffff',
    title: {
      text: `Good messages in the dead-letter queue, of ${messages - bad} beside ${bad} bad ones`,
      left: 16,
      top: 6,
      textStyle: { fontSize: 14 },
    },
    legend: { bottom: 0 },
    grid: { left: 60, right: 24, top: 44, bottom: 70 },
    xAxis: {
      type: 'value',
      name: 'messages per batch',
      nameLocation: 'middle',
      nameGap: 28,
      min: 0,
    },
    yAxis: { type: 'value', min: 0 },
    series: Object.entries(lines).map(([name, read]) => ({
      name,
      type: 'line',
      symbolSize: 7,
      lineStyle: name === 'mean' ? { width: 3 } : { type: 'dashed', width: 1 },
      data: sizes.map((result) => [result.size, read(result)]),
    })),
  });
  const svg = titled(chart.renderToSVGString(), 'Good messages in the dead-letter queue, by the size of batches');
  chart.dispose();
  return svg;
};
