import type { OperationTable, Service, ServiceEnvironment } from '../../core/index.ts';
import { pipeOperations } from './pipe-operations.ts';
import { PipeRegistry } from './pipe-registry.ts';
import { tagOperations } from './tag-operations.ts';

/** Amazon EventBridge Pipes: from a queue or stream through a filter and an enrichment to one target. */
export class PipesService implements Service {
  readonly operations: OperationTable;
  readonly #registry: PipeRegistry;

  constructor(environment: ServiceEnvironment) {
    this.#registry = new PipeRegistry(environment);
    this.operations = { ...pipeOperations(this.#registry, environment), ...tagOperations(this.#registry) };
  }

  start(): void {
    this.#registry.start();
  }
}
