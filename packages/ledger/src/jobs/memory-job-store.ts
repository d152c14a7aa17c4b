import { AUDIT_START, auditLine, type Step } from '../audit.ts';
import type { Job, JobLease, JobStore, JobWish, MessageResult } from './job.ts';
import { afterWish, begun, JobNotFoundError, LeaseLostError } from './job-state.ts';
import { JournalIndex } from './journal-index.ts';

/** Jobs that end with the process; for tests, and for engines without a directory. */
export class MemoryJobStore implements JobStore {
  readonly #jobs = new Map<string, Job>();
  readonly #index = new JournalIndex();
  readonly #holders = new Map<string, object>();
  readonly #lines: string[] = [];
  #head = AUDIT_START;

  async create(job: Job): Promise<void> {
    this.#jobs.set(job.jobId, job);
  }

  async get(jobId: string): Promise<Job | undefined> {
    return this.#jobs.get(jobId);
  }

  async list(): Promise<readonly Job[]> {
    return [...this.#jobs.values()].sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  }

  async wish(jobId: string, wish: JobWish): Promise<void> {
    this.#jobs.set(jobId, { ...afterWish(this.#known(jobId), wish), wish });
  }

  async wishOf(jobId: string): Promise<JobWish> {
    return this.#known(jobId).wish;
  }

  async lease(jobId: string): Promise<JobLease | undefined> {
    const { state, request } = this.#known(jobId);
    if (state !== 'waiting') return undefined;
    const holder = {};
    this.#holders.set(jobId, holder);
    const change = (changed: Partial<Job>): Job => {
      if (this.#holders.get(jobId) !== holder) throw new LeaseLostError(jobId);
      const job = { ...this.#known(jobId), ...changed };
      this.#jobs.set(jobId, job);
      return job;
    };
    this.#jobs.set(jobId, begun(this.#known(jobId)));
    return {
      traceOf: async (messageId) => this.#index.traceOf(request.from, messageId),
      append: async (step) => {
        change({});
        this.#append(step);
      },
      earlier: async () => this.#index.earlier(jobId),
      save: async (changed) => change(changed),
      end: async (changed) => {
        const job = change(changed);
        this.#holders.delete(jobId);
        return job;
      },
    };
  }

  /** As if the process that has the job were gone. */
  forsake(jobId: string): void {
    this.#holders.delete(jobId);
    this.#jobs.set(jobId, { ...this.#known(jobId), state: 'waiting' });
  }

  async *results(jobId: string): AsyncIterable<MessageResult> {
    yield* this.#index.results(jobId);
  }

  async audit(): Promise<string> {
    return this.#lines.join('');
  }

  #append(step: Step): void {
    const { line, head } = auditLine(this.#head, step);
    this.#head = head;
    this.#lines.push(`${line}\n`);
    this.#index.add(step);
  }

  #known(jobId: string): Job {
    const job = this.#jobs.get(jobId);
    if (job === undefined) throw new JobNotFoundError(jobId);
    return job;
  }
}
