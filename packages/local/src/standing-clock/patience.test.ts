import type { Engine } from '@holdfast/engine';
import { expect, it, vi } from 'vitest';
import { EngineTime } from '../runtime/index.ts';
import { StandingClock } from './standing-clock.ts';

it('gives nobody up while something is under way that needs no time, however long that takes', async () => {
  const isAtRest = vi.fn(() => false);
  const settle = vi.fn();
  const clock = new StandingClock({
    time: new EngineTime('virtual', Date.UTC(2026, 10, 28)),
    mode: 'fail',
    note: undefined,
    witnesses: { engine: {} as Engine, nextWakeAt: () => undefined, resting: () => [] },
    restingSince: () => 0,
    isAtRest,
    settle,
    boundSince: () => undefined,
  });
  const giveUp = vi.fn();
  const context = { now: 0, requestId: 'r' } as never;
  clock.enter({ service: 'lambda', action: 'Invoke', input: {}, context, isInside: false, giveUp });
  await vi.waitFor(() => expect(settle).toHaveBeenCalledTimes(2), { timeout: 20_000 });
  expect(giveUp).not.toHaveBeenCalled();
  isAtRest.mockReturnValue(true);
  await vi.waitFor(() => expect(giveUp).toHaveBeenCalledOnce(), { timeout: 20_000 });
  clock.close();
});
