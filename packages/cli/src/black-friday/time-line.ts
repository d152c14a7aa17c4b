import { setTimeout as sleep } from 'node:timers/promises';
import { type ClockState, control } from '../control.ts';
import type { Target } from '../target.ts';

/** The time the run happens in. */
export interface TimeLine {
  /** Epoch milliseconds. */
  now(): Promise<number>;
  /** Lets this much time go by. */
  pass(ms: number): Promise<void>;
  /** Back to how it was. */
  end(): Promise<void>;
}

/** Time as it goes. */
export const liveTime: TimeLine = {
  now: async () => Date.now(),
  pass: (ms) => sleep(ms),
  end: async () => {},
};

/** The engine's virtual time: passing costs only what happens in it. */
export const virtualTime = async (target: Target): Promise<TimeLine> => {
  const before = await control<ClockState>(target, 'GET', 'clock');
  let now = Date.parse((await control<ClockState>(target, 'POST', 'clock', { mode: 'virtual' })).now);
  return {
    now: async () => now,
    async pass(ms) {
      const state = await control<ClockState>(target, 'POST', 'clock', { advance: `PT${ms / 1000}S` });
      now = Date.parse(state.now);
    },
    async end() {
      if (before.mode === 'live') await control(target, 'POST', 'clock', { mode: 'live' });
    },
  };
};
