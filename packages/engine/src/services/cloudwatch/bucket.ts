import { percentileOf, ValueHistogram } from './value-histogram.ts';

/** What is kept of all values of one series in one period (a minute, or a second at high resolution). */
export interface StoredBucket {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  readonly values?: readonly (readonly [number, number])[] | undefined;
  readonly isCoarse?: boolean | undefined;
  readonly hasStatisticSets?: boolean | undefined;
}

/**
 * Count, sum, minimum, maximum and distribution of values. The distribution is only kept once a second distinct
 * value arrives: most service metrics count by ones.
 */
export class Bucket {
  count = 0;
  sum = 0;
  min = Number.POSITIVE_INFINITY;
  max = Number.NEGATIVE_INFINITY;
  #values: ValueHistogram | undefined;
  #hasStatisticSets = false;

  static from(stored: StoredBucket): Bucket {
    const bucket = new Bucket();
    bucket.count = stored.count;
    bucket.sum = stored.sum;
    bucket.min = stored.min;
    bucket.max = stored.max;
    bucket.#hasStatisticSets = stored.hasStatisticSets === true;
    if (stored.values !== undefined) bucket.#values = new ValueHistogram(stored.values, stored.isCoarse !== true);
    return bucket;
  }

  add(value: number, count = 1): void {
    if (this.#values !== undefined) this.#values.add(value, count);
    else if (this.count > 0 && (this.min !== value || this.max !== value)) {
      this.#values = new ValueHistogram(this.min === this.max ? [[this.min, this.count]] : []);
      this.#values.add(value, count);
    }
    this.count += count;
    this.sum += value * count;
    if (value < this.min) this.min = value;
    if (value > this.max) this.max = value;
  }

  /** A statistic set carries no distribution: percentiles end here, unless all its samples are one value. */
  addStatisticSet(set: { count: number; sum: number; min: number; max: number }): void {
    if (set.min === set.max) {
      this.add(set.min, set.count);
      return;
    }
    this.#hasStatisticSets = true;
    this.count += set.count;
    this.sum += set.sum;
    this.min = Math.min(this.min, set.min);
    this.max = Math.max(this.max, set.max);
  }

  merge(other: Bucket): void {
    if (other.count === 0) return;
    if (other.#hasStatisticSets) this.#hasStatisticSets = true;
    const own = this.#distribution();
    if (own.length + other.#distribution().length > 0) {
      const merged = this.#values ?? new ValueHistogram(own);
      if (other.#values !== undefined) merged.merge(other.#values);
      else merged.add(other.min, other.count);
      this.#values = merged;
    }
    this.count += other.count;
    this.sum += other.sum;
    this.min = Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
  }

  #distribution(): [number, number][] {
    if (this.#values !== undefined) return this.#values.entries();
    return this.count > 0 && this.min === this.max ? [[this.min, this.count]] : [];
  }

  /**
   * `undefined` when CloudWatch has none: statistic sets in it, or negative values.
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
   */
  percentile(percent: number): number | undefined {
    if (this.#hasStatisticSets || this.min < 0) return undefined;
    const value = percentileOf(this.#distribution(), percent);
    return value === undefined ? undefined : Math.min(this.max, Math.max(this.min, value));
  }

  /** The values one by one, where {@link percentile} has any; beyond 150 distinct ones to about one per cent. */
  samples(): readonly (readonly [value: number, count: number])[] | undefined {
    if (this.#hasStatisticSets || this.min < 0) return undefined;
    return this.#distribution().map(
      ([value, count]) => [Math.min(this.max, Math.max(this.min, value)), count] as const,
    );
  }

  toStored(): StoredBucket {
    const { count, sum, min, max } = this;
    return {
      count,
      sum,
      min,
      max,
      ...(this.#values === undefined ? {} : { values: this.#values.entries(), isCoarse: !this.#values.isExact }),
      ...(this.#hasStatisticSets ? { hasStatisticSets: true } : {}),
    };
  }
}
