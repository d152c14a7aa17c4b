import { assertNever } from '@holdfast/kernel';
import { type BackoffPolicy, backoffCeilingMs } from '@holdfast/retry';

/** AWS's defaults of the asynchronous queue, in the API's units. */
export const EVENT_INVOKE_DEFAULTS = { maximumRetryAttempts: 2, maximumEventAgeSeconds: 21_600 } as const;

/** Waits after function errors: one minute before the second run, two before the third. */
export const FUNCTION_ERROR_WAITS_MS = [60_000, 120_000] as const;

/** Waits after throttles and system errors double from here to the maximum. */
export const BACKOFF_BASE_MS = 1_000;
export const BACKOFF_MAX_MS = 300_000;
const BACKOFF: BackoffPolicy = {
  baseDelayMs: BACKOFF_BASE_MS,
  multiplier: 2,
  maxDelayMs: BACKOFF_MAX_MS,
  jitter: 'none',
};

/** With more events than this waiting for a function, waits after refusals are stretched, each by its own share. */
export const LONG_QUEUE_EVENTS = 10;

/** By how much at most: a quarter. Without it all events refused at one instant would come back at one instant. */
export const STRETCH_MAX = 1.25;

/** `Condition` of the record that a destination gets. */
export type Condition = 'Success' | 'RetriesExhausted' | 'EventAgeExceeded' | 'ZeroReservedConcurrency';

export interface RetryPolicy {
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
}

/** Where a queued event stands; all ages are measured from acceptance. */
export interface EventProgress {
  readonly acceptedAt: number;
  /** Runs that reached the function and ended. */
  readonly runs: number;
  /** Refusals since the last run; reset by a run, because it is the exponent of the backoff and nothing else. */
  readonly refusals: number;
}

/** What came of an attempt, `runs` and `refusals` of the progress not yet counting it. */
export type AttemptOutcome = 'success' | 'function-error' | 'refused' | 'zero-reserved-concurrency' | 'recursion';

export type Decision =
  | { readonly next: 'end'; readonly condition: Condition; readonly runs: number }
  | { readonly next: 'wait'; readonly nextAttemptAt: number; readonly runs: number; readonly refusals: number };

/** The moment from which an event is too old to be tried. */
export const expiresAt = (acceptedAt: number, policy: RetryPolicy): number =>
  acceptedAt + policy.maximumEventAgeSeconds * 1_000;

/**
 * Decides what becomes of an asynchronous event after an attempt.
 *
 * ```text
 * QUEUED ── dispatch ──▶ RUNNING ── success ─────────────────────────────▶ Success
 *   ▲                       ├── function error, no retries left ─────────▶ RetriesExhausted
 *   │                       ├── function error, wait would pass max age ─▶ EventAgeExceeded (at once)
 *   ├── 60 s, 120 s ────────┘ function error otherwise
 *   ├── 1, 2, 4 … 300 s ◀── throttled or system error (retries untouched)
 *   └── max age reached before or at the next attempt ───────────────────▶ EventAgeExceeded (at that moment)
 * ```
 *
 * `stretch` lengthens the wait after a refusal when the queue is long (1 to {@link STRETCH_MAX}).
 * Differs: AWS documents that long queues wait longer and are read more slowly, but not by how much.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html
 */
export const decideAfterAttempt = (
  outcome: AttemptOutcome,
  progress: EventProgress,
  policy: RetryPolicy,
  now: number,
  stretch = 1,
): Decision => {
  const { runs, refusals } = progress;
  const deadline = expiresAt(progress.acceptedAt, policy);
  switch (outcome) {
    case 'success':
      return { next: 'end', condition: 'Success', runs: runs + 1 };
    case 'function-error': {
      const ended = runs + 1;
      if (runs >= policy.maximumRetryAttempts) return { next: 'end', condition: 'RetriesExhausted', runs: ended };
      const wait = FUNCTION_ERROR_WAITS_MS[Math.min(runs, FUNCTION_ERROR_WAITS_MS.length - 1)] as number;
      if (now + wait >= deadline) return { next: 'end', condition: 'EventAgeExceeded', runs: ended };
      return { next: 'wait', nextAttemptAt: now + wait, runs: ended, refusals: 0 };
    }
    case 'refused': {
      if (now >= deadline) return { next: 'end', condition: 'EventAgeExceeded', runs };
      const backoff = Math.round(stretch * backoffCeilingMs(BACKOFF, refusals + 1));
      // Waiting longer than the event may live is pointless: it comes up once more to be given up in time.
      return { next: 'wait', nextAttemptAt: Math.min(now + backoff, deadline), runs, refusals: refusals + 1 };
    }
    case 'zero-reserved-concurrency':
      return { next: 'end', condition: 'ZeroReservedConcurrency', runs };
    case 'recursion':
      return { next: 'end', condition: 'RetriesExhausted', runs };
    default:
      return assertNever(outcome);
  }
};
