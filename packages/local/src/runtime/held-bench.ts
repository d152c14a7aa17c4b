import type { FunctionSpec, RuntimeInvocation, RuntimeOutcome } from '@holdfast/engine';
import { idsFrom, seededRandom, TimerQueue, VirtualDriver } from '@holdfast/kernel';
import { EngineTime } from './engine-time.ts';
import { HeldInvocations } from './held-invocations.ts';
import { START } from './test-runtime.ts';

/** What has happened to one invocation. */
export interface Seen {
  readonly begunAt: number;
  readonly delayMs: number;
  readonly limitMs: number;
  readonly isAwaited: boolean;
  /** It came after the end. */
  readonly isLate: boolean;
  /** When it was handed over, and for how long it was held, as the runtime was told. */
  readonly handedOver: { readonly at: number; readonly heldMs: number | undefined }[];
  readonly starts: number[];
  readonly ends: (Pick<RuntimeOutcome, 'kind' | 'durationMs'> & { readonly at: number })[];
  /** How often the delay was said to be over. */
  overs: number;
}

/** For tests: invocations that are held, before a runtime that ends each after a second. */
export class HeldBench {
  readonly time = new EngineTime('virtual', START);
  readonly seen: Seen[] = [];
  closedAt: number | undefined;
  readonly held: HeldInvocations;
  readonly #runtimeTimers = new TimerQueue();
  readonly #driver: VirtualDriver;
  readonly #bySpec = new Map<FunctionSpec, Seen>();

  constructor() {
    this.held = new HeldInvocations({
      time: this.time,
      ids: idsFrom(seededRandom(1)),
      runtime: { invoke: (invocation) => this.#take(invocation), retire: () => {} },
      delayOf: (spec) => {
        const seen = this.#bySpec.get(spec);
        if (seen === undefined || seen.delayMs === 0) return undefined;
        return {
          ms: seen.delayMs,
          over: () => {
            seen.overs += 1;
          },
        };
      },
    });
    this.#driver = new VirtualDriver(this.time, [this.held, this.#runtimeTimers], { whenQuiet: async () => {} });
  }

  invoke({ delayMs, timeoutSeconds = 10, isAwaited = false }: InvokeOptions): Seen {
    const begunAt = this.time.now();
    const limitMs = timeoutSeconds * 1_000;
    const seen: Seen = {
      begunAt,
      delayMs,
      limitMs,
      isAwaited,
      isLate: this.closedAt !== undefined,
      handedOver: [],
      starts: [],
      ends: [],
      overs: 0,
    };
    const spec = { functionName: 'fn', version: '$LATEST', timeoutSeconds } as FunctionSpec;
    this.seen.push(seen);
    this.#bySpec.set(spec, seen);
    this.held.invoke({
      requestId: `request-${this.seen.length}`,
      spec,
      invokedFunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:fn',
      payload: '{}',
      traceHeader: '',
      isAwaited,
      startedAt: begunAt,
      onStart: ({ at, since = at }) => seen.starts.push(since),
      onLog: () => {},
      onDone: ({ kind, durationMs }) => seen.ends.push({ kind, durationMs, at: this.time.now() }),
    });
    return seen;
  }

  close(): void {
    this.held.close();
    this.closedAt ??= this.time.now();
  }

  async advance(ms: number): Promise<void> {
    await this.#driver.advance(ms);
  }

  #take(invocation: RuntimeInvocation): void {
    const begunAt = this.time.now();
    const { heldMs } = invocation;
    this.#bySpec.get(invocation.spec)?.handedOver.push({ at: begunAt, heldMs });
    invocation.onStart({ logStream: 'stream', coldStart: false, at: begunAt });
    this.#runtimeTimers.schedule(begunAt + 1_000, (now) => {
      const durationMs = now - begunAt + (heldMs ?? 0);
      invocation.onDone({ kind: 'success', payload: '{}', durationMs, maxMemoryUsedMb: 0 });
    });
  }
}

export interface InvokeOptions {
  readonly delayMs: number;
  readonly timeoutSeconds?: number;
  readonly isAwaited?: boolean;
}
