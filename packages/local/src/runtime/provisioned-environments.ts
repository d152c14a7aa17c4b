import type { FailedInitialisation, FunctionSpec, OnProvisionSettled } from '@holdfast/engine';
import { MINUTE_MS, type Timer } from '@holdfast/kernel';
import type { ExecutionEnvironment } from './environment.ts';
import { keyOf } from './environment-key.ts';
import { type RuntimeFamily, runtimeFamilyOf } from './runtime-family.ts';

/** How long an initialisation ahead of any invocation may take, in the engine's time, before it counts as failed. */
const INIT_AHEAD_MAX_MS = MINUTE_MS;

/** What is to be kept initialised of one spec. */
interface Provision {
  readonly spec: FunctionSpec;
  count: number;
  /** Told once, and again after the next change. */
  onSettled: OnProvisionSettled | undefined;
}

/** Where provisioned environments come from, and where they go. */
export interface Provider {
  /** With the state of its files, where the code is a directory. */
  asOfNow(spec: FunctionSpec): FunctionSpec;
  countOf(key: string): number;
  /** Whether there is room for another one that nobody waits for. */
  hasRoomAhead(): boolean;
  /** One that begins to load its code. @throws when the code cannot be unpacked */
  create(spec: FunctionSpec, family: RuntimeFamily): ExecutionEnvironment;
  /** Whether large code is being unpacked first; one of the two is called when that is over. */
  isBeingPrepared(spec: FunctionSpec, onReady: () => void, onFailure: (cause: unknown) => void): boolean;
  /** Those without work, the oldest first. */
  idleOf(key: string): readonly ExecutionEnvironment[];
  isAlive(environment: ExecutionEnvironment): boolean;
  end(environment: ExecutionEnvironment): void;
  /** Acts after so many milliseconds of the engine's time. */
  after(ms: number, act: () => void): Timer;
}

/** Provisioned concurrency: how many environments of a version are kept initialised ahead of any invocation. */
export class ProvisionedEnvironments {
  readonly #provider: Provider;
  readonly #provisions = new Map<string, Provision>();
  /** Loading their code without an invocation to run, and when that is given up. */
  readonly #initialising = new Map<ExecutionEnvironment, Timer>();

  constructor(provider: Provider) {
    this.#provider = provider;
  }

  has(key: string): boolean {
    return this.#provisions.has(key);
  }

  provision(spec: FunctionSpec, count: number, onSettled: OnProvisionSettled): void {
    const key = keyOf(this.#provider.asOfNow(spec));
    if (count === 0) {
      this.#provisions.delete(key);
      for (const environment of [...this.#initialising.keys()])
        if (environment.key === key) this.#provider.end(environment);
      for (const environment of this.#provider.idleOf(key)) this.#provider.end(environment);
      return;
    }
    this.#provisions.set(key, { spec, count, onSettled });
    this.#trim(key, count);
    this.#initialiseMissing(key);
  }

  /** Whether an environment that has nothing to do is one of these, which stay; what is too many of them is ended. */
  keeps({ key }: ExecutionEnvironment): boolean {
    const provision = this.#provisions.get(key);
    if (provision !== undefined) this.#trim(key, provision.count);
    return provision !== undefined;
  }

  /** The code is loaded. For one that was initialised ahead `onIdle` is called, before anybody hears that all are ready. */
  initialised(environment: ExecutionEnvironment, onIdle: () => void): void {
    if (!this.forget(environment)) return;
    onIdle();
    this.#settleWhenInitialised(environment.key);
  }

  /** One ended by itself: it is replaced, or, when it never became ready, the provisioning has failed. */
  ended(environment: ExecutionEnvironment, wasAlive: boolean): void {
    if (this.forget(environment)) this.#initFailed(environment, 'error');
    else if (wasAlive) this.#initialiseMissing(environment.key);
  }

  /** Whether it was being initialised. */
  forget(environment: ExecutionEnvironment): boolean {
    this.#initialising.get(environment)?.cancel();
    return this.#initialising.delete(environment);
  }

  /** Ends idle environments beyond `count`. */
  #trim(key: string, count: number): void {
    const surplus = Math.max(0, this.#provider.countOf(key) - count);
    for (const environment of this.#provider.idleOf(key).slice(0, surplus)) this.#provider.end(environment);
  }

  /** What does not fit begins with the invocation that needs it. */
  #initialiseMissing(key: string): void {
    const provision = this.#provisions.get(key);
    const family = provision === undefined ? undefined : runtimeFamilyOf(provision.spec.runtime);
    if (provision === undefined || family === undefined) return;
    for (let missing = provision.count - this.#provider.countOf(key); missing > 0; missing--) {
      if (!this.#provider.hasRoomAhead()) break;
      try {
        const isWaiting = this.#provider.isBeingPrepared(
          provision.spec,
          () => this.#initialiseMissing(key),
          () => this.#settle(key, false),
        );
        if (isWaiting) return;
        const environment = this.#provider.create(this.#provider.asOfNow(provision.spec), family);
        const giveUp = this.#provider.after(INIT_AHEAD_MAX_MS, () => this.#initFailed(environment, 'timeout'));
        this.#initialising.set(environment, giveUp);
      } catch {
        this.#settle(key, false);
        return;
      }
    }
    this.#settleWhenInitialised(key);
  }

  #settleWhenInitialised(key: string): void {
    for (const environment of this.#initialising.keys()) if (environment.key === key) return;
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

  #initFailed(environment: ExecutionEnvironment, status: 'error' | 'timeout'): void {
    const failure = environment.failedInitialisation(status);
    if (this.#provider.isAlive(environment)) this.#provider.end(environment);
    this.#settle(environment.key, false, failure);
  }
}
