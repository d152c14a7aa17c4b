import { notSupported } from '../../core/index.ts';
import type { Bucket } from './bucket.ts';
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
const OTHER = /^(?:tm|wm|tc|ts)\d|^(?:TM|WM|PR|TC|TS)\(|^IQM$/;

/**
 * A statistic by its name: the five plain ones and percentiles (`p99`, `p99.9`). Trimmed means and their kin are
 * refused by name.
 */
export const statisticNamed = (name: string, path: string): Statistic => {
  const plain = PLAIN[name];
  if (plain !== undefined && STATISTICS.includes(name)) return plain;
  const percentile = PERCENTILE.exec(name);
  if (percentile !== null) {
    const percent = Number(percentile[1]);
    return (bucket) => bucket.percentile(percent);
  }
  if (OTHER.test(name)) throw notSupported(`the statistic ${name}`);
  throw invalidValue(`The value ${name} for parameter ${path} is not supported.`);
};
