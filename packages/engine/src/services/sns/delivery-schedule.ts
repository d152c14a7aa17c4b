import { SECOND_MS } from '@holdfast/kernel';

/**
 * How often SNS tries an endpoint that AWS runs (queue, function) when that fails on its side: 100,015 tries over
 * 23 days. Client-side failures (endpoint gone, no permission) are not tried again.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
 */
export const DELIVERY_SCHEDULE = {
  immediateTries: 3,
  preBackoffTries: 2,
  preBackoffDelayMs: SECOND_MS,
  backoffTries: 10,
  backoffMinDelayMs: SECOND_MS,
  backoffMaxDelayMs: 20 * SECOND_MS,
  postBackoffTries: 100_000,
  postBackoffDelayMs: 20 * SECOND_MS,
} as const;

/** Wait before try `number` (the first is 1); `undefined` when there is none any more. */
export const delayBeforeTryMs = (number: number): number | undefined => {
  const schedule = DELIVERY_SCHEDULE;
  let index = number - 1;
  if (index < schedule.immediateTries) return 0;
  index -= schedule.immediateTries;
  if (index < schedule.preBackoffTries) return schedule.preBackoffDelayMs;
  index -= schedule.preBackoffTries;
  if (index < schedule.backoffTries) {
    const growth = schedule.backoffMaxDelayMs / schedule.backoffMinDelayMs;
    return Math.round(schedule.backoffMinDelayMs * growth ** (index / (schedule.backoffTries - 1)));
  }
  index -= schedule.backoffTries;
  return index < schedule.postBackoffTries ? schedule.postBackoffDelayMs : undefined;
};
