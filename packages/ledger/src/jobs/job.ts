import type { Step } from '../audit.ts';

/** What is to be brought back, and how. All of it is plain JSON: a job outlives the process that began it. */
export interface RedriveRequest {
  /** ARN of the dead-letter queue, of a state machine, or of a prefix in a bucket: `arn:aws:s3:::bucket/dead-letters/`. */
  readonly from: string;
  /** ARN of a queue, function, topic, bus, stream or state machine; without it each goes back to where it came from. */
  readonly to?: string;
  /** `error=Timeout`: fields that contain a text; all of them. */
  readonly filters?: readonly string[];
  /** `vendor.id=VEND001`: values at paths of the JSON body; all of them. */
  readonly wheres?: readonly string[];
  /** Key of a fingerprint. */
  readonly fingerprint?: string;
  /** Only these messages. */
  readonly messageIds?: readonly string[];
  /** Seconds since they were sent into the dead-letter queue. */
  readonly minAgeSeconds?: number;
  /** Text of a repair, applied to each body before it is sent. */
  readonly repair?: string;
  /** @defaultValue 50 */
  readonly perSecond?: number;
  /** After the canary the rate rises evenly in that time. @defaultValue 0 */
  readonly rampMs?: number;
  /** Extra time before each message, in seconds, by chance up to this many; 0 to 900, queues only. @defaultValue 0 */
  readonly delayJitterSeconds?: number;
  /** @defaultValue all */
  readonly max?: number;
  /** So many first, then a look at what comes back. @defaultValue 0 */
  readonly canary?: number;
  /** How long to watch after the canary and after the last. @defaultValue 0 */
  readonly watchMs?: number;
  /** A larger share of what was moved that comes back stops the job. @defaultValue 0.1 */
  readonly cameBackShareMax?: number;
}

/**
 * waiting: begun by nobody yet, or its process died; running: a process has it; paused: goes on with `resume`;
 * stopped: a breaker ended it, `resume` goes on.
 */
export type JobState = 'waiting' | 'running' | 'paused' | 'cancelled' | 'stopped' | 'completed';

/** What somebody asked of a job; who runs it looks at least once a second. */
export type JobWish = 'run' | 'pause' | 'cancel';

/** How far a job is, over all processes that worked on it. */
export interface JobCounts {
  readonly moved: number;
  readonly skipped: number;
  readonly failed: number;
  readonly cameBack: number;
}

export interface Job extends JobCounts {
  readonly jobId: string;
  readonly request: RedriveRequest;
  /** Set where this job takes back what another one sent. */
  readonly undoOf?: string;
  readonly state: JobState;
  readonly wish: JobWish;
  /** Why it is in its state, where a breaker or an error decided. */
  readonly because?: string;
  /** Who asked for it. */
  readonly by: string;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly updatedAt: string;
  /** What the plan said there is to move. */
  readonly planned: number;
  /** Sends that may have arrived twice, by the id of the dead letter. */
  readonly possibleDuplicates: readonly string[];
  /** What a breaker stopped it over, once somebody has it go on all the same. */
  readonly forgiven?: Forgiven;
  /** Messages by the reason for which they stayed. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** What is held against a job no more: its messages up to then, those of them that came back, and what arrived by then. */
export interface Forgiven extends Pick<JobCounts, 'moved' | 'cameBack'> {
  /** ISO 8601. */
  readonly until: string;
}

/** What became of one message in a job. */
export interface MessageResult {
  readonly messageId: string;
  readonly outcome: 'sending' | 'sent' | 'moved' | 'refused' | 'unclear' | 'came back';
  readonly at: string;
  readonly to?: string;
  /** What the target called it. */
  readonly proof?: string;
  /** Where it came from, when the dead letter said so: an undo has to say it again. */
  readonly origin?: string;
  readonly error?: string;
  readonly mayBeDuplicate?: boolean;
}

/** How far a message had come when its job was last heard of. */
export interface Trace {
  readonly step: 'sending' | 'sent';
  readonly jobId: string;
  /** What the target called it. */
  readonly proof?: string;
}

/** What a job did before this run of it. */
export interface EarlierRuns {
  /** What targets called what was sent: it comes back by that name. */
  readonly proofs: ReadonlySet<string>;
  /** Ids of messages that came back. */
  readonly cameBack: ReadonlySet<string>;
  /** Ids of messages that may have arrived twice. */
  readonly possibleDuplicates: ReadonlySet<string>;
}

/** The right to work on a job; it ends when another takes the job over, and nothing is written by it after that. */
export interface JobLease {
  /** What the store knows of a message of the job's queue, whichever job did it; asked before each send. */
  traceOf(messageId: string): Promise<Trace | undefined>;
  /** Resolves when the step, and its place in the audit log, can no longer be lost. @throws LeaseLostError */
  append(step: Step): Promise<void>;
  /** What earlier runs of this job did. */
  earlier(): Promise<EarlierRuns>;
  /** Writes the job down and keeps the lease. @throws LeaseLostError */
  save(change: Partial<Job>): Promise<Job>;
  /** Writes the job down and gives the lease back. */
  end(change: Partial<Job>): Promise<Job>;
}

/** Where jobs are kept: files, a table of DynamoDB, or memory. */
export interface JobStore {
  create(job: Job): Promise<void>;
  get(jobId: string): Promise<Job | undefined>;
  /** Youngest first. */
  list(): Promise<readonly Job[]>;
  /** Says what is wanted of a job; who runs it obeys. */
  wish(jobId: string, wish: JobWish): Promise<void>;
  /** Takes a job that nobody has, or whose process is gone; `undefined` when somebody works on it. */
  lease(jobId: string, nowMs: number): Promise<JobLease | undefined>;
  /** What is wanted of a job now, nothing else: it is asked often. */
  wishOf(jobId: string): Promise<JobWish>;
  results(jobId: string): AsyncIterable<MessageResult>;
  /** The chain of steps that the job is in, as `readAudit` reads it. */
  audit(jobId: string): Promise<string>;
}
