import { InvalidInputError } from './errors.ts';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

const ISO_8601 =
  /^P(?:(\d+(?:\.\d+)?)W)?(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;
const SHORT = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/;
const SHORT_UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: SECOND_MS, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/**
 * Reads an ISO 8601 duration (`PT5M`, `P14DT3H`) or its short form (`5m`, `250ms`) as milliseconds.
 * Years and months are refused: their length depends on the calendar.
 *
 * @throws {@link InvalidInputError} naming `field`
 */
export const parseDurationMs = (text: string, field = 'duration'): number => {
  const short = SHORT.exec(text);
  if (short !== null) return Math.round(Number(short[1]) * (SHORT_UNIT_MS[short[2] as string] as number));
  const match = ISO_8601.exec(text);
  if (match === null || text === 'P' || text.endsWith('T')) {
    throw new InvalidInputError(
      field,
      text,
      'must be an ISO 8601 duration such as PT5M or P1DT2H, or short such as 5m',
    );
  }
  const [, weeks, days, hours, minutes, seconds] = match;
  return Math.round(
    Number(weeks ?? 0) * 7 * DAY_MS +
      Number(days ?? 0) * DAY_MS +
      Number(hours ?? 0) * HOUR_MS +
      Number(minutes ?? 0) * MINUTE_MS +
      Number(seconds ?? 0) * SECOND_MS,
  );
};

/** Writes milliseconds as an ISO 8601 duration: `90000` becomes `PT1M30S`. */
export const formatDuration = (ms: number): string => {
  if (ms === 0) return 'PT0S';
  const days = Math.floor(ms / DAY_MS);
  const hours = Math.floor((ms % DAY_MS) / HOUR_MS);
  const minutes = Math.floor((ms % HOUR_MS) / MINUTE_MS);
  const seconds = (ms % MINUTE_MS) / SECOND_MS;
  const time = `${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}${seconds > 0 ? `${seconds}S` : ''}`;
  return `P${days > 0 ? `${days}D` : ''}${time === '' ? '' : `T${time}`}`;
};
