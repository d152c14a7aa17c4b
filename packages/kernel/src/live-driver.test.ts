import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveClock, LiveDriver } from './live.ts';
import { TimerQueue } from './timer-queue.ts';

describe('LiveDriver', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const start = () => {
    const timers = new TimerQueue();
    const clock = new LiveClock();
    const driver = new LiveDriver(timers, clock);
    timers.onEarlier = () => driver.rearm();
    driver.start();
    return { timers, clock, driver };
  };

  it('wakes at the time of what is due, also of what is due earlier than what it sleeps for', () => {
    const { timers, clock } = start();
    const begin = clock.now();
    const runs: number[] = [];
    for (const ms of [500, 200, 300]) timers.schedule(begin + ms, (now) => runs.push(now - begin));
    vi.advanceTimersByTime(1_000);
    expect(runs).toEqual([200, 300, 500]);
  });

  it('sets one timer for time limits that are taken back, one after the other, and wakes for the one that is not', () => {
    const setTimer = vi.spyOn(globalThis, 'setTimeout');
    const { timers, clock } = start();
    for (let n = 0; n < 100; n++) {
      timers.schedule(clock.now() + 3_000, () => {}).cancel();
      vi.advanceTimersByTime(10);
    }
    expect(setTimer).toHaveBeenCalledTimes(1);
    const due = clock.now() + 3_000;
    let ranAt: number | undefined;
    timers.schedule(due, (now) => {
      ranAt = now;
    });
    vi.advanceTimersByTime(5_000);
    expect(ranAt).toBe(due);
    expect(vi.getTimerCount()).toBe(0);
    setTimer.mockRestore();
  });
});
