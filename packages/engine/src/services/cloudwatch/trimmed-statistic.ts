/** Values of a period, each with how often it occurred; `undefined` when they are not known one by one. */
export type Samples = readonly (readonly [value: number, count: number])[] | undefined;

type Kind = 'TM' | 'WM' | 'PR' | 'TC' | 'TS';

export const TRIMMED_NAME = /^(?:IQM|(?:tm|wm|tc|ts)\d|(?:TM|WM|PR|TC|TS)\()/;

const SHORT = /^(tm|wm|tc|ts)(\d{1,2}(?:\.\d{1,10})?|100)$/;
const LONG = /^(TM|WM|PR|TC|TS)\(\s*(-?\d+(?:\.\d+)?)?(%)?\s*:\s*(-?\d+(?:\.\d+)?)?(%)?\s*\)$/;

interface Bounds {
  readonly kind: Kind;
  readonly low: number | undefined;
  readonly high: number | undefined;
  readonly isPercent: boolean;
}

const boundsOf = (name: string): Bounds | undefined => {
  if (name === 'IQM') return { kind: 'TM', low: 25, high: 75, isPercent: true };
  const short = SHORT.exec(name);
  if (short !== null) {
    return {
      kind: (short[1] as string).toUpperCase() as Kind,
      low: undefined,
      high: Number(short[2]),
      isPercent: true,
    };
  }
  const long = LONG.exec(name);
  if (long === null) return undefined;
  const [, kind, lowText, lowSign, highText, highSign] = long;
  const low = lowText === undefined ? undefined : Number(lowText);
  const high = highText === undefined ? undefined : Number(highText);
  if (low === undefined && high === undefined) return undefined;
  const signs = [low === undefined ? undefined : lowSign === '%', high === undefined ? undefined : highSign === '%'];
  const isPercent = signs.find((sign) => sign !== undefined) as boolean;
  const isMixed = signs.some((sign) => sign !== undefined && sign !== isPercent);
  const isOut = isPercent && [low, high].some((bound) => bound !== undefined && (bound < 0 || bound > 100));
  const isReversed = low !== undefined && high !== undefined && low >= high;
  if (isMixed || isOut || isReversed || (kind === 'PR' && isPercent)) return undefined;
  return { kind: kind as Kind, low, high, isPercent };
};

/** The samples within the bounds and what lies below and above: the lower bound is exclusive, the upper inclusive. */
const split = (samples: NonNullable<Samples>, { low, high, isPercent }: Bounds) => {
  const sorted = [...samples].sort((a, b) => a[0] - b[0]);
  if (!isPercent) {
    const isBelow = (value: number): boolean => low !== undefined && value <= low;
    const isAbove = (value: number): boolean => high !== undefined && value > high;
    const count = (test: (value: number) => boolean): number =>
      sorted.reduce((sum, [value, times]) => sum + (test(value) ? times : 0), 0);
    return {
      inside: sorted.filter(([value]) => !isBelow(value) && !isAbove(value)),
      below: count(isBelow),
      above: count(isAbove),
    };
  }
  const total = sorted.reduce((sum, [, times]) => sum + times, 0);
  const first = Math.floor(((low ?? 0) / 100) * total + 1e-9);
  const last = Math.ceil(((high ?? 100) / 100) * total - 1e-9);
  const inside: [number, number][] = [];
  let seen = 0;
  for (const [value, times] of sorted) {
    const taken = Math.min(seen + times, last) - Math.max(seen, first);
    if (taken > 0) inside.push([value, taken]);
    seen += times;
  }
  return { inside, below: first, above: total - last };
};

/**
 * Trimmed mean (TM), winsorized mean (WM), percentile rank (PR), trimmed count (TC), trimmed sum (TS) and interquartile
 * mean (IQM); `undefined` when the name is none of them.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 */
export const trimmedStatistic = (name: string): ((samples: Samples) => number | undefined) | undefined => {
  const bounds = boundsOf(name);
  if (bounds === undefined) return undefined;
  return (samples) => {
    if (samples === undefined || samples.length === 0) return undefined;
    const { inside, below, above } = split(samples, bounds);
    const count = inside.reduce((sum, [, times]) => sum + times, 0);
    const sum = inside.reduce((total, [value, times]) => total + value * times, 0);
    const all = samples.reduce((total, [, times]) => total + times, 0);
    switch (bounds.kind) {
      case 'TC':
        return count;
      case 'TS':
        return sum;
      case 'PR':
        return (count / all) * 100;
      case 'TM':
        return count === 0 ? undefined : sum / count;
      case 'WM': {
        const low = bounds.isPercent ? inside[0]?.[0] : (bounds.low ?? 0);
        const high = bounds.isPercent ? inside.at(-1)?.[0] : (bounds.high ?? 0);
        return low === undefined || high === undefined ? undefined : (sum + low * below + high * above) / all;
      }
    }
  };
};
