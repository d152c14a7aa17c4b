import { type Job, JobNotFoundError, type RedriveDesk } from '@holdfast/ledger';
import type { InvocationContext, Log } from '../log.ts';
import { forEachMessage } from '../middleware/for-each-message.ts';
import type { BatchAnswer, QueueEvent, QueueMessage } from '../middleware/sqs-event.ts';
import type { RedriveApiDeps } from './create-redrive.ts';

export interface RedriveRunDeps extends Pick<RedriveApiDeps, 'now' | 'log' | 'call'> {
  readonly desk: Pick<RedriveDesk, 'run'>;
  readonly count: (metric: string) => void;
}

/** Left of an invocation when its run ends: to make held messages visible again, and to call the next. */
const RESERVE_MS = 60_000;

/** A job that somebody else has is looked at again once his lease would have ended without a word of his. */
const LEASE_SECONDS = 60;

/** A job whose messages somebody has is looked at again when what a run that died had in its hands is visible. */
const IN_FLIGHT_SECONDS = 120;

const tell = (log: Log, { jobId, state, because, moved, failed, skipped, cameBack }: Job): void => {
  const told = { jobId, state, because, moved, failed, skipped, cameBack };
  if (state === 'stopped') log.error('redrive stopped', told);
  else log.info('worked on a redrive', told);
};

/**
 * Works on redrive jobs, each called by a message with its id. A job longer than an invocation calls the next one itself; a
 * function that dies leaves its message, which comes back and goes on with the job once the lease on it has ended.
 */
export const createRedriveRun = ({
  now,
  log,
  desk,
  call,
  count,
}: RedriveRunDeps): ((event: QueueEvent, context: InvocationContext) => Promise<BatchAnswer>) => {
  const work = async ({ body }: QueueMessage, context: InvocationContext): Promise<void> => {
    const { jobId } = JSON.parse(body) as { readonly jobId: string };
    let job: Job;
    try {
      job = await desk.run(jobId, {
        untilMs: now() + Math.max(context.getRemainingTimeInMillis() - RESERVE_MS, 1_000),
      });
    } catch (error) {
      if (!(error instanceof JobNotFoundError)) throw error;
      log.error('no such redrive', { jobId });
      return;
    }
    tell(log, job);
    if (job.state === 'stopped') count('RedrivesStopped');
    // It says why it waits unless it is only this run that ended.
    if (job.state === 'waiting') await (job.because === undefined ? call(jobId) : call(jobId, IN_FLIGHT_SECONDS));
    if (job.state === 'running') await call(jobId, LEASE_SECONDS);
  };

  return forEachMessage(work, { log });
};
