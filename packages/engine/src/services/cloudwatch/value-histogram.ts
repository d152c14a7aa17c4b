/** Distinct values kept exactly in one bucket; beyond, values are kept to about one per cent. */
export const EXACT_VALUES_MAX = 150;

const GAMMA = 1.02;
const LOG_GAMMA = Math.log(GAMMA);

/** The representative of the logarithmic class that a value falls in. */
const rounded = (value: number): number => {
  if (value === 0) return 0;
  const magnitude = GAMMA ** Math.round(Math.log(Math.abs(value)) / LOG_GAMMA);
  return value < 0 ? -magnitude : magnitude;
};

/**
 * How often each value occurred, for percentiles.
 *
 * Exact while there are few distinct values; then values fall into classes two per cent wide, so that memory is
 * bounded by the range of the data and not by its amount (CloudWatch's own sparse histograms do likewise).
 */
export class ValueHistogram {
  #counts: Map<number, number>;
  #isExact: boolean;

  constructor(entries: Iterable<readonly [number, number]> = [], isExact = true) {
    this.#counts = new Map(entries);
    this.#isExact = isExact;
  }

  add(value: number, count: number): void {
    const key = this.#isExact ? value : rounded(value);
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
    if (this.#isExact && this.#counts.size > EXACT_VALUES_MAX) this.#coarsen();
  }

  merge(other: ValueHistogram): void {
    for (const [value, count] of other.#counts) this.add(value, count);
  }

  get isExact(): boolean {
    return this.#isExact;
  }

  entries(): [number, number][] {
    return [...this.#counts];
  }

  #coarsen(): void {
    const exact = this.#counts;
    this.#isExact = false;
    this.#counts = new Map();
    for (const [value, count] of exact) this.add(value, count);
  }
}

/** The value below which `percent` per cent of the samples lie (nearest rank); `undefined` without samples. */
export const percentileOf = (
  entries: readonly (readonly [value: number, count: number])[],
  percent: number,
): number | undefined => {
  const sorted = [...entries].sort((a, b) => a[0] - b[0]);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  const rank = (percent / 100) * total;
  let seen = 0;
  for (const [value, count] of sorted) {
    seen += count;
    if (seen >= rank - 1e-9) return value;
  }
  return sorted.at(-1)?.[0];
};
