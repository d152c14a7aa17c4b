import type { ServiceEnvironment } from '../../core/index.ts';
import type { ConcurrencyLedger } from './concurrency.ts';
import type { EventQueue } from './event-queue.ts';
import type { Executor } from './executor.ts';
import type { FunctionRegistry } from './function-registry.ts';
import type { LayerRegistry } from './layer-registry.ts';

/** What the groups of operations share. */
export interface LambdaParts {
  readonly environment: ServiceEnvironment;
  readonly registry: FunctionRegistry;
  readonly layers: LayerRegistry;
  readonly ledger: ConcurrencyLedger;
  readonly executor: Executor;
  readonly events: EventQueue;
}
