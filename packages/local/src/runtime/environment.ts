import type { FailedInitialisation, FunctionSpec, RuntimeInvocation, RuntimeOutcome } from '@holdfast/engine';
import { type EpochMs, MINUTE_MS, type Timer, type TimerQueue } from '@holdfast/kernel';
import type { EngineTime } from './engine-time.ts';
import { keyOf } from './environment-key.ts';
import { extensionLines } from './files/layer-paths.ts';
import type { TemporaryDirectory } from './files/temporary-directories.ts';
import { platformError, timedOutText } from './platform-ends.ts';
import type { FileViews } from './processes/file-views.ts';
import type { Rest } from './rest.ts';

/** How long loading the code may take before the time limit of the first invocation begins; AWS's own number. */
export const INIT_MAX_MS = 10_000;

/** How long code that is loaded ahead of any invocation may hold virtual time without waiting for it, in real time. */
const LOADS_AHEAD_MAX_MS = MINUTE_MS;

export interface EnvironmentOptions {
  readonly spec: FunctionSpec;
  readonly accessKeyId: string;
  /** What `Math.random` begins with where runs are to be repeatable; the environment's own otherwise. */
  readonly randomSeed?: number | undefined;
  readonly taskRoot: string;
  /** Directory with the function's layers, if it has any. */
  readonly layersRoot: string | undefined;
  /** Directory that is the `/tmp` of the environment; made when it is first used. */
  readonly temporary: TemporaryDirectory;
  /** Directory for compiled Python modules of this code and these layers, if they are kept. */
  readonly compiled: string | undefined;
  readonly views: FileViews;
  readonly logStream: string;
  readonly endpoint: string;
  /** Where functions send segments of X-Ray; `host:port`. */
  readonly traceAddress?: string | undefined;
  readonly time: EngineTime;
  readonly timers: TimerQueue;
  readonly compileCache: string | undefined;
  /** The code has been loaded, with or without an invocation to run. */
  readonly onInitialised: (environment: ExecutionEnvironment) => void;
  /** The environment is idle again and may take the next invocation. */
  readonly onIdle: (environment: ExecutionEnvironment) => void;
  /** The environment ended before it began with this invocation: somebody else has to run it. */
  readonly onGivenBack: (invocation: RuntimeInvocation) => void;
  /** The environment is being reset: the next of the function finds its files. */
  readonly onReset: (environment: ExecutionEnvironment) => void;
  /** The environment has ended. */
  readonly onEnd: (environment: ExecutionEnvironment) => void;
}

interface Running {
  readonly invocation: RuntimeInvocation;
  isStarted: boolean;
  /** What it was held before it came here included. */
  startedAt: EpochMs;
  /** Machine time; durations in live mode are measured, not read off a clock that may be set. */
  startedReal: number;
  timeout: Timer;
}

/** Lines written while nothing runs, kept for the next invocation as on AWS; the rest is lost. */
export const IDLE_LINES_MAX = 1_000;

/**
 * One Lambda execution environment: runs one invocation at a time and is reused while it lives.
 *
 * What runs the code (a thread, a process) is the subclass's business. Time limit, measuring, logs and the
 * bookkeeping of who may still act in virtual time are the same for all and kept here.
 */
export abstract class ExecutionEnvironment {
  /** Whether its code reads the engine's clock, and not the machine's. */
  readonly livesInEngineTime: boolean = false;
  readonly spec: FunctionSpec;
  /** Environments of one key may take each other's invocations. */
  readonly key: string;
  readonly accessKeyId: string;
  readonly logStream: string;
  readonly temporary: TemporaryDirectory;
  protected readonly options: EnvironmentOptions;
  protected hasEnded = false;
  readonly #spawnedReal = performance.now();
  readonly #idleLines: string[] = [];
  #initDurationMs: number | undefined;
  #initReported = false;
  #initErrorType: string | undefined;
  #running: Running | undefined;
  #loadsAhead = false;

  /** Requests of the current invocation that the engine is working on, and those it holds back (parked). */
  requestsBusy = 0;
  requestsParked = 0;
  /** Rises with everything that may set the environment in motion. */
  activity = 0;
  /** The `activity` at which the environment was last seen to be quiet. */
  quietAtActivity = -1;
  /** Earliest timer inside the environment, as of the last time it was quiet. */
  nextTimerAt: number | undefined;
  #onQuiet: ((isQuiet: boolean) => void) | undefined;

  constructor(options: EnvironmentOptions) {
    this.options = options;
    this.spec = options.spec;
    this.key = keyOf(options.spec);
    this.accessKeyId = options.accessKeyId;
    this.logStream = options.logStream;
    this.temporary = options.temporary;
    for (const line of extensionLines(options.layersRoot)) this.log(line);
  }

  /** To be asked when the environment ended, or was given up, before its first invocation. */
  failedInitialisation(status: 'error' | 'timeout'): FailedInitialisation {
    const durationMs = this.options.time.mode === 'virtual' ? 0 : performance.now() - this.#spawnedReal;
    const errorType = status === 'timeout' ? undefined : (this.#initErrorType ?? 'Runtime.ExitError');
    return { logStream: this.logStream, lines: this.#idleLines, status, errorType, durationMs };
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** The invocation under way. */
  get underWay(): { readonly requestId: string; readonly timeLimitAt: EpochMs } | undefined {
    const running = this.#running;
    return running && { requestId: running.invocation.requestId, timeLimitAt: running.timeout.at };
  }

  get isQuiet(): boolean {
    if (this.#running === undefined && !this.#loadsAhead) return true;
    return this.requestsBusy === 0 && this.quietAtActivity === this.activity;
  }

  /** An invocation has ended here before, in whatever way. */
  protected get hasBeenUsed(): boolean {
    return this.#initReported;
  }

  /** To be called when its code is loaded although no invocation needs it yet. */
  loadAhead(): void {
    this.#loadsAhead = true;
  }

  invoke(invocation: RuntimeInvocation): void {
    const { heldMs = 0 } = invocation;
    const startedAt = this.options.time.now() - heldMs;
    this.#running = {
      invocation,
      isStarted: false,
      startedAt,
      startedReal: performance.now() - heldMs,
      timeout: this.#armTimeout(startedAt, this.graceMs),
    };
    this.activity += 1;
    this.nextTimerAt = undefined;
    this.rest.begin();
    this.dispatch(invocation);
  }

  /** Whether its code waits, rather than computes; who waits for the engine waits for the processor. */
  isResting(): boolean {
    return this.rest.isResting() && this.requestsBusy === 0;
  }

  /** Lets timers inside run that are due now. */
  runTimers(): void {
    this.activity += 1;
    this.nextTimerAt = undefined;
  }

  modeChanged(): void {
    this.activity += 1;
  }

  /** Resolves true once nothing can run here but by time or by an answer held back; false when that changed meanwhile. */
  probe(): Promise<boolean> {
    this.#onQuiet?.(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const givenUp = setTimeout(
      () => this.isNowQuiet(undefined),
      this.#loadsAhead ? LOADS_AHEAD_MAX_MS : this.quietAfterMs,
    );
    this.#onQuiet = (isQuiet) => {
      clearTimeout(givenUp);
      resolve(isQuiet);
    };
    this.askWhetherQuiet();
    return promise;
  }

  /** Something happened that may set the environment in motion: an answer under way cancels the probe. */
  touched(): void {
    this.activity += 1;
    this.#onQuiet?.(false);
    this.#onQuiet = undefined;
  }

  /** Ends the environment with everything that runs in it; resolves once it is gone. */
  abstract terminate(): Promise<void>;

  protected abstract readonly rest: Rest;

  /** Hands the invocation to whatever runs the code. */
  protected abstract dispatch(invocation: RuntimeInvocation): void;

  /** Real time after which a probe that got no answer takes the environment for quiet, in milliseconds. */
  protected abstract get quietAfterMs(): number;

  /** Asks whatever runs the code to say through {@link isNowQuiet} when it has come to rest. */
  protected askWhetherQuiet(): void {}

  /** What is added to the time limit of an invocation until {@link restartTimeLimit}, in milliseconds. */
  protected get graceMs(): number {
    return 0;
  }

  protected isNowQuiet(nextTimerAt: number | undefined): void {
    const onQuiet = this.#onQuiet;
    if (onQuiet === undefined) return;
    this.#onQuiet = undefined;
    this.quietAtActivity = this.activity;
    this.nextTimerAt = nextTimerAt;
    onQuiet(true);
  }

  /** The code is loaded; what comes now is the invocation's own time. */
  protected initialised(): void {
    if (this.#initDurationMs !== undefined) return;
    this.#initDurationMs = performance.now() - this.#spawnedReal;
    const running = this.#running;
    if (running !== undefined) running.startedReal = performance.now() - (running.invocation.heldMs ?? 0);
    this.#loadsAhead = false;
    this.touched();
    this.options.onInitialised(this);
  }

  /** The environment has begun with its invocation, at this time, or is about to; `isFollowed` as the engine is told. */
  protected started(at: EpochMs, isFollowed = false): void {
    const running = this.#running;
    if (running === undefined || running.isStarted) return;
    running.isStarted = true;
    running.invocation.onStart({ logStream: this.logStream, coldStart: !this.#initReported, at, isFollowed });
    for (const line of this.#idleLines.splice(0)) running.invocation.onLog(line);
  }

  /** The whole time limit counts from now on, but for what the invocation was held before. */
  protected restartTimeLimit(): void {
    const running = this.#running;
    if (running === undefined) return;
    const { heldMs = 0 } = running.invocation;
    running.timeout.cancel();
    running.startedAt = this.options.time.now() - heldMs;
    running.startedReal = performance.now() - heldMs;
    running.timeout = this.#armTimeout(running.startedAt, 0);
  }

  protected log(line: string): void {
    if (this.#running?.isStarted === true) this.#running.invocation.onLog(line);
    else if (this.#idleLines.length < IDLE_LINES_MAX) this.#idleLines.push(line);
  }

  protected done(outcome: Omit<RuntimeOutcome, 'durationMs' | 'initDurationMs'>): void {
    const running = this.#running;
    if (outcome.kind === 'init-error') this.#initErrorType = outcome.errorType;
    if (running === undefined) return;
    const { time } = this.options;
    this.started(time.now(), true);
    this.#running = undefined;
    running.timeout.cancel();
    this.touched();
    const coldStartMs = this.#initReported ? undefined : (this.#initDurationMs ?? 0);
    this.#initReported = true;
    const virtualMs = time.now() - running.startedAt;
    const measuredMs = performance.now() - running.startedReal;
    if (!this.hasEnded) this.options.onIdle(this);
    running.invocation.onDone({
      ...outcome,
      durationMs: time.mode === 'virtual' ? virtualMs : Math.max(0.01, measuredMs),
      ...(coldStartMs === undefined || time.mode === 'virtual' ? {} : { initDurationMs: coldStartMs }),
    });
  }

  /** Ends the invocation as the platform does when the code is gone or cannot be started. */
  protected endedByPlatform(
    kind: 'exit' | 'init-error' | 'timeout',
    errorType: string,
    text: string,
    maxMemoryUsedMb = 0,
  ): void {
    this.hasEnded = true;
    if (kind === 'init-error') this.#initErrorType = errorType;
    const running = this.#running;
    if (running === undefined) return;
    if (kind !== 'init-error') this.options.onReset(this);
    const payload = platformError(running.invocation.requestId, errorType, text);
    this.done({ kind, payload, errorType, maxMemoryUsedMb });
  }

  /** What ran the code is gone. An invocation that it had not begun is given back. */
  protected exited(text: string, maxMemoryUsedMb: number): void {
    this.hasEnded = true;
    const running = this.#running;
    if (running !== undefined && !running.isStarted) {
      this.#running = undefined;
      running.timeout.cancel();
    }
    this.endedByPlatform('exit', 'Runtime.ExitError', text, maxMemoryUsedMb);
    this.#onQuiet?.(false);
    this.#onQuiet = undefined;
    this.options.onEnd(this);
    if (running !== undefined && !running.isStarted) this.options.onGivenBack(running.invocation);
  }

  #armTimeout(startedAt: EpochMs, graceMs: number): Timer {
    const { timeoutSeconds } = this.spec;
    return this.options.timers.schedule(startedAt + graceMs + timeoutSeconds * 1000, () => {
      this.endedByPlatform('timeout', 'Sandbox.Timedout', timedOutText(timeoutSeconds));
      void this.terminate();
    });
  }
}
