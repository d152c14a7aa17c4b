import { DAY_MS, type EpochMs, HOUR_MS, MINUTE_MS } from '@holdfast/kernel';

interface Field {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

const MINUTE: Field = { min: 0, max: 59 };
const HOUR: Field = { min: 0, max: 23 };
const DAY_OF_MONTH: Field = { min: 1, max: 31 };
const MONTH: Field = { min: 1, max: 12, names: MONTHS };
const DAY_OF_WEEK: Field = { min: 1, max: 7, names: WEEKDAYS };
const YEAR: Field = { min: 1970, max: 2199 };

/** Decides whether a day counts; months from 1, weekdays from 1 = Sunday. */
type DayRule = (day: number, month: Month) => boolean;

interface Month {
  readonly days: number;
  /** Weekday of the first day, 1 = Sunday. */
  readonly firstWeekday: number;
}

/** A parsed six-field cron expression of EventBridge, in UTC. */
export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly months: ReadonlySet<number>;
  readonly years: ReadonlySet<number>;
  readonly isDay: DayRule;
}

const weekdayOf = (day: number, month: Month): number => ((month.firstWeekday - 1 + day - 1) % 7) + 1;

const numberIn = (text: string, field: Field): number | undefined => {
  const named = field.names?.indexOf(text.toUpperCase()) ?? -1;
  const value = named >= 0 ? named + field.min : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  return value >= field.min && value <= field.max ? value : undefined;
};

/** Values of `*`, `5`, `1-5`, `FRI-MON` (around the end), each also with a step `/n`. */
const valuesOf = (item: string, field: Field): readonly number[] | undefined => {
  const [range, stepText, ...rest] = item.split('/') as [string, string?, ...string[]];
  if (rest.length > 0) return undefined;
  const step = stepText === undefined ? 1 : /^[1-9]\d*$/.test(stepText) ? Number(stepText) : undefined;
  if (step === undefined) return undefined;
  let first: number | undefined = field.min;
  let last: number | undefined = field.max;
  if (range !== '*') {
    const bounds = range.split('-');
    if (bounds.length > 2) return undefined;
    first = numberIn(bounds[0] as string, field);
    last = bounds[1] === undefined ? (stepText === undefined ? first : field.max) : numberIn(bounds[1], field);
  }
  if (first === undefined || last === undefined) return undefined;
  const span = field.max - field.min + 1;
  if (last < first && field === YEAR) return undefined;
  const end = last < first ? last + span : last;
  const values: number[] = [];
  for (let value = first; value <= end; value += step) values.push(value > field.max ? value - span : value);
  return values;
};

const listOf = (text: string, field: Field): number[] | undefined => {
  const values = new Set<number>();
  for (const item of text.split(',')) {
    const found = valuesOf(item, field);
    if (found === undefined) return undefined;
    for (const value of found) values.add(value);
  }
  return [...values].sort((a, b) => a - b);
};

/** The weekday nearest to a day without leaving the month: `15W`. */
const nearestWeekday = (day: number, month: Month): number => {
  const weekday = weekdayOf(day, month);
  if (weekday === 7) return day > 1 ? day - 1 : day + 2;
  if (weekday === 1) return day < month.days ? day + 1 : day - 2;
  return day;
};

const dayOfMonthRule = (item: string): DayRule | undefined => {
  if (item === 'L') return (day, month) => day === month.days;
  if (item === 'LW') return (day, month) => day === nearestWeekday(month.days, month);
  if (item.endsWith('W')) {
    const wanted = numberIn(item.slice(0, -1), DAY_OF_MONTH);
    return wanted === undefined
      ? undefined
      : (day, month) => wanted <= month.days && day === nearestWeekday(wanted, month);
  }
  const values = valuesOf(item, DAY_OF_MONTH);
  return values === undefined ? undefined : (day) => values.includes(day);
};

const dayOfWeekRule = (item: string): DayRule | undefined => {
  // As in Quartz, a bare L is the last day of the week.
  if (item === 'L') return (day, month) => weekdayOf(day, month) === 7;
  const last = /^(\w+)L$/.exec(item);
  const lastWanted = last === null ? undefined : numberIn(last[1] as string, DAY_OF_WEEK);
  if (lastWanted !== undefined) {
    return (day, month) => day > month.days - 7 && weekdayOf(day, month) === lastWanted;
  }
  const nth = /^(\w+)#([1-5])$/.exec(item);
  if (nth !== null) {
    const wanted = numberIn(nth[1] as string, DAY_OF_WEEK);
    const occurrence = Number(nth[2]);
    return wanted === undefined
      ? undefined
      : (day, month) => weekdayOf(day, month) === wanted && Math.ceil(day / 7) === occurrence;
  }
  const values = valuesOf(item, DAY_OF_WEEK);
  return values === undefined ? undefined : (day, month) => values.includes(weekdayOf(day, month));
};

const anyOf = (text: string, ruleOf: (item: string) => DayRule | undefined): DayRule | undefined => {
  const rules = text.toUpperCase().split(',').map(ruleOf);
  if (rules.includes(undefined)) return undefined;
  return (day, month) => rules.some((rule) => (rule as DayRule)(day, month));
};

/**
 * Reads the inside of `cron(...)`: minutes, hours, day of month, month, day of week, year. Exactly one of the two
 * day fields is `?`. `undefined` when EventBridge would not take it.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
export const parseCron = (text: string): Cron | undefined => {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) return undefined;
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = fields as [string, string, string, string, string, string];
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) return undefined;
  const minutes = listOf(minute, MINUTE);
  const hours = listOf(hour, HOUR);
  const months = listOf(month, MONTH);
  const years = listOf(year, YEAR);
  const isDay = dayOfWeek === '?' ? anyOf(dayOfMonth, dayOfMonthRule) : anyOf(dayOfWeek, dayOfWeekRule);
  if (!minutes || !hours || !months || !years || !isDay) return undefined;
  return { minutes, hours, months: new Set(months), years: new Set(years), isDay };
};

const monthAt = (year: number, month: number): Month => {
  const first = Date.UTC(year, month - 1, 1);
  return {
    days: (Date.UTC(year, month, 1) - first) / DAY_MS,
    // 1970-01-01 was a Thursday.
    firstWeekday: ((((first / DAY_MS + 4) % 7) + 7) % 7) + 1,
  };
};

/** The first run after `after` (never at it); `undefined` when the years are over. */
export const nextCronRun = (cron: Cron, after: EpochMs): EpochMs | undefined => {
  const from = Math.floor(after / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  const start = new Date(from);
  let year = start.getUTCFullYear();
  let month = start.getUTCMonth() + 1;
  let day = start.getUTCDate();
  for (; year <= YEAR.max; year += 1, month = 1, day = 1) {
    if (!cron.years.has(year)) continue;
    for (; month <= 12; month += 1, day = 1) {
      if (!cron.months.has(month)) continue;
      const facts = monthAt(year, month);
      for (; day <= facts.days; day += 1) {
        if (!cron.isDay(day, facts)) continue;
        const midnight = Date.UTC(year, month - 1, day);
        for (const hour of cron.hours) {
          if (midnight + (hour + 1) * HOUR_MS <= from) continue;
          for (const minute of cron.minutes) {
            const at = midnight + hour * HOUR_MS + minute * MINUTE_MS;
            if (at >= from) return at;
          }
        }
      }
    }
  }
  return undefined;
};
