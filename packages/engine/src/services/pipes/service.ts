import { onDemand } from '@holdfast/kernel';
import type { OperationTable, Service, ServiceEnvironment } from '../../core/index.ts';
import { pipeOperations } from './pipe-operations.ts';
import { PipeRegistry } from './pipe-registry.ts';
import { tagOperations } from './tag-operations.ts';

/** Amazon EventBridge Pipes: from a queue or stream through a filter and an enrichment to one target. */
export class PipesService implements Service {
  readonly #operations: () => OperationTable;
  readonly #registry: PipeRegistry;

  constructor(environment: ServiceEnvironment) {
    this.#registry = new PipeRegistry(environment);
    this.#operations = onDemand(() => ({
      ...pipeOperations(this.#registry, environment),
      ...tagOperations(this.#registry),
    }));
  }

  get operations(): OperationTable {
    return this.#operations();
  }

  start(): void {
    this.#registry.start();
  }
}
