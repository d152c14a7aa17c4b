import { expect, it } from 'vitest';
import { TimeHistory } from './time-history.ts';

it('time that goes on with the machine’s is the machine’s and what it is ahead', () => {
  const history = new TimeHistory();
  history.note(10_000, 10_000, true);
  history.note(50_000, 90_000, true);
  expect([5_000, 30_000, 49_000, 50_000, 60_000].map((machine) => history.at(machine))).toEqual([
    5_000, 30_000, 49_000, 90_000, 100_000,
  ]);
});

it('time that stands still is where it was last moved to; within a second to where it ended', () => {
  const history = new TimeHistory();
  history.note(10_000, 0, false);
  history.note(10_300, 5_000, false);
  history.note(10_600, 7_000, false);
  history.note(14_000, 9_000, false);
  expect([9_000, 10_000, 13_000, 14_000, 99_000].map((machine) => history.at(machine))).toEqual([
    -1_000, 7_000, 7_000, 9_000, 9_000,
  ]);
});
