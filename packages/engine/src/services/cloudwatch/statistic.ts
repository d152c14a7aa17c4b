import type { Bucket } from './bucket.ts';
import { TRIMMED_NAME, trimmedStatistic } from './trimmed-statistic.ts';
import { invalidValue, STATISTICS } from './validation.ts';

/** Reads a number out of a period; `undefined` when the period has none (percentiles of statistic sets). */
export type Statistic = (bucket: Bucket) => number | undefined;

const PLAIN: Readonly<Record<string, Statistic>> = {
  SampleCount: (bucket) => bucket.count,
  Average: (bucket) => bucket.sum / bucket.count,
  Sum: (bucket) => bucket.sum,
  Minimum: (bucket) => bucket.min,
  Maximum: (bucket) => bucket.max,
};

const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;

/** A statistic by its name: the five plain ones, percentiles (`p99`, `p99.9`), trimmed ones (`tm90`, `TC(2:10)`, `IQM`). */
export const statisticNamed = (name: string, path: string): Statistic => {
  const plain = PLAIN[name];
  if (plain !== undefined && STATISTICS.includes(name)) return plain;
  const percentile = PERCENTILE.exec(name);
  if (percentile !== null) {
    const percent = Number(percentile[1]);
    return (bucket) => bucket.percentile(percent);
  }
  const trimmed = TRIMMED_NAME.test(name) ? trimmedStatistic(name) : undefined;
  if (trimmed !== undefined) return (bucket) => trimmed(bucket.samples());
  throw invalidValue(`The value ${name} for parameter ${path} is not supported.`);
};
