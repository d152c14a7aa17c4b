import type { ChartView } from '@holdfast/engine';
import { expect, it } from 'vitest';
import { chartOption } from './chart-option.ts';

interface Axis {
  min: (data: { min: number; max: number }) => number | null;
  max: (data: { min: number; max: number }) => number | null;
}

/** Ends of the left axis of a chart with one line across it, when the data reaches from 1,000 to 4,000. */
const endsWith = (value: number) => {
  const view: ChartView = {
    view: 'timeSeries',
    title: '',
    isStacked: false,
    start: 0,
    end: 1,
    left: {},
    right: {},
    series: [
      {
        label: 'Throttles',
        axis: 'left',
        points: [
          [0, 1_000],
          [1, 4_000],
        ],
      },
    ],
    horizontal: [{ value, label: 'threshold' }],
    vertical: [],
  } as unknown as ChartView;
  const { yAxis } = chartOption(view) as unknown as { yAxis: [Axis] };
  const data = { min: 1_000, max: 4_000 };
  return [yAxis[0].min(data), yAxis[0].max(data)];
};

it.each<[threshold: number, ends: [number | null, number | null]]>([
  [10, [0, null]],
  [2_000, [null, null]],
  [5_000, [null, 6_000]],
  [-50, [-60, null]],
])('an axis reaches as far as a threshold of %d', (threshold, ends) => {
  expect(endsWith(threshold)).toEqual(ends);
});
