import { type Collection, Constraints, type RequestContext, ServiceError, type Store } from '../../core/index.ts';
import { Entities } from './entities.ts';
import { noSuchEntity } from './errors.ts';
import type { StoredEntity, StoredGroup, StoredPolicy, StoredRole, StoredUser } from './stored.ts';

/** Unique ids start with letters that name the kind of thing: a role, a user, a group, a policy, an access key. */
export type NewId = (prefix: 'AROA' | 'AIDA' | 'AGPA' | 'ANPA' | 'AKIA') => string;

const AWS_MANAGED = /^arn:aws:iam::aws:policy\/[\w+=,.@/-]+$/;

/** Policies that AWS maintains: known by their ARN, without a document. */
export const isAwsManaged = (policyArn: string): boolean => AWS_MANAGED.test(policyArn);

/** Roles, users, groups and managed policies of all accounts; a change is stored as it is made. */
export class Registry {
  readonly roles: Entities<StoredRole>;
  readonly users: Entities<StoredUser>;
  readonly groups: Entities<StoredGroup>;
  readonly #policies = new Map<string, StoredPolicy>();
  /** Of the roles, users and groups that a managed policy is attached to: how many, by account and ARN. */
  readonly #attachments = new Map<string, number>();
  /** Name and account of the user whose access key it is. */
  readonly #keyOwners = new Map<string, { readonly account: string; readonly name: string }>();
  readonly #storedPolicies: Collection<StoredPolicy>;

  constructor(store: Store) {
    const counted = (before: StoredEntity | undefined, now: StoredEntity | undefined): void => {
      this.#count(before, -1);
      this.#count(now, 1);
    };
    this.roles = new Entities('Role', store.collection('iam.roles'), counted);
    this.users = new Entities('User', store.collection('iam.users'), (before, now) => {
      counted(before, now);
      for (const { id } of before?.keys ?? []) this.#keyOwners.delete(id);
      for (const { id } of now?.keys ?? []) this.#keyOwners.set(id, now as StoredUser);
    });
    this.groups = new Entities('Group', store.collection('iam.groups'), counted);
    this.#storedPolicies = store.collection('iam.policies');
    for (const [key, policy] of this.#storedPolicies.entries()) this.#policies.set(key, policy);
  }

  #count(entity: StoredEntity | undefined, change: number): void {
    for (const policyArn of entity?.attached ?? []) {
      const key = `${entity?.account} ${policyArn}`;
      this.#attachments.set(key, (this.#attachments.get(key) ?? 0) + change);
    }
  }

  /** Everybody who may have policies. */
  holdersOf(context: RequestContext): StoredEntity[] {
    return [...this.roles.of(context), ...this.users.of(context), ...this.groups.of(context)];
  }

  /** The user whose access key this is, active or not. */
  ownerOf(accessKeyId: string): StoredUser | undefined {
    const owner = this.#keyOwners.get(accessKeyId);
    return owner && this.users.find(owner.account, owner.name);
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

  /** Whether somebody of an account may have it: AWS's policies, and the account's own. */
  isAttachable(account: string, policyArn: string): boolean {
    return isAwsManaged(policyArn) || this.#policies.get(policyArn)?.account === account;
  }

  attachmentCount(account: string, policyArn: string): number {
    return this.#attachments.get(`${account} ${policyArn}`) ?? 0;
  }
}

export const checkPolicyArn = (policyArn: string | undefined): void => {
  new Constraints().required('policyArn', policyArn).length('policyArn', policyArn, 20, 2048).check('ValidationError');
  if (!policyArn?.startsWith('arn:')) {
    // Two blanks: between them AWS would repeat something that it has not got.
    throw new ServiceError('ValidationError', 'Invalid ARN:  Could not be parsed!', 400);
  }
  if (!/^arn:aws[\w-]*:iam::(\d{12}|aws):policy\//.test(policyArn)) {
    throw new ServiceError('InvalidInput', `ARN ${policyArn} is not valid.`, 400);
  }
};
