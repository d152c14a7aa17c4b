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

/** The state of a job once a wish is known; who runs it changes it itself, when it has obeyed. */
export const stateAfterWish = (job: Job, wish: JobWish): JobState => {
  const { state } = job;
  if (state === 'completed' || state === 'cancelled') throw new JobStateError(job, WORDS[wish]);
  if (state === 'running') return state;
  if (wish === 'run') return 'waiting';
  return wish === 'pause' ? 'paused' : 'cancelled';
};
