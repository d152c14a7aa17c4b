import { backoffDelayMs, resolveBackoffPolicy } from '@holdfast/retry';
import type { Ambient } from '../ambient.ts';
import type { InvocationContext } from '../log.ts';
import type { UploadRecord } from '../uploads/upload-record.ts';
import type { UploadRecords } from '../uploads/upload-records.ts';
import { type ClaimDecision, type Delivery, decideClaim } from './decide-claim.ts';
import { UploadInProgressError } from './errors.ts';

/** How long a delivery waits for another one of the same upload before it gives its place back. */
const PATIENCE_MS = 10_000;
/** Kept back from the invocation's time for the work itself. */
const WORK_RESERVE_MS = 5_000;
const BACKOFF = resolveBackoffPolicy({ baseDelayMs: 200, multiplier: 2, maxDelayMs: 2_000, jitter: 'equal' });

/**
 * Claims an upload for this invocation by a conditional write, or finds out that there is nothing (more) to do.
 *
 * Mostly the upload is new, so its record is written without looking whether there is one: a refused write brings it.
 *
 * While another invocation holds the lease this one waits a little: mostly a duplicate delivery ends well in seconds.
 * It must not answer success in the meantime, because the holder may still die and its event with it.
 *
 * @throws {@link UploadInProgressError} when the holder takes longer than that
 */
export const claimUpload = async (
  records: UploadRecords,
  { now, sleep, random }: Ambient,
  context: InvocationContext,
  delivery: Delivery,
  extraPatienceMs: number,
): Promise<Exclude<ClaimDecision, { kind: 'busy' }>> => {
  const giveUpAt =
    now() + Math.min(PATIENCE_MS + extraPatienceMs, Math.max(0, context.getRemainingTimeInMillis() - WORK_RESERVE_MS));
  /** What is recorded as far as is known; before the first write, nothing. */
  let existing: UploadRecord | undefined;
  for (let round = 0; ; round++) {
    const decision = decideClaim(existing, delivery, now());
    if (decision.kind === 'done' || decision.kind === 'superseded') return decision;
    if (decision.kind === 'process') {
      const written = await records.replace(decision.record);
      if (written.isWritten) return decision;
      existing = written.found;
      if (round === 0) continue;
    }
    if (decision.kind === 'announce' && (await records.update(decision.record, decision.changes))) {
      const { record, changes } = decision;
      return { ...decision, record: { ...record, ...changes, revision: record.revision + 1 } };
    }
    if (now() >= giveUpAt) {
      throw new UploadInProgressError(delivery.key, decision.kind === 'busy' ? decision.until : delivery.leaseUntil);
    }
    await sleep(backoffDelayMs(BACKOFF, round, random));
    existing = await records.read(delivery.vendorId, delivery.key);
  }
};
