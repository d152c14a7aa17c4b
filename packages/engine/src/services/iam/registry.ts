import type { Tag } from '@aws-sdk/client-iam';
import { type Collection, Constraints, type RequestContext, ServiceError, type Store } from '../../core/index.ts';
import { noSuchEntity } from './errors.ts';

/** Unique ids start with letters that name the kind of thing: a role or a policy. */
export type NewId = (prefix: 'AROA' | 'ANPA') => string;

export interface StoredRole {
  readonly account: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly trustPolicy: string;
  readonly description?: string | undefined;
  readonly maxSessionSeconds: number;
  readonly permissionsBoundary?: string | undefined;
  readonly tags: readonly Tag[];
  /** Inline policies: document by name. */
  readonly inline: Readonly<Record<string, string>>;
  /** ARNs of managed policies, in the order of attaching. */
  readonly attached: readonly string[];
}

export interface StoredPolicyVersion {
  readonly id: string;
  readonly document: string;
  readonly createdAt: number;
}

export interface StoredPolicy {
  readonly account: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly description?: string | undefined;
  readonly tags: readonly Tag[];
  readonly defaultVersion: string;
  /** Oldest first. */
  readonly versions: readonly StoredPolicyVersion[];
  /** Number of the next version: numbers are not used twice. */
  readonly nextVersion: number;
}

const AWS_MANAGED = /^arn:aws:iam::aws:policy\/[\w+=,.@/-]+$/;

/** Policies that AWS maintains: known by their ARN, without a document. */
export const isAwsManaged = (policyArn: string): boolean => AWS_MANAGED.test(policyArn);

/** Roles and managed policies of all accounts; a change is stored as it is made. */
export class Registry {
  readonly #roles = new Map<string, StoredRole>();
  readonly #policies = new Map<string, StoredPolicy>();
  /** Number of roles that a managed policy is attached to, by account and ARN. */
  readonly #attachments = new Map<string, number>();
  readonly #storedRoles: Collection<StoredRole>;
  readonly #storedPolicies: Collection<StoredPolicy>;

  constructor(store: Store) {
    this.#storedRoles = store.collection('iam.roles');
    this.#storedPolicies = store.collection('iam.policies');
    for (const [key, role] of this.#storedRoles.entries()) {
      this.#roles.set(key, role);
      this.#count(role, 1);
    }
    for (const [key, policy] of this.#storedPolicies.entries()) this.#policies.set(key, policy);
  }

  #count(role: StoredRole, change: number): void {
    for (const policyArn of role.attached) {
      const key = `${role.account} ${policyArn}`;
      this.#attachments.set(key, (this.#attachments.get(key) ?? 0) + change);
    }
  }

  /** Names differ by more than their case. */
  #roleKey(account: string, name: string): string {
    return `${account}/${name.toLowerCase()}`;
  }

  findRole(account: string, name: string): StoredRole | undefined {
    return this.#roles.get(this.#roleKey(account, name));
  }

  role({ account }: RequestContext, name: string | undefined): StoredRole {
    new Constraints().required('roleName', name).check('ValidationError');
    const role = this.findRole(account, name as string);
    if (role === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
    return role;
  }

  putRole(role: StoredRole): void {
    const key = this.#roleKey(role.account, role.name);
    const before = this.#roles.get(key);
    if (before !== undefined) this.#count(before, -1);
    this.#count(role, 1);
    this.#roles.set(key, role);
    this.#storedRoles.put(key, role);
  }

  deleteRole(role: StoredRole): void {
    const key = this.#roleKey(role.account, role.name);
    this.#count(role, -1);
    this.#roles.delete(key);
    this.#storedRoles.delete(key);
  }

  /** Sorted by name. */
  rolesOf({ account }: RequestContext, pathPrefix = '/'): StoredRole[] {
    return [...this.#roles.values()]
      .filter((role) => role.account === account && role.path.startsWith(pathPrefix))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  findPolicy(policyArn: string): StoredPolicy | undefined {
    return this.#policies.get(policyArn);
  }

  /** A policy that the account itself has made. */
  policy({ account }: RequestContext, policyArn: string | undefined): StoredPolicy {
    checkPolicyArn(policyArn);
    const policy = this.#policies.get(policyArn as string);
    if (policy === undefined || policy.account !== account) {
      throw noSuchEntity(`Policy ${policyArn} was not found.`);
    }
    return policy;
  }

  putPolicy(policy: StoredPolicy): void {
    this.#policies.set(policy.arn, policy);
    this.#storedPolicies.put(policy.arn, policy);
  }

  deletePolicy(policy: StoredPolicy): void {
    this.#policies.delete(policy.arn);
    this.#storedPolicies.delete(policy.arn);
  }

  /** Sorted by ARN. */
  policiesOf({ account }: RequestContext): StoredPolicy[] {
    return [...this.#policies.values()]
      .filter((policy) => policy.account === account)
      .sort((a, b) => (a.arn < b.arn ? -1 : 1));
  }

  attachmentCount(account: string, policyArn: string): number {
    return this.#attachments.get(`${account} ${policyArn}`) ?? 0;
  }
}

export const checkPolicyArn = (policyArn: string | undefined): void => {
  new Constraints().required('policyArn', policyArn).length('policyArn', policyArn, 20, 2048).check('ValidationError');
  if (!/^arn:aws[\w-]*:iam::(\d{12}|aws):policy\//.test(policyArn as string)) {
    throw new ServiceError('InvalidInput', `ARN ${policyArn} is not valid.`, 400);
  }
};
