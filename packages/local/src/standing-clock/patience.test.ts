import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '@holdfast/engine';
import { expect, it, vi } from 'vitest';
import { EngineTime } from '../runtime/index.ts';
import { StandingClock, type StandingClockOptions } from './standing-clock.ts';

/** A clock that stands, of an engine at rest, and somebody who waits for it. */
const somebodyWaits = (options: Partial<StandingClockOptions>) => {
  const clock = new StandingClock({
    time: new EngineTime('virtual', Date.UTC(2026, 10, 28)),
    mode: 'fail',
    note: undefined,
    witnesses: { engine: {} as Engine, nextWakeAt: () => undefined, resting: () => [] },
    restingSince: () => 0,
    isAtRest: () => true,
    settle: () => {},
    boundSince: () => undefined,
    ...options,
  });
  const giveUp = vi.fn();
  const context = { now: 0, requestId: 'r' } as never;
  clock.enter({ service: 'lambda', action: 'Invoke', input: {}, context, isInside: false, giveUp });
  return { giveUp, [Symbol.dispose]: () => clock.close() };
};

it('gives nobody up while something is under way that needs no time, however long that takes', async () => {
  const isAtRest = vi.fn(() => false);
  const settle = vi.fn();
  using waiting = somebodyWaits({ isAtRest, settle });
  await vi.waitFor(() => expect(settle).toHaveBeenCalledTimes(2), { timeout: 20_000 });
  expect(waiting.giveUp).not.toHaveBeenCalled();
  isAtRest.mockReturnValue(true);
  await vi.waitFor(() => expect(waiting.giveUp).toHaveBeenCalledOnce(), { timeout: 20_000 });
});

it.each([
  ['an engine at rest', false, 1_200],
  ['a function of this process that has just begun', true, 3_500],
])('takes a machine that let nothing of this process run for no patience: %s', async (_whose, isBound, heldMs) => {
  const startedAt = performance.now();
  let boundAt: number | undefined;
  using waiting = somebodyWaits({ restingSince: () => startedAt, boundSince: () => boundAt });
  if (isBound) boundAt = performance.now();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, heldMs);
  await sleep(0);
  await sleep(0);
  expect(waiting.giveUp).not.toHaveBeenCalled();
  await vi.waitFor(() => expect(waiting.giveUp).toHaveBeenCalledOnce(), { timeout: 20_000 });
});
