import type { EpochMs } from '@holdfast/kernel';
import type { Json } from '../../../core/index.ts';

/** What outlives the process: one row per execution, thread, payload and event; keys begin with the serial number. */

export type MachineType = 'STANDARD' | 'EXPRESS';
export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED' | 'PENDING_REDRIVE';

export interface StoredExecution {
  /** Counts executions up; keys of everything that belongs to it begin with it. */
  readonly serial: number;
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly machineArn: string;
  readonly machineName: string;
  readonly versionArn?: string | undefined;
  readonly aliasArn?: string | undefined;
  /** Of the machine at the time of the start: finds the definition. */
  readonly revisionId: string;
  readonly type: MachineType;
  readonly roleArn: string;
  readonly startedAt: EpochMs;
  readonly traceHeader?: string | undefined;
  /** Whether a caller waits for the answer; ends with the process. */
  readonly isSynchronous?: boolean | undefined;
  /** Of a child of a distributed map. */
  readonly mapRunArn?: string | undefined;
  readonly mapItem?: number | undefined;
  /** Level of the definition that is run, when it is not the whole. */
  readonly level?: string | undefined;
  status: ExecutionStatus;
  stoppedAt?: EpochMs | undefined;
  error?: string | undefined;
  cause?: string | undefined;
  hasOutput?: boolean | undefined;
  timeoutAt?: EpochMs | undefined;
  eventCount: number;
  threadCount: number;
  redriveCount: number;
  redrivenAt?: EpochMs | undefined;
}

/** One path through the states of one level. The first has number 0; others belong to a branch or an item. */
export interface Thread {
  readonly id: number;
  readonly parent?: number | undefined;
  /** Branch of a parallel state, or item of a map. */
  readonly index: number;
  readonly level: string;
  state: string;
  /** JSON text, as it was given. */
  input: string;
  enteredAt: EpochMs;
  enteredEventId: number;
  previousEventId: number;
  /** Assigned on this level; those of the levels around are found through the parent. */
  variables: Record<string, Json>;
  /** Of the item that a map hands to this thread. */
  item?: Json | undefined;
  /** Attempts by retrier, during one visit of the state. */
  attempts: number[];
  retryCount: number;
  phase: Phase;
}

export type Phase =
  /** About to enter its state. */
  | { readonly kind: 'enter' }
  /** About to do, once more perhaps, what the state is for. */
  | { readonly kind: 'work' }
  /** A task that has been scheduled and is about to be started. */
  | ({
      readonly kind: 'start';
      /** It was under way when the process ended, and is done once more without being told again. */
      readonly isOnceMore?: boolean | undefined;
    } & TaskFacts)
  | ({ readonly kind: 'task' } & TaskFacts & {
        /** The service has taken the request and somebody else reports the end. */
        readonly isSubmitted: boolean;
        /** The execution that the end is expected of. */
        readonly childArn?: string | undefined;
      })
  | ({ readonly kind: 'activity'; readonly isStarted: boolean; readonly activityArn: string } & TaskFacts)
  | { readonly kind: 'wait'; readonly until: EpochMs }
  | { readonly kind: 'retry'; readonly until: EpochMs }
  | {
      readonly kind: 'children';
      readonly total: number;
      /** Next item to be started. */
      next: number;
      running: number;
      done: number;
      readonly isMap: boolean;
      readonly concurrency: number;
    }
  | { readonly kind: 'mapRun'; readonly mapRunArn: string }
  | { readonly kind: 'done'; readonly output: string };

export interface TaskFacts {
  /** Tells this attempt from all others. */
  readonly token: string;
  /** Of the role that the task takes on, in another account perhaps. */
  readonly roleArn?: string | undefined;
  /** What the task is asked, as JSON. */
  readonly request: Json;
  readonly scheduledAt?: EpochMs | undefined;
  /** When it was given to whoever does it. */
  readonly startedAt?: EpochMs | undefined;
  readonly timeoutAt?: EpochMs | undefined;
  readonly heartbeatMs?: number | undefined;
  readonly heartbeatAt?: EpochMs | undefined;
}

/** An event of a history. `details` stand under the name that belongs to the type. */
export interface StoredEvent {
  readonly id: number;
  readonly previousEventId: number;
  readonly type: string;
  readonly at: EpochMs;
  readonly details?: Readonly<Record<string, unknown>> | undefined;
}
