import { gunzipSync } from 'node:zlib';
import { notSupported, type RequestContext, ServiceError } from '@holdfast/engine';
import { unavailable } from '../room.ts';
import type { WaitingCall } from '../standing-clock/index.ts';
import { StoreError, shortageOf } from '../store/index.ts';
import { accountOf } from './caller.ts';
import { type GatewayOptions, RPC_BODY_LIMIT_BYTES } from './options.ts';
import { type Fault, faultOf } from './protocol/fault.ts';
import type { SigningClocks } from './protocol/presigned.ts';
import type { LoadedService } from './protocols.ts';
import type { RequestObserver } from './request-observer.ts';
import type { Destination, Protocol } from './service-catalog.ts';
import type { SignatureScope } from './sigv4.ts';
import type { TurnEnd } from './turn-end.ts';
import { type Exchange, headerOf, type WireRequest, type WireResponse } from './wire.ts';

/** One request to one service, from its envelope to its answer. */
export class ServiceCall {
  readonly #options: GatewayOptions;
  readonly #turn: TurnEnd;
  readonly #service: LoadedService;
  readonly #destination: Destination;
  readonly #scope: SignatureScope | undefined;
  readonly #requestId: string;
  #observer: RequestObserver | undefined;
  #wasParked = false;
  /** Who has to know that the caller has gone, or been given up. */
  #leavers: (() => void)[] | undefined;
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
      const { operation, input, isForm } = wire.read(
        protocol === 'rest-xml' ? request : unpacked(request, this.#options.bodyLimitBytes ?? RPC_BODY_LIMIT_BYTES),
        this.#destination,
        this.#options.signing ?? clocksOf(this.#options),
      );
      this.#action = operation.name;
      const refusal = this.#options.refusal?.(operation.name, request.body.length);
      if (refusal !== undefined) throw refusal;
      const context = this.#context(request, isForm, exchange);
      this.#observer = this.#options.observe?.(context);
      const output = this.#options.call(service.id, operation.name, input, context);
      if (isPromise(output)) {
        void this.#park(output, this.#call(service.id, operation.name, input, context), request, exchange, (settled) =>
          wire.answer(operation, settled, this.#requestId, request),
        );
      } else {
        const { waits } = this.#options;
        if (waits?.isVirtual === true) waits.looked(this.#call(service.id, operation.name, input, context), output);
        this.#respond(wire.answer(operation, output, this.#requestId, request), exchange);
      }
    } catch (error) {
      this.refuse(error, request, exchange);
    }
  }

  /** Whoever is observed is the code of a function. */
  #call(service: string, action: string, input: object, context: RequestContext): Omit<WaitingCall, 'giveUp'> {
    return { service, action, input, context, isInside: this.#observer !== undefined };
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
    call: Omit<WaitingCall, 'giveUp'>,
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
    const leave = this.#options.waits?.enter({
      ...call,
      giveUp: (error) => {
        if (hasGone) return;
        hasGone = true;
        for (const leaveQueue of this.#leavers ?? []) leaveQueue();
        this.refuse(error, request, exchange);
      },
    });
    const outcome = await settled(pending);
    leave?.();
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
    else this.#turn.afterWrites(pending, (failure) => this.#written(failure, response, exchange), this.#wasParked);
  }

  #written(failure: { readonly cause: unknown } | undefined, response: WireResponse, exchange: Exchange): void {
    if (failure === undefined) {
      this.#hand(response, exchange);
      return;
    }
    const { cause } = failure;
    const isOfStore = cause instanceof StoreError;
    console.error(
      `request ${this.#requestId}: its writes could not be made durable:`,
      isOfStore ? cause.message : cause,
    );
    this.#hand(this.#broken(isOfStore ? 503 : 500), exchange);
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

  #broken(status = 500): WireResponse {
    return { status, headers: ['x-amzn-RequestId', this.#requestId], body: '' };
  }

  #finish(): void {
    this.#observer?.finished();
    this.#observer = undefined;
  }

  #unexpected(thrown: unknown, request: WireRequest): ServiceError {
    const shortage = shortageOf(thrown);
    if (shortage !== undefined) return unavailable(`${shortage.what} what it asks for`);
    console.error(`request ${this.#requestId} (${request.method} ${request.path}) failed unexpectedly:`, thrown);
    const isS3 = this.#destination.protocol === 'rest-xml';
    const message =
      thrown instanceof StoreError
        ? `What is stored for ${request.path} cannot be given out: ${thrown.message}`
        : `We encountered an internal error. Please try again. Request id: ${this.#requestId}`;
    return new ServiceError(isS3 ? 'InternalError' : 'InternalFailure', message, 500);
  }

  #context(request: WireRequest, isForm: boolean | undefined, exchange: Exchange): RequestContext {
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
      isForm,
      onDisconnect: (listener) => {
        exchange.onGone(listener);
        this.#leavers = [...(this.#leavers ?? []), listener];
      },
    };
  }
}

/** Where everybody reads the engine's clock. */
const clocksOf = ({ clock }: GatewayOptions): SigningClocks => ({
  when: (read) => read,
  now: () => clock.now(),
  engineNow: () => clock.now(),
});

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
