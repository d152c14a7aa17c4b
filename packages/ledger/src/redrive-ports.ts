import type { Message } from '@aws-sdk/client-sqs';
import type { Random } from '@holdfast/kernel';
import type { Step } from './audit.ts';
import type { Delivery, DeliveryOptions } from './delivery.ts';
import type { EarlierRuns, Forgiven, JobCounts, JobWish, Trace } from './jobs/job.ts';
import type { Reason } from './reasons/reason.ts';
import type { Selection } from './selection.ts';

/** Where the dead letters lie, as a job needs it: a queue, archived objects, or failed executions. */
export interface DeadLetterQueue {
  readonly arn: string;
  /** Up to ten messages that nobody else gets until their visibility timeout ends; none when there are none. */
  receive(visibilitySeconds: number): Promise<readonly Message[]>;
  delete(message: Message): Promise<void>;
  /** Makes them visible again. */
  release(messages: readonly Message[]): Promise<void>;
  /** Messages that somebody could receive, whatever group they are behind; absent where there are no groups. */
  readonly countVisible?: () => Promise<number>;
  /** Messages that came after the job began, without a receive, where whom we talk to can show them. */
  readonly arrivals?: (() => Promise<readonly Message[]>) | undefined;
}

/** How a send ended. `refused` means certainly not taken; `slow down` the same, and that it may be tried again. */
export type SendOutcome =
  | { readonly taken: true; readonly proof: string }
  | { readonly taken: false; readonly outcome: 'refused' | 'slow down' | 'unclear'; readonly error: string };

export interface Sender {
  /** Sends once; trying again is the job's, or a duplicate would have no name. */
  send(delivery: Delivery): Promise<SendOutcome>;
}

/** Keeps each step before the next is taken, and knows what earlier runs and other jobs did. */
export interface Journal {
  traceOf(messageId: string): Promise<Trace | undefined>;
  append(step: Step): Promise<void>;
  earlier(): Promise<EarlierRuns>;
}

export interface JobTime {
  now(): number;
  /** Ends early, without an error, when the signal comes. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

export interface RedriveOptions extends DeliveryOptions {
  readonly selection: Selection;
  readonly perSecond: number;
  /** After the canary the rate rises evenly in that time. */
  readonly rampMs?: number;
  /** Over all runs of the job. */
  readonly max: number;
  /** So many first, then a look at what comes back; over all runs of the job, and anew once one was forgiven. */
  readonly canary: number;
  /** What says nothing more of how the job does. */
  readonly forgiven?: Forgiven;
  /** After the canary, and after the last one, it is watched so long what comes back. */
  readonly watchMs: number;
  /** A larger share of what was moved that comes back stops the job. */
  readonly cameBackShareMax: number;
  /** Sends under way at once; those of one group never are. */
  readonly concurrency: number;
  /** Up to so much of a delay for each message, by chance; queues only. */
  readonly delayJitterSeconds?: number;
  /** The run ends then, with the job unfinished. */
  readonly untilMs?: number;
  /** Finds why a message failed that does not say; asked only when the selection needs it. */
  readonly reasonOf?: (message: Message) => Promise<Reason | undefined>;
}

export interface RedrivePorts {
  readonly queue: DeadLetterQueue;
  readonly sender: Sender;
  readonly journal: Journal;
  readonly time: JobTime;
  readonly random: Random;
  /** What is wanted of the job by now; asked at least once a second. */
  readonly wish?: () => Promise<JobWish>;
  readonly progress?: (result: RedriveResult) => Promise<void> | void;
}

export interface RedriveResult extends JobCounts {
  readonly jobId: string;
  /** running: as told by the way; waiting: the run ended before the job did. */
  readonly state: 'running' | 'completed' | 'stopped' | 'paused' | 'cancelled' | 'waiting';
  /** Why it was stopped. */
  readonly because?: string;
  /** As it was given, with what came back of it since. */
  readonly forgiven?: Forgiven;
  /** Sent by a job that ended before it deleted them: deleted now, not sent again. */
  readonly alreadySent: readonly string[];
  /** Sent again, for nobody knows whether the first time arrived; or left, for nobody knows whether it did. */
  readonly possibleDuplicates: readonly string[];
  /** Messages by the reason for which they stayed. */
  readonly reasons: Readonly<Record<string, number>>;
}
