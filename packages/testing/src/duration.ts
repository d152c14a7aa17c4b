import { DAY_MS, HOUR_MS, MINUTE_MS, parseDurationMs, SECOND_MS } from '@holdfast/kernel';
import { InvalidInputError } from '@holdfast/local';

/** A length of time by its parts, which add up. */
export interface DurationParts {
  readonly days?: number;
  readonly hours?: number;
  readonly minutes?: number;
  readonly seconds?: number;
  readonly milliseconds?: number;
}

/** `{ days: 13 }`, ISO 8601 (`'PT5M'`), short (`'5m'`), or milliseconds. */
export type DurationLike = number | string | DurationParts;

const PART_MS = { days: DAY_MS, hours: HOUR_MS, minutes: MINUTE_MS, seconds: SECOND_MS, milliseconds: 1 };

const partsMs = (parts: DurationParts, field: string): number => {
  if (typeof parts !== 'object' || parts === null || Array.isArray(parts)) {
    throw new InvalidInputError(
      field,
      parts,
      "must be milliseconds, a duration like 'PT5M', or its parts like { minutes: 5 }",
    );
  }
  const given = Object.entries(parts);
  const stray = given.find(([name]) => !(name in PART_MS));
  if (stray !== undefined) {
    throw new InvalidInputError(
      `${field}.${stray[0]}`,
      stray[1],
      `is not known; use ${Object.keys(PART_MS).join(', ')}`,
    );
  }
  return given.reduce((sum, [name, count = 0]) => sum + count * PART_MS[name as keyof DurationParts], 0);
};

/** @throws InvalidInputError naming `field` when it is no length of time */
export const durationMs = (duration: DurationLike, field: string): number => {
  const ms =
    typeof duration === 'number'
      ? duration
      : typeof duration === 'string'
        ? parseDurationMs(duration, field)
        : partsMs(duration, field);
  if (Number.isSafeInteger(ms) && ms >= 0) return ms;
  throw new InvalidInputError(field, ms, `must be a whole number of milliseconds from 0 to ${Number.MAX_SAFE_INTEGER}`);
};
