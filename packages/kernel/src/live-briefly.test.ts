import { expect, it } from 'vitest';
import { TookTooLongError } from './briefly.ts';
import { liveBriefly } from './live-briefly.ts';

it('gives up a regular expression that would try for hours, and works on afterwards', () => {
  const endless = `${'a'.repeat(60)}!`;
  expect(() => liveBriefly(50, () => /^(?:a+)+$/iu.test(endless))).toThrow(TookTooLongError);
  expect(liveBriefly(1_000, () => /^a+!$/u.test(endless))).toBe(true);
});

it('hands on what the work throws', () => {
  expect(() =>
    liveBriefly(1_000, () => {
      throw new RangeError('too far');
    }),
  ).toThrow(RangeError);
});
