/** What the main thread and the thread of an execution environment say to each other. */

/** Slots of the shared `Float64Array` through which an environment reads the engine's clock. */
export const CLOCK_MODE = 0;
/** Live mode: milliseconds to add to the machine's clock. Virtual mode: the time itself, epoch milliseconds. */
export const CLOCK_VALUE = 1;
export const CLOCK_SLOTS = 2;
export const MODE_LIVE = 0;
export const MODE_VIRTUAL = 1;

export interface EnvironmentSetup {
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
  /** `file.export`, as configured. */
  readonly handler: string;
  readonly functionName: string;
  readonly functionVersion: string;
  readonly memoryMb: number;
  readonly logGroup: string;
  readonly logStream: string;
  /** Whether a plain return value of a handler that is not async is its result (Node 24 on) or ignored (before). */
  readonly returnsPlainValues: boolean;
  /** Directory for V8's compile cache; makes later cold starts of the same code faster. */
  readonly compileCache: string | undefined;
}

export type ToEnvironment =
  | {
      readonly type: 'invoke';
      readonly requestId: string;
      readonly payload: string;
      /** Counts from the moment the handler is called. */
      readonly timeLimitMs: number;
      readonly invokedFunctionArn: string;
      readonly traceHeader: string;
      readonly clientContext: string | undefined;
    }
  /** Asks to answer `quiet` as soon as nothing can run but by time or by an answer the engine holds back (`parked`). */
  | { readonly type: 'probe'; readonly id: number; readonly parked: number }
  /** The virtual clock has moved: run timers that are due. */
  | { readonly type: 'time' }
  /** Clock mode changed. */
  | { readonly type: 'mode' };

export type FromEnvironment =
  | { readonly type: 'ready' }
  | { readonly type: 'init-error'; readonly errorType: string; readonly payload: string }
  | { readonly type: 'log'; readonly text: string }
  | {
      readonly type: 'done';
      readonly errorType: string | undefined;
      readonly payload: string;
      readonly heapBytes: number;
    }
  | { readonly type: 'quiet'; readonly id: number; readonly nextTimerAt: number | undefined };
