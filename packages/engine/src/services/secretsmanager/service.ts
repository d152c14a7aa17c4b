import { onDemand } from '@holdfast/kernel';
import type { OperationTable, Service, ServiceEnvironment } from '../../core/index.ts';
import { SecretRegistry } from './registry.ts';
import { Rotations } from './rotation.ts';
import { rotationOperations } from './rotation-operations.ts';
import { secretOperations } from './secret-operations.ts';
import { valueOperations } from './value-operations.ts';

/**
 * AWS Secrets Manager: secrets with versions and labels, rotated by functions.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/intro.html
 */
export class SecretsManagerService implements Service {
  readonly #operations: () => OperationTable;
  readonly #rotations: Rotations;

  constructor(environment: ServiceEnvironment) {
    const registry = new SecretRegistry(environment);
    this.#rotations = new Rotations(environment, registry);
    this.#operations = onDemand(() => ({
      ...secretOperations(environment, registry),
      ...valueOperations(environment, registry),
      ...rotationOperations(environment, registry, this.#rotations),
    }));
  }

  get operations(): OperationTable {
    return this.#operations();
  }

  start(): void {
    this.#rotations.start();
  }
}
