import { describe, expect, it } from 'vitest';
import { ManualClock } from './clock.ts';
import { TimerQueue } from './timer-queue.ts';
import { VirtualDriver } from './virtual-driver.ts';

const quiet = { whenQuiet: async () => {} };

describe('VirtualDriver', () => {
  it('runs what is due in order over all sources, each at its own moment, and ends at the target', async () => {
    const clock = new ManualClock(0);
    const [engine, handlers] = [new TimerQueue(), new TimerQueue()];
    const seen: string[] = [];
    engine.schedule(30, () => seen.push(`engine ${clock.now()}`));
    handlers.schedule(20, () => seen.push(`handlers ${clock.now()}`));
    engine.schedule(10, () => {
      seen.push(`engine ${clock.now()}`);
      handlers.schedule(15, () => seen.push(`handlers ${clock.now()}`));
    });
    engine.schedule(101, () => seen.push('too late'));

    await new VirtualDriver(clock, [engine, handlers], quiet).advance(100);

    expect(seen).toEqual(['engine 10', 'handlers 15', 'handlers 20', 'engine 30']);
    expect(clock.now()).toBe(100);
  });

  it('time stands still until whatever was started is quiet', async () => {
    const clock = new ManualClock(0);
    const timers = new TimerQueue();
    const seen: string[] = [];
    let work = Promise.resolve();
    timers.schedule(10, () => {
      work = new Promise((resolve) => setTimeout(resolve, 5)).then(() => {
        seen.push(`work ends at ${clock.now()}`);
      });
    });
    timers.schedule(20, () => seen.push(`next at ${clock.now()}`));

    await new VirtualDriver(clock, [timers], { whenQuiet: () => work }).advance(50);

    expect(seen).toEqual(['work ends at 10', 'next at 20']);
  });

  it('a clock never goes backwards', async () => {
    const clock = new ManualClock(100);
    await new VirtualDriver(clock, [], quiet).advanceTo(50);
    expect(clock.now()).toBe(100);
  });
});
