import { assertNever } from '@holdfast/kernel';
import { type BackoffPolicy, backoffCeilingMs } from '@holdfast/retry';
import { compareSequenceNumbers } from '../shard-log.ts';
import { readBatchResponse } from './batch-response.ts';

/** Waits between attempts double from here to the maximum. */
export const STREAM_RETRY_BASE_MS = 1_000;
/** With it about eight attempts fit into a minute, as was recorded from AWS. */
export const STREAM_RETRY_MAX_MS = 12_000;

/** How often and how finely a failing batch is tried again. */
export interface StreamRetryPolicy {
  /** -1: without end. */
  readonly maximumRetryAttempts: number;
  readonly bisects: boolean;
}

/** What came of offering a batch to the function. */
export type StreamOutcome =
  | { readonly kind: 'success' }
  /** Records before the index succeeded, as the function itself reported. */
  | { readonly kind: 'failed-from'; readonly index: number }
  /** The function was not reached: throttled, missing, or the service failed. */
  | { readonly kind: 'refused' };

/** What becomes of the batch; counts are in records from its beginning. */
export type StreamDecision =
  | { readonly next: 'done' }
  /** The first `done` records are behind us; the others are worked on as parts of these sizes, at once. */
  | { readonly next: 'split'; readonly done: number; readonly sizes: readonly number[] }
  | { readonly next: 'wait'; readonly done: number; readonly delayMs: number; readonly attempts: number }
  | { readonly next: 'discard'; readonly done: number; readonly attempts: number };

const BACKOFF: BackoffPolicy = {
  baseDelayMs: STREAM_RETRY_BASE_MS,
  multiplier: 2,
  maxDelayMs: STREAM_RETRY_MAX_MS,
  jitter: 'none',
};

export const backoffMs = (failures: number): number => backoffCeilingMs(BACKOFF, Math.max(failures, 1));

/**
 * Decides what becomes of a batch after an attempt. `attempts` counts earlier ones that reached the function and used
 * up a retry, `refusals` those that did not reach it since.
 *
 * ```text
 * success ───────────────────────────────────────▶ done
 * failed from record i ─┬─ bisect, i > 0 ────────▶ split: the records from i on, retries untouched
 *                       ├─ bisect, several ──────▶ split: two halves, retries untouched
 *                       ├─ i > 0 ────────────────▶ wait, then the records from i on with all their retries
 *                       ├─ retries left ─────────▶ wait, then again
 *                       └─ none left ────────────▶ discard
 * refused ───────────────────────────────────────▶ wait, retries untouched
 * ```
 *
 * Differs: AWS documents neither the waits, nor what bisecting does with a report that names the first record: here
 * it halves the batch like an error.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html
 */
export const decideAfterStreamAttempt = (
  outcome: StreamOutcome,
  batch: { readonly size: number; readonly attempts: number; readonly refusals: number },
  policy: StreamRetryPolicy,
): StreamDecision => {
  switch (outcome.kind) {
    case 'success':
      return { next: 'done' };
    case 'refused':
      return { next: 'wait', done: 0, delayMs: backoffMs(batch.refusals + 1), attempts: batch.attempts };
    case 'failed-from': {
      const { index } = outcome;
      const left = batch.size - index;
      if (policy.bisects && index > 0) return { next: 'split', done: index, sizes: [left] };
      if (policy.bisects && left > 1) {
        const half = Math.ceil(left / 2);
        return { next: 'split', done: 0, sizes: [half, left - half] };
      }
      // Recorded: the rest of a batch that made progress has all its retries before it.
      if (index > 0) return { next: 'wait', done: index, delayMs: backoffMs(1), attempts: 0 };
      const attempts = batch.attempts + 1;
      const isLast = policy.maximumRetryAttempts >= 0 && attempts > policy.maximumRetryAttempts;
      if (isLast) return { next: 'discard', done: index, attempts };
      return { next: 'wait', done: index, delayMs: backoffMs(attempts), attempts };
    }
    default:
      return assertNever(outcome);
  }
};

/**
 * Reads what a function that ran without error said about its batch. The lowest sequence number reported is where to
 * go on; a report that cannot be understood fails the whole batch.
 */
export const readStreamResponse = (payload: string, sequenceNumbers: readonly string[]): StreamOutcome => {
  const verdict = readBatchResponse(payload, new Set(sequenceNumbers));
  if (verdict.kind === 'all-succeeded') return { kind: 'success' };
  if (verdict.kind === 'all-failed') return { kind: 'failed-from', index: 0 };
  const [lowest] = [...verdict.failedIds].sort(compareSequenceNumbers);
  return { kind: 'failed-from', index: sequenceNumbers.indexOf(lowest as string) };
};
