import type * as Sdk from '@aws-sdk/client-ssm';
import { onDemand } from '@holdfast/kernel';
import type { Operations, Service, ServiceEnvironment } from '../../core/index.ts';
import { ParameterStore } from './parameter-store.ts';
import { readOperations } from './read-operations.ts';
import { tagOperations } from './tag-operations.ts';
import { writeOperations } from './write-operations.ts';

/** Parameter Store of AWS Systems Manager: hierarchies, versions, labels, secure strings (not really encrypted). */
export class SsmService implements Service {
  readonly #operations: () => Operations<typeof Sdk>;

  constructor(environment: ServiceEnvironment) {
    const store = new ParameterStore(environment.store);
    this.#operations = onDemand(() => ({
      ...writeOperations(environment, store),
      ...readOperations(environment, store),
      ...tagOperations(store),
    }));
  }

  get operations(): Operations<typeof Sdk> {
    return this.#operations();
  }
}
