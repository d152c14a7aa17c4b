import type { EpochMs } from '@holdfast/kernel';

const OFFSET_DATE_TIME =
  /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2}(?::\d{2})?)$/;

/** An ISO 8601 extended date and time with offset, as Java's `OffsetDateTime` reads it; `undefined` when it is none. */
export const parseOffsetDateTime = (text: string): EpochMs | undefined => {
  const match = OFFSET_DATE_TIME.exec(text);
  if (match === null) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((digits) => Number(digits ?? 0)) as number[];
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  const fraction = Math.trunc(Number(`0.${match[7] ?? '0'}`) * 1000);
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
  // A day that the month does not have comes out in another month.
  if (new Date(local).getUTCMonth() !== Number(month) - 1 || new Date(local).getUTCDate() !== Number(day)) {
    return undefined;
  }
  return local + fraction - offsetMs(match[8] as string);
};

const offsetMs = (offset: string): number => {
  if (offset === 'Z') return 0;
  const [hours = 0, minutes = 0, seconds = 0] = offset.slice(1).split(':').map(Number);
  return (offset.startsWith('-') ? -1 : 1) * ((hours * 60 + minutes) * 60 + seconds) * 1000;
};
