import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readAudit } from '../audit.ts';
import { AuditFile, isAlive } from '../audit-file.ts';
import type { Job, JobLease, JobStore, JobWish, MessageResult } from './job.ts';
import { afterWish, begun, JobNotFoundError } from './job-state.ts';
import { JournalIndex } from './journal-index.ts';

/** A job as it lies in its file, with the process that works on it. */
interface KeptJob extends Job {
  readonly pid?: number;
}

const isWish = (text: string): text is JobWish => text === 'run' || text === 'pause' || text === 'cancel';

/**
 * Jobs in a directory, a file each, beside the audit log that all of them write to. What is wanted of a job lies in a file
 * of its own, so that it is never lost to the process that works on it and writes the other.
 */
export class FileJobStore implements JobStore {
  readonly auditFile: string;
  readonly #directory: string;

  /** @param auditFile - one process at a time writes it: jobs that use it run one after the other */
  constructor(directory: string, auditFile: string) {
    this.#directory = directory;
    this.auditFile = auditFile;
  }

  async create(job: Job): Promise<void> {
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    this.#write(job);
  }

  async get(jobId: string): Promise<Job | undefined> {
    return this.#read(jobId);
  }

  async list(): Promise<readonly Job[]> {
    if (!existsSync(this.#directory)) return [];
    return readdirSync(this.#directory)
      .flatMap((name) => (name.endsWith('.json') ? (this.#read(name.slice(0, -'.json'.length)) ?? []) : []))
      .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
  }

  async wish(jobId: string, wish: JobWish): Promise<void> {
    const job = this.#known(jobId);
    const after = afterWish(job, wish);
    this.#replace(`${jobId}.wish`, wish);
    if (after !== job) this.#write(after);
  }

  async wishOf(jobId: string): Promise<JobWish> {
    return this.#wishOf(jobId);
  }

  /** @throws AuditError when another job is writing the audit log */
  async lease(jobId: string, nowMs: number): Promise<JobLease | undefined> {
    if (this.#known(jobId).state !== 'waiting') return undefined;
    const audit = new AuditFile(this.auditFile, new Date(nowMs).toISOString());
    const index = new JournalIndex(audit.entries);
    const { request } = this.#known(jobId);
    const change = (changed: Partial<Job>, pid?: number): Job => {
      const { pid: _, ...job } = { ...(this.#read(jobId) as KeptJob), ...changed };
      this.#write({ ...job, ...(pid === undefined ? {} : { pid }) });
      return job;
    };
    this.#write({ ...begun(this.#known(jobId)), pid: process.pid });
    return {
      traceOf: async (messageId) => index.traceOf(request.from, messageId),
      append: async (step) => {
        audit.append(step);
        index.add(step);
      },
      earlier: async () => index.earlier(jobId),
      save: async (changed) => change(changed, process.pid),
      end: async (changed) => {
        audit.close();
        return change(changed);
      },
    };
  }

  async *results(jobId: string): AsyncIterable<MessageResult> {
    yield* new JournalIndex(readAudit(await this.audit()).entries).results(jobId);
  }

  async audit(): Promise<string> {
    return existsSync(this.auditFile) ? readFileSync(this.auditFile, 'utf8') : '';
  }

  #known(jobId: string): Job {
    const job = this.#read(jobId);
    if (job === undefined) throw new JobNotFoundError(jobId);
    return job;
  }

  #read(jobId: string): Job | undefined {
    const file = join(this.#directory, `${jobId}.json`);
    if (!/^[\w-]+$/.test(jobId) || !existsSync(file)) return undefined;
    const { pid, ...job } = JSON.parse(readFileSync(file, 'utf8')) as KeptJob;
    const isForsaken = job.state === 'running' && (pid === undefined || !isAlive(pid));
    return { ...job, wish: this.#wishOf(jobId), ...(isForsaken ? { state: 'waiting' as const } : {}) };
  }

  #wishOf(jobId: string): JobWish {
    const file = join(this.#directory, `${jobId}.wish`);
    const text = existsSync(file) ? readFileSync(file, 'utf8') : 'run';
    return isWish(text) ? text : 'run';
  }

  #write(job: KeptJob): void {
    this.#replace(`${job.jobId}.json`, JSON.stringify(job));
  }

  /** Whole or not at all, whoever dies. */
  #replace(name: string, text: string): void {
    const file = join(this.#directory, name);
    writeFileSync(`${file}.new`, text, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }
}
