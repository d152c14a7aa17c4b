import { type EpochMs, InvalidInputError } from '@holdfast/kernel';

/** A point in time, which is shown as such and compared as a number. */
export class Instant {
  readonly at: EpochMs;

  constructor(at: EpochMs) {
    this.at = at;
  }

  toString(): string {
    return new Date(this.at).toISOString().replace('T', ' ').replace('Z', '');
  }
}

export type Value = string | number | boolean | Instant | undefined;

export const numberOf = (value: Value): number | undefined => {
  if (value instanceof Instant) return value.at;
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
};

export const textOf = (value: Value): string => (value === undefined ? '' : String(value));

/** As it stands in results: numbers without needless digits. */
export const shownOf = (value: Value): string =>
  typeof value === 'number' ? String(Number(value.toFixed(4))) : textOf(value);

/** Numbers by size, everything else by text. */
export const compare = (a: Value, b: Value): number => {
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== undefined && y !== undefined) return x - y;
  const [left, right] = [textOf(a), textOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
};

const UNITS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** `5m`, `30s`: a length of time. */
export const durationOf = (value: Value): number => {
  const [, amount, unit] = /^(\d+)(ms|[smhdw])$/.exec(textOf(value)) ?? [];
  if (amount === undefined || unit === undefined || Number(amount) < 1) {
    throw new InvalidInputError('bin', textOf(value), 'must be a length of time such as 5m');
  }
  return Number(amount) * (UNITS[unit] as number);
};
