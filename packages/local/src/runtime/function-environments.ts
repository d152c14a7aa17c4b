import { join } from 'node:path';
import type {
  FailedInitialisation,
  FunctionRuntime,
  FunctionSpec,
  OnProvisionSettled,
  RequestContext,
  RuntimeInvocation,
} from '@holdfast/engine';
import { type EpochMs, type IdSource, MINUTE_MS, type Quiescence, TimerQueue, type Wakeable } from '@holdfast/kernel';
import type { RequestObserver } from '../gateway/options.ts';
import type { RestingInvocation } from '../standing-clock/waiting-call.ts';
import type { EngineTime } from './engine-time.ts';
import { type EnvironmentOptions, type ExecutionEnvironment, platformError } from './environment.ts';
import { keyOf } from './environment-key.ts';
import { EnvironmentRequests } from './environment-requests.ts';
import type { CodeStore } from './files/code-store.ts';
import { TemporaryDirectories } from './files/temporary-directories.ts';
import { IdleEnvironments } from './idle-environments.ts';
import { FileViews } from './processes/file-views.ts';
import { ProcessEnvironment } from './processes/process-environment.ts';
import { type RuntimeFamily, runtimeFamilyOf } from './runtime-family.ts';
import { SpareEnvironments } from './spare-environments.ts';
import { ThreadEnvironment } from './threads/thread-environment.ts';

/** What Node.js functions run in: threads of the engine's process, or processes of their own. */
export type Isolation = 'thread' | 'process';

/** How long an environment without work is kept warm. AWS says only "some time". */
export const IDLE_ENVIRONMENT_MS = 10 * MINUTE_MS;

/** How long an initialisation ahead of any invocation may take, in real time, before it counts as failed. */
export const INIT_AHEAD_MAX_MS = MINUTE_MS;

/** What is to be kept initialised of one spec. */
interface Provision {
  readonly spec: FunctionSpec;
  count: number;
  /** Told once, and again after the next change. */
  onSettled: OnProvisionSettled | undefined;
}

export interface FunctionEnvironmentsOptions {
  readonly time: EngineTime;
  readonly ids: IdSource;
  readonly code: CodeStore;
  /** Where functions reach the engine; known once the gateway listens. */
  readonly endpoint: () => string;
  /** Where functions send segments of X-Ray; `host:port`. */
  readonly traceAddress?: string | undefined;
  readonly compileCache: string | undefined;
  /** Directory of ours, for what environments see as `/tmp` and around their code. */
  readonly filesDirectory: string;
  /** Whether processes are to see `/tmp`, `/opt` and `/var/task` as on AWS where the machine allows it. */
  readonly hasOwnViews?: boolean;
  /** Environments alive at once, over all functions; further invocations wait for one to end. */
  readonly environmentsMax: number;
  /** What Node.js functions run in. */
  readonly isolation: Isolation;
  /** In virtual time: one environment at a time, so that every run takes the same course. */
  readonly isRepeatable: boolean;
}

/**
 * Runs functions in execution environments, warm ones first: Node.js in worker threads unless told otherwise, Python
 * and functions that bring their own runtime in child processes.
 *
 * In virtual time everything due at one instant runs at once, as it does on AWS. When the run is to be repeatable,
 * one environment moves at a time, in order, each after the one before it has come to rest; the price is that the
 * machine's other cores stay idle.
 *
 * Virtual time stands still during a cold start, and few fall on one moment: while a function grows, its next
 * environment loads the code beside what runs now, as Lambda may do ahead of need, too.
 */
export class FunctionEnvironments implements FunctionRuntime, Wakeable, Quiescence {
  readonly timers = new TimerQueue();
  readonly #options: FunctionEnvironmentsOptions;
  readonly #idle = new IdleEnvironments();
  readonly #spares = new SpareEnvironments();
  readonly #alive = new Set<ExecutionEnvironment>();
  /** The directories that each runs from. */
  readonly #code = new Map<ExecutionEnvironment, readonly (string | undefined)[]>();
  readonly #running = new Set<ExecutionEnvironment>();
  readonly #requests = new EnvironmentRequests();
  readonly #waiting: RuntimeInvocation[] = [];
  readonly #temporary: TemporaryDirectories;
  readonly #views: FileViews;
  /** Initialised ahead, by the key of their environments. */
  readonly #provisions = new Map<string, Provision>();
  /** Loading their code without an invocation to run, and when that is given up. */
  readonly #initialising = new Map<ExecutionEnvironment, NodeJS.Timeout>();
  /** Large code that is being unpacked, and somebody waits for it. */
  #preparing = 0;
  #closed = false;
  /** In virtual time somebody waits for what is due at this very moment. */
  onAwaited: (() => void) | undefined;
  /** Something may be due earlier than before. */
  onEarlier: (() => void) | undefined;

  constructor(options: FunctionEnvironmentsOptions) {
    this.#options = options;
    this.#temporary = new TemporaryDirectories(join(options.filesDirectory, 'tmp'));
    this.#views = new FileViews(join(options.filesDirectory, 'var'), options.hasOwnViews);
    this.timers.onEarlier = () => this.onEarlier?.();
  }

  invoke(invocation: RuntimeInvocation): void {
    if (this.#options.time.mode === 'live') this.#start(invocation);
    else {
      this.timers.schedule(this.#options.time.now(), () => this.#start(invocation));
      if (invocation.isAwaited === true) this.onAwaited?.();
    }
  }

  /** Whether processes see files as on AWS (`own`) or as the machine has them; unknown until there is one. */
  get processFileView(): 'own' | 'machine' | undefined {
    return this.#views.kind;
  }

  retire(functionArn: string): void {
    this.#temporary.forget(`${functionArn}|`);
    const retired = this.#idle.takeAll(`${functionArn}|`, (key) => this.#provisions.has(key));
    for (const environment of [...retired, ...this.#spares.takeAll(`${functionArn}|`)]) this.#end(environment);
  }

  provision(spec: FunctionSpec, count: number, onSettled: OnProvisionSettled): void {
    const key = keyOf(this.#asOfNow(spec));
    if (count === 0) {
      this.#provisions.delete(key);
      for (const environment of [...this.#initialising.keys()])
        if (keyOf(environment.spec) === key) this.#end(environment);
      for (const environment of this.#idle.of(key)) this.#end(environment);
      return;
    }
    this.#provisions.set(key, { spec, count, onSettled });
    this.#trim(key, count);
    this.#initialiseMissing(key);
  }

  /** Whose credentials these are. */
  identify(accessKeyId: string): { readonly account: string; readonly arn: string } | undefined {
    return this.#requests.identify(accessKeyId);
  }

  /** What is under way here, for who wants to know what it waits for. */
  resting(): readonly RestingInvocation[] {
    return [...this.#running].flatMap(({ underWay, spec, accessKeyId, nextTimerAt }) =>
      underWay === undefined
        ? []
        : [{ ...underWay, functionName: spec.functionName, accessKeyId, sleepsUntil: nextTimerAt }],
    );
  }

  /** Follows the requests that environments make, so that it is known who only waits. */
  observe(context: RequestContext): RequestObserver | undefined {
    return this.#requests.observe(context);
  }

  nextWakeAt(): EpochMs | undefined {
    let earliest = this.timers.nextWakeAt();
    if (this.#options.time.mode === 'live') return earliest;
    for (const { nextTimerAt } of this.#running) {
      if (nextTimerAt !== undefined && (earliest === undefined || nextTimerAt < earliest)) earliest = nextTimerAt;
    }
    return earliest;
  }

  /** In virtual time that is to be repeatable, at most one environment is set in motion; the rest stays due. */
  wake(now: EpochMs): void {
    if (this.#options.time.mode === 'live' || !this.#options.isRepeatable) {
      this.timers.wake(now);
      for (const environment of this.#running) {
        if (environment.nextTimerAt !== undefined && environment.nextTimerAt <= now) environment.runTimers();
      }
      return;
    }
    const queued = this.timers.nextWakeAt();
    if (queued !== undefined && queued <= now) {
      this.timers.wakeOne(now);
      return;
    }
    for (const environment of this.#running) {
      if (environment.nextTimerAt !== undefined && environment.nextTimerAt <= now) {
        environment.runTimers();
        return;
      }
    }
  }

  async whenQuiet(): Promise<void> {
    let quietTurns = 0;
    while (quietTurns < 2) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#initialising.size > 0 || this.#preparing > 0) {
        quietTurns = 0;
        continue;
      }
      const restless = [...this.#running].find((environment) => !environment.isQuiet);
      if (restless === undefined) {
        quietTurns += 1;
        continue;
      }
      quietTurns = 0;
      if (restless.requestsBusy === 0) await restless.probe();
    }
  }

  modeChanged(): void {
    for (const environment of this.#alive) environment.modeChanged();
  }

  get environmentCount(): number {
    return this.#alive.size;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.timers.clear();
    await Promise.all([...this.#alive].map((environment) => environment.terminate()));
    await this.#options.code.close();
    this.#temporary.close();
  }

  #start(invocation: RuntimeInvocation): void {
    const { runtime } = invocation.spec;
    const family = runtimeFamilyOf(runtime);
    if (family === undefined) {
      const text = `Functions with runtime ${runtime} cannot be run here; those with nodejs*, python3.* and provided* can`;
      this.#refuse(invocation, 'Runtime.InvalidRuntime', text);
      return;
    }
    const spec = this.#asOfNow(invocation.spec);
    const key = keyOf(spec);
    const warm = this.#idle.take(key);
    if (warm !== undefined) {
      this.#run(warm, invocation);
      return;
    }
    const spare = this.#spares.take(key);
    if (spare !== undefined) {
      this.#run(spare, invocation);
      this.#prepareSpare(spec, family);
      return;
    }
    this.#endOutdated(invocation.spec);
    if (this.#alive.size >= this.#options.environmentsMax && !this.#evictIdle()) {
      this.#waiting.push(invocation);
      return;
    }
    let environment: ExecutionEnvironment;
    try {
      const isWaiting = this.#isBeingPrepared(
        spec,
        () => this.#start(invocation),
        (cause) => this.#notUnpacked(invocation, cause),
      );
      if (isWaiting) return;
      environment = this.#create(spec, family);
    } catch (cause) {
      this.#notUnpacked(invocation, cause);
      return;
    }
    this.#run(environment, invocation);
    this.#prepareSpare(spec, family);
  }

  /** Has the next environment of a function load its code when more than one of them is needed at once. */
  #prepareSpare(spec: FunctionSpec, family: RuntimeFamily): void {
    const { time, isRepeatable, environmentsMax } = this.#options;
    if (time.mode === 'live' || isRepeatable || family !== 'nodejs') return;
    const key = keyOf(spec);
    if (this.#provisions.has(key) || this.#spares.has(key) || this.#alive.size >= environmentsMax / 2) return;
    let running = 0;
    for (const environment of this.#running) if (keyOf(environment.spec) === key) running += 1;
    if (running < 2) return;
    const spare = this.#create(spec, family);
    this.#spares.add(
      spare,
      this.timers.schedule(time.now() + IDLE_ENVIRONMENT_MS, () => this.#end(spare)),
    );
  }

  /** Whether large code is being unpacked first; one of the two is called when that is over. */
  #isBeingPrepared(spec: FunctionSpec, onReady: () => void, onFailure: (cause: unknown) => void): boolean {
    const preparing = this.#options.code.prepare(spec.code, spec.layers ?? []);
    if (preparing === undefined) return false;
    this.#preparing += 1;
    const over = (act: () => void): void => {
      this.#preparing -= 1;
      if (!this.#closed) act();
    };
    preparing.then(
      () => over(onReady),
      (cause: unknown) => over(() => onFailure(cause)),
    );
    return true;
  }

  #notUnpacked(invocation: RuntimeInvocation, cause: unknown): void {
    const text = cause instanceof Error ? cause.message : String(cause);
    this.#refuse(invocation, 'Runtime.InvalidEntrypoint', `The code could not be unpacked: ${text}`);
  }

  /** Code in a directory changes without the engine being told: the state of its files is part of the revision. */
  #asOfNow(spec: FunctionSpec): FunctionSpec {
    if (spec.code.kind !== 'directory') return spec;
    return { ...spec, revision: `${spec.revision}|${this.#options.code.revisionOf(spec.code)}` };
  }

  /** Ends idle environments that began with an earlier state of the directory; called when none is up to date. */
  #endOutdated(spec: FunctionSpec): void {
    if (spec.code.kind !== 'directory') return;
    const prefix = `${keyOf(spec)}|`;
    const outdated = [...this.#idle.takeAll(prefix, () => false), ...this.#spares.takeAll(prefix)];
    for (const environment of outdated) this.#end(environment);
  }

  #run(environment: ExecutionEnvironment, invocation: RuntimeInvocation): void {
    this.#running.add(environment);
    environment.invoke(invocation);
  }

  /** Ends an invocation for which there can be no environment. */
  #refuse(invocation: RuntimeInvocation, errorType: string, text: string): void {
    invocation.onStart({
      logStream: this.#newLogStream(invocation.spec),
      coldStart: true,
      at: this.#options.time.now(),
    });
    invocation.onLog(text);
    const payload = platformError(invocation.requestId, errorType, text);
    invocation.onDone({ kind: 'init-error', payload, errorType, durationMs: 0, maxMemoryUsedMb: 0 });
    const next = this.#waiting.shift();
    if (next !== undefined) this.#start(next);
  }

  /** Environments of a key that are alive, whatever they do. */
  #countOf(key: string): number {
    let count = 0;
    for (const environment of this.#alive) if (keyOf(environment.spec) === key) count += 1;
    return count;
  }

  /** Ends idle environments beyond `count`. */
  #trim(key: string, count: number): void {
    const surplus = Math.max(0, this.#countOf(key) - count);
    for (const environment of this.#idle.of(key).slice(0, surplus)) this.#end(environment);
  }

  /**
   * Half of the environments that may be alive are left to functions without provisioned concurrency; what does not
   * fit begins with the invocation that needs it.
   */
  #initialiseMissing(key: string): void {
    const provision = this.#provisions.get(key);
    const family = provision === undefined ? undefined : runtimeFamilyOf(provision.spec.runtime);
    if (provision === undefined || family === undefined) return;
    const aheadMax = Math.floor(this.#options.environmentsMax / 2);
    for (let missing = provision.count - this.#countOf(key); missing > 0; missing--) {
      if (this.#alive.size >= aheadMax) break;
      try {
        const isWaiting = this.#isBeingPrepared(
          provision.spec,
          () => this.#initialiseMissing(key),
          () => this.#settle(key, false),
        );
        if (isWaiting) return;
        const environment = this.#create(this.#asOfNow(provision.spec), family);
        const giveUp = setTimeout(() => this.#initFailed(environment, 'timeout'), INIT_AHEAD_MAX_MS);
        this.#initialising.set(environment, giveUp.unref());
      } catch {
        this.#settle(key, false);
        return;
      }
    }
    this.#settleWhenInitialised(key);
  }

  #settleWhenInitialised(key: string): void {
    for (const environment of this.#initialising.keys()) if (keyOf(environment.spec) === key) return;
    this.#settle(key, true);
  }

  #settle(key: string, isReady: boolean, failure?: FailedInitialisation): void {
    const provision = this.#provisions.get(key);
    const onSettled = provision?.onSettled;
    if (provision === undefined || onSettled === undefined) return;
    provision.onSettled = undefined;
    if (!isReady) this.provision(provision.spec, 0, () => {});
    onSettled(isReady, failure);
  }

  #initialised(environment: ExecutionEnvironment): void {
    if (!this.#forgetInitialising(environment)) return;
    this.#becameIdle(environment);
    this.#settleWhenInitialised(keyOf(environment.spec));
  }

  #initFailed(environment: ExecutionEnvironment, status: 'error' | 'timeout'): void {
    const key = keyOf(environment.spec);
    const failure = environment.failedInitialisation(status);
    if (this.#alive.has(environment)) this.#end(environment);
    this.#settle(key, false, failure);
  }

  #forgetInitialising(environment: ExecutionEnvironment): boolean {
    clearTimeout(this.#initialising.get(environment));
    return this.#initialising.delete(environment);
  }

  #create(spec: FunctionSpec, family: RuntimeFamily): ExecutionEnvironment {
    const { code, ids, time } = this.#options;
    const layers = spec.layers ?? [];
    const key = ids.hex(16);
    const options: EnvironmentOptions = {
      spec,
      accessKeyId: `ASIA${key.toUpperCase()}`,
      randomSeed: this.#options.isRepeatable ? Number.parseInt(key.slice(0, 8), 16) : undefined,
      taskRoot: code.directoryOf(spec.code),
      layersRoot: code.layersOf(layers),
      temporary: this.#temporary.take(keyOf(spec)),
      compiled: family === 'python' ? code.compiledOf(spec.code, layers) : undefined,
      views: this.#views,
      logStream: this.#newLogStream(spec),
      endpoint: this.#options.endpoint(),
      traceAddress: this.#options.traceAddress,
      time,
      timers: this.timers,
      compileCache: this.#options.compileCache,
      onInitialised: (initialised) => this.#initialised(initialised),
      onIdle: (idle) => this.#becameIdle(idle),
      onGivenBack: (invocation) => this.invoke(invocation),
      onReset: (reset) => this.#temporary.leave(reset.temporary, keyOf(reset.spec)),
      onEnd: (ended) => this.#ended(ended),
    };
    const isThread = family === 'nodejs' && this.#options.isolation === 'thread';
    const environment = isThread ? new ThreadEnvironment(options) : new ProcessEnvironment(options);
    this.#alive.add(environment);
    this.#useCode(environment, [options.taskRoot, options.layersRoot, options.compiled]);
    this.#requests.add(environment);
    return environment;
  }

  /** The files of its code stay as long as it does. */
  #useCode(environment: ExecutionEnvironment, directories: readonly (string | undefined)[]): void {
    this.#options.code.use(directories);
    this.#code.set(environment, directories);
  }

  #leaveCode(environment: ExecutionEnvironment): void {
    const directories = this.#code.get(environment);
    if (this.#code.delete(environment) && directories !== undefined) this.#options.code.leave(directories);
  }

  #newLogStream(spec: FunctionSpec): string {
    const day = new Date(this.#options.time.now()).toISOString().slice(0, 10).replaceAll('-', '/');
    return `${day}/[${spec.version}]${this.#options.ids.hex(32)}`;
  }

  #becameIdle(environment: ExecutionEnvironment): void {
    this.#running.delete(environment);
    const key = keyOf(environment.spec);
    this.#idle.add(environment);
    const provision = this.#provisions.get(key);
    if (provision === undefined) this.#reapLater(environment);
    else this.#trim(key, provision.count);
    const next = this.#waiting.shift();
    if (next !== undefined) this.#start(next);
  }

  #reapLater(environment: ExecutionEnvironment): void {
    const at = this.#options.time.now() + IDLE_ENVIRONMENT_MS;
    this.#idle.reapBy(
      environment,
      this.timers.schedule(at, () => this.#end(environment)),
    );
  }

  #evictIdle(): boolean {
    const oldest = this.#idle.oldest((key) => this.#provisions.has(key)) ?? this.#spares.oldest();
    if (oldest === undefined) return false;
    this.#end(oldest);
    return true;
  }

  #end(environment: ExecutionEnvironment): void {
    this.#forgetInitialising(environment);
    this.#idle.forget(environment);
    this.#spares.forget(environment);
    this.#alive.delete(environment);
    this.#requests.delete(environment);
    void environment.terminate().then(() => {
      this.#temporary.remove(environment.temporary);
      this.#leaveCode(environment);
    });
  }

  #ended(environment: ExecutionEnvironment): void {
    const wasInitialising = this.#forgetInitialising(environment);
    const wasAlive = this.#alive.has(environment);
    this.#running.delete(environment);
    this.#idle.forget(environment);
    this.#spares.forget(environment);
    this.#alive.delete(environment);
    this.#requests.delete(environment);
    this.#temporary.remove(environment.temporary);
    this.#leaveCode(environment);
    if (this.#closed) return;
    if (wasInitialising) this.#initFailed(environment, 'error');
    else if (wasAlive) this.#initialiseMissing(keyOf(environment.spec));
    const next = this.#waiting.shift();
    if (next !== undefined) this.#start(next);
  }
}
