import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { WayResult } from './run-way.ts';

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
      { title: 'time to recover, seconds (p50, p99)', of: { p50: (r) => r.recovery.p50, p99: (r) => r.recovery.p99 } },
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
    legend: { bottom: 0, left: 180 },
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
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
};
