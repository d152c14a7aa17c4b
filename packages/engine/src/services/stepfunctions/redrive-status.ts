import type { EpochMs } from '@holdfast/kernel';
import type { StoredExecution } from './running/execution.ts';
import { REDRIVE_MS_MAX } from './running/redriving.ts';
import { HISTORY_EVENTS_MAX } from './running/runner.ts';

/** Whether an execution may be taken up again at a moment, and why not. */
export const redriveStatus = (
  record: StoredExecution,
  now: EpochMs,
): { readonly status: 'REDRIVABLE' | 'NOT_REDRIVABLE'; readonly reason?: string } => {
  const not = (reason: string) => ({ status: 'NOT_REDRIVABLE' as const, reason });
  if (record.status === 'RUNNING' || record.status === 'SUCCEEDED' || record.status === 'PENDING_REDRIVE') {
    return not(`Execution is ${record.status} and cannot be redriven`);
  }
  // One more says that it was redriven, and one at least that something came of it.
  if (record.eventCount >= HISTORY_EVENTS_MAX - 1) return not('Execution history event limit exceeded');
  if (record.stoppedAt !== undefined && now - record.stoppedAt > REDRIVE_MS_MAX) {
    return not('Execution redrivable period exceeded');
  }
  return { status: 'REDRIVABLE' };
};
