import type {
  Explanation,
  Failure,
  FailureArrivals,
  FailureGroup,
  FailurePage,
  FailureQuery,
  FailureTotals,
  Mute,
} from './failures/failure.ts';
import type { Job, MessageResult, RedriveRequest } from './jobs/job.ts';
import type { RedrivePlan, RedrivePreview } from './plan.ts';

/** Every failure there is, wherever AWS keeps it. Looking changes nothing on an engine; on AWS a receive is counted. */
export interface FailureDesk {
  /** @param after - `next` of the page before */
  page(query: FailureQuery, limit: number, after?: string): Promise<FailurePage>;
  totals(query: FailureQuery): Promise<FailureTotals>;
  /** Largest first. */
  groups(query: FailureQuery): Promise<readonly FailureGroup[]>;
  /** When they came, over the shortest usual span that holds all of them. */
  arrivals(query: FailureQuery): Promise<FailureArrivals>;
  /** @param named - the id, or the message id */
  find(named: string): Promise<Failure | undefined>;
  /** @param named - the id, or the message id */
  why(named: string): Promise<Explanation>;
  mute(fingerprint: string, mute: Mute): Promise<void>;
  unmute(fingerprint: string): Promise<void>;
  resolve(fingerprint: string): Promise<void>;
}

/** Until when a run may work, and what ends it early; a job goes on in the next run. */
export interface RunLimits {
  /** In the time of the job. */
  readonly untilMs?: number;
  readonly signal?: AbortSignal;
  readonly progress?: (job: Job) => void;
}

/** Brings dead letters back: plan, send, confirm, delete; a job that nothing can lose. */
export interface RedriveDesk {
  /** What would happen; sends nothing. */
  plan(request: RedriveRequest): Promise<RedrivePlan>;
  /** The same, with the messages that would be moved. */
  preview(request: RedriveRequest): Promise<RedrivePreview>;
  /** Makes the job, which waits for who runs it. @param by - who asked */
  start(request: RedriveRequest, by: string): Promise<Job>;
  /**
   * Works on a job until it is done, is wanted otherwise, or the limits end it; then it is `waiting`, and another call, in
   * another process too, goes on. Answers at once when somebody else works on it.
   */
  run(jobId: string, limits?: RunLimits): Promise<Job>;
  status(jobId: string): Promise<Job>;
  list(): Promise<readonly Job[]>;
  results(jobId: string): AsyncIterable<MessageResult>;
  /** Within two seconds nothing more is sent. */
  pause(jobId: string): Promise<Job>;
  /** Makes a paused or stopped job wait for who runs it. */
  resume(jobId: string): Promise<Job>;
  /** As pause, but for ever; what was sent stays sent, see `undo`. */
  cancel(jobId: string): Promise<Job>;
  /** Makes jobs, one for each queue, that take back what the job sent there and nobody has received yet. */
  undo(jobId: string, by: string): Promise<readonly Job[]>;
}

/** What a repair does to one body. */
export interface RepairedBody {
  readonly messageId: string;
  /** Absent where no condition of the repair is met. */
  readonly after?: string;
  readonly before: string;
  /** A line for each value that changed: `vendor.id: "" -> "VEND001"`. */
  readonly diff: readonly string[];
  /** The repair cannot be applied to this body. */
  readonly error?: string;
}

export interface RepairPreview {
  readonly changed: number;
  readonly unchanged: number;
  readonly failed: number;
  readonly bodies: readonly RepairedBody[];
  /** Tests that are written in the repair, with what they found. */
  readonly tests: readonly { readonly name: string; readonly passed: boolean; readonly found: string }[];
}

/** What the real handler did with one dead letter, in an engine made for that. */
export interface RehearsedMessage {
  readonly messageId: string;
  readonly outcome: 'succeeded' | 'failed' | 'not run';
  readonly error: string;
  readonly repaired: boolean;
  /** Calls that the handler made and that went nowhere: `PutItem vendor-products`. */
  readonly effects: readonly string[];
}

export interface RehearsalRequest {
  readonly request: RedriveRequest;
  /** At most so many messages. @defaultValue 20 */
  readonly max?: number;
}

export interface Rehearsal {
  readonly messages: readonly RehearsedMessage[];
  readonly succeeded: number;
  readonly failed: number;
  readonly notRun: number;
  /** What was taken over, and what could not be, in words. */
  readonly notes: readonly string[];
}

/** Everything that can be done about failures; console, command and API are faces of it. */
export interface Operations {
  readonly failures: FailureDesk;
  readonly redrive: RedriveDesk;
  /** What a repair would do, message by message; changes nothing. */
  repair(text: string, request: RedriveRequest, max?: number): Promise<RepairPreview>;
  /** Runs dead letters through their handler in an engine of its own; nothing leaves it. */
  rehearse(request: RehearsalRequest): Promise<Rehearsal>;
}
