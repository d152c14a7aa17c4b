import type {
  Explanation,
  FailureArrivals,
  FailureGroup,
  FailurePage,
  FailureQuery,
  FailureTotals,
  Job,
  MessageResult,
  Mute,
  RedrivePlan,
  RedriveRequest,
  Rehearsal,
  RepairPreview,
} from '@holdfast/ledger';

/** Whom the console talks to. */
export interface Where {
  /** Absent on AWS. */
  readonly endpoint?: string;
  readonly region: string;
  readonly isEngine: boolean;
}

export interface QueueRow {
  readonly name: string;
  readonly arn: string;
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
  readonly retentionSeconds: number;
  /** Whether another queue gives up into it. */
  readonly isDeadLetterQueue: boolean;
  /** ARN; absent for none. */
  readonly deadLetterQueue?: string;
}

export interface FunctionRow {
  readonly name: string;
  readonly arn: string;
  readonly runtime: string;
  readonly version: string;
}

export interface AlarmRow {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
}

/** What is there. */
export interface Overview {
  readonly queues: readonly QueueRow[];
  readonly functions: readonly FunctionRow[];
  readonly alarms: readonly AlarmRow[];
  /** What could not be asked, and why. */
  readonly unasked: readonly string[];
}

/** What is lost soonest, and how much there is. */
export interface AtRisk {
  /** ISO 8601: the time of whom the console talks to. */
  readonly now: string;
  readonly totals: FailureTotals;
  readonly arrivals: FailureArrivals;
  /** Soonest lost first. */
  readonly groups: readonly FailureGroup[];
}

export interface Clock {
  readonly mode: 'live' | 'virtual';
  readonly now: string;
  readonly nextWakeAt?: string;
}

export interface Mail {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly to: string;
  readonly topicArn: string;
  readonly subject: string;
  readonly body: string;
}

/** A message as it lies in its queue; nothing was received to see it. */
export interface LyingMessage {
  readonly messageId: string;
  readonly body: string;
  readonly state: string;
  readonly arrivedAt: string;
  readonly expiresAt: string;
}

export interface MessagesPage {
  readonly messages: readonly LyingMessage[];
  /** Where the next page begins. */
  readonly next?: number;
}

export interface ExecutionRow {
  readonly arn: string;
  readonly name: string;
  readonly machine: string;
  readonly status: string;
  readonly startedAt: string;
  readonly stoppedAt?: string;
}

export interface HistoryRow {
  readonly id: number;
  readonly at: string;
  readonly type: string;
  /** What the event says, as JSON. */
  readonly details: string;
}

/** Whether the chain of all steps of all jobs is as it was written. */
export interface AuditState {
  readonly entries: number;
  /** Hash of the last one: kept elsewhere, it shows what was cut off at the end. */
  readonly head: string;
  /** The first line that is not as it was written. */
  readonly fault?: string;
}

/** Shown by who changes something: the session that was allowed to, and the ARN that was agreed to. */
export interface Agreed {
  readonly session: string;
  /** ARN of what is changed, or the key of a group, as the person read it. */
  readonly arn: string;
}

/** Every call of the console, by name: what goes in and what comes out. All of it is JSON. */
export interface ConsoleApi {
  where(input: Record<string, never>): Promise<Where>;
  overview(input: Record<string, never>): Promise<Overview>;
  /** ISO 8601: the time of whom the console talks to. */
  now(input: Record<string, never>): Promise<{ readonly now: string }>;
  atRisk(input: Record<string, never>): Promise<AtRisk>;
  failures(input: { readonly query: FailureQuery; readonly after?: string }): Promise<FailurePage>;
  totals(input: { readonly query: FailureQuery }): Promise<FailureTotals>;
  groups(input: { readonly query: FailureQuery }): Promise<readonly FailureGroup[]>;
  why(input: { readonly id: string }): Promise<Explanation>;
  messages(input: { readonly arn: string; readonly after?: number }): Promise<MessagesPage>;
  executions(input: Record<string, never>): Promise<readonly ExecutionRow[]>;
  history(input: { readonly arn: string }): Promise<readonly HistoryRow[]>;
  mail(input: Record<string, never>): Promise<readonly Mail[]>;
  clock(input: Record<string, never>): Promise<Clock>;
  jobs(input: Record<string, never>): Promise<readonly Job[]>;
  job(input: { readonly jobId: string }): Promise<{ readonly job: Job; readonly results: readonly MessageResult[] }>;
  /** Checks every hash. */
  audit(input: Record<string, never>): Promise<AuditState>;
  plan(input: { readonly request: RedriveRequest }): Promise<RedrivePlan>;
  repair(input: { readonly text: string; readonly request: RedriveRequest }): Promise<RepairPreview>;
  rehearse(input: { readonly request: RedriveRequest }): Promise<Rehearsal>;
  /** Opens this session for changes until it is closed. */
  allow(input: Record<string, never>): Promise<{ readonly session: string }>;
  forbid(input: { readonly session: string }): Promise<Record<string, never>>;
  /** Says something of a group; its key is what is agreed to. */
  mark(input: {
    readonly fingerprint: string;
    readonly as: 'resolved' | 'unmuted' | Mute;
    readonly agreed: Agreed;
  }): Promise<Record<string, never>>;
  redrive(input: { readonly request: RedriveRequest; readonly agreed: Agreed }): Promise<Job>;
  steer(input: {
    readonly jobId: string;
    readonly how: 'pause' | 'resume' | 'cancel' | 'undo';
    readonly agreed: Agreed;
  }): Promise<readonly Job[]>;
  steerClock(input: {
    readonly mode?: 'live' | 'virtual';
    /** ISO 8601 duration. */
    readonly advance?: string;
    readonly agreed: Agreed;
  }): Promise<Clock>;
}

export type {
  Explanation,
  Failure,
  FailureArrivals,
  FailureGroup,
  FailurePage,
  FailureQuery,
  FailureTotals,
  Job,
  RedrivePlan,
  RedriveRequest,
  Rehearsal,
  RepairPreview,
} from '@holdfast/ledger';
