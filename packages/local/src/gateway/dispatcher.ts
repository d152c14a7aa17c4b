import { gunzipSync } from 'node:zlib';
import {
  type FoundRoute,
  notSupported,
  type RequestContext,
  ROUTES_PREFIX,
  type ServiceDescriptor,
  ServiceError,
} from '@holdfast/engine';
import { StoreError } from '../store/index.ts';
import { type GatewayOptions, type RequestObserver, RPC_BODY_LIMIT_BYTES } from './options.ts';
import { type Fault, faultOf } from './protocol/fault.ts';
import type { LoadedService } from './protocols.ts';
import { routeRequest } from './route-request.ts';
import type { Destination, Protocol, ServiceCatalog } from './service-catalog.ts';
import { type SignatureScope, signatureScopeOf } from './sigv4.ts';
import { type Exchange, headerOf, plainText, type WireRequest, type WireResponse } from './wire.ts';

/** Takes requests to the engine and answers back, whatever the transport. */
export class Dispatcher {
  readonly #options: GatewayOptions;
  readonly #loaded = new Map<string, LoadedService>();
  readonly #loading = new Map<string, Promise<LoadedService>>();
  readonly #turn = new TurnEnd();
  readonly #catalog: ServiceCatalog;

  constructor(options: GatewayOptions, catalog: ServiceCatalog) {
    this.#options = options;
    this.#catalog = catalog;
  }

  /** Never throws. Calls the engine within this turn of the event loop, except for the first request of a service. */
  dispatch(request: WireRequest, exchange: Exchange): void {
    const found = this.#options.routeOf?.(request.host, request.path);
    if (found !== undefined) {
      void this.#answer(request, exchange, () => this.#ofRoute(found, request));
      return;
    }
    if (request.path.startsWith(ROUTES_PREFIX)) {
      void this.#control(request, exchange);
      return;
    }
    const scope = signatureScopeOf(request);
    const destination = this.#catalog.destinationOf(request, scope?.service);
    this.#withService(destination, exchange, (service) =>
      new ServiceCall(this.#options, this.#turn, service, destination, scope).run(request, exchange),
    );
  }

  /** Objects, and forms that bring them; all other bodies are documents that are read as a whole. */
  takesLargeBodies(request: WireRequest): boolean {
    return this.#catalog.destinationOf(request, signatureScopeOf(request)?.service).protocol === 'rest-xml';
  }

  /** Answers a request whose body is too large to be taken; `request` has no body. */
  refuseTooLarge(request: WireRequest, limitBytes: number, exchange: Exchange): void {
    const scope = signatureScopeOf(request);
    const destination = this.#catalog.destinationOf(request, scope?.service);
    const isS3 = destination.protocol === 'rest-xml';
    const error = new ServiceError(
      isS3 ? 'EntityTooLarge' : 'RequestEntityTooLargeException',
      isS3
        ? 'Your proposed upload exceeds the maximum allowed size'
        : `Request must be smaller than ${limitBytes} bytes`,
      isS3 ? 400 : 413,
      isS3 ? { MaxSizeAllowed: limitBytes } : undefined,
    );
    this.#withService(destination, exchange, (service) =>
      new ServiceCall(this.#options, this.#turn, service, destination, scope).refuse(error, request, exchange),
    );
  }

  #withService(destination: Destination, exchange: Exchange, run: (service: LoadedService) => void): void {
    const { service: descriptor, serviceName } = destination;
    const loaded = this.#loaded.get(serviceName);
    if (loaded !== undefined) {
      run(loaded);
      return;
    }
    this.#load(descriptor, serviceName)
      .then((service) => {
        // Names that callers make up are not kept.
        if (descriptor !== undefined) this.#loaded.set(serviceName, service);
        run(service);
      })
      .catch((error: unknown) => {
        console.error(`a request to ${serviceName} failed:`, error);
        exchange.respond(plainText(500, `The request to ${serviceName} failed; see the log.`));
      });
  }

  /** Codecs and SDK are heavy; whoever only asks for health never waits for them. */
  async #load(descriptor: ServiceDescriptor | undefined, serviceName: string): Promise<LoadedService> {
    const { loadService, unplayedService } = await import('./protocols.ts');
    if (descriptor === undefined) return unplayedService(serviceName);
    let loading = this.#loading.get(descriptor.id);
    if (loading === undefined) {
      loading = loadService(descriptor);
      this.#loading.set(descriptor.id, loading);
    }
    return loading;
  }

  async #ofRoute(found: FoundRoute, request: WireRequest): Promise<WireResponse> {
    const scope = signatureScopeOf(request);
    const answer = await found.route.answer(
      routeRequest(request, found, {
        accessKeyId: scope?.accessKeyId,
        account: accountOf(this.#options, scope?.accessKeyId).account,
        region: scope?.region ?? this.#options.defaultRegion,
      }),
    );
    return answer === undefined ? nothingAt(request) : { ...answer, headers: [...answer.headers] };
  }

  #control(request: WireRequest, exchange: Exchange): Promise<void> {
    return this.#answer(request, exchange, async () => {
      const answer = await this.#options.control?.({
        method: request.method,
        path: request.path,
        query: new URLSearchParams(request.query),
        body: request.body,
      });
      return answer === undefined
        ? nothingAt(request)
        : { status: answer.status, headers: ['Content-Type', answer.contentType], body: answer.body };
    });
  }

  /** For what is no action of a service. Nothing is answered before everything written so far is durable. */
  async #answer(request: WireRequest, exchange: Exchange, make: () => Promise<WireResponse>): Promise<void> {
    try {
      const response = await make();
      await this.#options.durable();
      exchange.respond(response);
    } catch (error) {
      console.error(`${request.method} ${request.path}:`, error);
      exchange.respond(plainText(500, 'Internal error; see the log.'));
    }
  }
}

/** So many turns with one answer in a row say that there is one client at work... */
const LONE_ANSWERS = 8;
/** ...and so many answers are then given at once, before it is looked at again. */
const ANSWERS_AT_ONCE = 64;

/**
 * Calls back at the end of the turn of the event loop. Answers of one turn leave together: each one sent at once would
 * wake its client while the next request is being read, and the two would go on waking each other. A lone client
 * has nothing from that and gets its answers at once. Who has waited for longer than this turn is answered first.
 */
class TurnEnd {
  #waiting: (() => void)[] = [];
  #parked: (() => void)[] = [];
  #loneAnswers = 0;
  #atOnce = 0;

  atEnd(act: () => void, wasParked: boolean): void {
    if (this.#atOnce > 0) {
      this.#atOnce -= 1;
      act();
      return;
    }
    if (this.#waiting.length + this.#parked.length === 0) setImmediate(() => this.#run());
    (wasParked ? this.#parked : this.#waiting).push(act);
  }

  #run(): void {
    const acts = this.#parked.length === 0 ? this.#waiting : [...this.#parked, ...this.#waiting];
    this.#waiting = [];
    this.#parked = [];
    this.#loneAnswers = acts.length === 1 ? this.#loneAnswers + 1 : 0;
    if (this.#loneAnswers >= LONE_ANSWERS) this.#atOnce = ANSWERS_AT_ONCE;
    for (const act of acts) act();
  }
}

const nothingAt = ({ path }: WireRequest): WireResponse => plainText(404, `Nothing answers ${path}`);

/** Whose credentials these are: an account's own, or those of an execution environment. */
const accountOf = (
  { defaultAccount, identify }: GatewayOptions,
  accessKeyId: string | undefined,
): { readonly account: string; readonly arn?: string | undefined } => {
  if (accessKeyId === undefined) return { account: defaultAccount };
  if (/^\d{12}$/.test(accessKeyId)) return { account: accessKeyId };
  return identify?.(accessKeyId) ?? { account: defaultAccount };
};

/** One request to one service, from its envelope to its answer. */
class ServiceCall {
  readonly #options: GatewayOptions;
  readonly #turn: TurnEnd;
  readonly #service: LoadedService;
  readonly #destination: Destination;
  readonly #scope: SignatureScope | undefined;
  readonly #requestId: string;
  #observer: RequestObserver | undefined;
  #wasParked = false;
  #action: string | undefined;

  constructor(
    options: GatewayOptions,
    turn: TurnEnd,
    service: LoadedService,
    destination: Destination,
    scope: SignatureScope | undefined,
  ) {
    this.#options = options;
    this.#turn = turn;
    this.#service = service;
    this.#destination = destination;
    this.#scope = scope;
    this.#requestId = options.ids.uuid();
  }

  run(request: WireRequest, exchange: Exchange): void {
    try {
      const { service, protocol, serviceName } = this.#destination;
      if (service === undefined) throw notSupported(serviceName);
      const wire = this.#service.protocol(protocol);
      const { operation, input } = wire.read(
        protocol === 'rest-xml' ? request : unpacked(request, this.#options.bodyLimitBytes ?? RPC_BODY_LIMIT_BYTES),
        this.#destination,
      );
      this.#action = operation.name;
      const refusal = this.#options.refusal?.(operation.name, request.body.length);
      if (refusal !== undefined) throw refusal;
      const context = this.#context(request, exchange);
      this.#observer = this.#options.observe?.(context);
      const output = this.#options.call(service.id, operation.name, input, context);
      if (isPromise(output)) {
        void this.#park(output, request, exchange, (settled) =>
          wire.answer(operation, settled, this.#requestId, request),
        );
      } else {
        this.#respond(wire.answer(operation, output, this.#requestId, request), exchange);
      }
    } catch (error) {
      this.refuse(error, request, exchange);
    }
  }

  refuse(thrown: unknown, request: WireRequest, exchange: Exchange): void {
    const { service, protocol } = this.#destination;
    const error =
      thrown instanceof ServiceError ? thrown : (tooDeeplyNested(thrown) ?? this.#unexpected(thrown, request));
    const fault = faultOf(error, service === undefined ? undefined : this.#service.model);
    this.#respond(this.#refusal(fault, protocol, request), exchange);
  }

  #refusal(fault: Fault, protocol: Protocol, request: WireRequest): WireResponse {
    try {
      return this.#service.protocol(protocol).refuse(fault, this.#requestId, request);
    } catch (error) {
      console.error(`request ${this.#requestId}: its error ${fault.name} cannot be written:`, error);
      return this.#broken();
    }
  }

  async #park(
    pending: PromiseLike<unknown>,
    request: WireRequest,
    exchange: Exchange,
    answer: (output: unknown) => WireResponse,
  ): Promise<void> {
    let hasGone = false;
    exchange.onGone(() => {
      hasGone = true;
      this.#finish();
    });
    this.#observer?.parked();
    this.#wasParked = true;
    const outcome = await settled(pending);
    if (hasGone) return;
    this.#observer?.resumed();
    try {
      if ('failure' in outcome) throw outcome.failure;
      this.#respond(answer(outcome.output), exchange);
    } catch (error) {
      this.refuse(error, request, exchange);
    }
  }

  /** Nothing is answered before everything written so far is durable. */
  #respond(response: WireResponse, exchange: Exchange): void {
    const pending = this.#options.durable(this.#action);
    if (pending === undefined) this.#turn.atEnd(() => this.#hand(response, exchange), this.#wasParked);
    else {
      // One step later than who was parked: that one is answered first.
      const inOrder = this.#wasParked ? pending : pending.then(() => {});
      inOrder.then(
        () => this.#hand(response, exchange),
        (error: unknown) => {
          console.error(`request ${this.#requestId}: its writes could not be made durable:`, error);
          this.#hand(this.#broken(), exchange);
        },
      );
    }
  }

  #hand(response: WireResponse, exchange: Exchange): void {
    try {
      exchange.respond(response);
    } catch (error) {
      console.error(`request ${this.#requestId}: its answer cannot be sent:`, error);
      exchange.respond(this.#broken());
    }
    this.#finish();
  }

  #broken(): WireResponse {
    return { status: 500, headers: ['x-amzn-RequestId', this.#requestId], body: '' };
  }

  #finish(): void {
    this.#observer?.finished();
    this.#observer = undefined;
  }

  #unexpected(thrown: unknown, request: WireRequest): ServiceError {
    console.error(`request ${this.#requestId} (${request.method} ${request.path}) failed unexpectedly:`, thrown);
    const isS3 = this.#destination.protocol === 'rest-xml';
    const message =
      thrown instanceof StoreError
        ? `What is stored for ${request.path} cannot be given out: ${thrown.message}`
        : `We encountered an internal error. Please try again. Request id: ${this.#requestId}`;
    return new ServiceError(isS3 ? 'InternalError' : 'InternalFailure', message, 500);
  }

  #context(request: WireRequest, exchange: Exchange): RequestContext {
    const { clock, defaultRegion } = this.#options;
    const accessKeyId = this.#scope?.accessKeyId;
    const { account, arn: callerArn } = accountOf(this.#options, accessKeyId);
    return {
      account,
      region: this.#scope?.region ?? defaultRegion,
      requestId: this.#requestId,
      now: clock.now(),
      accessKeyId,
      callerArn,
      traceHeader: headerOf(request, 'x-amzn-trace-id'),
      host: request.host,
      sourceIp: request.sourceIp,
      onDisconnect: (listener) => exchange.onGone(listener),
    };
  }
}

/** What is nested so deeply that reading it ends the stack is the fault of who sent it. */
const tooDeeplyNested = (thrown: unknown): ServiceError | undefined =>
  thrown instanceof RangeError && thrown.message.startsWith('Maximum call stack')
    ? new ServiceError('SerializationException', 'The request is nested too deeply')
    : undefined;

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

const settled = async (pending: PromiseLike<unknown>): Promise<{ output: unknown } | { failure: unknown }> => {
  try {
    return { output: await pending };
  } catch (failure) {
    return { failure };
  }
};

/** Request compression of SDKs. S3's `Content-Encoding` belongs to the object instead. */
const unpacked = (request: WireRequest, limitBytes: number): WireRequest => {
  if (headerOf(request, 'content-encoding')?.toLowerCase() !== 'gzip') return request;
  try {
    return { ...request, body: gunzipSync(request.body, { maxOutputLength: limitBytes }) };
  } catch (error) {
    throw new ServiceError('SerializationException', `The request body is not valid gzip: ${(error as Error).message}`);
  }
};
