import type { ServiceEnvironment } from '../../core/index.ts';
import type { EventQueue } from './async-events/event-queue.ts';
import type { FunctionRegistry } from './functions/function-registry.ts';
import type { LayerRegistry } from './functions/layer-registry.ts';
import type { ConcurrencyLedger } from './invocations/concurrency.ts';
import type { Executor } from './invocations/executor.ts';

/** What the groups of operations share. */
export interface LambdaParts {
  readonly environment: ServiceEnvironment;
  readonly registry: FunctionRegistry;
  readonly layers: LayerRegistry;
  readonly ledger: ConcurrencyLedger;
  readonly executor: Executor;
  readonly events: EventQueue;
}
