import type { EpochMs } from '@holdfast/kernel';

/** What an execution environment is made of. A change of `revision` means that warm environments are stale. */
export interface FunctionSpec {
  readonly account: string;
  readonly region: string;
  readonly functionName: string;
  /** `$LATEST` or a version number. */
  readonly version: string;
  /** Changes whenever code or configuration changes. */
  readonly revision: string;
  readonly runtime: string;
  readonly handler: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly roleArn: string;
  /** Code as a zip in the blob store, or a directory or file on this machine. */
  readonly code:
    | { readonly kind: 'zip'; readonly blobId: string }
    | { readonly kind: 'directory'; readonly path: string };
  /** Archives in the blob store, in order: what comes later lies over what came before. */
  readonly layers?: readonly string[] | undefined;
  readonly logGroup: string;
  /** The code logs JSON, from this level on; `undefined` means text. */
  readonly jsonLogLevel?: 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL' | undefined;
  /** Environments of one kind never serve the other; `undefined` means on demand. */
  readonly initializationType?: 'on-demand' | 'provisioned-concurrency' | undefined;
}

export interface RuntimeInvocation {
  readonly requestId: string;
  readonly spec: FunctionSpec;
  /** As the caller qualified it. */
  readonly invokedFunctionArn: string;
  /** JSON text. */
  readonly payload: string;
  readonly traceHeader: string;
  /** Decoded JSON text of `X-Amz-Client-Context`; synchronous invocations only. */
  readonly clientContext?: string | undefined;
  /** Whether a caller is held until it is over. */
  readonly isAwaited?: boolean | undefined;
  readonly startedAt: EpochMs;
  /** So long, in the engine's time, it was held before its code may run: duration and time limit count from then. */
  readonly heldMs?: number | undefined;
  /** Called once, when the environment is known, before anything else of the run is told. */
  onStart(environment: {
    readonly logStream: string;
    readonly coldStart: boolean;
    /** When the code was called: it may be told a little later. */
    readonly at: EpochMs;
    /** When the invocation began, if it was held before: its trace tells of that, too. */
    readonly since?: EpochMs;
    /** A line or the end of the run is told right after this: both can be written at once. */
    readonly isFollowed?: boolean;
  }): void;
  /** Text that the function wrote, line by line, in order. */
  onLog(message: string): void;
  /** Called exactly once. */
  onDone(outcome: RuntimeOutcome): void;
}

export interface RuntimeOutcome {
  /** `error`: thrown by the handler or reported by the runtime. The others name the platform's own endings. */
  readonly kind: 'success' | 'error' | 'timeout' | 'exit' | 'init-error';
  /** Result or error as JSON text, as the caller sees it. */
  readonly payload: string;
  /** For REPORT and for error records, e.g. `Runtime.ExitError`; `undefined` on success. */
  readonly errorType?: string | undefined;
  readonly durationMs: number;
  /** Of the cold start that came before this invocation. */
  readonly initDurationMs?: number | undefined;
  readonly maxMemoryUsedMb: number;
}

/** What there was of an environment whose code could not be initialised ahead of an invocation. */
export interface FailedInitialisation {
  readonly logStream: string;
  /** What the code wrote. */
  readonly lines: readonly string[];
  readonly status: 'error' | 'timeout';
  readonly errorType?: string | undefined;
  readonly durationMs: number;
}

/** `failure` tells of the environment that failed first, if there was one. */
export type OnProvisionSettled = (isReady: boolean, failure?: FailedInitialisation) => void;

/**
 * Runs functions. The engine decides what runs and when (concurrency is its business); the runtime owns
 * environments: cold and warm starts, time limit, memory limit, reuse. Real ones live in `local`; simulated ones
 * are a distribution of outcomes.
 */
export interface FunctionRuntime {
  invoke(invocation: RuntimeInvocation): void;
  /** Environments of this function that are idle will not be used again (function deleted or updated). */
  retire(functionArn: string): void;
  /**
   * Keeps `count` environments initialised ahead of invocations with this very spec, and replaces those that end; 0
   * lets them go. `onSettled` is called once, when all are initialised (`true`) or the code's initialisation failed
   * (`false`, nothing is kept then), unless another call for the spec comes before. A runtime without this has
   * nothing to initialise.
   */
  provision?(spec: FunctionSpec, count: number, onSettled: OnProvisionSettled): void;
  /**
   * Whether so many invocations with this spec wait for a processor of this machine, which AWS does not know, that accepted
   * events are better left where they are until one of them begins.
   */
  isCrowded?(spec: FunctionSpec): boolean;
}
