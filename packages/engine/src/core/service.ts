import type { DeliveryTargets } from './delivery.ts';
import type { HttpRoute } from './http-route.ts';
import type { KeySource } from './key-source.ts';
import type { MailSource } from './mail-source.ts';
import type { LogSink, MetricSink } from './metrics.ts';
import type { ObjectSource } from './object-source.ts';
import type { OperationTable } from './operation.ts';
import type { PrincipalSource, SessionSource } from './principal-source.ts';
import type { QueueSource } from './queue-source.ts';
import type { StreamSource } from './stream-source.ts';
import type { TableStreams } from './table-streams.ts';
import type { TraceSink } from './trace-sink.ts';

/** What services take from each other. Each is lent by one service; `streams` by one for each service part of ARNs. */
export interface Lent {
  readonly queues: QueueSource;
  readonly streams: StreamSource;
  readonly tableStreams: TableStreams;
  readonly objects: ObjectSource;
  readonly metrics: MetricSink;
  readonly logs: LogSink;
  readonly mail: MailSource;
  readonly keys: KeySource;
  readonly traces: TraceSink;
  readonly principals: PrincipalSource;
  readonly sessions: SessionSource;
}

/** One AWS service: one instance serves all accounts and regions; its state is keyed by ARN. */
export interface Service {
  /** Made when the first call asks for it (`onDemand`): most engines are asked for few of their services. */
  readonly operations: OperationTable;
  /** What can be delivered to it, by kind. */
  readonly targets?: DeliveryTargets;
  /** What it lends to the others. */
  readonly lends?: Partial<Lent>;
  /** HTTP that it answers besides its actions. */
  readonly routes?: readonly HttpRoute[];
  /** Resumes what was under way when the state was stored: timers, in-flight work. Called once, before any request. */
  start?(): void;
}
