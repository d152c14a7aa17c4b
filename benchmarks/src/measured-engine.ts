import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ownChild } from './own-children.ts';

/** The processor time that the engine's process has used so far. */
export interface CpuUsage {
  /** All threads, user and system time. */
  readonly cpuMs: number;
  /** The thread that the engine and the gateway run on; handlers have threads of their own. */
  readonly mainThreadMs: number;
}

export interface MemoryInUse {
  readonly rssBytes: number;
  /** JavaScript heap and buffers of the main thread, garbage collected before. */
  readonly heapBytes: number;
}

/** What can be asked of the engine's process without going through its gateway. */
export interface EngineOrders {
  /** Deploys `VendorOnboarding`; answers with its outputs. */
  deployPipeline(assemblyDir: string): Promise<Readonly<Record<string, string>>>;
  deployTemplate(template: object): Promise<Readonly<Record<string, string>>>;
  call(service: string, action: string, input: object): Promise<Record<string, unknown>>;
  /** Resolves when the upload is recorded as completed, looking every so many milliseconds; fails when it has failed. */
  untilUploadEnds(key: string, lookEveryMs: number): Promise<void>;
  /** Resolves when a function's metric has reached a sum. */
  untilMetric(functionName: string, metric: string, sum: number): Promise<number>;
  cpu(): Promise<CpuUsage>;
  /** Collects garbage first, in this thread and in V8's own: what that takes is part of the next `cpu`. */
  memory(): Promise<MemoryInUse>;
}

export interface EngineOrder {
  readonly id: number;
  readonly name: keyof EngineOrders;
  readonly parts: readonly unknown[];
}

export interface EngineAnswer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

type Settle = { readonly resolve: (value: unknown) => void; readonly reject: (cause: Error) => void };

/** An engine in a process of its own: what it uses can be measured, and the client does not compete with it. */
export class MeasuredEngine {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Settle>();
  #port = 0;
  #lastId = 0;

  private constructor(dataDir: string | undefined, nodeOptions: readonly string[]) {
    const script = fileURLToPath(new URL('./measured-engine-main.ts', import.meta.url));
    this.#child = ownChild(
      fork(script, dataDir === undefined ? [] : [dataDir], {
        execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc', ...nodeOptions],
        serialization: 'advanced',
      }),
    );
    this.#child.on('message', ({ id, result, error }: EngineAnswer) => {
      const settle = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) settle?.resolve(result);
      else settle?.reject(new Error(error));
    });
    this.#child.on('exit', (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the engine ended with code ${code}`));
      this.#waiting.clear();
    });
  }

  /** In memory without `dataDir`. */
  static async start(dataDir?: string, nodeOptions: readonly string[] = []): Promise<MeasuredEngine> {
    const engine = new MeasuredEngine(dataDir, nodeOptions);
    const endpoint = await engine.#answer(0);
    engine.#port = Number(new URL(endpoint as string).port);
    return engine;
  }

  get port(): number {
    return this.#port;
  }

  /** Asks the engine's process itself; no gateway, no socket of the engine. */
  async ask<Name extends keyof EngineOrders>(
    name: Name,
    ...parts: Parameters<EngineOrders[Name]>
  ): Promise<Awaited<ReturnType<EngineOrders[Name]>>> {
    this.#lastId += 1;
    const answer = this.#answer(this.#lastId);
    this.#child.send({ id: this.#lastId, name, parts } satisfies EngineOrder);
    return (await answer) as Awaited<ReturnType<EngineOrders[Name]>>;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.disconnect();
    await ended;
  }

  #answer(id: number): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    return promise;
  }
}
