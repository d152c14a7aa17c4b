import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Timer, TimerQueue } from './timer-queue.ts';

describe('TimerQueue', () => {
  it('runs exactly the due entries that were not cancelled, by time, first scheduled first', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ at: fc.integer({ min: 0, max: 50 }), isCancelled: fc.boolean() }), { maxLength: 300 }),
        fc.integer({ min: 0, max: 60 }),
        (entries, now) => {
          const queue = new TimerQueue();
          const ran: number[] = [];
          const timers: Timer[] = entries.map(({ at }, index) => queue.schedule(at, () => ran.push(index)));
          for (const [index, { isCancelled }] of entries.entries()) if (isCancelled) timers[index]?.cancel();

          queue.wake(now);

          const expected = entries
            .map((entry, index) => ({ ...entry, index }))
            .filter(({ at, isCancelled }) => !isCancelled && at <= now)
            .sort((a, b) => a.at - b.at || a.index - b.index)
            .map(({ index }) => index);
          expect(ran).toEqual(expected);
          const left = entries.filter(({ at, isCancelled }) => !isCancelled && at > now);
          expect(queue.size).toBe(left.length);
          expect(queue.nextWakeAt()).toBe(left.length === 0 ? undefined : Math.min(...left.map(({ at }) => at)));
        },
      ),
    );
  });

  it('an entry that schedules another for the same moment has it run in the same wake', () => {
    const queue = new TimerQueue();
    const ran: string[] = [];
    queue.schedule(5, () => {
      ran.push('first');
      queue.schedule(5, () => ran.push('second'));
    });
    queue.wake(5);
    expect(ran).toEqual(['first', 'second']);
  });

  it('tells a sleeping driver only of entries that are due before all others', () => {
    const queue = new TimerQueue();
    let told = 0;
    queue.onEarlier = () => {
      told += 1;
    };
    queue.schedule(10, () => {});
    queue.schedule(20, () => {});
    queue.schedule(5, () => {});
    expect(told).toBe(2);
  });

  it('cancelled entries do not pile up', () => {
    const queue = new TimerQueue();
    for (let index = 0; index < 10_000; index++) queue.schedule(1_000_000 + index, () => {}).cancel();
    expect(queue.size).toBe(0);
    expect(queue.nextWakeAt()).toBeUndefined();
  });
});
