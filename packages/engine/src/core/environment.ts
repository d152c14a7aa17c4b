import type { Briefly, Clock, Cryptography, Digest, IdSource, Random, TimerQueue } from '@holdfast/kernel';
import type { ApiCaller } from './api-caller.ts';
import type { ChartPainter } from './chart-painter.ts';
import type { Delivery } from './delivery.ts';
import type { FunctionRuntime } from './function-runtime.ts';
import type { HttpSender } from './http-sender.ts';
import type { MessageSigner } from './message-signer.ts';
import type { RequestContext } from './operation.ts';
import type { AnyResourceType } from './resources/index.ts';
import type { Lent } from './service.ts';
import type { Store } from './store.ts';

/** All that a service may reach. Services never import each other. */
export interface ServiceEnvironment extends Lent {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: IdSource;
  readonly digest: Digest;
  readonly cryptography: Cryptography;
  readonly briefly: Briefly;
  readonly timers: TimerQueue;
  readonly store: Store;
  readonly deliver: Delivery;
  /** Any action of any service, by JSON. */
  readonly api: ApiCaller;
  readonly runtime: FunctionRuntime;
  /** Calls endpoints over HTTP. */
  readonly http: HttpSender;
  readonly signer: MessageSigner;
  /** Draws dashboards; where there is none, they cannot be looked at. */
  readonly charts?: ChartPainter | undefined;
  readonly settings: EngineSettings;
  /** Of all services, for the one that makes stacks of them. */
  readonly resourceTypes: readonly AnyResourceType[];
  /** Performs an action of any service as a client would, for services that act on others: stacks, state machines. */
  call(serviceId: string, action: string, input: object, context: RequestContext): unknown;
}

export interface EngineSettings {
  /** Account concurrency of Lambda per region; AWS's default quota is 1,000. */
  readonly accountConcurrency: number;
  /** Rules on one event bus; AWS's default quota is 300, more on request. */
  readonly rulesPerBus: number;
  /** `http://host:port` of the gateway, for URLs made without a request at hand. */
  readonly endpoint: string;
  /** Where traces are sent as OTLP, e.g. `http://127.0.0.1:4318`. */
  readonly otlpEndpoint?: string | undefined;
  /** Region of requests that name none. */
  readonly region: string;
}

export const DEFAULT_ENGINE_SETTINGS: EngineSettings = {
  accountConcurrency: 1_000,
  rulesPerBus: 300,
  endpoint: 'http://127.0.0.1:4566',
  region: 'us-east-1',
};
