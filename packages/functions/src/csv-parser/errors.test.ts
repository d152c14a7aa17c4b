import { expect, it } from 'vitest';
import * as errors from './errors.ts';

it('knows by name what each error of the parser means, but for drills, which nobody is to know', () => {
  const { PARSER_ERROR_TYPES, DrillError: _unknown, ...classes } = errors;
  const names = Object.values(classes).map((Class) => new (Class as new (...words: unknown[]) => Error)('a', 1).name);
  expect(Object.values(PARSER_ERROR_TYPES).flat().sort()).toEqual(names.sort());
});
