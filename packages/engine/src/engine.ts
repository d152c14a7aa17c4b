import {
  type Briefly,
  type Clock,
  type Cryptography,
  type Digest,
  type EpochMs,
  type IdSource,
  InvariantError,
  invariant,
  type Random,
  TimerQueue,
  type Wakeable,
} from '@holdfast/kernel';
import {
  type ApiCodecs,
  apiCaller,
  type ChartPainter,
  DEFAULT_ENGINE_SETTINGS,
  type EngineSettings,
  type FoundRoute,
  type FunctionRuntime,
  HttpRoutes,
  type HttpSender,
  type Lent,
  type MessageSigner,
  noHttp,
  notSupported,
  type OperationTable,
  plainCodecs,
  type RequestContext,
  refuseUnmodelled,
  type Service,
  type ServiceDescriptor,
  type ServiceEnvironment,
  type Store,
  standInSigner,
} from './core/index.ts';
import { DeliveryRouter } from './delivery-router.ts';
import { checkOffer } from './service-offer.ts';
import { SERVICES } from './services/index.ts';
import { StreamRouter } from './stream-router.ts';

export interface EngineOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: IdSource;
  readonly digest: Digest;
  readonly cryptography: Cryptography;
  /** Without it nothing that takes too long is given up. */
  readonly briefly?: Briefly;
  readonly store: Store;
  readonly runtime: FunctionRuntime;
  /** Without it nothing is sent over HTTP, and endpoints that want it are refused. */
  readonly http?: HttpSender;
  /** Without it signatures have the right form only. */
  readonly signer?: MessageSigner;
  /** Draws dashboards and pictures of widgets. */
  readonly charts?: ChartPainter;
  /** For calls between services by JSON; without them there are no models, which is enough for tests. */
  readonly codecs?: ApiCodecs;
  readonly settings?: Partial<EngineSettings>;
  /** Told, once each, what is kept and has no effect. */
  readonly note?: ((text: string) => void) | undefined;
  /** @defaultValue every service that the engine itself brings */
  readonly services?: readonly ServiceDescriptor[];
}

/** Access keys of users, and of sessions. */
const GIVEN_OUT = /^A[KS]IA[0-9A-Z]{16}$/;

/**
 * All services over one clock, one store and one queue of timers. A service is made when somebody first asks for it:
 * most engines are asked for few of theirs. Where there is stored work, all of them are there from the start.
 *
 * The engine never waits and never reads a clock of its own: a driver asks {@link nextWakeAt} and calls
 * {@link wake}; callers pass the time in the request's context.
 */
export class Engine implements Wakeable {
  readonly timers = new TimerQueue();
  readonly clock: Clock;
  readonly ids: IdSource;
  readonly settings: EngineSettings;
  readonly descriptors: readonly ServiceDescriptor[];
  readonly #played = new Map<string, ServiceDescriptor>();
  readonly #services = new Map<string, Service>();
  readonly #lenders = new Map<keyof Lent, ServiceDescriptor>();
  readonly #environment: ServiceEnvironment;
  readonly #deliver = new DeliveryRouter();
  readonly #streams = new StreamRouter();
  readonly #lent: Partial<Lent> = {};
  readonly #routes = new HttpRoutes();
  readonly #note: ((text: string) => void) | undefined;
  readonly #noted = new Set<string>();
  #isStarted = false;

  constructor(options: EngineOptions) {
    this.clock = options.clock;
    this.ids = options.ids;
    this.settings = { ...DEFAULT_ENGINE_SETTINGS, ...options.settings };
    this.descriptors = options.services ?? SERVICES;
    this.#note = options.note;
    // Metrics are recorded with every message: a look into an object, and words only when there is nothing.
    const lent = this.#lent;
    const lend = <Name extends keyof Lent>(name: Name): Lent[Name] => this.lent(name);
    this.#environment = {
      clock: options.clock,
      random: options.random,
      ids: options.ids,
      digest: options.digest,
      cryptography: options.cryptography,
      briefly: options.briefly ?? ((_limitMs, work) => work()),
      timers: this.timers,
      store: options.store,
      runtime: options.runtime,
      http: options.http ?? noHttp,
      signer: options.signer ?? standInSigner(options.digest),
      charts: options.charts,
      settings: this.settings,
      resourceTypes: this.descriptors.flatMap(({ resourceTypes = [] }) => resourceTypes),
      api: apiCaller(
        options.codecs ?? plainCodecs,
        (service, action, input, context) => this.call(service, action, input, context),
        (service, action) => this.#operation(service, action) !== undefined,
      ),
      deliver: this.#deliver,
      streams: this.#streams,
      get queues() {
        return lent.queues ?? lend('queues');
      },
      get tableStreams() {
        return lent.tableStreams ?? lend('tableStreams');
      },
      get objects() {
        return lent.objects ?? lend('objects');
      },
      get metrics() {
        return lent.metrics ?? lend('metrics');
      },
      get logs() {
        return lent.logs ?? lend('logs');
      },
      get keys() {
        return lent.keys ?? lend('keys');
      },
      get traces() {
        return lent.traces ?? lend('traces');
      },
      get mail() {
        return lent.mail ?? lend('mail');
      },
      get principals() {
        return lent.principals ?? lend('principals');
      },
      get sessions() {
        return lent.sessions ?? lend('sessions');
      },
      call: (serviceId, action, input, context) => this.call(serviceId, action, input, context),
    };
    for (const descriptor of this.descriptors) this.#expect(descriptor);
  }

  /** Resumes stored work: all are there before the first goes on, for what it does may concern any. Call once, before the first request. */
  start(): void {
    const { store } = this.#environment;
    if (store.isVolatile !== true) for (const descriptor of this.descriptors) this.#service(descriptor);
    const made = this.descriptors.flatMap(({ id }) => this.#services.get(id) ?? []);
    this.#isStarted = true;
    for (const service of made) service.start?.();
  }

  #expect(descriptor: ServiceDescriptor): void {
    const { id, arnService = id, offers: { targets = [], lends = [], routes = [] } = {} } = descriptor;
    const make = (): void => void this.#service(descriptor);
    invariant(!this.#played.has(id), `there is one service ${id}`);
    this.#played.set(id, descriptor);
    this.#deliver.expect(arnService, targets, make);
    for (const name of lends) {
      if (name === 'streams') this.#streams.expect(arnService, make);
      else this.#lenders.set(name, descriptor);
    }
    for (const route of routes) this.#routes.expect(route, make);
  }

  #service(descriptor: ServiceDescriptor): Service {
    const { id, arnService = id } = descriptor;
    const made = this.#services.get(id);
    if (made !== undefined) return made;
    const service = descriptor.create(this.#environment);
    checkOffer(descriptor, service);
    this.#services.set(id, service);
    this.#deliver.add(arnService, service.targets ?? {});
    const { streams, ...others } = service.lends ?? {};
    if (streams !== undefined) this.#streams.add(arnService, streams);
    Object.assign(this.#lent, others);
    for (const route of service.routes ?? []) this.#routes.add(route);
    if (this.#isStarted) service.start?.();
    return service;
  }

  #operation(serviceId: string, action: string): OperationTable[string] | undefined {
    const descriptor = this.#played.get(serviceId);
    return descriptor && this.#service(descriptor).operations[action];
  }

  get serviceIds(): readonly string[] {
    return [...this.#played.keys()];
  }

  /** The actions of a service that are modelled, in alphabetical order. */
  actionsOf(serviceId: string): readonly string[] {
    const descriptor = this.#played.get(serviceId);
    return descriptor === undefined ? [] : Object.keys(this.#service(descriptor).operations).sort();
  }

  /** Performs one action of one service. What the service does not model is refused by name. */
  call(serviceId: string, action: string, input: object, context: RequestContext): unknown {
    const operation = this.#operation(serviceId, action);
    if (operation === undefined) throw notSupported(`${this.#played.get(serviceId)?.name ?? serviceId} ${action}`);
    refuseUnmodelled(input, operation.members, action);
    if (this.#note !== undefined) this.#noteStoredOnly(this.#played.get(serviceId)?.storedOnly?.[action]);
    return operation.run(input as never, context);
  }

  #noteStoredOnly(text: string | undefined): void {
    if (text === undefined || this.#noted.has(text)) return;
    this.#noted.add(text);
    this.#note?.(text);
  }

  /** What one of the services lends to the others. */
  lent<Name extends keyof Lent>(name: Name): Lent[Name] {
    const lender = this.#lenders.get(name);
    if (this.#lent[name] === undefined && lender !== undefined) this.#service(lender);
    return this.#lent[name] ?? missing(name);
  }

  /** Whose credentials these are that IAM or STS gave out; nobody's that the engine knows, for all others. */
  identify(accessKeyId: string): { readonly account: string; readonly arn: string } | undefined {
    if (!GIVEN_OUT.test(accessKeyId)) return undefined;
    const isKey = accessKeyId.startsWith('AKIA');
    if (!this.#lenders.has(isKey ? 'principals' : 'sessions')) return undefined;
    return isKey ? this.lent('principals').keyOwner(accessKeyId) : this.lent('sessions').sessionOf(accessKeyId);
  }

  /** Which service answers an HTTP request that is no action, if any. */
  routeOf(host: string | undefined, path: string): FoundRoute | undefined {
    return this.#routes.find(host, path);
  }

  /** A context for calls from inside: the deployer, tests, simulations. */
  context(account = '000000000000', region = 'us-east-1'): RequestContext {
    return { account, region, requestId: this.ids.uuid(), now: this.clock.now() };
  }

  nextWakeAt(): EpochMs | undefined {
    return this.timers.nextWakeAt();
  }

  wake(now: EpochMs): void {
    this.timers.wake(now);
  }
}

const missing = (name: keyof Lent): never => {
  throw new InvariantError(`a service lends ${name} before it is used`);
};
