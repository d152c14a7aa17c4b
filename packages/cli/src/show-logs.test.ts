import { expect, it } from 'vitest';
import { filterPatternOf } from './show-logs.ts';

it.each([
  ['2f1c0a4e-9d1b-4f6e-8f57-0d7a2c9b1f11', '"2f1c0a4e-9d1b-4f6e-8f57-0d7a2c9b1f11"'],
  ['uploads/VEND001/a.csv', '"uploads/VEND001/a.csv"'],
  ['ERROR', 'ERROR'],
  ['"a b"', '"a b"'],
  ['ERROR -DrillError', 'ERROR -DrillError'],
  ['-DEBUG', '-DEBUG'],
  ['{ $.level = "ERROR" }', '{ $.level = "ERROR" }'],
  ['%[0-9]+%', '%[0-9]+%'],
  [undefined, undefined],
])('takes the filter %j as %j', (text, pattern) => {
  expect(filterPatternOf(text)).toBe(pattern);
});
