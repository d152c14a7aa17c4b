import { Cron as Oracle } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Expression, nextOccurrence, parseExpression } from './expression.ts';

const at = (text: string): number => Date.parse(`${text}Z`);
const shown = (ms: number): string => new Date(ms).toISOString().slice(0, 16);

const occurrences = (
  expression: string,
  options: { zone?: string; from: string; until: string; start?: string; end?: string },
): string[] => {
  const { zone = 'UTC', from, until, start, end } = options;
  const bounds = {
    zone,
    createdAt: at(from),
    modifiedAt: at(from),
    startsAt: start === undefined ? undefined : at(start),
    endsAt: end === undefined ? undefined : at(end),
  };
  const found: string[] = [];
  let next = nextOccurrence(parseExpression(expression) as Expression, bounds, at(from) - 1);
  while (next !== undefined && next <= at(until)) {
    found.push(shown(next));
    next = nextOccurrence(parseExpression(expression) as Expression, bounds, next);
  }
  return found;
};

describe('an expression', () => {
  it.each(['at(2026-11-27T08:00:00)', 'rate(1 minute)', 'rate(1 minutes)', 'rate(5 days)', 'cron(0 10 * * ? *)'])(
    '%s is taken',
    (text) => {
      expect(parseExpression(text)).toBeDefined();
    },
  );

  it.each([
    'at(2026-11-27T08:00:00Z)',
    'at(2026-11-27)',
    'at(2026-02-30T08:00:00)',
    'rate(10 seconds)',
    'rate(0 minutes)',
    'rate( 10 minutes )',
    ' rate(10 minutes)',
    'rate(10 years)',
    'cron()',
    'cron(0 1 * * * *)',
    'every day',
  ])('%s is refused', (text) => {
    expect(parseExpression(text)).toBeUndefined();
  });
});

describe('a rate', () => {
  it('runs at once and then in its rhythm when nothing says when it starts', () => {
    expect(occurrences('rate(2 hours)', { from: '2026-01-01T00:30', until: '2026-01-01T05:00' })).toEqual([
      '2026-01-01T00:30',
      '2026-01-01T02:30',
      '2026-01-01T04:30',
    ]);
  });

  it('runs first at its start date and never after its end date', () => {
    const window = { start: '2026-01-01T03:00', end: '2026-01-01T04:00' };
    expect(occurrences('rate(30 minutes)', { from: '2026-01-01T00:00', until: '2026-01-02T00:00', ...window })).toEqual(
      ['2026-01-01T03:00', '2026-01-01T03:30', '2026-01-01T04:00'],
    );
  });

  it('of days counts 24 hours, whatever clocks do', () => {
    const runs = occurrences('rate(1 day)', {
      zone: 'Europe/Berlin',
      from: '2026-03-28T07:00',
      until: '2026-03-30T12:00',
    });
    expect(runs).toEqual(['2026-03-28T07:00', '2026-03-29T07:00', '2026-03-30T07:00']);
  });
});

describe('a time of day in a zone with summer time', () => {
  it('stays what clocks show', () => {
    const runs = occurrences('cron(0 9 * * ? *)', {
      zone: 'Europe/Berlin',
      from: '2026-03-28T00:00',
      until: '2026-03-30T23:00',
    });
    expect(runs).toEqual(['2026-03-28T08:00', '2026-03-29T07:00', '2026-03-30T07:00']);
  });

  it('is skipped on the day on which clocks leave it out', () => {
    const runs = occurrences('cron(30 2 * * ? *)', {
      zone: 'Europe/Berlin',
      from: '2026-03-28T00:00',
      until: '2026-03-30T23:00',
    });
    expect(runs).toEqual(['2026-03-28T01:30', '2026-03-30T00:30']);
  });

  it('runs once on the day on which clocks show it twice', () => {
    const runs = occurrences('cron(30 1 * * ? *)', {
      zone: 'America/New_York',
      from: '2026-10-31T00:00',
      until: '2026-11-02T23:00',
    });
    expect(runs).toEqual(['2026-10-31T05:30', '2026-11-01T05:30', '2026-11-02T06:30']);
  });

  it('comes 365 times in a year but for the skipped one', () => {
    const year = { from: '2026-01-01T00:00', until: '2026-12-31T23:59' };
    expect(occurrences('cron(30 2 * * ? *)', { zone: 'UTC', ...year })).toHaveLength(365);
    expect(occurrences('cron(30 2 * * ? *)', { zone: 'Europe/Berlin', ...year })).toHaveLength(364);
    expect(occurrences('cron(30 2 * * ? *)', { zone: 'America/New_York', ...year })).toHaveLength(364);
  });

  it('is found where another scheduler finds it, away from the hours that change', () => {
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC');
    const days = fc.constantFrom('*', '1', '15', 'L');
    const months = fc.constantFrom('*', '2', '3,11');
    const moments = fc.integer({ min: at('2024-01-01T00:00'), max: at('2030-01-01T00:00') });
    const minutes = fc.integer({ min: 0, max: 59 });
    // Clocks change in the first hours of the day.
    const hours = fc.integer({ min: 5, max: 22 });
    fc.assert(
      fc.property(zones, minutes, hours, days, months, moments, (zone, minute, hour, day, month, after) => {
        const bounds = { zone, createdAt: after, modifiedAt: after, startsAt: undefined, endsAt: undefined };
        const expression = parseExpression(`cron(${minute} ${hour} ${day} ${month} ? *)`) as Expression;
        const oracle = new Oracle(`0 ${minute} ${hour} ${day} ${month} *`, { timezone: zone, paused: true });
        expect(nextOccurrence(expression, bounds, after)).toBe(oracle.nextRun(new Date(after))?.getTime());
      }),
      { numRuns: 300 },
    );
  });
});

describe('a one-time schedule', () => {
  it('runs when clocks of its zone show its time, and only then', () => {
    const runs = occurrences('at(2026-07-01T12:00:00)', {
      zone: 'America/New_York',
      from: '2026-06-30T00:00',
      until: '2027-01-01T00:00',
    });
    expect(runs).toEqual(['2026-07-01T16:00']);
  });

  it('runs at once when its time has passed', () => {
    expect(occurrences('at(2026-01-01T00:00:00)', { from: '2026-06-30T10:15', until: '2027-01-01T00:00' })).toEqual([
      '2026-06-30T10:15',
    ]);
  });

  it('pays no attention to start and end dates', () => {
    const dates = { start: '2026-08-01T00:00', end: '2026-08-02T00:00' };
    expect(
      occurrences('at(2026-07-01T12:00:00)', { from: '2026-06-30T00:00', until: '2027-01-01T00:00', ...dates }),
    ).toEqual(['2026-07-01T12:00']);
  });
});
