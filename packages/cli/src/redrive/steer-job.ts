import { userInfo } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Job, JobNotFoundError, JobStateError, type MessageResult } from '@holdfast/ledger';
import { CommandError, EXIT } from '../exit-code.ts';
import { print, printJson, table } from '../output.ts';
import type { Target } from '../target.ts';
import { jobText } from './job-text.ts';
import { jobStore, openOperations } from './open-operations.ts';
import { runJob } from './run-job.ts';

const said = async <Value>(work: Promise<Value>): Promise<Value> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof JobNotFoundError) throw new CommandError(error.message, EXIT.notFound, { cause: error });
    if (error instanceof JobStateError) throw new CommandError(error.message, EXIT.refused, { cause: error });
    throw error;
  }
};

/** How long a running job may take to obey before the command says that it has not. */
const OBEY_MS = 5_000;

/** The job that is meant: its id or the beginning of it, or the youngest one. */
const jobOf = async (named: string | undefined, auditFile: string | undefined): Promise<Job> => {
  const jobs = await jobStore(auditFile).list();
  const meant = named === undefined ? jobs.slice(0, 1) : jobs.filter(({ jobId }) => jobId.startsWith(named));
  const [job] = meant;
  if (job !== undefined && meant.length === 1) return job;
  const offered = (meant.length > 0 ? meant : jobs).map(({ jobId }) => jobId).slice(0, 5);
  throw new CommandError(
    offered.length === 0 ? 'there are no redrive jobs' : `no one job "${named}"; there are ${offered.join(', ')}`,
    EXIT.notFound,
  );
};

const show = (job: Job, asJson: boolean): void => {
  if (asJson) printJson(job);
  else print(jobText(job));
};

/** Says what is wanted of a job, and waits until whoever works on it has obeyed. */
export const steerJob = async (
  named: string | undefined,
  wish: 'pause' | 'cancel',
  auditFile: string | undefined,
  asJson: boolean,
): Promise<void> => {
  const jobs = jobStore(auditFile);
  const { jobId } = await jobOf(named, auditFile);
  await said(jobs.wish(jobId, wish));
  let job = await jobs.get(jobId);
  for (let waited = 0; job?.state === 'running' && waited < OBEY_MS; waited += 100) {
    await sleep(100);
    job = await jobs.get(jobId);
  }
  if (job === undefined || job.state === 'running') {
    throw new CommandError(
      `job ${jobId} has not obeyed within ${OBEY_MS / 1_000} s; it does once its send is answered`,
      EXIT.findings,
    );
  }
  show(job, asJson);
};

/** Goes on with a job that was paused or stopped, or whose process died. */
export const resumeJob = async (
  target: Target,
  named: string | undefined,
  auditFile: string | undefined,
  asJson: boolean,
): Promise<void> => {
  const { jobId } = await jobOf(named, auditFile);
  const operations = await openOperations(target, auditFile);
  await said(operations.redrive.resume(jobId));
  await runJob(operations, jobId, asJson);
};

/** Takes back what a job sent into queues and nobody has received yet. */
export const undoJob = async (
  target: Target,
  named: string | undefined,
  auditFile: string | undefined,
  asJson: boolean,
): Promise<void> => {
  const { jobId } = await jobOf(named, auditFile);
  const operations = await openOperations(target, auditFile);
  const jobs = await operations.redrive.undo(jobId, userInfo().username);
  if (jobs.length === 0) throw new CommandError(`job ${jobId} sent nothing into a queue`, EXIT.notFound);
  for (const undo of jobs) await runJob(operations, undo.jobId, asJson);
};

/** Lists jobs, or what became of each message of one. */
export const showJobs = async (
  named: string | undefined,
  auditFile: string | undefined,
  asJson: boolean,
): Promise<void> => {
  const jobs = jobStore(auditFile);
  if (named === undefined) {
    const all = await jobs.list();
    if (asJson) printJson(all);
    else if (all.length === 0) print('no redrive jobs');
    else {
      print(
        table(
          ['CREATED', 'STATE', 'MOVED', 'FAILED', 'CAME BACK', 'FROM', 'JOB'],
          all.map((job) => [
            job.createdAt,
            job.state,
            job.moved,
            job.failed,
            job.cameBack,
            job.request.from.split(':').at(-1) ?? '',
            job.jobId,
          ]),
        ),
      );
    }
    return;
  }
  const job = await jobOf(named, auditFile);
  const results: MessageResult[] = [];
  for await (const result of jobs.results(job.jobId)) results.push(result);
  if (asJson) printJson({ ...job, results });
  else {
    print(jobText(job));
    print(
      table(
        ['MESSAGE ID', 'OUTCOME', 'TO', 'AS'],
        results.map((one) => [one.messageId, one.outcome, one.to ?? '', one.proof ?? one.error ?? '']),
      ),
    );
  }
};
