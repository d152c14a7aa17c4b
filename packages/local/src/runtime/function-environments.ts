import type {
  FunctionRuntime,
  FunctionSpec,
  OnProvisionSettled,
  RequestContext,
  RuntimeInvocation,
} from '@holdfast/engine';
import {
  type EpochMs,
  MINUTE_MS,
  type Quiescence,
  Roster,
  type Timer,
  TimerQueue,
  type Wakeable,
} from '@holdfast/kernel';
import type { RequestObserver } from '../gateway/request-observer.ts';
import type { RestingInvocation } from '../standing-clock/waiting-call.ts';
import { AliveEnvironments } from './alive-environments.ts';
import type { ExecutionEnvironment } from './environment.ts';
import { keyOf } from './environment-key.ts';
import type { FunctionEnvironmentsOptions } from './function-environments-options.ts';
import { IdleEnvironments } from './idle-environments.ts';
import { platformError, tellEngineEnded } from './platform-ends.ts';
import { ProvisionedEnvironments } from './provisioned-environments.ts';
import { RunningEnvironments } from './running-environments.ts';
import { type RuntimeFamily, runtimeFamilyOf } from './runtime-family.ts';
import { SpareEnvironments } from './spare-environments.ts';
import { StartLine } from './start-line.ts';

/** How long an environment without work is kept warm. AWS says only "some time". */
export const IDLE_ENVIRONMENT_MS = 10 * MINUTE_MS;

/** Between two looks whether what is owed has begun, in real milliseconds. */
const OWED_LOOK_MS = 1;

/**
 * Runs functions in execution environments, warm ones first: Node.js in worker threads unless told otherwise, Python
 * and functions that bring their own runtime in child processes.
 *
 * In virtual time everything due at one instant runs at once, as it does on AWS. When the run is to be repeatable,
 * one environment moves at a time, in order, each after the one before it has come to rest; the price is that the
 * machine's other cores stay idle.
 *
 * Who finds no idle environment gets a new one, unless those that run take all processors of this machine, which AWS
 * does not know: then whichever is there first, a free processor or a free environment of the function.
 *
 * Virtual time stands still during a cold start, unless the code that loads only sleeps, and few fall on one moment:
 * while a function grows, its next environment loads the code beside what runs now, as Lambda may do ahead of need, too.
 */
export class FunctionEnvironments implements FunctionRuntime, Wakeable, Quiescence {
  readonly timers = new TimerQueue();
  readonly #options: FunctionEnvironmentsOptions;
  readonly #idle = new IdleEnvironments();
  readonly #spares = new SpareEnvironments();
  readonly #alive: AliveEnvironments;
  readonly #provisioned: ProvisionedEnvironments;
  readonly #running = new RunningEnvironments();
  readonly #line: StartLine;
  /** In virtual time: those that begin in the next step. */
  readonly #due = new Roster<RuntimeInvocation>();
  /** Large code that is being unpacked, and somebody waits for it. */
  #preparing = 0;
  #closed = false;
  /** In virtual time somebody waits for what is due at this very moment. */
  onAwaited: (() => void) | undefined;
  /** Something may be due earlier than before. */
  onEarlier: (() => void) | undefined;

  constructor(options: FunctionEnvironmentsOptions) {
    this.#options = options;
    this.#line = new StartLine({
      processors: options.processors,
      running: this.#running,
      isFull: () => this.#isFull,
      hasOneToSpare: () => this.#oldestWithoutWork() !== undefined,
      isOneByOne: () => options.time.mode === 'virtual' && options.isRepeatable,
      start: (invocation) => this.#start(invocation, true),
    });
    this.#alive = new AliveEnvironments(options, this.timers, {
      onInitialised: (environment) => this.#provisioned.initialised(environment, () => this.#becameIdle(environment)),
      onIdle: (environment) => this.#becameIdle(environment),
      onGivenBack: (invocation) => this.invoke(invocation),
      onEnd: (environment, wasAlive) => this.#ended(environment, wasAlive),
    });
    this.#provisioned = new ProvisionedEnvironments({
      asOfNow: (spec) => this.#asOfNow(spec),
      countOf: (key) => this.#alive.countOf(key),
      hasRoomAhead: () => this.#hasRoomAhead,
      create: (spec, family) => {
        const environment = this.#alive.create(spec, family);
        environment.loadAhead();
        this.#running.add(environment);
        return environment;
      },
      isBeingPrepared: (...given) => this.#isBeingPrepared(...given),
      idleOf: (key) => this.#idle.of(key),
      isAlive: (environment) => this.#alive.has(environment),
      end: (environment) => {
        this.#end(environment);
        this.#line.proceed();
      },
      after: (ms, act) => this.timers.schedule(options.time.now() + ms, act),
    });
    this.timers.onEarlier = () => this.onEarlier?.();
  }

  invoke(invocation: RuntimeInvocation): void {
    if (this.#closed) {
      tellEngineEnded(invocation);
      return;
    }
    if (this.#options.time.mode === 'live') this.#start(invocation);
    else {
      const place = this.#due.add(invocation);
      this.timers.schedule(this.#options.time.now(), () => {
        place.leave();
        this.#start(invocation);
      });
      if (invocation.isAwaited === true) this.onAwaited?.();
    }
  }

  /** Whether processes see files as on AWS (`own`) or as the machine has them; unknown until there is one. */
  get processFileView(): 'own' | 'machine' | undefined {
    return this.#alive.processFileView;
  }

  retire(functionArn: string): void {
    this.#alive.forgetFiles(`${functionArn}|`);
    const retired = this.#idle.takeAll(`${functionArn}|`, (key) => this.#provisioned.has(key));
    for (const environment of [...retired, ...this.#spares.takeAll(`${functionArn}|`)]) this.#end(environment);
  }

  provision(spec: FunctionSpec, count: number, onSettled: OnProvisionSettled): void {
    this.#provisioned.provision(spec, count, onSettled);
  }

  isCrowded(spec: FunctionSpec): boolean {
    return this.#line.isLong && this.#line.hasOf(keyOf(this.#asOfNow(spec)));
  }

  /** Whose credentials these are. */
  identify(accessKeyId: string): { readonly account: string; readonly arn: string } | undefined {
    return this.#alive.requests.identify(accessKeyId);
  }

  /** Whether a function with these credentials reads the engine's clock, and not the machine's. */
  livesInEngineTime(accessKeyId: string): boolean {
    return this.#alive.requests.livesInEngineTime(accessKeyId);
  }

  /** What is under way here, for who wants to know what it waits for. */
  resting(): readonly RestingInvocation[] {
    return this.#running.invocations();
  }

  /** Follows the requests that environments make, so that it is known who only waits. */
  observe(context: RequestContext): RequestObserver | undefined {
    return this.#alive.requests.observe(context);
  }

  nextWakeAt(): EpochMs | undefined {
    const timer = this.timers.nextWakeAt();
    const timerInside = this.#options.time.mode === 'live' ? undefined : this.#running.nextTimerAt();
    return timer === undefined || (timerInside !== undefined && timerInside < timer) ? timerInside : timer;
  }

  /** In virtual time that is to be repeatable, at most one environment is set in motion; the rest stays due. */
  wake(now: EpochMs): void {
    if (this.#options.time.mode === 'live' || !this.#options.isRepeatable) {
      this.timers.wake(now);
      for (const environment of this.#running.withTimerDue(now)) environment.runTimers();
      return;
    }
    const queued = this.timers.nextWakeAt();
    if (queued !== undefined && queued <= now) {
      this.timers.wakeOne(now);
      return;
    }
    const [first] = this.#running.withTimerDue(now);
    first?.runTimers();
  }

  /** Whether all that runs here was quiet when it was last asked, and nothing has happened to it since. */
  get isQuiet(): boolean {
    return !this.#line.isStartOwed && this.#running.firstRestless() === undefined;
  }

  async whenQuiet(): Promise<void> {
    let quietTurns = 0;
    while (quietTurns < 2) {
      await new Promise((resolve) => setImmediate(resolve));
      const restless = this.#running.firstRestless();
      const isSomethingOwed = this.#preparing > 0 || this.#line.isStartOwed;
      quietTurns = restless === undefined && !isSomethingOwed ? quietTurns + 1 : 0;
      if (restless?.requestsBusy === 0) await restless.probe();
      // Looking all the time would take one of the processors that are waited for.
      else if (isSomethingOwed) await new Promise((resolve) => setTimeout(resolve, OWED_LOOK_MS));
    }
  }

  modeChanged(): void {
    this.#alive.modeChanged();
  }

  get environmentCount(): number {
    return this.#alive.size;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.timers.clear();
    for (const invocation of [...this.#due.items(), ...this.#line.close()]) tellEngineEnded(invocation);
    await this.#alive.close();
  }

  /** `hasWaited` is who may start an environment where none is idle, by the rules of the line. */
  #start(invocation: RuntimeInvocation, hasWaited = false): void {
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
    if (!this.#spares.has(key)) this.#endOutdated(invocation.spec);
    let environment: ExecutionEnvironment;
    try {
      // Before the line, in which nobody is to lose the place that is given up while code is unpacked.
      const isWaiting = this.#isBeingPrepared(
        spec,
        () => this.#start(invocation),
        (cause) => this.#notUnpacked(invocation, cause),
        () => tellEngineEnded(invocation),
      );
      if (isWaiting || (!hasWaited && !this.#line.passes(key, invocation))) return;
      environment = this.#spares.take(key) ?? this.#create(spec, family);
    } catch (cause) {
      this.#notUnpacked(invocation, cause);
      return;
    }
    this.#run(environment, invocation);
    this.#prepareSpare(spec, family);
  }

  #create(spec: FunctionSpec, family: RuntimeFamily): ExecutionEnvironment {
    const oldest = this.#isFull ? this.#oldestWithoutWork() : undefined;
    if (oldest !== undefined) this.#end(oldest);
    return this.#alive.create(spec, family);
  }

  /** Half of the environments that may be alive are left to those that somebody waits for. */
  get #hasRoomAhead(): boolean {
    return this.#alive.size < Math.floor(this.#options.environmentsMax / 2);
  }

  /** Has the next environment of a function load its code when more than one of them is needed at once. */
  #prepareSpare(spec: FunctionSpec, family: RuntimeFamily): void {
    const { time, isRepeatable } = this.#options;
    if (time.mode === 'live' || isRepeatable || family !== 'nodejs') return;
    const key = keyOf(spec);
    if (this.#provisioned.has(key) || this.#spares.has(key) || !this.#hasRoomAhead) return;
    if (!this.#running.hasOf(key, 2)) return;
    const spare = this.#alive.create(spec, family);
    this.#spares.add(
      spare,
      this.timers.schedule(time.now() + IDLE_ENVIRONMENT_MS, () => this.#end(spare)),
    );
  }

  /** Whether large code is being unpacked first; one of the three is called when that is over. */
  #isBeingPrepared(
    spec: FunctionSpec,
    onReady: () => void,
    onFailure: (cause: unknown) => void,
    onClosed: () => void = () => {},
  ): boolean {
    const preparing = this.#options.code.prepare(spec.code, spec.layers ?? []);
    if (preparing === undefined) return false;
    this.#preparing += 1;
    const over = (act: () => void): void => {
      this.#preparing -= 1;
      if (this.#closed) onClosed();
      else act();
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
      logStream: this.#alive.newLogStream(invocation.spec),
      coldStart: true,
      at: this.#options.time.now(),
    });
    invocation.onLog(text);
    const payload = platformError(invocation.requestId, errorType, text);
    invocation.onDone({ kind: 'init-error', payload, errorType, durationMs: 0, maxMemoryUsedMb: 0 });
    this.#line.proceed();
  }

  #becameIdle(environment: ExecutionEnvironment): void {
    this.#running.delete(environment);
    this.#idle.add(environment, this.#provisioned.keeps(environment) ? undefined : this.#reaperOf(environment));
    this.#line.giveWay(environment.key);
    // Unless its place was needed.
    const next = this.#alive.has(environment) ? this.#line.take(environment.key) : undefined;
    if (next !== undefined) this.#start(next);
    this.#line.proceed();
  }

  #reaperOf(environment: ExecutionEnvironment): Timer {
    return this.timers.schedule(this.#options.time.now() + IDLE_ENVIRONMENT_MS, () => this.#end(environment));
  }

  get #isFull(): boolean {
    return this.#alive.size >= this.#options.environmentsMax;
  }

  #oldestWithoutWork(): ExecutionEnvironment | undefined {
    return this.#idle.oldest((key) => this.#provisioned.has(key)) ?? this.#spares.oldest();
  }

  #end(environment: ExecutionEnvironment): void {
    this.#running.delete(environment);
    this.#leave(environment);
    this.#provisioned.forget(environment);
    this.#alive.end(environment);
  }

  #ended(environment: ExecutionEnvironment, wasAlive: boolean): void {
    this.#running.delete(environment);
    this.#leave(environment);
    if (this.#closed) return;
    this.#provisioned.ended(environment, wasAlive);
    this.#line.proceed();
  }

  /** It waits for no work any more. */
  #leave(environment: ExecutionEnvironment): void {
    this.#idle.forget(environment);
    this.#spares.forget(environment);
  }
}
