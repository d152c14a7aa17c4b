import { describe, expect, it } from 'vitest';
import { durationFrom } from './option-values.ts';

describe('a duration of at least a minute', () => {
  const read = durationFrom(60_000);

  it('is read in milliseconds', () => {
    expect(['60s', '2h'].map(read)).toEqual([60_000, 7_200_000]);
  });

  it.each([
    ['0m', 'It must be at least PT1M.'],
    ['59s', 'It must be at least PT1M.'],
    ['soon', 'It must be a duration with its unit'],
  ])('is not %s', (text, rule) => {
    expect(() => read(text)).toThrow(rule);
  });
});
