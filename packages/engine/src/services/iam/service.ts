import type * as Sdk from '@aws-sdk/client-iam';
import { onDemand } from '@holdfast/kernel';
import type { Lent, Operations, Service, ServiceEnvironment } from '../../core/index.ts';
import { accessKeyOperations } from './access-key-operations.ts';
import { groupOperations } from './group-operations.ts';
import { policyOperations } from './policy-operations.ts';
import { type NewId, Registry } from './registry.ts';
import { roleOperations } from './role-operations.ts';
import { linkedRoleOperations } from './service-linked-roles.ts';
import { userOperations } from './user-operations.ts';

/** Who there is in AWS IAM and what they may do: kept and given back, never enforced. IAM is global: state is per account. */
export class IamService implements Service {
  readonly #operations: () => Operations<typeof Sdk>;
  readonly lends: Partial<Lent>;

  constructor({ store, ids }: ServiceEnvironment) {
    const registry = new Registry(store);
    const newId: NewId = (prefix) => prefix + ids.hex(prefix === 'AKIA' ? 16 : 17).toUpperCase();
    this.lends = {
      principals: {
        // A key that was made inactive opens as much as any other text: it only says no more who calls.
        keyOwner: (accessKeyId) => {
          const user = registry.ownerOf(accessKeyId);
          const isActive = user?.keys.some((key) => key.id === accessKeyId && key.isActive) === true;
          return isActive ? user : undefined;
        },
        role: (account, name) => registry.roles.find(account, name),
        user: (account, name) => registry.users.find(account, name),
      },
    };
    this.#operations = onDemand(() => ({
      ...roleOperations(registry, newId),
      ...linkedRoleOperations(registry, newId, () => ids.uuid(), store.collection('iam.linked-role-deletions')),
      ...userOperations(registry, newId),
      ...accessKeyOperations(registry, newId, (digits) => ids.hex(digits)),
      ...groupOperations(registry, newId),
      ...policyOperations(registry, newId),
    }));
  }

  get operations(): Operations<typeof Sdk> {
    return this.#operations();
  }
}
