import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Rest } from './rest.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
afterEach(() => void vi.useRealTimers());

/** What is said at each look, one every ten milliseconds, of code that has computed for so long until then. */
const saidOf = (computedMs: readonly number[]): readonly boolean[] => {
  const now = { computedMs: 0 };
  const rest = new Rest(10, () => now.computedMs);
  return computedMs.map((sofar) => {
    now.computedMs = sofar;
    vi.advanceTimersByTime(10);
    return rest.isResting();
  });
};

it.each([
  ['code that computes', [5, 15, 25, 35], [false, false, false, false]],
  ['code that waits', [5, 5, 5, 5], [false, true, true, true]],
  ['code that waits, by clocks that are not quite one', [5, 4.999, 5, 4.998], [false, true, true, true]],
  ['code that computes a little', [5, 5.5, 6, 6.5], [false, true, true, true]],
  ['code that computes for a fifth of the time', [5, 7, 9, 11], [false, false, false, false]],
  ['code that computes again', [5, 5, 15, 25], [false, true, false, false]],
  ['a loop that has not begun', [Infinity, Infinity, Infinity], [false, false, false]],
  ['a loop that has just begun, and then waits', [Infinity, 20, 20, 20], [false, false, true, true]],
] as const)('%s', (_, computedMs, expected) => {
  expect(saidOf(computedMs)).toEqual(expected);
});

it('what was said holds until there is enough to judge by', () => {
  const looks = vi.fn(() => 0);
  const rest = new Rest(10, looks);
  for (let look = 0; look < 8; look++) {
    rest.isResting();
    vi.advanceTimersByTime(2);
  }
  expect(looks).toHaveBeenCalledTimes(2);
});

it('of what has begun nothing is known yet, however long the code had waited before', () => {
  const rest = new Rest(10, () => 0);
  const later = (): boolean => {
    vi.advanceTimersByTime(10);
    return rest.isResting();
  };
  expect([later(), later()]).toEqual([false, true]);
  rest.begin();
  expect([later(), later()]).toEqual([false, true]);
});
