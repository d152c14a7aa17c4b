import {
  type FoundRoute,
  ROUTES_PREFIX,
  type RouteAnswer,
  type ServiceDescriptor,
  ServiceError,
} from '@holdfast/engine';
import { accountOf } from './caller.ts';
import type { GatewayOptions } from './options.ts';
import { bucketInHost } from './protocol/s3-address.ts';
import type { LoadedService } from './protocols.ts';
import { routeRequest } from './route-request.ts';
import { ServiceCall } from './service-call.ts';
import type { Destination, ServiceCatalog } from './service-catalog.ts';
import { signatureScopeOf } from './sigv4.ts';
import { TurnEnd } from './turn-end.ts';
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
    if (scope === undefined && destination.protocol === 'rest-xml' && isPersonAtRoot(request)) {
      exchange.respond({ status: 302, headers: ['Location', ROUTES_PREFIX], body: '' });
      return;
    }
    const loaded = this.#loaded.get(destination.serviceName);
    if (loaded !== undefined) {
      new ServiceCall(this.#options, this.#turn, loaded, destination, scope).run(request, exchange);
      return;
    }
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
    const account = accountOf(this.#options, scope?.accessKeyId).account;
    const region = scope?.region ?? this.#options.defaultRegion;
    const pending = found.route.answer(
      routeRequest(request, found, { accessKeyId: scope?.accessKeyId, account, region }),
    );
    // A page that is read from a disk, or a picture that is drawn, takes its time elsewhere.
    const mayWait = found.route.runsCode === true && pending instanceof Promise;
    const answer = await (mayWait ? this.#waitFor(pending, request, { account, region }) : pending);
    return answer === undefined ? nothingAt(request) : { ...answer, headers: [...answer.headers] };
  }

  /** A function or an API that waits for a time that does not come says so. */
  #waitFor(
    pending: Promise<RouteAnswer | undefined>,
    request: WireRequest,
    place: { readonly account: string; readonly region: string },
  ): Promise<RouteAnswer | undefined> {
    const { waits, clock } = this.#options;
    if (waits === undefined) return pending;
    const { promise, resolve } = Promise.withResolvers<RouteAnswer>();
    const leave = waits.enter({
      service: 'http',
      action: `${request.method} ${request.path}`,
      input: {},
      context: { ...place, requestId: '', now: clock.now(), host: request.host },
      isInside: false,
      giveUp: ({ code, message }) => resolve(plainText(504, `${code}: ${message}`)),
    });
    return Promise.race([pending, promise]).finally(leave);
  }

  #control(request: WireRequest, exchange: Exchange): Promise<void> {
    return this.#answer(request, exchange, async () => {
      const answer = await this.#options.control?.({
        // Who waits for the engine may ask without wanting the answer.
        method: request.method === 'HEAD' ? 'GET' : request.method,
        path: request.path,
        query: new URLSearchParams(request.query),
        body: request.body,
        acceptEncoding: headerOf(request, 'accept-encoding'),
      });
      return answer === undefined
        ? nothingAt(request)
        : {
            status: answer.status,
            headers: ['Content-Type', answer.contentType, ...(answer.headers ?? [])],
            body: answer.body,
          };
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

/** Whoever opens the port in a browser asks S3 for a list of buckets, unsigned; AWS too leads them elsewhere. */
const isPersonAtRoot = (request: WireRequest): boolean =>
  request.method === 'GET' &&
  request.path === '/' &&
  request.query === '' &&
  headerOf(request, 'accept')?.includes('text/html') === true &&
  bucketInHost(request.host) === undefined;

const nothingAt = ({ path }: WireRequest): WireResponse => plainText(404, `Nothing answers ${path}`);
