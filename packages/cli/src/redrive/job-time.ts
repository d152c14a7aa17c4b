import { setTimeout as sleep } from 'node:timers/promises';
import type { JobTime } from '@holdfast/ledger';
import { control } from '../control.ts';
import { type ClockState, engineClock } from '../engine-clock.ts';
import type { Target } from '../target.ts';

/** Whether to wait moves the engine's time on, for everybody. */
export interface CommandTime extends JobTime {
  readonly isSteered: boolean;
}

const machineTime = (aheadMs: number): CommandTime => ({
  isSteered: false,
  now: () => Date.now() + aheadMs,
  wait: async (ms, signal) => {
    // Who wants the job to end does not wait.
    await sleep(ms, undefined, { signal }).catch(() => {});
  },
});

/** Where time stands still, to wait is to let it pass: nobody else would. */
const steeredTime = (target: Target, startMs: number): CommandTime => {
  let nowMs = startMs;
  return {
    isSteered: true,
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
export const jobTime = async (target: Target): Promise<CommandTime> => {
  const clock = target.endpoint === undefined ? undefined : await engineClock(target.endpoint);
  if (clock === undefined) return machineTime(0);
  const nowMs = Date.parse(clock.now);
  if (clock.mode === 'live') return machineTime(nowMs - Date.now());
  return steeredTime(target, nowMs);
};
