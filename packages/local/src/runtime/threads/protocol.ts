/** What the main thread and the thread of an execution environment say to each other. */
import type { MessagePort } from 'node:worker_threads';
import type { NodeOptions } from '../node-options.ts';

/** Slots of the shared `Float64Array` through which an environment reads the engine's clock. */
export const CLOCK_MODE = 0;
/** Live mode: milliseconds to add to the machine's clock. Virtual mode: the time itself, epoch milliseconds. */
export const CLOCK_VALUE = 1;
export const CLOCK_SLOTS = 2;
export const MODE_LIVE = 0;
export const MODE_VIRTUAL = 1;

export interface EnvironmentSetup {
  /** What `Math.random` begins with where a run is to take the same course each time. */
  readonly randomSeed: number | undefined;
  readonly clock: SharedArrayBuffer;
  /** Directory with the function's code. */
  readonly taskRoot: string;
  /** Directory with the function's layers, if it has any. */
  readonly layersRoot: string | undefined;
  /** Directory that is the environment's `/tmp`; made when it is first used. */
  readonly temporary: string;
  /** Whether `import` looks into NODE_PATH as `require` does: Lambda's Node.js 18 and later. */
  readonly importsFromNodePath: boolean;
  /** URLs of modules that the AWS SDK can be loaded from when the function brings none. */
  readonly sdkParents: readonly string[];
  /** Of each invocation; counts from the moment the handler is called. */
  readonly timeLimitMs: number;
  /** `file.export`, as configured. */
  readonly handler: string;
  /** Generation of AWS's runtime client. */
  readonly generation: 3 | 4;
  /** As the function has it, if it does. Node.js itself does not get to see it. */
  readonly nodeOptionsText: string | undefined;
  readonly nodeOptions: NodeOptions;
  /** Variable that marks the function's child processes, as `name=value`. */
  readonly childMark: string;
  /** Directory for V8's compile cache; makes later cold starts of the same code faster. */
  readonly compileCache: string | undefined;
}

/**
 * Through which an environment says that it has called the code, and when (epoch milliseconds): a message would wake the
 * main thread for each invocation once more. Written by the thread alone; the count last, so that the time is there.
 */
export interface BegunSlots {
  readonly count: Int32Array;
  readonly at: Float64Array;
}

const COUNT_BYTES = 8;
export const BEGUN_BYTES = COUNT_BYTES + Float64Array.BYTES_PER_ELEMENT;
export const begunSlots = (shared: SharedArrayBuffer): BegunSlots => ({
  count: new Int32Array(shared, 0, 1),
  at: new Float64Array(shared, COUNT_BYTES, 1),
});

/** The code of every thread. */
export interface ThreadCode {
  /** Of a script whose value is a function. */
  readonly text: string;
  /** By V8, as far as a thread had to run it. */
  readonly compiled: Uint8Array | undefined;
  /** What this thread compiles is to be handed over. */
  readonly isWanted: boolean;
}

/** What a thread is started with. */
export interface ThreadStart {
  readonly code: ThreadCode;
  readonly port: MessagePort;
  /** Rises with every message that somebody may be waiting for while everything else stands still. */
  readonly bell: SharedArrayBuffer;
  /** See {@link begunSlots}. */
  readonly begun: SharedArrayBuffer;
  readonly setup: EnvironmentSetup;
  /** Put here by what begins with this: the code as far as it is compiled by now. */
  readonly compile?: () => Uint8Array;
}

export type ToEnvironment =
  | {
      readonly type: 'invoke';
      readonly requestId: string;
      readonly payload: string;
      readonly invokedFunctionArn: string;
      readonly traceHeader: string;
      readonly clientContext?: string | undefined;
      /** What its time limit has less, in milliseconds. */
      readonly heldMs?: number | undefined;
    }
  /** Asks to answer `quiet` as soon as nothing can run but by time or by an answer the engine holds back (`parked`). */
  | { readonly type: 'probe'; readonly id: number; readonly parked: number }
  /** The virtual clock has moved: run timers that are due. */
  | { readonly type: 'time' }
  /** Clock mode changed. */
  | { readonly type: 'mode' }
  /** Answer to `log-pipe`: a descriptor for writing, if there can be one. */
  | { readonly type: 'log-pipe'; readonly writer: number | undefined };

export type FromEnvironment =
  | { readonly type: 'ready' }
  /** The code of the thread, compiled. */
  | { readonly type: 'code'; readonly compiled: Uint8Array }
  | { readonly type: 'init-error'; readonly errorType: string; readonly payload: string }
  | { readonly type: 'log'; readonly text: string }
  | {
      readonly type: 'done';
      /** None of a success. Members that say nothing are left out: each is written and read for every invocation. */
      readonly errorType?: string | undefined;
      readonly payload: string;
      /** Heap and buffers in use. */
      readonly memoryBytes: number;
      /** The environment ends with this. */
      readonly isLast?: true;
    }
  | { readonly type: 'quiet'; readonly id: number; readonly nextTimerAt: number | undefined }
  /** The function ends itself by a signal. */
  | { readonly type: 'signal'; readonly name: string }
  /** The function is about to start programs. */
  | { readonly type: 'children' }
  /** Something is to write into the log that can only write into files. */
  | { readonly type: 'log-pipe' };
