import { type Random, SECOND_MS } from '@holdfast/kernel';
import { type BackoffPolicy, backoffDelayMs } from '@holdfast/retry';
import type { JsonObject } from '../../../core/index.ts';
import type { StateFailure } from '../language/errors.ts';

/** The documentation has a second one, States.DataLimitExceeded, which AWS was seen to catch by `States.ALL`. */
const UNCATCHABLE = 'States.Runtime';

/** Whether a retrier or catcher is meant for an error: by name, or by one of the two wildcards. */
export const isMeantFor = (errorEquals: readonly string[], { error, alias }: StateFailure): boolean => {
  const name = error ?? '';
  if (errorEquals.includes(name) || (alias !== undefined && errorEquals.includes(alias))) return true;
  if (errorEquals.includes('States.ALL')) return name !== UNCATCHABLE;
  // What timed out waits for another name; what broke in the definition is caught by none.
  return errorEquals.includes('States.TaskFailed') && name !== 'States.Timeout' && name !== UNCATCHABLE;
};

const INTERVAL_SECONDS = 1;
const ATTEMPTS_MAX = 3;
const BACKOFF_RATE = 2;

/** How long a retrier waits before its attempt number `attempt`, 1 for the first; `undefined` when it has no more. */
export const retryDelayMs = (retrier: JsonObject, attempt: number, random: Random): number | undefined => {
  if (attempt > ((retrier.MaxAttempts as number | undefined) ?? ATTEMPTS_MAX)) return undefined;
  const policy: BackoffPolicy = {
    baseDelayMs: ((retrier.IntervalSeconds as number | undefined) ?? INTERVAL_SECONDS) * SECOND_MS,
    multiplier: (retrier.BackoffRate as number | undefined) ?? BACKOFF_RATE,
    maxDelayMs: ((retrier.MaxDelaySeconds as number | undefined) ?? Number.POSITIVE_INFINITY) * SECOND_MS,
    jitter: retrier.JitterStrategy === 'FULL' ? 'full' : 'none',
  };
  return Math.round(backoffDelayMs(policy, attempt, random));
};
