import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { cloudFormation } from '@holdfast/cloudformation';
import {
  type CapturedMail,
  Engine,
  type FunctionSpec,
  MemoryStore,
  type RequestContext,
  SERVICES,
  ServiceError,
  type Store,
} from '@holdfast/engine';
import {
  formatDuration,
  type IdSource,
  InvalidInputError,
  idsFrom,
  invariant,
  type Random,
  seededRandom,
} from '@holdfast/kernel';
import { liveCryptography, liveDigest, liveRandom } from '@holdfast/kernel/live';
import {
  type DeployAssemblyOptions,
  type DeployedStack,
  type DeployOptions,
  type DeployTemplateOptions,
  deployAssembly,
  deployTemplate,
  engineTarget,
} from './assembly/index.ts';
import { type ClockState, controlEndpoint } from './control.ts';
import { chartPainter } from './dashboards/painter.ts';
import { checkAdvance, TimeDriver } from './drivers.ts';
import { Gateway, ModelCodecs } from './gateway/index.ts';
import { HttpClient, rsaSigner } from './outgoing/index.ts';
import { changesNothing, needsRoom } from './room.ts';
import {
  BoundFunctions,
  type BoundHandler,
  type ClockMode,
  CodeStore,
  EngineTime,
  FunctionEnvironments,
  type Isolation,
  isMeant,
  type StackPlace,
} from './runtime/index.ts';
import { type FsyncMode, LogStore } from './store/index.ts';

/** Version of Holdfast, as `GET /_holdfast/health` answers it. */
export const VERSION = '0.1.0';

/** The services of the engine, and the one that acts on all of them. */
export const PLAYED = [...SERVICES, cloudFormation];

/** Rough memory of one warm Node environment; bounds how many are kept at once. */
const ENVIRONMENT_BYTES = 64 * 2 ** 20;

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
  /** Account concurrency of Lambda. @defaultValue 1,000, AWS's default quota */
  readonly accountConcurrency?: number | undefined;
}

const CLOCK_COLLECTION = 'holdfast.clock';
const CLOCK_KEY = 'clock';

interface StoredClock {
  readonly mode: ClockMode;
  /** Live: milliseconds ahead of the machine. Virtual: epoch milliseconds. */
  readonly value: number;
}

/** Where clients on this machine reach what listens on a host; who listens everywhere also listens on loopback. */
const addressOf = (host = '127.0.0.1'): string => {
  if (host === '0.0.0.0' || host === '::' || host === '') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
};

/** Everything that one state of the world consists of; a reset makes a new one. */
interface World {
  readonly engine: Engine;
  readonly runtime: FunctionEnvironments;
  readonly http: HttpClient;
  readonly driver: TimeDriver;
}

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
  readonly #options: LocalEngineOptions;
  readonly #store: Store;
  readonly #log: LogStore | undefined;
  readonly #random: Random;
  readonly #ids: IdSource;
  readonly #gateway: Gateway;
  readonly #codecs = new ModelCodecs(PLAYED);
  readonly #bindings = new Map<string, BoundHandler>();
  readonly #workDir: string;
  readonly #ownsWorkDir: boolean;
  /** Virtual time as it was last stored. */
  #keptNow = Number.NaN;
  #world: World | undefined;
  #endpoint: string;

  private constructor(options: LocalEngineOptions) {
    this.#options = options;
    const { account = '000000000000', region = 'us-east-1' } = options;
    if (!/^\d{12}$/.test(account)) throw new InvalidInputError('account', account, 'must be twelve digits');
    if (Number.isNaN(options.startAt?.getTime()))
      throw new InvalidInputError('startAt', 'Invalid Date', 'must be a date');
    this.#log =
      options.dataDir === undefined ? undefined : new LogStore(resolve(options.dataDir), { fsync: options.fsync });
    this.#store = this.#log ?? new MemoryStore();
    this.#world = undefined;
    this.#ownsWorkDir = options.dataDir === undefined;
    this.#workDir = options.dataDir === undefined ? mkdtempSync(join(tmpdir(), 'holdfast-')) : resolve(options.dataDir);
    this.#random = options.seed === undefined ? liveRandom() : seededRandom(options.seed);
    this.#ids = idsFrom(this.#random.stream('ids'));
    this.time = this.#restoreClock();
    if (this.#log !== undefined) {
      // State never is ahead of the time that it is of: whatever is written in virtual time carries the time.
      this.#log.beforeWrite = () => {
        if (this.time.mode === 'virtual' && this.time.now() !== this.#keptNow) this.#keepClock();
      };
    }
    this.#endpoint = `http://127.0.0.1:${options.port ?? 4566}`;
    const control = controlEndpoint(this);
    this.#gateway = new Gateway({
      clock: this.time,
      ids: this.#ids,
      defaultAccount: account,
      defaultRegion: region,
      services: PLAYED,
      call: (service, action, input, context) => this.engine.call(service, action, input, context),
      refusal: (action, bodyBytes) => this.#refusal(action, bodyBytes),
      durable: (action) => this.#durable(action),
      identify: (accessKeyId) => this.#world?.runtime.identify(accessKeyId),
      observe: (context) => this.#world?.runtime.observe(context),
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
    const local = new LocalEngine(options);
    const { port } = await local.#gateway.listen(options.port ?? 4566, options.host ?? '127.0.0.1');
    local.#endpoint = `http://${addressOf(options.host)}:${port}`;
    local.#world = local.#createWorld();
    local.#start();
    return local;
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

  /** Lets time pass by itself (`live`), or stand still until it is advanced (`virtual`). The time itself goes on where it was. */
  async setMode(mode: ClockMode): Promise<void> {
    if (mode === this.time.mode) return;
    await this.#alive().driver.setMode(mode);
    this.#alive().runtime.modeChanged();
    this.#keepClock();
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
    this.#keepClock();
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
   */
  bind(name: string, handler: BoundHandler): () => void {
    this.#bindings.set(name, handler);
    return () => {
      if (this.#bindings.get(name) === handler) this.#bindings.delete(name);
    };
  }

  /** Forgets everything but what is bound; the clock stays. */
  async reset(): Promise<void> {
    await this.#stopWorld();
    try {
      this.#log?.clear([[CLOCK_COLLECTION, CLOCK_KEY, this.#storedClock()]]);
      rmSync(join(this.#workDir, 'code'), { recursive: true, force: true });
    } finally {
      this.#world = this.#createWorld();
      this.#start();
    }
  }

  /** What was sent to email subscribers: captured, never sent. */
  mails(): readonly CapturedMail[] {
    return this.engine.lent('mail').mails();
  }

  /** Stops listening, lets nothing new start, and writes what is left. */
  async close(): Promise<void> {
    await this.#gateway.close();
    await this.#stopWorld();
    this.#keepClock();
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

  #target() {
    return engineTarget(this.engine, () => this.context());
  }

  #createWorld(): World {
    const store = this.#log ?? new MemoryStore();
    const runtime = new FunctionEnvironments({
      time: this.time,
      ids: this.#ids,
      code: new CodeStore(store.blobs, join(this.#workDir, 'code')),
      endpoint: () => this.#endpoint,
      compileCache: join(this.#workDir, 'compile-cache'),
      filesDirectory: join(this.#workDir, 'environments'),
      isolation: this.#options.isolation ?? 'thread',
      isRepeatable: this.#options.seed !== undefined,
      environmentsMax: Math.max(64, Math.floor((totalmem() * 0.5) / ENVIRONMENT_BYTES)),
    });
    const bound = new BoundFunctions(this.time, runtime, (spec) => this.#handlerOf(spec));
    const http = new HttpClient(this.time, () => (driver.nextWakeAt() ?? Number.POSITIVE_INFINITY) <= this.time.now());
    const engine = new Engine({
      clock: this.time,
      random: this.#random.stream('engine'),
      ids: this.#ids,
      digest: liveDigest,
      cryptography: liveCryptography,
      store,
      runtime: bound,
      http,
      signer: rsaSigner,
      charts: chartPainter,
      codecs: this.#codecs,
      services: PLAYED,
      settings: {
        accountConcurrency: this.#options.accountConcurrency ?? 1_000,
        endpoint: this.#endpoint,
        region: this.#options.region ?? 'us-east-1',
      },
    });
    const quiescence = {
      whenQuiet: async () => {
        do {
          await this.#codecs.settled();
          await runtime.whenQuiet();
          await bound.whenQuiet();
          await http.whenQuiet();
        } while (this.#codecs.isLoading);
      },
    };
    const driver = new TimeDriver(this.time, [engine, runtime, bound, http], quiescence);
    engine.timers.onEarlier = () => driver.rearm();
    runtime.onEarlier = () => driver.rearm();
    bound.timers.onEarlier = () => driver.rearm();
    http.timers.onEarlier = () => driver.rearm();
    runtime.onAwaited = () => driver.playPresent();
    return { engine, runtime, http, driver };
  }

  /** Asked for each invocation: without bindings it costs nothing. */
  #handlerOf({ functionName, account, region }: FunctionSpec): BoundHandler | undefined {
    if (this.#bindings.size === 0) return undefined;
    const exact = this.#bindings.get(functionName);
    if (exact !== undefined) return exact;
    const named = { functionName, arn: `arn:aws:lambda:${region}:${account}:function:${functionName}` };
    const place = this.#placeOf(functionName, account, region);
    for (const [name, handler] of this.#bindings) if (isMeant(name, named, place)) return handler;
    return undefined;
  }

  #placeOf(functionName: string, account: string, region: string): StackPlace | undefined {
    const { engine } = this.#alive();
    try {
      const input = { PhysicalResourceId: functionName };
      const context = engine.context(account, region);
      const { StackResources: all } = engine.call('cloudformation', 'DescribeStackResources', input, context) as {
        StackResources: readonly { PhysicalResourceId?: string; StackName: string; LogicalResourceId: string }[];
      };
      const found = all.find(({ PhysicalResourceId }) => PhysicalResourceId === functionName);
      return found && { stackName: found.StackName, logicalId: found.LogicalResourceId };
    } catch (error) {
      // Not of a stack.
      if (error instanceof ServiceError) return undefined;
      throw error;
    }
  }

  #alive(): World {
    invariant(this.#world !== undefined, 'the engine is used only between start and close');
    return this.#world;
  }

  #start(): void {
    const { engine, driver } = this.#alive();
    engine.start();
    driver.start();
  }

  async #stopWorld(): Promise<void> {
    const world = this.#world;
    this.#world = undefined;
    world?.driver.stop();
    world?.engine.timers.clear();
    world?.http.close();
    await world?.runtime.close();
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

  #restoreClock(): EngineTime {
    const stored = this.#store.collection<StoredClock>(CLOCK_COLLECTION).get(CLOCK_KEY);
    const mode = this.#options.clock ?? stored?.mode ?? 'live';
    if (stored === undefined) return new EngineTime(mode, this.#options.startAt?.getTime());
    const now = stored.mode === 'virtual' ? stored.value : Date.now() + stored.value;
    return new EngineTime(mode, now);
  }

  #storedClock(): StoredClock {
    const { mode } = this.time;
    return { mode, value: mode === 'virtual' ? this.time.now() : this.time.aheadMs };
  }

  #keepClock(): void {
    const clock = this.#storedClock();
    this.#keptNow = clock.value;
    this.#store.collection<StoredClock>(CLOCK_COLLECTION).put(CLOCK_KEY, clock);
  }
}
