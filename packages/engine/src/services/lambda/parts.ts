import type { ServiceEnvironment } from '../../core/index.ts';
import type { EventQueue } from './async-events/event-queue.ts';
import type { FunctionRegistry } from './functions/function-registry.ts';
import type { LayerRegistry } from './functions/layer-registry.ts';
import type { ConcurrencyLedger } from './invocations/concurrency.ts';
import type { Executor } from './invocations/executor.ts';
import type { ProvisionedEnvironments } from './invocations/provisioned-environments.ts';

/** What the groups of operations share. */
export interface LambdaParts {
  readonly environment: ServiceEnvironment;
  readonly registry: FunctionRegistry;
  readonly layers: LayerRegistry;
  readonly ledger: ConcurrencyLedger;
  readonly provisioned: ProvisionedEnvironments;
  readonly executor: Executor;
  readonly events: EventQueue;
}
