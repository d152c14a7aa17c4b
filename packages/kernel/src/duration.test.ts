import { describe, expect, it } from 'vitest';
import { DAY_MS, formatDuration, HOUR_MS, MINUTE_MS, parseDurationMs } from './duration.ts';
import { InvalidInputError } from './errors.ts';

describe('durations', () => {
  it.each([
    ['PT5M', 5 * MINUTE_MS],
    ['P14DT3H', 14 * DAY_MS + 3 * HOUR_MS],
    ['P2W', 14 * DAY_MS],
    ['PT0.25S', 250],
    ['PT1H30M5S', HOUR_MS + 30 * MINUTE_MS + 5_000],
    ['5m', 5 * MINUTE_MS],
    ['250ms', 250],
  ])('%s is %i ms', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  it.each(['', 'P', 'PT', 'P1DT', '5', 'P1Y', 'P1M', 'PT-5M', 'five minutes'])(
    '"%s" is refused, naming the field',
    (text) => {
      expect(() => parseDurationMs(text, 'advance')).toThrow(InvalidInputError);
      expect(() => parseDurationMs(text, 'advance')).toThrow(/^advance: /);
    },
  );

  it.each([0, 250, 5 * MINUTE_MS, 14 * DAY_MS + 90_000])('%i ms survive being written and read', (ms) => {
    expect(parseDurationMs(formatDuration(ms))).toBe(ms);
  });
});
