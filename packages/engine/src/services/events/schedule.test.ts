import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nextRunAfter, parseSchedule, type Schedule } from './schedule.ts';

const at = (text: string): number => Date.parse(`${text}Z`);

const runs = (expression: string, from: string, count: number): string[] => {
  const schedule = parseSchedule(expression) as Schedule;
  const found: string[] = [];
  let now = at(from);
  for (let run = 0; run < count; run++) {
    const next = nextRunAfter(schedule, at(from), now);
    if (next === undefined) break;
    found.push(new Date(next).toISOString().slice(0, 16));
    now = next;
  }
  return found;
};

describe('expressions that EventBridge takes', () => {
  it.each([
    'rate(1 minute)',
    'rate(5 minutes)',
    'rate(1 hour)',
    'rate(12 hours)',
    'rate(1 day)',
    'rate(7 days)',
    'cron(0 10 * * ? *)',
    'cron(15 12 * * ? *)',
    'cron(0 18 ? * MON-FRI *)',
    'cron(0 8 1 * ? *)',
    'cron(0/15 * * * ? *)',
    'cron(0/10 * ? * MON-FRI *)',
    'cron(0/5 8-17 ? * MON-FRI *)',
    'cron(* * ? * SAT#3 *)',
    'cron(0 0 L * ? *)',
    'cron(0 0 ? * 6L *)',
    'cron(0 0 15W * ? *)',
    'cron(0 9 ? * 2#1 *)',
    'cron(0 0 1 JAN,JUL ? 2025-2030)',
    'cron(5,10 0/2 ? * mon *)',
  ])('%s', (expression) => {
    expect(parseSchedule(expression)).toBeDefined();
  });
});

describe('expressions that EventBridge refuses', () => {
  it.each([
    'rate(10 seconds)',
    'rate(10 years)',
    'rate(1 minutes)',
    'rate(5 minute)',
    'rate(0 minutes)',
    'rate(-1 minute)',
    'rate(1.5 hours)',
    'rate( 10 minutes )',
    ' rate(10 minutes)',
    'rate(10 minutes) ',
    'rate()',
    'cron()',
    'cron(0 1 * * * *)',
    'cron(0 1 ? * ? *)',
    'cron(0 12 * * ?)',
    'cron(0 12 * * ? * *)',
    'cron(60 12 * * ? *)',
    'cron(0 24 * * ? *)',
    'cron(0 12 0 * ? *)',
    'cron(0 12 32 * ? *)',
    'cron(0 12 ? 13 MON *)',
    'cron(0 12 ? * 8 *)',
    'cron(0 12 ? * 0 *)',
    'cron(0 12 ? * MON#6 *)',
    'cron(0 12 * * ? 1969)',
    'cron(0 12 * * ? 2200)',
    'cron(0 12 * * ? 2030-2025)',
    'cron(*/0 * * * ? *)',
    'cron(0 ? * * ? *)',
    'cron(0 12 X * ? *)',
    'cron(0 12 32W * ? *)',
    'at(2025-01-01T00:00:00)',
    'every minute',
    '',
  ])('%s', (expression) => {
    expect(parseSchedule(expression)).toBeUndefined();
  });
});

describe('runs', () => {
  it.each<[string, string, string[]]>([
    ['rate(5 minutes)', '2025-01-01T00:02:00', ['2025-01-01T00:07', '2025-01-01T00:12', '2025-01-01T00:17']],
    ['rate(1 day)', '2025-01-01T10:00:00', ['2025-01-02T10:00', '2025-01-03T10:00']],
    ['cron(0 12 * * ? *)', '2025-01-01T12:00:00', ['2025-01-02T12:00', '2025-01-03T12:00']],
    ['cron(0 12 * * ? *)', '2025-01-01T11:59:59', ['2025-01-01T12:00']],
    ['cron(0/20 9-10 * * ? *)', '2025-01-01T10:10:00', ['2025-01-01T10:20', '2025-01-01T10:40', '2025-01-02T09:00']],
    ['cron(0 18 ? * MON-FRI *)', '2025-01-03T12:00:00', ['2025-01-03T18:00', '2025-01-06T18:00', '2025-01-07T18:00']],
    ['cron(0 0 ? * SAT,SUN *)', '2025-01-01T00:00:00', ['2025-01-04T00:00', '2025-01-05T00:00', '2025-01-11T00:00']],
    [
      'cron(0 0 ? * FRI-SUN *)',
      '2025-01-01T00:00:00',
      ['2025-01-03T00:00', '2025-01-04T00:00', '2025-01-05T00:00', '2025-01-10T00:00'],
    ],
    ['cron(0 0 L * ? *)', '2024-01-31T12:00:00', ['2024-02-29T00:00', '2024-03-31T00:00', '2024-04-30T00:00']],
    ['cron(0 0 LW * ? *)', '2025-05-01T00:00:00', ['2025-05-30T00:00', '2025-06-30T00:00']],
    ['cron(0 0 1W * ? *)', '2025-02-01T12:00:00', ['2025-02-03T00:00', '2025-03-03T00:00', '2025-04-01T00:00']],
    ['cron(0 0 15W * ? *)', '2025-02-01T00:00:00', ['2025-02-14T00:00', '2025-03-14T00:00', '2025-04-15T00:00']],
    ['cron(0 0 31W * ? *)', '2025-08-01T00:00:00', ['2025-08-29T00:00', '2025-10-31T00:00']],
    ['cron(0 0 ? * 6L *)', '2025-01-01T00:00:00', ['2025-01-31T00:00', '2025-02-28T00:00', '2025-03-28T00:00']],
    ['cron(0 0 ? * FRIL *)', '2025-01-01T00:00:00', ['2025-01-31T00:00', '2025-02-28T00:00']],
    ['cron(30 6 ? * SAT#3 *)', '2025-01-01T00:00:00', ['2025-01-18T06:30', '2025-02-15T06:30']],
    ['cron(0 0 ? * 1#5 *)', '2025-01-01T00:00:00', ['2025-03-30T00:00', '2025-06-29T00:00']],
    ['cron(0 0 29 2 ? *)', '2025-01-01T00:00:00', ['2028-02-29T00:00', '2032-02-29T00:00']],
    ['cron(0 0 1 1 ? 2026,2028)', '2025-06-01T00:00:00', ['2026-01-01T00:00', '2028-01-01T00:00']],
    ['cron(0 0 1 1 ? 2024)', '2025-06-01T00:00:00', []],
    ['cron(0 0 30 2 ? *)', '2025-06-01T00:00:00', []],
    ['cron(0 0 1 */6 ? *)', '2025-01-01T00:00:00', ['2025-07-01T00:00', '2026-01-01T00:00']],
    ['cron(59 23 31 12 ? *)', '2025-12-31T23:58:00', ['2025-12-31T23:59', '2026-12-31T23:59']],
  ])('of %s after %s', (expression, from, expected) => {
    expect(runs(expression, from, Math.max(1, expected.length))).toEqual(expected);
  });
});

describe('laws', () => {
  const value = (min: number, max: number) =>
    fc.oneof(
      fc.constant('*'),
      fc.integer({ min, max }).map(String),
      fc
        .tuple(fc.integer({ min, max }), fc.integer({ min, max }))
        .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
      fc.tuple(fc.integer({ min, max }), fc.integer({ min: 1, max: 12 })).map(([a, step]) => `${a}/${step}`),
      fc.array(fc.integer({ min, max }), { minLength: 1, maxLength: 4 }).map((list) => list.join(',')),
    );
  const expands = (text: string, min: number, max: number, actual: number): boolean =>
    text.split(',').some((item) => {
      const [range, step] = item.split('/') as [string, string?];
      const [low, high] = range === '*' ? [min, max] : (range.split('-').map(Number) as [number, number?]);
      const end = high ?? (step === undefined ? low : max);
      return actual >= low && actual <= end && (actual - low) % Number(step ?? 1) === 0;
    });
  const moment = fc.integer({ min: at('2000-01-01T00:00:00'), max: at('2100-01-01T00:00:00') });

  it('a run lies after the moment asked about, matches every field, and no earlier minute of that day does', () => {
    fc.assert(
      fc.property(
        value(0, 59),
        value(0, 23),
        value(1, 28),
        value(1, 12),
        value(1, 7),
        fc.boolean(),
        moment,
        (minute, hour, dayOfMonth, month, dayOfWeek, isByWeekday, from) => {
          const days = isByWeekday ? `? ${month} ${dayOfWeek}` : `${dayOfMonth} ${month} ?`;
          const schedule = parseSchedule(`cron(${minute} ${hour} ${days} *)`) as Schedule;
          const next = nextRunAfter(schedule, 0, from) as number;
          const fits = (time: number): boolean => {
            const date = new Date(time);
            return (
              expands(minute, 0, 59, date.getUTCMinutes()) &&
              expands(hour, 0, 23, date.getUTCHours()) &&
              expands(month, 1, 12, date.getUTCMonth() + 1) &&
              (isByWeekday
                ? expands(dayOfWeek, 1, 7, date.getUTCDay() + 1)
                : expands(dayOfMonth, 1, 31, date.getUTCDate()))
            );
          };
          expect(next).toBeGreaterThan(from);
          expect(next % 60_000).toBe(0);
          expect(fits(next)).toBe(true);
          const start = Math.max(from - (from % 60_000) + 60_000, next - (next % 86_400_000));
          for (let earlier = start; earlier < next; earlier += 60_000) expect(fits(earlier)).toBe(false);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('a rate keeps its distance from the anchor, however late it is asked', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 500 }), moment, fc.nat({ max: 10 ** 9 }), (minutes, anchor, laterMs) => {
        const schedule = parseSchedule(`rate(${minutes} minutes)`) as Schedule;
        const next = nextRunAfter(schedule, anchor, anchor + laterMs) as number;
        expect((next - anchor) % (minutes * 60_000)).toBe(0);
        expect(next).toBeGreaterThan(anchor + laterMs);
        expect(next - anchor - laterMs).toBeLessThanOrEqual(minutes * 60_000);
      }),
    );
  });
});
