import type { FunctionRuntime, FunctionSpec, OnProvisionSettled, RuntimeInvocation } from '@holdfast/engine';
import { type EpochMs, type IdSource, SECOND_MS, type Timer, TimerQueue, type Wakeable } from '@holdfast/kernel';
import type { RestingInvocation } from '../standing-clock/waiting-call.ts';
import type { EngineTime } from './engine-time.ts';
import { logStreamOf } from './log-stream.ts';
import { platformError, tellEngineEnded, timedOutText } from './platform-ends.ts';

/** How long an invocation is held before its handler. */
export interface Delay {
  /** In the engine's time, above 0. */
  readonly ms: number;
  /** To be called once it is held no more, for whatever reason. */
  over(): void;
}

export interface HeldInvocationsOptions {
  readonly time: EngineTime;
  readonly ids: IdSource;
  /** Who runs what is not held, or no more. */
  readonly runtime: FunctionRuntime;
  /** Asked once for each invocation; `undefined` for one that is not delayed. */
  delayOf(spec: FunctionSpec): Delay | undefined;
}

interface Held {
  readonly delay: Delay;
  readonly begunAt: EpochMs;
  readonly timeLimitAt: EpochMs;
  readonly timer: Timer;
  /** It ends in a timeout for certain, and has told of its start. */
  readonly isDoomed: boolean;
}

/**
 * Holds invocations that are to be delayed before their handlers. One that is held has its place (its concurrency, its
 * caller) but no environment: it takes one when the delay is over, and none when its time limit comes first.
 */
export class HeldInvocations implements FunctionRuntime, Wakeable {
  readonly timers = new TimerQueue();
  readonly #options: HeldInvocationsOptions;
  /** In the order in which they came. */
  readonly #held = new Map<RuntimeInvocation, Held>();
  #closed = false;

  constructor(options: HeldInvocationsOptions) {
    this.#options = options;
  }

  invoke(invocation: RuntimeInvocation): void {
    const delay = this.#closed ? undefined : this.#options.delayOf(invocation.spec);
    if (delay === undefined) {
      this.#options.runtime.invoke(invocation);
      return;
    }
    const begunAt = this.#options.time.now();
    const timeLimitAt = begunAt + invocation.spec.timeoutSeconds * SECOND_MS;
    const isDoomed = begunAt + delay.ms >= timeLimitAt;
    const timer = this.timers.schedule(isDoomed ? timeLimitAt : begunAt + delay.ms, () => this.#over(invocation));
    this.#held.set(invocation, { delay, begunAt, timeLimitAt, timer, isDoomed });
    if (isDoomed) this.#start(invocation, begunAt);
  }

  retire(functionArn: string): void {
    this.#options.runtime.retire(functionArn);
  }

  provision(spec: FunctionSpec, count: number, onSettled: OnProvisionSettled): void {
    const { runtime } = this.#options;
    if (runtime.provision === undefined) onSettled(true);
    else runtime.provision(spec, count, onSettled);
  }

  isCrowded(spec: FunctionSpec): boolean {
    return this.#options.runtime.isCrowded?.(spec) === true;
  }

  nextWakeAt(): EpochMs | undefined {
    return this.timers.nextWakeAt();
  }

  wake(now: EpochMs): void {
    this.timers.wake(now);
  }

  /** What is held here, for who wants to know what it waits for. */
  resting(): readonly RestingInvocation[] {
    return [...this.#held].map(([{ requestId, spec }, { timer, timeLimitAt }]) => ({
      requestId,
      functionName: spec.functionName,
      accessKeyId: undefined,
      sleepsUntil: timer.at,
      timeLimitAt,
      isDelayed: true,
    }));
  }

  /** The engine ends. */
  close(): void {
    this.#closed = true;
    for (const invocation of [...this.#held.keys()]) {
      const { begunAt } = this.#release(invocation);
      tellEngineEnded(invocation, this.#options.time.now() - begunAt);
    }
  }

  /** The delay is over, or the time limit has come. */
  #over(invocation: RuntimeInvocation): void {
    const { begunAt, timeLimitAt, isDoomed } = this.#release(invocation);
    const now = this.#options.time.now();
    if (now < timeLimitAt) {
      this.#options.runtime.invoke({
        ...invocation,
        heldMs: now - begunAt,
        onStart: (environment) => invocation.onStart({ ...environment, since: begunAt }),
      });
      return;
    }
    // On a busy machine a delay that ends just before the time limit may end after it.
    if (!isDoomed) this.#start(invocation, begunAt);
    const errorType = 'Sandbox.Timedout';
    invocation.onDone({
      kind: 'timeout',
      payload: platformError(invocation.requestId, errorType, timedOutText(invocation.spec.timeoutSeconds)),
      errorType,
      durationMs: now - begunAt,
      maxMemoryUsedMb: 0,
    });
  }

  #release(invocation: RuntimeInvocation): Held {
    const held = this.#held.get(invocation) as Held;
    this.#held.delete(invocation);
    held.timer.cancel();
    held.delay.over();
    return held;
  }

  /** Tells of an environment that there never is: a log has one all the same. */
  #start(invocation: RuntimeInvocation, at: EpochMs): void {
    const logStream = logStreamOf(invocation.spec, at, this.#options.ids.hex(32));
    invocation.onStart({ logStream, coldStart: true, at });
  }
}
