import { join } from 'node:path';
import type { FunctionSpec, RuntimeInvocation } from '@holdfast/engine';
import type { TimerQueue } from '@holdfast/kernel';
import type { EnvironmentOptions, ExecutionEnvironment } from './environment.ts';
import { keyOf } from './environment-key.ts';
import { EnvironmentRequests } from './environment-requests.ts';
import { TemporaryDirectories } from './files/temporary-directories.ts';
import type { FunctionEnvironmentsOptions } from './function-environments-options.ts';
import { logStreamOf } from './log-stream.ts';
import { FileViews } from './processes/file-views.ts';
import { ProcessEnvironment } from './processes/process-environment.ts';
import type { RuntimeFamily } from './runtime-family.ts';
import { ThreadEnvironment } from './threads/thread-environment.ts';

/** What becomes of an environment is told to who uses it. */
export interface EnvironmentEvents {
  readonly onInitialised: (environment: ExecutionEnvironment) => void;
  readonly onIdle: (environment: ExecutionEnvironment) => void;
  readonly onGivenBack: (invocation: RuntimeInvocation) => void;
  /** It ended by itself; its files are gone already. */
  readonly onEnd: (environment: ExecutionEnvironment, wasAlive: boolean) => void;
}

/** The environments that there are, from their making to their end, and the files that each needs. */
export class AliveEnvironments {
  /** Who of them waits for an answer of the engine. */
  readonly requests = new EnvironmentRequests();
  readonly #options: FunctionEnvironmentsOptions;
  readonly #timers: TimerQueue;
  readonly #events: EnvironmentEvents;
  readonly #all = new Set<ExecutionEnvironment>();
  /** The directories that each runs from. */
  readonly #code = new Map<ExecutionEnvironment, readonly (string | undefined)[]>();
  readonly #temporary: TemporaryDirectories;
  readonly #views: FileViews;

  constructor(options: FunctionEnvironmentsOptions, timers: TimerQueue, events: EnvironmentEvents) {
    this.#options = options;
    this.#timers = timers;
    this.#events = events;
    this.#temporary = new TemporaryDirectories(join(options.filesDirectory, 'tmp'));
    this.#views = new FileViews(join(options.filesDirectory, 'var'), options.hasOwnViews);
  }

  get size(): number {
    return this.#all.size;
  }

  /** Whether processes see files as on AWS (`own`) or as the machine has them; unknown until there is one. */
  get processFileView(): 'own' | 'machine' | undefined {
    return this.#views.kind;
  }

  has(environment: ExecutionEnvironment): boolean {
    return this.#all.has(environment);
  }

  /** Those of a key, whatever they do. */
  countOf(key: string): number {
    let count = 0;
    for (const environment of this.#all) if (environment.key === key) count += 1;
    return count;
  }

  create(spec: FunctionSpec, family: RuntimeFamily): ExecutionEnvironment {
    const { code, ids, time } = this.#options;
    const layers = spec.layers ?? [];
    const accessKey = ids.hex(16);
    const options: EnvironmentOptions = {
      spec,
      accessKeyId: `ASIA${accessKey.toUpperCase()}`,
      randomSeed: this.#options.isRepeatable ? Number.parseInt(accessKey.slice(0, 8), 16) : undefined,
      taskRoot: code.directoryOf(spec.code),
      layersRoot: code.layersOf(layers),
      temporary: this.#temporary.take(keyOf(spec)),
      compiled: family === 'python' ? code.compiledOf(spec.code, layers) : undefined,
      views: this.#views,
      logStream: this.newLogStream(spec),
      endpoint: this.#options.endpoint(),
      traceAddress: this.#options.traceAddress,
      time,
      timers: this.#timers,
      compileCache: this.#options.compileCache,
      onInitialised: this.#events.onInitialised,
      onIdle: this.#events.onIdle,
      onGivenBack: this.#events.onGivenBack,
      onReset: (reset) => this.#temporary.leave(reset.temporary, reset.key),
      onEnd: (ended) => this.#ended(ended),
    };
    const isThread = family === 'nodejs' && this.#options.isolation === 'thread';
    const environment = isThread ? new ThreadEnvironment(options) : new ProcessEnvironment(options);
    this.#all.add(environment);
    // The files of its code stay as long as it does.
    const directories = [options.taskRoot, options.layersRoot, options.compiled];
    code.use(directories);
    this.#code.set(environment, directories);
    this.requests.add(environment);
    return environment;
  }

  newLogStream(spec: FunctionSpec): string {
    return logStreamOf(spec, this.#options.time.now(), this.#options.ids.hex(32));
  }

  /** Ends one; who uses it is not told. */
  end(environment: ExecutionEnvironment): void {
    this.#all.delete(environment);
    this.requests.delete(environment);
    void environment.terminate().then(() => this.#leaveFiles(environment));
  }

  /** Forgets the temporary files of a function. */
  forgetFiles(prefix: string): void {
    this.#temporary.forget(prefix);
  }

  modeChanged(): void {
    for (const environment of this.#all) environment.modeChanged();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#all].map((environment) => environment.terminate()));
    await this.#options.code.close();
    this.#temporary.close();
  }

  #ended(environment: ExecutionEnvironment): void {
    const wasAlive = this.#all.delete(environment);
    this.requests.delete(environment);
    this.#leaveFiles(environment);
    this.#events.onEnd(environment, wasAlive);
  }

  #leaveFiles(environment: ExecutionEnvironment): void {
    this.#temporary.remove(environment.temporary);
    const directories = this.#code.get(environment);
    if (this.#code.delete(environment) && directories !== undefined) this.#options.code.leave(directories);
  }
}
