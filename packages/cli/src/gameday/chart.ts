import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkAreaComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import type { GameDayReport } from './evidence.ts';
import type { Series } from './series.ts';
import type { AlarmChange } from './watch.ts';

const WIDTH = 1_080;
const PANEL_HEIGHT = 130;
const LEFT = 150;
/** What a panel takes with its title and legend. */
const STEP = PANEL_HEIGHT + 60;
const ALARM_HEIGHT = 22;

const RED = '#d62728';
const SHADES = ['#f2f3f3', '#ffffff'];
/** Beginning with those that are told apart best. */
const COLORS = ['#1f77b4', '#ff7f0e', '#2ca02c', '#9467bd'];

/** From when to when each alarm was in ALARM; one that is still is until the end. */
const alarmBands = (changes: readonly AlarmChange[], end: number): ReadonlyMap<string, [number, number][]> => {
  const bands = new Map<string, [number, number][]>();
  for (const { alarm, at, from, to } of changes) {
    const of = bands.get(alarm) ?? [];
    const last = of.at(-1);
    if (to === 'ALARM') of.push([Date.parse(at), end]);
    else if (from === 'ALARM' && last !== undefined) last[1] = Date.parse(at);
    if (of.length > 0) bands.set(alarm, of);
  }
  return bands;
};

/** Phases, alarms and metrics over one time axis, as SVG. What nothing was counted of is left out. */
export const chartOf = ({ began, ended, phases, alarms, series }: GameDayReport): string => {
  use([LineChart, GridComponent, LegendComponent, MarkAreaComponent, TitleComponent, SVGRenderer]);
  const min = Date.parse(began);
  // Alarms come back a period after the last event.
  const max = Math.max(Date.parse(ended), ...alarms.map(({ at }) => Date.parse(at)));
  const told = series.filter(({ points }) => points.some(([, value]) => value > 0));
  const panels = [...Map.groupBy(told, ({ panel }: Series) => panel)];
  const bands = alarmBands(alarms, max);
  const names = [...bands.keys()].toReversed();
  const alarmsHeight = Math.max(1, names.length) * ALARM_HEIGHT;
  const firstPanel = 60 + alarmsHeight + 50;
  const top = (panel: number): number => firstPanel + panel * STEP;
  const grid = (at: number, height: number) => ({ left: LEFT, right: 30, top: at, height });
  const shades = (isLabelled: boolean) => ({
    silent: true,
    data: phases.map(({ began: from, ended: to }, index) => [
      {
        xAxis: Date.parse(from),
        itemStyle: { color: SHADES[index % 2] },
        label: { show: isLabelled, color: '#555', formatter: String(index + 1) },
      },
      { xAxis: Date.parse(to) },
    ]),
  });
  const timeAxis = (gridIndex: number, isLast: boolean) => ({
    type: 'time',
    gridIndex,
    min,
    max,
    splitLine: { show: false },
    axisLabel: { show: isLast, formatter: '{HH}:{mm}', hideOverlap: true },
  });
  const chart = init(null, null, {
    renderer: 'svg',
    ssr: true,
    width: WIDTH,
    height: top(panels.length) + 10,
  });
  chart.setOption({
    animation: false,
    useUTC: true,
    backgroundColor: '#ffffff',
    color: COLORS,
    title: ['Alarms in ALARM; numbers are phases', ...panels.map(([title]) => title)].map((text, index) => ({
      text,
      left: LEFT - 6,
      top: index === 0 ? 8 : top(index - 1) - 28,
      textStyle: { fontSize: 13 },
    })),
    legend: panels.map(([, of], index) => ({
      data: of.map(({ name }) => name),
      right: 30,
      top: top(index) - 28,
      icon: 'roundRect',
      itemHeight: 4,
    })),
    grid: [grid(46, alarmsHeight), ...panels.map((_, index) => grid(top(index), PANEL_HEIGHT))],
    xAxis: [timeAxis(0, true), ...panels.map((_, index) => timeAxis(index + 1, true))],
    yAxis: [
      { type: 'category', data: names, gridIndex: 0, axisTick: { show: false } },
      ...panels.map((_, index) => ({ type: 'value', gridIndex: index + 1, splitNumber: 3, minInterval: 1 })),
    ],
    series: [
      { type: 'line', xAxisIndex: 0, yAxisIndex: 0, data: [], markArea: shades(true) },
      ...names.map((name) => ({
        type: 'line',
        xAxisIndex: 0,
        yAxisIndex: 0,
        showSymbol: false,
        color: RED,
        lineStyle: { width: 10, cap: 'butt' },
        data: (bands.get(name) ?? []).flatMap(([from, to]) => [
          [from, name],
          [to, name],
          [to, null],
        ]),
      })),
      ...panels.flatMap(([, of], index) =>
        of.map(({ name, points }, at) => ({
          name,
          type: 'line',
          color: COLORS[at % COLORS.length],
          xAxisIndex: index + 1,
          yAxisIndex: index + 1,
          showSymbol: points.length < 3,
          symbolSize: 4,
          data: points,
          ...(at === 0 ? { markArea: shades(false) } : {}),
        })),
      ),
    ],
  });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
};
