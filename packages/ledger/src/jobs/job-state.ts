import { HoldfastError } from '@holdfast/kernel';
import type { Job, JobState, JobWish } from './job.ts';

/** No job has that id. */
export class JobNotFoundError extends HoldfastError {
  override readonly name = 'JobNotFoundError';
  readonly code = 'JOB_NOT_FOUND';
  readonly jobId: string;

  constructor(jobId: string) {
    super(`no redrive job ${jobId}`);
    this.jobId = jobId;
  }
}

/** What is asked of a job cannot be, in the state that it is in. */
export class JobStateError extends HoldfastError {
  override readonly name = 'JobStateError';
  readonly code = 'JOB_STATE';
  readonly jobId: string;
  readonly state: JobState;
  readonly wish: string;

  constructor({ jobId, state }: Job, wish: string) {
    super(`job ${jobId} is ${state}, and cannot be asked to ${wish}`);
    this.jobId = jobId;
    this.state = state;
    this.wish = wish;
  }
}

/** Somebody took the job over, as its process was not heard of: what it does from now on would be done twice. */
export class LeaseLostError extends HoldfastError {
  override readonly name = 'LeaseLostError';
  readonly code = 'LEASE_LOST';
  readonly jobId: string;

  constructor(jobId: string) {
    super(`another process works on job ${jobId} by now; this one sends nothing more`);
    this.jobId = jobId;
  }
}

const WORDS: Readonly<Record<JobWish, string>> = { run: 'go on', pause: 'pause', cancel: 'end' };

const STATES: Readonly<Record<JobWish, JobState>> = { run: 'waiting', pause: 'paused', cancel: 'cancelled' };

/** A job that somebody works on: why it stood still is over. */
export const begun = ({ because: _, ...job }: Job): Job => ({ ...job, state: 'running' });

/** A job once a wish is known, the same if that changes nothing; who runs it changes it itself, when it has obeyed. */
export const afterWish = (job: Job, wish: JobWish): Job => {
  const { because, ...rest } = job;
  const { state, moved, cameBack, updatedAt } = rest;
  if (state === 'completed' || state === 'cancelled') throw new JobStateError(job, WORDS[wish]);
  if (state === 'running' || state === STATES[wish]) return job;
  // Whoever has it go on has seen why it stopped: the same messages would stop it again before it had sent one.
  const forgiven = state === 'stopped' && wish === 'run' ? { forgiven: { moved, cameBack, until: updatedAt } } : {};
  // Why it was in a state says nothing of the next one.
  return { ...rest, state: STATES[wish], ...forgiven };
};
