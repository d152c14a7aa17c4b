import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadYaml } from '@holdfast/cloudformation';
import { type CapturedMail, type Engine, MemoryStore, type RequestContext } from '@holdfast/engine';
import { formatDuration, type IdSource, InvalidInputError, idsFrom, type Random, seededRandom } from '@holdfast/kernel';
import { liveRandom } from '@holdfast/kernel/live';
import {
  type DeployAssemblyOptions,
  type DeployedStack,
  type DeployOptions,
  type DeployTemplateOptions,
  deployAssembly,
  deployTemplate,
  engineTarget,
} from './assembly/index.ts';
import { Bindings } from './bindings.ts';
import { type ClockState, type Controllable, controlEndpoint } from './control.ts';
import { checkAdvance } from './drivers.ts';
import {
  type ActiveFault,
  type ActiveFunctionFault,
  Faults,
  type FunctionFault,
  type ServiceFault,
} from './faults/index.ts';
import { gatewayBefore } from './front.ts';
import { type Gateway, ModelCodecs } from './gateway/index.ts';
import { KeptClock } from './kept-clock.ts';
import { addressOf, checkOptions, type LocalEngineOptions } from './local-engine-options.ts';
import { PLAYED } from './played.ts';
import { boundBacktracking } from './regular-expressions.ts';
import type { BoundHandler, ClockMode, EngineTime } from './runtime/index.ts';
import type { WaitingState } from './standing-clock/index.ts';
import { LogStore } from './store/index.ts';
import { World } from './world.ts';
import { Worlds } from './worlds.ts';
import { XRayDaemon } from './xray-daemon.ts';

/** Version of Holdfast, as `GET /_holdfast/health` answers it. */
export const VERSION = '0.1.0';

/**
 * A local AWS: engine, store, function runtimes and gateway in one process. Clients of any kind connect to its `endpoint`.
 *
 * @example
 * ```ts
 * await using engine = await LocalEngine.start({ port: 0, clock: 'virtual' });
 * const sqs = new SQSClient({ endpoint: engine.endpoint, region: 'us-east-1', credentials });
 * await engine.advance(14 * 24 * 60 * 60 * 1_000); // fourteen days of retries, the real code of the functions
 * ```
 */
export class LocalEngine implements AsyncDisposable {
  /** The same as {@link VERSION}. */
  readonly version = VERSION;
  /** @internal */
  readonly time: EngineTime;
  /**
   * Answers below `/_holdfast/console/`: the command brings it, for the console is of its ring.
   * @internal
   */
  pages: Controllable['pages'];
  readonly #options: LocalEngineOptions;
  readonly #log: LogStore | undefined;
  readonly #random: Random;
  readonly #ids: IdSource;
  readonly #gateway: Gateway;
  readonly #codecs = new ModelCodecs(PLAYED);
  readonly #bindings = new Bindings();
  /** @internal */
  readonly faults: Faults;
  readonly #clock: KeptClock;
  readonly #workDir: string;
  readonly #ownsWorkDir: boolean;
  readonly #worlds = new Worlds(() => this.#createWorld());
  #daemon: XRayDaemon | undefined;
  #endpoint: string;
  #closed: Promise<void> | undefined;

  private constructor(options: LocalEngineOptions) {
    this.#options = options;
    checkOptions(options);
    this.#log =
      options.dataDir === undefined ? undefined : new LogStore(resolve(options.dataDir), { fsync: options.fsync });
    this.#ownsWorkDir = options.dataDir === undefined;
    this.#workDir = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'holdfast-')) : resolve(options.dataDir);
    this.#random = options.seed === undefined ? liveRandom() : seededRandom(options.seed);
    this.#ids = idsFrom(this.#random.stream('ids'));
    this.faults = new Faults({
      random: this.#random,
      engine: () => this.engine,
      home: () => ({ account: options.account ?? '000000000000', region: options.region ?? 'us-east-1' }),
      sleep: (ms) => this.#sleep(ms),
    });
    const store = this.#log ?? new MemoryStore();
    this.#clock = new KeptClock(store, options.clock, options.startAt);
    this.time = this.#clock.time;
    if (this.#log !== undefined) this.#log.beforeWrite = () => this.#clock.keepBeforeWrite();
    this.#endpoint = `http://127.0.0.1:${options.port ?? 4566}`;
    this.#gateway = gatewayBefore({
      options,
      worlds: this.#worlds,
      time: this.time,
      ids: this.#ids,
      log: this.#log,
      faults: this.faults.services,
      control: controlEndpoint(this),
    });
  }

  /**
   * Opens the state, listens, and resumes what was under way.
   *
   * @throws InvalidInputError when an option is not what it must be
   */
  static async start(options: LocalEngineOptions = {}): Promise<LocalEngine> {
    boundBacktracking();
    const local = new LocalEngine(options);
    try {
      await local.#worlds.begin(() => local.#prepare());
    } catch (error) {
      // Nothing is kept of a start that failed: not the port, not the directory, not the process.
      await local.close();
      throw error;
    }
    return local;
  }

  async #prepare(): Promise<void> {
    const { dataDir, host, port: wanted = 4566 } = this.#options;
    // Stacks that were under way go on before anybody asks for anything.
    if (dataDir !== undefined) await loadYaml();
    const { port } = await this.#gateway.listen(wanted, host ?? '127.0.0.1');
    this.#endpoint = `http://${addressOf(host)}:${port}`;
    this.#daemon = await XRayDaemon.listen(addressOf(host).replace(/[[\]]/g, ''), port, (document) => {
      this.#takeSegment(document);
    });
  }

  /** @internal */
  get engine(): Engine {
    return this.#worlds.alive.engine;
  }

  /** Where clients connect, e.g. `http://127.0.0.1:4566`. */
  get endpoint(): string {
    return this.#endpoint;
  }

  /** The services it has, by the ids that `GET /_holdfast/health` answers. */
  get serviceIds(): readonly string[] {
    return this.engine.serviceIds;
  }

  /** @internal */
  get changing(): Promise<void> | undefined {
    return this.#worlds.changing;
  }

  /**
   * Environments of functions that are alive.
   *
   * @internal
   */
  get environmentCount(): number {
    return this.#worlds.current?.runtime.environmentCount ?? 0;
  }

  /** @internal */
  get processFileView(): 'own' | 'machine' | undefined {
    return this.#worlds.current?.runtime.processFileView;
  }

  /**
   * A context for calls without a socket.
   *
   * @internal
   */
  context(overrides: Partial<RequestContext> = {}): RequestContext {
    return {
      ...this.engine.context(this.#options.account, this.#options.region),
      host: new URL(this.#endpoint).host,
      ...overrides,
    };
  }

  /** Mode and time of the engine's clock, and when it next has something to do. */
  clock(): ClockState {
    const nextWakeAt = this.#worlds.current?.driver.nextWakeAt();
    return {
      mode: this.time.mode,
      now: new Date(this.time.now()).toISOString(),
      ...(nextWakeAt === undefined ? {} : { nextWakeAt: new Date(nextWakeAt).toISOString() }),
    };
  }

  /** Who waits for an answer that time, or somebody else, has to bring: long polls, synchronous invocations. */
  waiting(): readonly WaitingState[] {
    return this.#worlds.current?.waits.states() ?? [];
  }

  /** Lets time pass by itself (`live`), or stand still until it is advanced (`virtual`). The time itself goes on where it was. */
  async setMode(mode: ClockMode): Promise<void> {
    if (mode === this.time.mode) return;
    await this.#worlds.alive.driver.setMode(mode);
    this.#worlds.alive.runtime.modeChanged();
    this.#worlds.alive.waits.watch();
    this.#clock.keep();
  }

  /**
   * @internal
   * @throws InvalidInputError when time could not be moved that far
   */
  checkAdvance(ms: number, mode: ClockMode | undefined): void {
    if ((mode ?? this.time.mode) !== 'virtual') {
      throw new InvalidInputError(
        'advance',
        formatDuration(ms),
        'needs virtual mode, and time is live; name the mode virtual with it',
      );
    }
    checkAdvance(this.time.now(), ms);
  }

  /**
   * Moves virtual time by `ms` milliseconds and runs all that becomes due on the way, in order, the code of functions
   * included; resolves when all is quiet.
   *
   * @throws InvalidInputError in live mode
   */
  async advance(ms: number): Promise<void> {
    this.checkAdvance(ms, undefined);
    await this.#worlds.alive.driver.advance(ms);
    this.#clock.keep();
  }

  /**
   * Deploys what `cdk synth` wrote into a directory, as `cdk deploy` does: uploads the assets, creates or updates the
   * stacks in order, and answers each with its outputs. What has not changed is left alone. In virtual time the clock
   * moves on by what the resources take.
   *
   * @throws StackDeploymentError with the reasons of the failed resources
   */
  deploy(assemblyDirectory: string, options: DeployAssemblyOptions = {}): Promise<readonly DeployedStack[]> {
    return deployAssembly(this.#target(), assemblyDirectory, { ...this.#pause(), ...options });
  }

  /**
   * Creates or updates one stack from the text of a CloudFormation or SAM template, JSON or YAML.
   *
   * @throws StackDeploymentError with the reasons of the failed resources
   */
  deployTemplate(stackName: string, templateBody: string, options: DeployTemplateOptions = {}): Promise<DeployedStack> {
    return deployTemplate(this.#target(), stackName, templateBody, { ...this.#pause(), ...options });
  }

  /**
   * Has a function of this process stand in for the code of a Lambda function: breakpoints work, variables around it are
   * seen, nothing is bundled. `name` is the function's name or ARN, its logical id in a stack, or its CDK path. It may
   * be bound before the function exists. Answers how to take the binding back.
   *
   * @example
   * ```ts
   * engine.bind('Orders/Worker', async (event) => { seen.push(event); });
   * ```
   * @throws InvalidInputError when there is no name, or no function
   */
  bind(name: string, handler: BoundHandler): () => void {
    return this.#bindings.bind(name, handler);
  }

  /**
   * Has a service throttle calls over the wire, or take its time with them, until the fault that is answered recovers.
   *
   * @throws InvalidInputError when it could meet no call: no such service or action, a share of nothing
   */
  fault(wanted: ServiceFault): ActiveFault;
  /**
   * Delays invocations of a function before their handlers, as AWS FIS' action `aws:lambda:invocation-add-delay`, until the
   * fault that is answered recovers; those that it holds then it goes on to hold.
   *
   * @example
   * ```ts
   * const slow = engine.fault({ function: 'csv-parser', delayMs: 5_000, share: 0.3 });
   * ```
   * @throws InvalidInputError when it could meet no invocation: no such function, a share of nothing
   */
  fault(wanted: FunctionFault): ActiveFunctionFault;
  fault(wanted: ServiceFault | FunctionFault): ActiveFault | ActiveFunctionFault {
    return this.faults.add(wanted);
  }

  /** Forgets everything but what is bound, and the faults that are under way; the clock stays. */
  reset(): Promise<void> {
    return this.#worlds.renew(() => {
      this.#log?.clear([this.#clock.asChange()]);
      rmSync(join(this.#workDir, 'code'), { recursive: true, force: true });
    });
  }

  /** What was sent to email subscribers: captured, never sent. */
  mails(): readonly CapturedMail[] {
    return this.engine.lent('mail').mails();
  }

  /** Stops listening, lets nothing new start, and writes what is left. */
  close(): Promise<void> {
    // A test may close what `await using` closes once more.
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    await this.#gateway.close();
    while (this.#worlds.changing !== undefined) await this.#worlds.changing;
    this.#daemon?.close();
    await this.#worlds.end();
    this.#clock.keep();
    this.#log?.close();
    if (this.#ownsWorkDir) rmSync(this.#workDir, { recursive: true, force: true });
  }

  /** Closes the engine at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Some resources take time until they are there; virtual time has to be moved for them. */
  #pause(): DeployOptions {
    return this.time.mode === 'virtual' ? { sleep: (ms) => this.advance(ms) } : {};
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.engine.timers.schedule(this.time.now() + ms, () => resolve()));
  }

  #target() {
    return engineTarget(this.engine, () => this.context());
  }

  /** A segment that a function sent. Whose it is nobody says: it goes to the engine's own account. */
  #takeSegment(document: string): void {
    const input = { TraceSegmentDocuments: [document] };
    if (this.#worlds.current !== undefined) this.engine.call('xray', 'PutTraceSegments', input, this.context());
  }

  #createWorld(): World {
    const {
      accountConcurrency = 1_000,
      rulesPerBus = 300,
      isolation = 'thread',
      region = 'us-east-1',
      seed,
    } = this.#options;
    return new World({
      time: this.time,
      random: this.#random,
      ids: this.#ids,
      store: this.#log ?? new MemoryStore(),
      workDir: this.#workDir,
      endpoint: this.#endpoint,
      traceAddress: this.#daemon?.address,
      codecs: this.#codecs,
      bindings: this.#bindings,
      delayOf: (spec) => this.faults.functions.meet(spec),
      isolation,
      isRepeatable: seed !== undefined,
      note: this.#options.note,
      standingClock: this.#options.standingClock ?? 'tell',
      settings: {
        accountConcurrency,
        rulesPerBus,
        region,
        otlpEndpoint: process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] || undefined,
      },
    });
  }
}
