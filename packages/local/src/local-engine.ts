import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadYaml } from '@holdfast/cloudformation';
import { type CapturedMail, type Engine, MemoryStore, type RequestContext, ServiceError } from '@holdfast/engine';
import {
  formatDuration,
  type IdSource,
  InvalidInputError,
  idsFrom,
  invariant,
  type Random,
  seededRandom,
} from '@holdfast/kernel';
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
import { checkAdvance, TIME_MAX } from './drivers.ts';
import { Gateway, ModelCodecs } from './gateway/index.ts';
import { KeptClock } from './kept-clock.ts';
import { PLAYED } from './played.ts';
import { boundBacktracking } from './regular-expressions.ts';
import { changesNothing, needsRoom } from './room.ts';
import type { BoundHandler, ClockMode, EngineTime, Isolation } from './runtime/index.ts';
import { type ActiveFault, type ServiceFault, ServiceFaults } from './service-faults.ts';
import type { StandingClockMode, WaitingCalls, WaitingState } from './standing-clock/index.ts';
import { type FsyncMode, LogStore } from './store/index.ts';
import { World } from './world.ts';
import { XRayDaemon } from './xray-daemon.ts';

/** Version of Holdfast, as `GET /_holdfast/health` answers it. */
export const VERSION = '0.1.0';

/** How {@link LocalEngine.start} starts an engine; all of it may be left out. */
export interface LocalEngineOptions {
  /** Where state lives; without it state ends with the process. */
  readonly dataDir?: string | undefined;
  /** @defaultValue 4566; 0 takes any free port */
  readonly port?: number | undefined;
  /** @defaultValue 127.0.0.1 */
  readonly host?: string | undefined;
  /** Twelve digits. @defaultValue 000000000000 */
  readonly account?: string | undefined;
  /** @defaultValue us-east-1 */
  readonly region?: string | undefined;
  /** Mode to start in. @defaultValue the stored one, else live */
  readonly clock?: ClockMode | undefined;
  /** Where time begins when none is stored; in live mode not before the machine's own. @defaultValue the machine's time */
  readonly startAt?: Date | undefined;
  /** Origins of web pages that may call, besides those of this machine. */
  readonly allowedOrigins?: readonly string[] | undefined;
  /** Names under which clients reach the engine, besides those of this machine; `*.example.com` for all below. */
  readonly allowedHosts?: readonly string[] | undefined;
  /** Makes ids, jitter and, in virtual time, the order of handlers repeatable. */
  readonly seed?: number | undefined;
  /** When the disk must have what was written; the operating system always has it. @defaultValue everysec */
  readonly fsync?: FsyncMode | undefined;
  /**
   * What Node.js functions run in: threads, which live in virtual time, or processes of their own, which live in real
   * time and cannot harm the engine's. @defaultValue thread
   */
  readonly isolation?: Isolation | undefined;
  /** Told, once each, what is accepted, kept and given back, and has no effect here. @defaultValue nobody is */
  readonly note?: ((text: string) => void) | undefined;
  /**
   * What becomes of a caller (a long poll, a synchronous invocation, a waiter) who waits while virtual time stands still
   * and nothing moves any more: `tell` has it wait on, for somebody may advance the clock, and notes it; `fail` answers
   * `ClockStandsStill` within a second, with the advance that would end the wait. @defaultValue tell
   */
  readonly standingClock?: StandingClockMode | undefined;
  /** Account concurrency of Lambda. @defaultValue 1,000, AWS's default quota */
  readonly accountConcurrency?: number | undefined;
  /** Rules on one event bus. @defaultValue 300, AWS's default quota */
  readonly rulesPerBus?: number | undefined;
}

const REGION = /^[a-z]{2,}(-[a-z]+)+-\d+$/;

/** @throws InvalidInputError when an option would be taken and mean nothing */
const checkOptions = ({ startAt, region, seed, standingClock }: LocalEngineOptions): void => {
  if (startAt !== undefined) {
    const ms = startAt instanceof Date ? startAt.getTime() : Number.NaN;
    if (Number.isNaN(ms)) throw new InvalidInputError('startAt', String(startAt), 'must be a date');
    if (ms < 0 || ms > TIME_MAX) {
      throw new InvalidInputError('startAt', startAt, `must be from 1970 to ${new Date(TIME_MAX).toISOString()}`);
    }
  }
  if (region !== undefined && !REGION.test(region)) {
    throw new InvalidInputError('region', region, "must be the name of a region, like 'eu-west-1'");
  }
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    throw new InvalidInputError('seed', seed, 'must be a whole number');
  }
  if (standingClock !== undefined && !['tell', 'fail'].includes(standingClock)) {
    throw new InvalidInputError('standingClock', standingClock, 'must be tell or fail');
  }
};

/** Where clients on this machine reach what listens on a host; who listens everywhere also listens on loopback. */
const addressOf = (host = '127.0.0.1'): string => {
  if (host === '0.0.0.0' || host === '::' || host === '') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
};

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
  readonly #faults: ServiceFaults;
  readonly #clock: KeptClock;
  readonly #workDir: string;
  readonly #ownsWorkDir: boolean;
  #world: World | undefined;
  #daemon: XRayDaemon | undefined;
  #endpoint: string;
  #closed: Promise<void> | undefined;

  private constructor(options: LocalEngineOptions) {
    this.#options = options;
    const { account = '000000000000', region = 'us-east-1' } = options;
    if (!/^\d{12}$/.test(account)) throw new InvalidInputError('account', account, 'must be twelve digits');
    checkOptions(options);
    this.#log =
      options.dataDir === undefined ? undefined : new LogStore(resolve(options.dataDir), { fsync: options.fsync });
    this.#world = undefined;
    this.#ownsWorkDir = options.dataDir === undefined;
    this.#workDir = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'holdfast-')) : resolve(options.dataDir);
    this.#random = options.seed === undefined ? liveRandom() : seededRandom(options.seed);
    this.#ids = idsFrom(this.#random.stream('ids'));
    this.#faults = new ServiceFaults(this.#random.stream('faults of services'), (ms) => this.#sleep(ms));
    const store = this.#log ?? new MemoryStore();
    this.#clock = new KeptClock(store, options.clock, options.startAt);
    this.time = this.#clock.time;
    if (this.#log !== undefined) this.#log.beforeWrite = () => this.#clock.keepBeforeWrite();
    this.#endpoint = `http://127.0.0.1:${options.port ?? 4566}`;
    const control = controlEndpoint(this);
    this.#gateway = new Gateway({
      clock: this.time,
      ids: this.#ids,
      defaultAccount: account,
      defaultRegion: region,
      services: PLAYED,
      call: (service, action, input, context) => this.#call(service, action, input, context),
      refusal: (action, bodyBytes) => this.#refusal(action, bodyBytes),
      durable: (action) => this.#durable(action),
      identify: (accessKeyId) => this.#identify(accessKeyId),
      signing: {
        when: (read, accessKeyId) => (this.#livesInEngineTime(accessKeyId) ? read : this.time.when(read)),
        now: (accessKeyId) => (this.#livesInEngineTime(accessKeyId) ? this.time.now() : Date.now()),
        engineNow: () => this.time.now(),
      },
      observe: (context) => this.#world?.runtime.observe(context),
      waits: this.#waits(),
      control,
      guard: {
        allowedOrigins: options.allowedOrigins ?? [],
        allowedHosts: [...(options.allowedHosts ?? []), ...(options.host === undefined ? [] : [options.host])],
      },
      routeOf: (host, path) => this.engine.routeOf(host, path),
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
      await local.#start();
    } catch (error) {
      // Nothing is kept of a start that failed: not the port, not the directory, not the process.
      await local.close();
      throw error;
    }
    return local;
  }

  async #start(): Promise<void> {
    const { dataDir, host, port: wanted = 4566 } = this.#options;
    // Stacks that were under way go on before anybody asks for anything.
    if (dataDir !== undefined) await loadYaml();
    const { port } = await this.#gateway.listen(wanted, host ?? '127.0.0.1');
    this.#endpoint = `http://${addressOf(host)}:${port}`;
    this.#daemon = await XRayDaemon.listen(addressOf(host).replace(/[[\]]/g, ''), port, (document) => {
      this.#takeSegment(document);
    });
    this.#world = this.#createWorld();
    this.#world.start();
  }

  /** @internal */
  get engine(): Engine {
    return this.#alive().engine;
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
  get processFileView(): 'own' | 'machine' | undefined {
    return this.#world?.runtime.processFileView;
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
    const nextWakeAt = this.#world?.driver.nextWakeAt();
    return {
      mode: this.time.mode,
      now: new Date(this.time.now()).toISOString(),
      ...(nextWakeAt === undefined ? {} : { nextWakeAt: new Date(nextWakeAt).toISOString() }),
    };
  }

  /** Who waits for an answer that time, or somebody else, has to bring: long polls, synchronous invocations. */
  waiting(): readonly WaitingState[] {
    return this.#world?.waits.states() ?? [];
  }

  /** Lets time pass by itself (`live`), or stand still until it is advanced (`virtual`). The time itself goes on where it was. */
  async setMode(mode: ClockMode): Promise<void> {
    if (mode === this.time.mode) return;
    await this.#alive().driver.setMode(mode);
    this.#alive().runtime.modeChanged();
    this.#alive().waits.watch();
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
    await this.#alive().driver.advance(ms);
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
  fault(wanted: ServiceFault): ActiveFault {
    return this.#faults.add(wanted, this.serviceIds, (service) => this.engine.actionsOf(service));
  }

  /** Forgets everything but what is bound; the clock stays. */
  async reset(): Promise<void> {
    await this.#stopWorld();
    try {
      this.#log?.clear([this.#clock.asChange()]);
      rmSync(join(this.#workDir, 'code'), { recursive: true, force: true });
    } finally {
      this.#world = this.#createWorld();
      this.#world.start();
    }
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
    this.#daemon?.close();
    await this.#stopWorld();
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

  /** A call over the wire: it may meet a fault that was asked for. */
  #call(service: string, action: string, input: object, context: RequestContext): unknown {
    const pause = this.#faults.meet(service, action);
    if (pause === undefined) return this.engine.call(service, action, input, context);
    return pause.then(() => this.engine.call(service, action, input, { ...context, now: this.time.now() }));
  }

  #livesInEngineTime(accessKeyId: string): boolean {
    return this.#world?.runtime.livesInEngineTime(accessKeyId) === true;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.engine.timers.schedule(this.time.now() + ms, () => resolve()));
  }

  /** The gateway outlives worlds. */
  #waits(): WaitingCalls {
    const isVirtual = (): boolean => this.time.mode === 'virtual';
    return {
      get isVirtual() {
        return isVirtual();
      },
      enter: (call) => this.#world?.waits.enter(call) ?? (() => {}),
      looked: (call, output) => this.#world?.waits.looked(call, output),
    };
  }

  #target() {
    return engineTarget(this.engine, () => this.context());
  }

  /** A segment that a function sent. Whose it is nobody says: it goes to the engine's own account. */
  #takeSegment(document: string): void {
    const input = { TraceSegmentDocuments: [document] };
    if (this.#world !== undefined) this.engine.call('xray', 'PutTraceSegments', input, this.context());
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

  #alive(): World {
    invariant(this.#world !== undefined, 'the engine is used only between start and close');
    return this.#world;
  }

  async #stopWorld(): Promise<void> {
    const world = this.#world;
    this.#world = undefined;
    await world?.stop();
  }

  /** Who calls: an environment of a function, or somebody who has credentials of IAM's or STS's. */
  #identify(accessKeyId: string): { readonly account: string; readonly arn: string } | undefined {
    return this.#world?.runtime.identify(accessKeyId) ?? this.#world?.engine.identify(accessKeyId);
  }

  /** Nothing is taken that could not be kept. */
  #refusal(action: string, bodyBytes: number): ServiceError | undefined {
    const reason = this.#log?.refusalOf(bodyBytes);
    if (reason === undefined || changesNothing(action)) return undefined;
    if (!needsRoom(action) && this.#log?.isBroken !== true) return undefined;
    return new ServiceError(
      'ServiceUnavailable',
      `The request has failed due to a temporary failure of the server: ${reason}`,
      503,
    );
  }

  /** When not even a delete can be written, reads are answered nevertheless. */
  #durable(action: string | undefined): Promise<void> | undefined {
    if (this.#log?.isStuck === true && action !== undefined && changesNothing(action)) return undefined;
    return this.#log?.durable();
  }
}
