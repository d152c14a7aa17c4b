import type * as Sdk from '@aws-sdk/client-iam';
import { onDemand } from '@holdfast/kernel';
import type { Operations, Service, ServiceEnvironment } from '../../core/index.ts';
import { policyOperations } from './policy-operations.ts';
import { type NewId, Registry } from './registry.ts';
import { roleOperations } from './role-operations.ts';

/** Roles and policies of AWS IAM: kept and given back, never enforced. IAM is global: state is per account. */
export class IamService implements Service {
  readonly #operations: () => Operations<typeof Sdk>;

  constructor({ store, ids }: ServiceEnvironment) {
    const registry = new Registry(store);
    const newId: NewId = (prefix) => prefix + ids.hex(17).toUpperCase();
    this.#operations = onDemand(() => ({ ...roleOperations(registry, newId), ...policyOperations(registry, newId) }));
  }

  get operations(): Operations<typeof Sdk> {
    return this.#operations();
  }
}
