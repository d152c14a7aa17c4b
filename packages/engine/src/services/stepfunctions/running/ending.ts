import { WHOLE } from './event-details.ts';
import type { ExecutionStatus } from './execution.ts';

export interface Ending {
  readonly status: Exclude<ExecutionStatus, 'RUNNING' | 'PENDING_REDRIVE'>;
  readonly output?: string | undefined;
  readonly error?: string | undefined;
  readonly cause?: string | undefined;
}

const EVENT_OF = {
  SUCCEEDED: 'ExecutionSucceeded',
  FAILED: 'ExecutionFailed',
  TIMED_OUT: 'ExecutionTimedOut',
  ABORTED: 'ExecutionAborted',
} as const;

/** What the history says of an end. */
export const endingEventOf = ({ status }: Ending): string => EVENT_OF[status];

export const endingDetails = ({ output, error, cause }: Ending): Readonly<Record<string, unknown>> => {
  if (output !== undefined) return { output, outputDetails: WHOLE };
  return { ...(error === undefined ? {} : { error }), ...(cause === undefined ? {} : { cause }) };
};
