import type { Clock, Digest, IdSource, Random, TimerQueue } from '@holdfast/kernel';
import type { ApiCaller } from './api-caller.ts';
import type { Delivery } from './delivery.ts';
import type { FunctionRuntime } from './function-runtime.ts';
import type { LogSink, MetricSink } from './metrics.ts';
import type { ObjectSource } from './object-source.ts';
import type { OperationTable } from './operation.ts';
import type { QueueSource } from './queue-source.ts';
import type { Store } from './store.ts';
import type { StreamSource } from './stream-source.ts';
import type { TableStreams } from './table-streams.ts';

/** All that a service may reach. Services never import each other. */
export interface ServiceEnvironment {
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: IdSource;
  readonly digest: Digest;
  readonly timers: TimerQueue;
  readonly store: Store;
  readonly deliver: Delivery;
  /** Any action of any service, by JSON. */
  readonly api: ApiCaller;
  readonly queues: QueueSource;
  readonly streams: StreamSource;
  readonly tableStreams: TableStreams;
  readonly objects: ObjectSource;
  readonly metrics: MetricSink;
  readonly logs: LogSink;
  readonly runtime: FunctionRuntime;
  readonly settings: EngineSettings;
}

export interface EngineSettings {
  /** Account concurrency of Lambda per region; AWS's default quota is 1,000. */
  readonly accountConcurrency: number;
  /** `http://host:port` of the gateway, for URLs made without a request at hand. */
  readonly endpoint: string;
  /** Region of requests that name none. */
  readonly region: string;
}

export const DEFAULT_ENGINE_SETTINGS: EngineSettings = {
  accountConcurrency: 1_000,
  endpoint: 'http://127.0.0.1:4566',
  region: 'us-east-1',
};

/** One AWS service: one instance serves all accounts and regions; its state is keyed by ARN. */
export interface Service {
  /** Key of the service in the engine, e.g. `sqs`. */
  readonly id: string;
  readonly operations: OperationTable;
  /** Resumes what was under way when the state was stored: timers, in-flight work. Called once, before any request. */
  start?(): void;
}
