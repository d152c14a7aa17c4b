import { setTimeout as sleep } from 'node:timers/promises';
import { type BackoffPolicy, backoffCeilingMs } from '@holdfast/retry';
import { ConfiguredRetryStrategy } from '@smithy/core/retry';

/** How long a call goes on when the engine is away (a restart, say) before it gives up. */
const ATTEMPTS = 60;
const ATTEMPT_BACKOFF: BackoffPolicy = { baseDelayMs: 200, multiplier: 2, maxDelayMs: 2_000, jitter: 'none' };

/**
 * Gives back what each retry takes from the budget that all calls of a client share: an engine that is restarted fails
 * hundreds of uploads at once, and none of them may give up for the others' sake.
 */
class PatientRetryStrategy extends ConfiguredRetryStrategy {
  override async refreshRetryTokenForRetry(
    ...of: Parameters<ConfiguredRetryStrategy['refreshRetryTokenForRetry']>
  ): ReturnType<ConfiguredRetryStrategy['refreshRetryTokenForRetry']> {
    const next = await super.refreshRetryTokenForRetry(...of);
    this.recordSuccess(next);
    return next;
  }
}

/** For clients of AWS's SDK. */
export const patientRetryStrategy = (): ConfiguredRetryStrategy =>
  new PatientRetryStrategy(ATTEMPTS, (retry: number) => backoffCeilingMs(ATTEMPT_BACKOFF, retry));

/** For requests by `fetch`, which throws when nobody answers. */
export const patiently = async <Answer>(ask: () => Promise<Answer>): Promise<Answer> => {
  for (let retry = 1; ; retry += 1) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof TypeError) || retry >= ATTEMPTS) throw error;
      await sleep(backoffCeilingMs(ATTEMPT_BACKOFF, retry));
    }
  }
};
