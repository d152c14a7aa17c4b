import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { FunctionSpec, RuntimeInvocation, RuntimeOutcome } from '@holdfast/engine';
import type { Timer, TimerQueue } from '@holdfast/kernel';
import type { EngineTime } from './engine-time.ts';
import type { EnvironmentSetup, FromEnvironment, ToEnvironment } from './protocol.ts';

/** The code of the thread, prepared once: plain JavaScript as a URL, so that no thread strips types by itself. */
const workerUrl = ((): (() => URL) => {
  let url: URL | undefined;
  return () => {
    if (url === undefined) {
      const isSource = import.meta.url.endsWith('.ts');
      const text = readFileSync(new URL(isSource ? './worker-main.ts' : './worker-main.js', import.meta.url), 'utf8');
      const code = isSource ? stripTypeScriptTypes(text) : text;
      url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
    }
    return url;
  };
})();

export interface EnvironmentOptions {
  readonly spec: FunctionSpec;
  readonly accessKeyId: string;
  readonly taskRoot: string;
  readonly logStream: string;
  readonly endpoint: string;
  readonly time: EngineTime;
  readonly timers: TimerQueue;
  readonly compileCache: string | undefined;
  /** The environment is idle again and may take the next invocation. */
  readonly onIdle: (environment: ExecutionEnvironment) => void;
  /** The environment has ended. */
  readonly onEnd: (environment: ExecutionEnvironment) => void;
}

interface Running {
  readonly invocation: RuntimeInvocation;
  readonly startedAt: number;
  /** Machine time; durations in live mode are measured, not read off a clock that may be set. */
  readonly startedReal: number;
  readonly timeout: Timer;
}

/** What an invocation that the runtime itself ended reports: `RequestId: <id> Error: <text>`. */
const platformError = (requestId: string, errorType: string, text: string): string =>
  JSON.stringify({ errorType, errorMessage: `RequestId: ${requestId} Error: ${text}` });

/** One Lambda execution environment: a thread that runs one invocation at a time and is reused while it lives. */
export class ExecutionEnvironment {
  readonly spec: FunctionSpec;
  readonly accessKeyId: string;
  readonly logStream: string;
  readonly #options: EnvironmentOptions;
  readonly #worker: Worker;
  readonly #spawnedReal = performance.now();
  #initDurationMs: number | undefined;
  #initReported = false;
  #running: Running | undefined;
  #ended = false;
  #outOfMemory = false;

  /** Requests of the current invocation that the engine is working on, and those it holds back (parked). */
  requestsBusy = 0;
  requestsParked = 0;
  /** Rises with everything that may set the environment in motion. */
  activity = 0;
  /** The `activity` at which the environment was last seen to be quiet. */
  quietAtActivity = -1;
  /** Earliest timer inside the environment, as of the last time it was quiet. */
  nextTimerAt: number | undefined;
  #probeId = 0;
  #onQuiet: ((isQuiet: boolean) => void) | undefined;

  constructor(options: EnvironmentOptions) {
    this.#options = options;
    this.spec = options.spec;
    this.accessKeyId = options.accessKeyId;
    this.logStream = options.logStream;
    const { spec } = options;
    const setup: EnvironmentSetup = {
      clock: options.time.shared,
      taskRoot: options.taskRoot,
      handler: spec.handler,
      functionName: spec.functionName,
      functionVersion: spec.version,
      memoryMb: spec.memoryMb,
      logGroup: spec.logGroup,
      logStream: options.logStream,
      returnsPlainValues: Number(/^nodejs(\d+)/.exec(spec.runtime)?.[1] ?? 0) >= 24,
      compileCache: options.compileCache,
    };
    this.#worker = new Worker(workerUrl(), {
      workerData: setup,
      env: this.#environmentVariables(),
      stdout: true,
      stderr: true,
      execArgv: ['--no-warnings'],
      resourceLimits: { maxOldGenerationSizeMb: spec.memoryMb, maxYoungGenerationSizeMb: 32 },
    });
    this.#worker.on('message', (message: FromEnvironment) => this.#receive(message));
    this.#worker.on('error', (error) => {
      this.#outOfMemory = (error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY';
    });
    this.#worker.on('exit', (code) => this.#exited(code));
    this.#worker.unref();
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  get isQuiet(): boolean {
    return this.#running === undefined || (this.requestsBusy === 0 && this.quietAtActivity === this.activity);
  }

  invoke(invocation: RuntimeInvocation): void {
    const { time, timers } = this.#options;
    const startedAt = time.now();
    const deadline = startedAt + this.spec.timeoutSeconds * 1000;
    this.#running = {
      invocation,
      startedAt,
      startedReal: performance.now(),
      timeout: timers.schedule(deadline, () => this.#timedOut()),
    };
    this.activity += 1;
    this.nextTimerAt = undefined;
    invocation.onStart({ logStream: this.logStream, coldStart: !this.#initReported });
    this.#send({
      type: 'invoke',
      requestId: invocation.requestId,
      payload: invocation.payload,
      deadline,
      invokedFunctionArn: invocation.invokedFunctionArn,
      traceHeader: invocation.traceHeader,
      clientContext: invocation.clientContext,
    });
  }

  /** Lets timers inside run that are due now. */
  runTimers(): void {
    this.activity += 1;
    this.nextTimerAt = undefined;
    this.#send({ type: 'time' });
  }

  modeChanged(): void {
    this.activity += 1;
    this.#send({ type: 'mode' });
  }

  /** Resolves true once nothing can run here but by time or by an answer held back; false when that changed meanwhile. */
  probe(): Promise<boolean> {
    this.#onQuiet?.(false);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    // Code that computes for longer than its time limit, in real time, must not hold virtual time for ever.
    const givenUp = setTimeout(() => {
      this.quietAtActivity = this.activity;
      resolve(true);
    }, this.spec.timeoutSeconds * 1000);
    this.#onQuiet = (isQuiet) => {
      clearTimeout(givenUp);
      resolve(isQuiet);
    };
    this.#probeId += 1;
    this.#send({ type: 'probe', id: this.#probeId, parked: this.requestsParked });
    return promise;
  }

  /** Something happened that may set the environment in motion: an answer under way cancels the probe. */
  touched(): void {
    this.activity += 1;
    this.#onQuiet?.(false);
    this.#onQuiet = undefined;
  }

  async terminate(): Promise<void> {
    this.#ended = true;
    await this.#worker.terminate();
  }

  #send(message: ToEnvironment): void {
    this.#worker.postMessage(message);
  }

  #receive(message: FromEnvironment): void {
    switch (message.type) {
      case 'ready':
        this.#initDurationMs = performance.now() - this.#spawnedReal;
        return;
      case 'log':
        this.#running?.invocation.onLog(message.text);
        return;
      case 'done':
        this.#done({
          kind: message.errorType === undefined ? 'success' : 'error',
          payload: message.payload,
          errorType: message.errorType,
          maxMemoryUsedMb: Math.ceil(message.heapBytes / 2 ** 20),
        });
        return;
      case 'init-error':
        this.#ended = true;
        this.#done({ kind: 'init-error', payload: message.payload, errorType: message.errorType, maxMemoryUsedMb: 0 });
        void this.#worker.terminate();
        return;
      case 'quiet': {
        if (message.id !== this.#probeId || this.#onQuiet === undefined) return;
        const onQuiet = this.#onQuiet;
        this.#onQuiet = undefined;
        this.quietAtActivity = this.activity;
        this.nextTimerAt = message.nextTimerAt;
        onQuiet(true);
        return;
      }
    }
  }

  #done(outcome: Omit<RuntimeOutcome, 'durationMs' | 'initDurationMs'>): void {
    const running = this.#running;
    if (running === undefined) return;
    this.#running = undefined;
    running.timeout.cancel();
    this.touched();
    const { time } = this.#options;
    const coldStartMs = this.#initReported ? undefined : (this.#initDurationMs ?? 0);
    this.#initReported = true;
    const virtualMs = time.now() - running.startedAt;
    const measuredMs = performance.now() - running.startedReal - (coldStartMs ?? 0);
    if (!this.#ended) this.#options.onIdle(this);
    running.invocation.onDone({
      ...outcome,
      durationMs: time.mode === 'virtual' ? virtualMs : Math.max(0.01, measuredMs),
      ...(coldStartMs === undefined || time.mode === 'virtual' ? {} : { initDurationMs: coldStartMs }),
    });
  }

  #timedOut(): void {
    const running = this.#running;
    if (running === undefined) return;
    const { requestId } = running.invocation;
    this.#ended = true;
    this.#done({
      kind: 'timeout',
      payload: platformError(
        requestId,
        'Sandbox.Timedout',
        `Task timed out after ${this.spec.timeoutSeconds.toFixed(2)} seconds`,
      ),
      errorType: 'Sandbox.Timedout',
      maxMemoryUsedMb: 0,
    });
    void this.#worker.terminate();
  }

  #exited(code: number): void {
    this.#ended = true;
    const running = this.#running;
    if (running !== undefined) {
      const text = this.#outOfMemory
        ? 'Runtime exited with error: signal: killed'
        : code === 0
          ? 'Runtime exited without providing a reason'
          : `Runtime exited with error: exit status ${code}`;
      this.#done({
        kind: 'exit',
        payload: platformError(running.invocation.requestId, 'Runtime.ExitError', text),
        errorType: 'Runtime.ExitError',
        maxMemoryUsedMb: this.#outOfMemory ? this.spec.memoryMb : 0,
      });
    }
    this.#onQuiet?.(false);
    this.#options.onEnd(this);
  }

  #environmentVariables(): Record<string, string> {
    const { spec } = this;
    return {
      ...spec.environment,
      PATH: process.env['PATH'] ?? '',
      LANG: 'en_US.UTF-8',
      TZ: ':UTC',
      _HANDLER: spec.handler,
      AWS_REGION: spec.region,
      AWS_DEFAULT_REGION: spec.region,
      AWS_EXECUTION_ENV: `AWS_Lambda_${spec.runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: spec.functionName,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
      AWS_LAMBDA_FUNCTION_VERSION: spec.version,
      AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
      AWS_LAMBDA_LOG_GROUP_NAME: spec.logGroup,
      AWS_LAMBDA_LOG_STREAM_NAME: this.#options.logStream,
      AWS_ACCESS_KEY_ID: this.accessKeyId,
      AWS_SECRET_ACCESS_KEY: 'holdfast',
      AWS_SESSION_TOKEN: 'holdfast',
      AWS_ENDPOINT_URL: this.#options.endpoint,
      LAMBDA_TASK_ROOT: this.#options.taskRoot,
      LAMBDA_RUNTIME_DIR: '/var/runtime',
    };
  }
}
