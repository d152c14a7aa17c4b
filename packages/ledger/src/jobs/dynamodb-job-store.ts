import { AUDIT_START, type AuditHead, auditLine, type Step } from '../audit.ts';
import type { Target } from '../target.ts';
import { GroupCommit } from './group-commit.ts';
import type { EarlierRuns, Job, JobLease, JobStore, JobWish, MessageResult, Trace } from './job.ts';
import { afterWish, begun, JobNotFoundError, LeaseLostError } from './job-state.ts';
import { resultAfter, traceAfter } from './journal-index.ts';
import { ConditionError, Table } from './table.ts';

/** A process that writes nothing for that long is taken for dead, and its job may be taken over. */
const LEASE_MS = 60_000;

/** Each step is a result and a trace, beside the head and the lines of all; a transaction takes 100 items. */
const STEPS_MAX = 49;

/** What is known of a message of a queue, whichever job did it. */
interface KeptMessage {
  readonly trace?: Trace;
}

/** What a lease is: who has it and until when, and the end of the job's audit log. Every write is made over it. */
interface KeptLease {
  readonly owner: string;
  readonly untilMs: number;
  readonly head: AuditHead;
}

const jobKey = (jobId: string): string => `job#${jobId}`;
const messageKey = (queueArn: string): string => `messages#${queueArn}`;

/** In the order of text, as sort keys are. */
const inOrder = (seq: number): string => String(seq).padStart(12, '0');

/**
 * Jobs in a table of DynamoDB: a Lambda function works on one in slices, the next invocation goes on. Steps are written in
 * transactions over the lease, so that a process whose lease was taken over cannot write a step, and sends nothing.
 *
 * The audit log of each job is a chain of its own.
 */
export class DynamoDbJobStore implements JobStore {
  readonly #table: Table;
  readonly #newOwner: () => string;

  /**
   * @param tableName - with a partition key `pk` and a sort key `sk`, both text
   * @param newOwner - names a process that takes a job; never the same twice
   */
  constructor(target: Target, tableName: string, newOwner: () => string) {
    this.#table = new Table(target, tableName);
    this.#newOwner = newOwner;
  }

  async create(job: Job): Promise<void> {
    const { jobId, createdAt } = job;
    await this.#table.put({ pk: jobKey(jobId), sk: 'job', json: job });
    await this.#table.put({ pk: jobKey(jobId), sk: 'wish', json: job.wish });
    const lease: KeptLease = { owner: '', untilMs: 0, head: AUDIT_START };
    await this.#table.put({ pk: jobKey(jobId), sk: 'lease', json: lease });
    await this.#table.put({ pk: 'jobs', sk: `${createdAt}#${jobId}`, json: jobId });
  }

  async get(jobId: string): Promise<Job | undefined> {
    const [job, wish] = await Promise.all([
      this.#table.get<Job>(jobKey(jobId), 'job'),
      this.#table.get<JobWish>(jobKey(jobId), 'wish'),
    ]);
    return job === undefined ? undefined : { ...job, wish: wish ?? 'run' };
  }

  async list(): Promise<readonly Job[]> {
    const jobs: Job[] = [];
    for await (const jobId of this.#table.query<string>('jobs', undefined, true)) {
      const job = await this.get(jobId);
      if (job !== undefined) jobs.push(job);
    }
    return jobs;
  }

  async wish(jobId: string, wish: JobWish): Promise<void> {
    for (;;) {
      const job = await this.#table.get<Job>(jobKey(jobId), 'job');
      if (job === undefined) throw new JobNotFoundError(jobId);
      const after = afterWish(job, wish);
      await this.#table.put({ pk: jobKey(jobId), sk: 'wish', json: wish });
      if (after === job) return;
      try {
        await this.#table.put({ pk: jobKey(jobId), sk: 'job', json: after }, job);
        return;
      } catch (error) {
        // Whoever works on it has written it in between.
        if (!(error instanceof ConditionError)) throw error;
      }
    }
  }

  async wishOf(jobId: string): Promise<JobWish> {
    return (await this.#table.get<JobWish>(jobKey(jobId), 'wish')) ?? 'run';
  }

  async lease(jobId: string, nowMs: number): Promise<JobLease | undefined> {
    const job = await this.get(jobId);
    if (job === undefined) throw new JobNotFoundError(jobId);
    const held = await this.#table.get<KeptLease>(jobKey(jobId), 'lease');
    if (held === undefined || (job.state !== 'waiting' && job.state !== 'running')) return undefined;
    if (job.state === 'running' && held.untilMs > nowMs) return undefined;
    const lease = new Lease(this.#table, job, held, this.#newOwner(), nowMs);
    return (await lease.take()) ? lease : undefined;
  }

  async *results(jobId: string): AsyncIterable<MessageResult> {
    yield* this.#table.query<MessageResult>(jobKey(jobId), 'message#');
  }

  async audit(jobId: string): Promise<string> {
    const lines: string[] = [];
    for await (const some of this.#table.query<readonly string[]>(jobKey(jobId), 'audit#')) lines.push(...some);
    return lines.map((line) => `${line}\n`).join('');
  }
}

/** What is written: a step of the job, or the job itself. */
type Entry = Step | KeptChange;

interface KeptChange {
  readonly job: Job;
  readonly isLast: boolean;
}

const isChange = (entry: Entry): entry is KeptChange => !('step' in entry);

class Lease implements JobLease {
  readonly #table: Table;
  readonly #owner: string;
  readonly #commit: GroupCommit<Entry>;
  #job: Job;
  #held: KeptLease;
  #nowMs: number;
  /** What this process knows of messages, so that not every step is read first. */
  readonly #messages = new Map<string, { trace?: Trace | undefined; result?: MessageResult | undefined }>();

  constructor(table: Table, job: Job, held: KeptLease, owner: string, nowMs: number) {
    this.#table = table;
    this.#job = job;
    this.#held = held;
    this.#owner = owner;
    this.#nowMs = nowMs;
    this.#commit = new GroupCommit(STEPS_MAX, (entries) => this.#write(entries));
  }

  /** Whether nobody was faster. */
  async take(): Promise<boolean> {
    try {
      this.#job = begun(this.#job);
      await this.save({});
      return true;
    } catch (error) {
      if (error instanceof LeaseLostError) return false;
      throw error;
    }
  }

  async traceOf(messageId: string): Promise<Trace | undefined> {
    const known = this.#messages.get(messageId);
    if (known !== undefined) return known.trace;
    const kept = await this.#table.get<KeptMessage>(messageKey(this.#job.request.from), messageId);
    const trace = kept?.trace;
    // What an earlier run of this job wrote of it is added to, not written over.
    const result =
      trace?.jobId === this.#job.jobId
        ? await this.#table.get<MessageResult>(jobKey(trace.jobId), `message#${messageId}`)
        : undefined;
    this.#messages.set(messageId, { trace, result });
    return trace;
  }

  append(step: Step): Promise<void> {
    this.#nowMs = Math.max(this.#nowMs, Date.parse(step.at));
    return this.#commit.add(step);
  }

  async earlier(): Promise<EarlierRuns> {
    const earlier = { proofs: new Set<string>(), cameBack: new Set<string>(), possibleDuplicates: new Set<string>() };
    for await (const result of this.#table.query<MessageResult>(jobKey(this.#job.jobId), 'message#')) {
      const { messageId, outcome, proof, mayBeDuplicate } = result;
      if (proof !== undefined) earlier.proofs.add(proof);
      if (outcome === 'came back') earlier.cameBack.add(messageId);
      if (mayBeDuplicate === true) earlier.possibleDuplicates.add(messageId);
    }
    return earlier;
  }

  async save(change: Partial<Job>): Promise<Job> {
    this.#nowMs = Math.max(this.#nowMs, Date.parse(change.updatedAt ?? '') || 0);
    this.#job = { ...this.#job, ...change };
    await this.#commit.add({ job: this.#job, isLast: false });
    return this.#job;
  }

  async end(change: Partial<Job>): Promise<Job> {
    this.#job = { ...this.#job, ...change };
    await this.#commit.add({ job: this.#job, isLast: true });
    return this.#job;
  }

  async #write(entries: readonly Entry[]): Promise<void> {
    const { jobId, request } = this.#job;
    const pk = jobKey(jobId);
    let { head } = this.#held;
    const lines: string[] = [];
    // A message may take two steps in one write; an item may stand in a transaction only once.
    const items = new Map<string, { pk: string; sk: string; json: unknown }>();
    const put = (key: string, sk: string, json: unknown) => items.set(`${key} ${sk}`, { pk: key, sk, json });
    let isLast = false;
    const from = head.seq + 1;
    for (const entry of entries) {
      if (isChange(entry)) {
        put(pk, 'job', entry.job);
        isLast = isLast || entry.isLast;
        continue;
      }
      const next = auditLine(head, entry);
      head = next.head;
      lines.push(next.line);
      const { messageId } = entry;
      if (messageId === undefined) continue;
      const known = this.#messages.get(messageId) ?? {};
      const trace = traceAfter(known.trace, entry);
      const result = resultAfter(known.result, entry);
      this.#messages.set(messageId, { trace, result });
      put(messageKey(request.from), messageId, { ...(trace === undefined ? {} : { trace }) } satisfies KeptMessage);
      if (result !== undefined) put(pk, `message#${messageId}`, result);
    }
    if (lines.length > 0) put(pk, `audit#${inOrder(from)}`, lines);
    const held: KeptLease = { owner: isLast ? '' : this.#owner, untilMs: isLast ? 0 : this.#nowMs + LEASE_MS, head };
    try {
      await this.#table.putTogether([{ pk, sk: 'lease', json: held }, ...items.values()], this.#held);
    } catch (error) {
      throw error instanceof ConditionError ? new LeaseLostError(jobId) : error;
    }
    this.#held = held;
  }
}
