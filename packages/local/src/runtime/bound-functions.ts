import type {
  FunctionRuntime,
  FunctionSpec,
  OnProvisionSettled,
  RuntimeInvocation,
  RuntimeOutcome,
} from '@holdfast/engine';
import { type EpochMs, type Quiescence, Roster, type Timer, TimerQueue, type Wakeable } from '@holdfast/kernel';
import type { RestingInvocation } from '../standing-clock/waiting-call.ts';
import type { EngineTime } from './engine-time.ts';
import type { FunctionEnvironments } from './function-environments.ts';
import { logStreamOf } from './log-stream.ts';
import { platformError, tellEngineEnded, timedOutText } from './platform-ends.ts';

/** What a bound handler gets beside its event: the members of AWS's context object that do not depend on a runtime. */
export interface BoundContext {
  readonly functionName: string;
  readonly functionVersion: string;
  readonly invokedFunctionArn: string;
  /** In MB, as text, like AWS gives it. */
  readonly memoryLimitInMB: string;
  readonly awsRequestId: string;
  readonly logGroupName: string;
  readonly logStreamName: string;
  /** Milliseconds of the engine's time. */
  getRemainingTimeInMillis(): number;
  /**
   * Waits in the engine's time, as `setTimeout` of a deployed handler does: that of this process is the machine's. AWS's
   * own context has no such thing.
   */
  sleep(ms: number): Promise<void>;
}

/** A function of this process that stands in for the code of a Lambda function. */
// biome-ignore lint/suspicious/noExplicitAny: an event is whatever its source sends; the handler knows.
export type BoundHandler = (event: any, context: BoundContext) => unknown;

/**
 * How long virtual time waits, in real milliseconds, for a bound handler that neither returns nor fails. One that
 * waits for the engine's time itself (a long poll) would wait for ever otherwise.
 */
const PATIENCE_MS = 1_000;

const errorOf = (thrown: unknown): { errorType: string; payload: string } => {
  const isError = thrown instanceof Error;
  const errorType = isError ? thrown.name : typeof thrown;
  const errorMessage = isError ? thrown.message : String(thrown);
  const trace = isError ? (thrown.stack ?? '').split('\n') : [];
  return { errorType, payload: JSON.stringify({ errorType, errorMessage, trace }) };
};

const earliestOf = (timers: ReadonlySet<Timer>): EpochMs | undefined =>
  timers.size === 0 ? undefined : Math.min(...[...timers].map(({ at }) => at));

interface Running {
  /** When it last began to act by itself. */
  startedAtRealMs: number;
  readonly timeout: Timer;
  /** What it waits for in the engine's time. */
  readonly sleeping: Set<Timer>;
}

/**
 * Runs functions that are bound to a handler of this process, and leaves all others to real environments. Everything
 * around the handler is as with real code: concurrency, retries, time limits in the engine's time, log lines, metrics.
 */
export class BoundFunctions implements FunctionRuntime, Wakeable, Quiescence {
  readonly timers = new TimerQueue();
  readonly #time: EngineTime;
  readonly #environments: FunctionEnvironments;
  readonly #handlerOf: (spec: FunctionSpec) => BoundHandler | undefined;
  /** Those that begin in the next step. */
  readonly #due = new Roster<RuntimeInvocation>();
  readonly #running = new Map<RuntimeInvocation, Running>();

  constructor(
    time: EngineTime,
    environments: FunctionEnvironments,
    handlerOf: (spec: FunctionSpec) => BoundHandler | undefined,
  ) {
    this.#time = time;
    this.#environments = environments;
    this.#handlerOf = handlerOf;
  }

  invoke(invocation: RuntimeInvocation): void {
    const handler = this.#handlerOf(invocation.spec);
    if (handler === undefined) this.#environments.invoke(invocation);
    else {
      // As with real code, nothing of it runs before what is due at this moment has been done.
      const place = this.#due.add(invocation);
      this.timers.schedule(this.#time.now(), (now) => {
        place.leave();
        this.#run(invocation, handler, now);
      });
      if (invocation.isAwaited === true) this.#environments.onAwaited?.();
    }
  }

  retire(functionArn: string): void {
    this.#environments.retire(functionArn);
  }

  /** A handler of this process has nothing to initialise. */
  provision(spec: FunctionSpec, count: number, onSettled: OnProvisionSettled): void {
    if (this.#handlerOf(spec) === undefined) this.#environments.provision(spec, count, onSettled);
    else onSettled(true);
  }

  isCrowded(spec: FunctionSpec): boolean {
    return this.#environments.isCrowded(spec) && this.#handlerOf(spec) === undefined;
  }

  nextWakeAt(): EpochMs | undefined {
    return this.timers.nextWakeAt();
  }

  wake(now: EpochMs): void {
    this.timers.wake(now);
  }

  /** Real time since which one acts that neither has returned nor waits for the engine's time. */
  get runningSince(): number | undefined {
    return this.#actingSince();
  }

  /** What is under way here, for who wants to know what it waits for. */
  resting(): readonly RestingInvocation[] {
    return [...this.#running].map(([{ requestId, spec }, { timeout, sleeping }]) => ({
      requestId,
      functionName: spec.functionName,
      accessKeyId: undefined,
      sleepsUntil: earliestOf(sleeping),
      timeLimitAt: timeout.at,
    }));
  }

  async whenQuiet(): Promise<void> {
    let quietTurns = 0;
    while (quietTurns < 2) {
      await new Promise((resolve) => setImmediate(resolve));
      const actingSince = this.#actingSince();
      const isWorking = actingSince !== undefined && performance.now() - actingSince < PATIENCE_MS;
      quietTurns = isWorking ? 0 : quietTurns + 1;
    }
  }

  /** The engine ends. What a handler still does reaches nobody; who waits for its answer is told. */
  close(): void {
    this.timers.clear();
    const underWay = [...this.#running.keys(), ...this.#due.items()];
    this.#running.clear();
    for (const invocation of underWay) tellEngineEnded(invocation);
  }

  #actingSince(): number | undefined {
    let latest: number | undefined;
    for (const { startedAtRealMs, sleeping } of this.#running.values()) {
      if (sleeping.size === 0 && (latest === undefined || startedAtRealMs > latest)) latest = startedAtRealMs;
    }
    return latest;
  }

  /** In the engine's time; what has not ended with its invocation never goes on. */
  #sleep(running: Running, ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.timers.schedule(this.#time.now() + Math.max(0, ms), () => {
      running.sleeping.delete(timer);
      running.startedAtRealMs = performance.now();
      resolve();
    });
    running.sleeping.add(timer);
    return promise;
  }

  #run(invocation: RuntimeInvocation, handler: BoundHandler, startedAt: EpochMs): void {
    const { spec, requestId } = invocation;
    const logStream = logStreamOf(spec, startedAt, 'bound');
    const begunAt = startedAt - (invocation.heldMs ?? 0);
    const deadline = begunAt + spec.timeoutSeconds * 1_000;
    const end = (outcome: Pick<RuntimeOutcome, 'kind' | 'payload' | 'errorType'>): void => {
      const running = this.#running.get(invocation);
      if (running === undefined) return;
      this.#running.delete(invocation);
      running.timeout.cancel();
      for (const timer of running.sleeping) timer.cancel();
      invocation.onDone({ ...outcome, durationMs: Math.max(1, this.#time.now() - begunAt), maxMemoryUsedMb: 0 });
    };
    const timeout = this.timers.schedule(deadline, () => {
      const text = timedOutText(spec.timeoutSeconds);
      end({
        kind: 'timeout',
        payload: platformError(requestId, 'Sandbox.Timedout', text),
        errorType: 'Sandbox.Timedout',
      });
    });
    const own: Running = { startedAtRealMs: performance.now(), timeout, sleeping: new Set() };
    this.#running.set(invocation, own);
    invocation.onStart({ logStream, coldStart: false, at: startedAt });
    const context: BoundContext = {
      functionName: spec.functionName,
      functionVersion: spec.version,
      invokedFunctionArn: invocation.invokedFunctionArn,
      memoryLimitInMB: String(spec.memoryMb),
      awsRequestId: requestId,
      logGroupName: spec.logGroup,
      logStreamName: logStream,
      getRemainingTimeInMillis: () => Math.max(0, deadline - this.#time.now()),
      sleep: (ms) => this.#sleep(own, ms),
    };
    void settle(handler, invocation.payload, context).then(end);
  }
}

/** The result has to go through JSON, as between Lambda and its runtimes. */
const settle = async (
  handler: BoundHandler,
  payload: string,
  context: BoundContext,
): Promise<Pick<RuntimeOutcome, 'kind' | 'payload' | 'errorType'>> => {
  try {
    const result: unknown = await handler(JSON.parse(payload), context);
    return { kind: 'success', payload: JSON.stringify(result ?? null) ?? 'null', errorType: undefined };
  } catch (thrown) {
    return { kind: 'error', ...errorOf(thrown) };
  }
};
