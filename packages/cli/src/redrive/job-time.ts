import { setTimeout as sleep } from 'node:timers/promises';
import type { JobTime } from '@holdfast/ledger';
import { type ClockState, control, engineClock } from '../control.ts';
import { note } from '../output.ts';
import type { Target } from '../target.ts';

const machineTime = (aheadMs: number): JobTime => ({
  now: () => Date.now() + aheadMs,
  wait: async (ms, signal) => {
    // Who wants the job to end does not wait.
    await sleep(ms, undefined, { signal }).catch(() => {});
  },
});

/** Where time stands still, to wait is to let it pass: nobody else would. */
const steeredTime = (target: Target, startMs: number): JobTime => {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    wait: async (ms, signal) => {
      if (signal.aborted) return;
      const wholeMs = Math.ceil(ms);
      nowMs += wholeMs;
      await control<ClockState>(target, 'POST', 'clock', { advance: `PT${wholeMs / 1_000}S` });
    },
  };
};

/** The time of whom the job talks to. */
export const jobTime = async (target: Target): Promise<JobTime> => {
  const clock = target.endpoint === undefined ? undefined : await engineClock(target.endpoint);
  if (clock === undefined) return machineTime(0);
  const nowMs = Date.parse(clock.now);
  if (clock.mode === 'live') return machineTime(nowMs - Date.now());
  note('the rate counts in virtual time: a redrive moves it on');
  return steeredTime(target, nowMs);
};

/** The time of whom a command talks to, in milliseconds. */
export const nowOf = async ({ endpoint }: Target): Promise<number> => {
  const clock = endpoint === undefined ? undefined : await engineClock(endpoint);
  return clock === undefined ? Date.now() : Date.parse(clock.now);
};
