import { setTimeout as sleep } from 'node:timers/promises';
import { control } from './control.ts';
import { type ClockState, engineClock } from './engine-clock.ts';
import { CommandError, EXIT } from './exit-code.ts';
import { standstill, type Target } from './target.ts';

/** The time the run happens in. */
export interface TimeLine {
  /** Epoch milliseconds. */
  now(): Promise<number>;
  /** Lets this much time go by. @throws the signal's reason when it comes first */
  pass(ms: number, signal: AbortSignal): Promise<void>;
  /** Nothing that only takes the machine's time, as a cold start does, takes any of it. */
  readonly isVirtual: boolean;
  /** Back to how it was. */
  end(): Promise<void>;
}

/** Time as it goes; an engine's may be ahead of the machine's. */
export const liveTime = async (target: Target): Promise<TimeLine> => {
  const clock = target.endpoint === undefined ? undefined : await engineClock(target.endpoint);
  if (clock?.mode === 'virtual') {
    throw new CommandError(`a live run would never end: ${standstill(clock)}, or add --virtual`, EXIT.refused);
  }
  const aheadMs = clock === undefined ? 0 : Date.parse(clock.now) - Date.now();
  return {
    isVirtual: false,
    now: async () => Date.now() + aheadMs,
    pass: (ms, signal) => sleep(ms, undefined, { signal }),
    end: async () => {},
  };
};

/** The engine's virtual time: passing costs only what happens in it. */
export const virtualTime = async (target: Target): Promise<TimeLine> => {
  const before = await control<ClockState>(target, 'GET', 'clock');
  let now = Date.parse((await control<ClockState>(target, 'POST', 'clock', { mode: 'virtual' })).now);
  return {
    isVirtual: true,
    now: async () => now,
    async pass(ms, signal) {
      const { promise: stop, reject } = Promise.withResolvers<never>();
      const onAbort = (): void => reject(signal.reason);
      signal.addEventListener('abort', onAbort, { once: true });
      try {
        const advance = `PT${ms / 1000}S`;
        const state = await Promise.race([control<ClockState>(target, 'POST', 'clock', { advance }), stop]);
        now = Date.parse(state.now);
      } finally {
        signal.removeEventListener('abort', onAbort);
      }
    },
    async end() {
      if (before.mode === 'live') await control(target, 'POST', 'clock', { mode: 'live' });
    },
  };
};
