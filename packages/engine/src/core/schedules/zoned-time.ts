import { DAY_MS, type EpochMs } from '@holdfast/kernel';

/** What a wall clock shows, as if it were UTC: a number to calculate with, no moment. */
export type WallClockMs = number;

const formats = new Map<string, Intl.DateTimeFormat>();

const formatOf = (zone: string): Intl.DateTimeFormat => {
  let format = formats.get(zone);
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
    formats.set(zone, format);
  }
  return format;
};

/** Whether this is a time zone of the IANA database, such as `Europe/Berlin`; offsets such as `+02:00` are none. */
export const isTimeZone = (zone: string): boolean => {
  if (!/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(zone)) return false;
  try {
    formatOf(zone);
    return true;
  } catch {
    return false;
  }
};

/** What clocks in a zone show at a moment. */
export const wallClockAt = (zone: string, at: EpochMs): WallClockMs => {
  if (zone === 'UTC') return at;
  const parts = new Map(
    formatOf(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  );
  const part = (name: Intl.DateTimeFormatPartTypes): number => Number(parts.get(name));
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return shown + (((at % 1_000) + 1_000) % 1_000);
};

/**
 * The moment at which clocks in a zone show this for the first time. `undefined` when they never do: the hour that is
 * left out when clocks go forward.
 */
export const momentOf = (zone: string, wallClock: WallClockMs): EpochMs | undefined => {
  if (zone === 'UTC') return wallClock;
  // Zones change at most once in two days: one of the offsets around it holds.
  const offsets = [wallClock - DAY_MS, wallClock + DAY_MS].map((at) => wallClockAt(zone, at) - at);
  const moments = offsets.map((offset) => wallClock - offset).filter((at) => wallClockAt(zone, at) === wallClock);
  return moments.length === 0 ? undefined : Math.min(...moments);
};
