import { expect, it } from 'vitest';
import { Pacing } from './pacing.ts';

/** Times of sends that are always in time. */
const timesOf = (pacing: Pacing, count: number): readonly number[] => {
  let now = 0;
  return Array.from({ length: count }, () => {
    now = Math.max(now, pacing.next(now, 0));
    return now;
  });
};

it('sends so many a second', () => {
  expect(timesOf(new Pacing(50, 0), 101).at(-1)).toBe(2_000);
});

it('rises evenly from nothing to the whole rate', () => {
  const times = timesOf(new Pacing(100, 0, 10_000), 1_001);
  const within = (from: number, to: number) => times.filter((at) => at >= from && at < to).length;
  expect(within(0, 1_000)).toBeLessThan(10);
  expect(within(5_000, 6_000)).toBeGreaterThan(45);
  expect(within(5_000, 6_000)).toBeLessThan(65);
  expect(within(11_000, 12_000)).toBe(100);
});

it('makes up for a little, and never bursts after a wait', () => {
  const pacing = new Pacing(100, 0);
  pacing.next(0, 0);
  expect(pacing.next(500, 0)).toBe(10);
  expect(pacing.next(60_000, 0)).toBe(60_000);
  expect(pacing.next(60_000, 0)).toBe(60_010);
});
