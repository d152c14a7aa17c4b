import { compare, numberOf, textOf, type Value } from './query-value.ts';

/** What a group of rows gives for one expression: its value and its time, row by row. */
export interface Sample {
  readonly value: Value;
  readonly at: number;
}

type Aggregate = (samples: readonly Sample[], parameter: Value) => Value;

const present = (samples: readonly Sample[]): Sample[] => samples.filter(({ value }) => value !== undefined);
const numbers = (samples: readonly Sample[]): number[] => samples.flatMap(({ value }) => numberOf(value) ?? []);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const extreme = (samples: readonly Sample[], sign: 1 | -1): Value =>
  present(samples).reduce<Value>(
    (best, { value }) => (best === undefined || sign * compare(value, best) > 0 ? value : best),
    undefined,
  );

/** Interpolated as little as AWS does: the value at the rank. */
const percentile = (values: readonly number[], percent: number): Value => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
};

/** Functions of many rows. */
export const AGGREGATES: Readonly<Record<string, Aggregate>> = {
  count: (samples) => present(samples).length,
  count_distinct: (samples) => new Set(present(samples).map(({ value }) => textOf(value))).size,
  sum: (samples) => sum(numbers(samples)),
  avg: (samples) => {
    const values = numbers(samples);
    return values.length === 0 ? undefined : sum(values) / values.length;
  },
  stddev: (samples) => {
    const values = numbers(samples);
    if (values.length === 0) return undefined;
    const mean = sum(values) / values.length;
    return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / values.length);
  },
  min: (samples) => extreme(samples, -1),
  max: (samples) => extreme(samples, 1),
  pct: (samples, percent) => percentile(numbers(samples), numberOf(percent) ?? 50),
  median: (samples) => percentile(numbers(samples), 50),
  earliest: (samples) =>
    present(samples).reduce<Sample | undefined>(
      (best, one) => (best === undefined || one.at < best.at ? one : best),
      undefined,
    )?.value,
  latest: (samples) =>
    present(samples).reduce<Sample | undefined>(
      (best, one) => (best === undefined || one.at >= best.at ? one : best),
      undefined,
    )?.value,
  sortsFirst: (samples) => extreme(samples, -1),
  sortsLast: (samples) => extreme(samples, 1),
};
