import type { AxisView, ChartView, SeriesView } from '@holdfast/engine';
import type { EChartsCoreOption } from 'echarts/core';

/** Colours of series without one of their own: those of the CloudWatch console. */
export const COLORS = [
  '#1f77b4',
  '#ff7f0e',
  '#2ca02c',
  '#d62728',
  '#9467bd',
  '#8c564b',
  '#e377c2',
  '#7f7f7f',
  '#bcbd22',
  '#17becf',
];

const TEXT = '#16191f';
const FONT = 'DejaVu Sans, sans-serif';

/** Three digits that matter, with a letter for the magnitude: `1.24k`, `3.5M`. */
export const shortNumber = (value: number): string => {
  const units: readonly (readonly [number, string])[] = [
    [1e9, 'G'],
    [1e6, 'M'],
    [1e3, 'k'],
  ];
  for (const [size, letter] of units) {
    if (Math.abs(value) >= size) return `${Number((value / size).toPrecision(3))}${letter}`;
  }
  return String(Number(value.toPrecision(3)));
};

export const lastValue = ({ points }: SeriesView): number | undefined => points.at(-1)?.[1];

const colorOf = (series: SeriesView, index: number): string =>
  series.color ?? (COLORS[index % COLORS.length] as string);

interface Extent {
  readonly min: number;
  readonly max: number;
}

/** Ends of an axis that nobody has set: the data's own, or further, so that every line across the chart is seen. */
const reaching = (lines: readonly number[]) => ({
  min: (data: Extent): number | null => {
    const least = Math.min(...lines);
    return least >= data.min ? null : Math.min(0, least * 1.2);
  },
  max: (data: Extent): number | null => {
    const greatest = Math.max(...lines);
    return greatest <= data.max ? null : Math.max(0, greatest * 1.2);
  },
});

const yAxis = (axis: AxisView, position: 'left' | 'right', isEmpty: boolean, lines: readonly number[] = []) => ({
  type: 'value',
  position,
  name: axis.label ?? '',
  min: axis.min ?? (isEmpty ? 0 : reaching(lines).min),
  max: axis.max ?? (isEmpty ? 1 : reaching(lines).max),
  scale: axis.min === undefined,
  axisLabel: { formatter: (value: number) => shortNumber(value), color: TEXT },
  splitLine: { show: position === 'left' },
});

/** How far the left axis reaches, about: shading ends there. */
const extent = ({ series, left, horizontal }: ChartView): { readonly bottom: number; readonly top: number } => {
  let [bottom, top] = [0, 0];
  for (const { points } of series) {
    for (const [, value] of points) {
      bottom = Math.min(bottom, value);
      top = Math.max(top, value);
    }
  }
  for (const { value } of horizontal) top = Math.max(top, value * 1.2);
  return { bottom: left.min ?? bottom, top: left.max ?? top };
};

const marksOf = (view: ChartView) => {
  const lines = [
    ...view.horizontal.map(({ value, label, color }) => ({
      yAxis: value,
      name: label ?? '',
      lineStyle: { color: color ?? '#7f7f7f' },
      label: { formatter: label ?? String(value), position: 'insideEndTop' },
    })),
    ...view.vertical.map(({ at, label }) => ({ xAxis: at, name: label ?? '', label: { formatter: label ?? '' } })),
  ];
  const { bottom, top } = extent(view);
  const areas = view.horizontal.flatMap(({ value, color, fill }) => {
    const end = fill === 'above' ? top : fill === 'below' ? bottom : value;
    if (fill === 'above' ? end <= value : end >= value) return [];
    return [[{ yAxis: value, itemStyle: { color: color ?? '#7f7f7f', opacity: 0.15 } }, { yAxis: end }]];
  });
  return {
    markLine: { silent: true, symbol: 'none', data: lines },
    markArea: { silent: true, data: areas },
  };
};

const common = (view: ChartView) => ({
  animation: false,
  textStyle: { fontFamily: FONT, color: TEXT },
  color: view.series.map(colorOf),
  aria: { enabled: true },
  // Text is drawn and not laid out as HTML: the page allows no inline style.
  tooltip: { trigger: view.view === 'timeSeries' ? 'axis' : 'item', renderMode: 'richText', confine: true },
  legend: { type: 'scroll', bottom: 0, textStyle: { fontFamily: FONT, color: TEXT } },
});

const timeSeries = (view: ChartView): EChartsCoreOption => {
  const hasRight = view.series.some(({ axis }) => axis === 'right');
  const isEmpty = (side: 'left' | 'right'): boolean =>
    view.horizontal.length === 0 && view.series.every(({ axis, points }) => axis !== side || points.length === 0);
  const first = view.series.findIndex(({ axis }) => axis === 'left');
  // Lines across the chart belong to a series; without any there is still one to carry them.
  const series = view.series.length === 0 ? [{ label: '', axis: 'left' as const, points: [] }] : view.series;
  return {
    ...common(view),
    grid: { left: 56, right: hasRight ? 56 : 24, top: view.left.label === undefined ? 16 : 32, bottom: 52 },
    xAxis: { type: 'time', min: view.start, max: view.end, axisLabel: { color: TEXT, hideOverlap: true } },
    yAxis: [
      yAxis(
        view.left,
        'left',
        isEmpty('left'),
        view.horizontal.map(({ value }) => value),
      ),
      ...(hasRight ? [yAxis(view.right, 'right', isEmpty('right'))] : []),
    ],
    series: series.map((one, index) => ({
      type: 'line',
      name: one.label,
      yAxisIndex: one.axis === 'right' ? 1 : 0,
      data: one.points,
      showSymbol: one.points.length < 60,
      symbolSize: 5,
      itemStyle: { color: colorOf(one, index) },
      ...(view.isStacked ? { stack: one.axis, areaStyle: { opacity: 0.4 } } : {}),
      ...(index === Math.max(0, first) ? marksOf(view) : {}),
    })),
  };
};

const bars = (view: ChartView): EChartsCoreOption => ({
  ...common(view),
  legend: { show: false },
  grid: { left: 16, right: 40, top: 8, bottom: 16, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
  xAxis: { type: 'value', min: view.left.min ?? 0, max: view.left.max ?? null },
  yAxis: { type: 'category', inverse: true, data: view.series.map(({ label }) => label), axisLabel: { color: TEXT } },
  series: [
    {
      type: 'bar',
      data: view.series.map((series, index) => ({
        value: lastValue(series) ?? 0,
        itemStyle: { color: colorOf(series, index) },
      })),
      label: { show: true, position: 'right', formatter: ({ value }: { value: number }) => shortNumber(value) },
      ...marksOf({ ...view, horizontal: [] }),
    },
  ],
});

const pie = (view: ChartView): EChartsCoreOption => ({
  ...common(view),
  series: [
    {
      type: 'pie',
      radius: ['35%', '65%'],
      center: ['50%', '45%'],
      data: view.series.map((series) => ({ name: series.label, value: lastValue(series) ?? 0 })),
      label: {
        formatter: ({ value, percent }: { value: number; percent: number }) => `${shortNumber(value)} (${percent}%)`,
      },
    },
  ],
});

const gauges = (view: ChartView): EChartsCoreOption => {
  const count = Math.max(1, view.series.length);
  const [min, max] = [view.left.min ?? 0, view.left.max ?? 100];
  const share = (value: number): number => Math.min(1, Math.max(0, (value - min) / (max - min || 1)));
  const zones = view.horizontal
    .filter(({ fill }) => fill !== undefined)
    .sort((a, b) => a.value - b.value)
    .map(({ value, color }) => [share(value), color ?? '#7f7f7f'] as const);
  return {
    ...common(view),
    legend: { show: false },
    series: view.series.map((series, index) => ({
      type: 'gauge',
      name: series.label,
      min,
      max,
      center: [`${((index + 0.5) / count) * 100}%`, '60%'],
      radius: `${Math.min(85, 150 / count)}%`,
      startAngle: 200,
      endAngle: -20,
      pointer: { show: false },
      progress: { show: true, width: 14, itemStyle: { color: colorOf(series, index) } },
      axisLine: { lineStyle: { width: 14, color: zones.length === 0 ? [[1, '#e9ebed']] : [...zones, [1, '#e9ebed']] } },
      axisTick: { show: false },
      splitLine: { show: false },
      axisLabel: { distance: 18, formatter: (value: number) => shortNumber(value), color: TEXT },
      detail: { offsetCenter: [0, '-8%'], fontSize: 22, formatter: (value: number) => shortNumber(value) },
      title: { offsetCenter: [0, '28%'], color: TEXT },
      data: series.points.length === 0 ? [] : [{ value: lastValue(series), name: series.label }],
    })),
  };
};

/** A number above a line that shows how it came about. */
const numbers = (view: ChartView): EChartsCoreOption => {
  const count = Math.max(1, view.series.length);
  const place = (index: number): number => ((index + 0.5) / count) * 100;
  return {
    ...common(view),
    legend: { show: false },
    title: view.series.flatMap((series, index) => {
      const value = lastValue(series);
      return [
        {
          text: value === undefined ? '--' : shortNumber(value),
          subtext: series.label,
          left: `${place(index)}%`,
          top: '12%',
          textAlign: 'center',
          textStyle: { fontFamily: FONT, fontSize: 30, color: TEXT },
          subtextStyle: { fontFamily: FONT, color: colorOf(series, index) },
        },
      ];
    }),
    grid: view.series.map((_, index) => ({
      left: `${(index / count) * 100 + 2}%`,
      width: `${100 / count - 4}%`,
      top: '62%',
      bottom: 8,
    })),
    xAxis: view.series.map((_, index) => ({
      type: 'time',
      gridIndex: index,
      show: false,
      min: view.start,
      max: view.end,
    })),
    yAxis: view.series.map((_, index) => ({ type: 'value', gridIndex: index, show: false, scale: true })),
    series: view.hasSparkline
      ? view.series.map((series, index) => ({
          type: 'line',
          name: series.label,
          xAxisIndex: index,
          yAxisIndex: index,
          data: series.points,
          showSymbol: series.points.length < 2,
          itemStyle: { color: colorOf(series, index) },
        }))
      : [],
  };
};

/** What the charting library is told to draw: the same in the browser and on pictures. */
export const chartOption = (view: ChartView): EChartsCoreOption => {
  switch (view.view) {
    case 'timeSeries':
    case 'table':
      return timeSeries(view);
    case 'bar':
      return bars(view);
    case 'pie':
      return pie(view);
    case 'gauge':
      return gauges(view);
    case 'singleValue':
      return numbers(view);
  }
};
