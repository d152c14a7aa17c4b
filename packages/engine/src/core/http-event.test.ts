import { expect, it } from 'vitest';
import { queryParameters } from './http-event.ts';

it('keeps parameters whose names every JavaScript object inherits, twice given too', () => {
  const parameters = queryParameters('constructor=a&__proto__=b&toString=c&__proto__=d&constructor=e');
  expect(Object.entries(parameters ?? {})).toEqual([
    ['constructor', 'a,e'],
    ['__proto__', 'b,d'],
    ['toString', 'c'],
  ]);
});
