import { expect, it } from 'vitest';
import { AwakeTime } from './awake-time.ts';

it('counts all time while looks come when they are due', () => {
  const awake = new AwakeTime(100);
  for (let now = 100; now <= 1_000; now += 100) awake.look(now - 100, now + 5);
  expect(awake.between(0, 1_000)).toBe(1_000);
  expect(awake.between(400, 1_000)).toBe(600);
});

it('counts a look that came late as one that came in time', () => {
  const awake = new AwakeTime(100);
  awake.look(0, 3_100);
  expect(awake.between(0, 3_100)).toBe(100);
  expect(awake.between(3_100, 3_500)).toBe(400);
});

it('takes no more from who began to wait within a time that was lost than that', () => {
  const awake = new AwakeTime(100);
  awake.look(0, 3_100);
  expect(awake.between(2_900, 3_300)).toBe(200);
});
