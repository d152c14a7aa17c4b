import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LoneCaller } from './lone-caller.ts';

describe('LoneCaller', () => {
  let now = 0;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setImmediate'] });
    vi.spyOn(performance, 'now').mockImplementation(() => now);
  });
  afterEach(() => {
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  const isAwake = (): boolean => vi.getTimerCount() > 0;
  const run = (lone: LoneCaller, ms = 0): void => {
    lone.begun(1);
    now += ms;
    lone.ended(0);
    vi.runAllTimers();
  };
  /** With eight invocations behind it that were over at once. */
  const known = (): LoneCaller => {
    const lone = new LoneCaller();
    for (let n = 0; n < 8; n++) {
      run(lone);
      expect(isAwake()).toBe(false);
    }
    return lone;
  };

  it('lets the loop turn until the ninth invocation in a row ends that was alone and over at once', () => {
    const lone = known();
    lone.begun(1);
    for (let turns = 0; turns < 5; turns++) {
      expect(isAwake()).toBe(true);
      vi.advanceTimersToNextTimer();
    }
    lone.ended(0);
    vi.advanceTimersToNextTimer();
    expect(isAwake()).toBe(false);
  });

  it.each([
    ['one that takes its time', (lone: LoneCaller) => run(lone, 1)],
    [
      'two at once',
      (lone: LoneCaller) => {
        lone.begun(1);
        lone.begun(2);
        lone.ended(1);
        lone.ended(0);
      },
    ],
  ])('lets it sleep again after %s', (_, happen) => {
    const lone = known();
    happen(lone);
    vi.runAllTimers();
    lone.begun(1);
    expect(isAwake()).toBe(false);
  });

  it('does not go on for longer than a moment', () => {
    known().begun(1);
    now += 1;
    vi.advanceTimersToNextTimer();
    expect(isAwake()).toBe(false);
  });
});
