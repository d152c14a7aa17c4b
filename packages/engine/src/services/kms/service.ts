import { onDemand } from '@holdfast/kernel';
import type { Lent, OperationTable, Service, ServiceEnvironment } from '../../core/index.ts';
import { aliasOperations } from './alias-operations.ts';
import { cipherOperations } from './cipher-operations.ts';
import { grantOperations } from './grant-operations.ts';
import { KeyDesk } from './key-desk.ts';
import { keyOperations } from './key-operations.ts';
import { KeyRegistry } from './registry.ts';
import { tagOperations } from './tag-operations.ts';

/**
 * AWS KMS: symmetric keys for callers, and for the services that hold data under them.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/overview.html
 */
export class KmsService implements Service {
  readonly #operations: () => OperationTable;
  readonly lends: Partial<Lent>;
  readonly #desk: KeyDesk;

  constructor(environment: ServiceEnvironment) {
    const registry = new KeyRegistry(environment.store, environment.ids, () => environment.clock.now());
    this.#desk = new KeyDesk(environment, registry);
    this.lends = { keys: this.#desk };
    this.#operations = onDemand(() => ({
      ...keyOperations(registry, this.#desk),
      ...aliasOperations(registry, this.#desk),
      ...cipherOperations(environment, registry, this.#desk),
      ...grantOperations(environment, registry, this.#desk),
      ...tagOperations(registry, this.#desk),
    }));
  }

  get operations(): OperationTable {
    return this.#operations();
  }

  start(): void {
    this.#desk.start();
  }
}
