import {
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
import { SERVICES } from './services/index.ts';
import { StreamRouter } from './stream-router.ts';

export interface EngineOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: IdSource;
  readonly digest: Digest;
  readonly cryptography: Cryptography;
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

/** A service and what it is known by. */
interface Played {
  readonly descriptor: ServiceDescriptor;
  readonly service: Service;
}

/**
 * All services over one clock, one store and one queue of timers.
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
  readonly #played = new Map<string, Played>();
  readonly #lent: Partial<Lent> = {};
  readonly #routes = new HttpRoutes();
  readonly #note: ((text: string) => void) | undefined;
  readonly #noted = new Set<string>();

  constructor(options: EngineOptions) {
    this.clock = options.clock;
    this.ids = options.ids;
    this.settings = { ...DEFAULT_ENGINE_SETTINGS, ...options.settings };
    this.descriptors = options.services ?? SERVICES;
    this.#note = options.note;
    const deliver = new DeliveryRouter();
    const streams = new StreamRouter();
    // Metrics are recorded with every message: a look into an object, and words only when there is nothing.
    const lent = this.#lent;
    const environment: ServiceEnvironment = {
      clock: options.clock,
      random: options.random,
      ids: options.ids,
      digest: options.digest,
      cryptography: options.cryptography,
      timers: this.timers,
      store: options.store,
      runtime: options.runtime,
      http: options.http ?? noHttp,
      signer: options.signer ?? standInSigner(options.digest),
      charts: options.charts,
      settings: this.settings,
      descriptors: this.descriptors,
      api: apiCaller(
        options.codecs ?? plainCodecs,
        (service, action, input, context) => this.call(service, action, input, context),
        (service, action) => this.#played.get(service)?.service.operations[action] !== undefined,
      ),
      deliver,
      streams,
      get queues() {
        return lent.queues ?? missing('queues');
      },
      get tableStreams() {
        return lent.tableStreams ?? missing('tableStreams');
      },
      get objects() {
        return lent.objects ?? missing('objects');
      },
      get metrics() {
        return lent.metrics ?? missing('metrics');
      },
      get logs() {
        return lent.logs ?? missing('logs');
      },
      get keys() {
        return lent.keys ?? missing('keys');
      },
      get traces() {
        return lent.traces ?? missing('traces');
      },
      get mail() {
        return lent.mail ?? missing('mail');
      },
      call: (serviceId, action, input, context) => this.call(serviceId, action, input, context),
    };
    for (const descriptor of this.descriptors) {
      const service = descriptor.create(environment);
      const arnService = descriptor.arnService ?? descriptor.id;
      invariant(!this.#played.has(descriptor.id), `there is one service ${descriptor.id}`);
      this.#played.set(descriptor.id, { descriptor, service });
      deliver.add(arnService, service.targets ?? {});
      const { streams: ownStreams, ...others } = service.lends ?? {};
      if (ownStreams !== undefined) streams.add(arnService, ownStreams);
      Object.assign(this.#lent, others);
      for (const route of service.routes ?? []) this.#routes.add(route);
    }
  }

  /** Resumes stored work. Call once, before the first request. */
  start(): void {
    for (const { service } of this.#played.values()) service.start?.();
  }

  get serviceIds(): readonly string[] {
    return [...this.#played.keys()];
  }

  /** The actions of a service that are modelled, in alphabetical order. */
  actionsOf(serviceId: string): readonly string[] {
    return Object.keys(this.#played.get(serviceId)?.service.operations ?? {}).sort();
  }

  /** Performs one action of one service. What the service does not model is refused by name. */
  call(serviceId: string, action: string, input: object, context: RequestContext): unknown {
    const played = this.#played.get(serviceId);
    const operation = played?.service.operations[action];
    if (operation === undefined) throw notSupported(`${played?.descriptor.name ?? serviceId} ${action}`);
    refuseUnmodelled(input, operation.members, action);
    if (this.#note !== undefined) this.#noteStoredOnly(played?.descriptor.storedOnly?.[action]);
    return operation.run(input as never, context);
  }

  #noteStoredOnly(text: string | undefined): void {
    if (text === undefined || this.#noted.has(text)) return;
    this.#noted.add(text);
    this.#note?.(text);
  }

  /** What one of the services lends to the others. */
  lent<Name extends keyof Lent>(name: Name): Lent[Name] {
    return this.#lent[name] ?? missing(name);
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
