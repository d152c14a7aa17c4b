import type { Tag } from '@aws-sdk/client-iam';

/** What roles, users and groups have in common: a name that is theirs in the account, and policies. */
export interface StoredEntity {
  readonly account: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: number;
  /** Inline policies: document by name. */
  readonly inline: Readonly<Record<string, string>>;
  /** ARNs of managed policies, in the order of attaching. */
  readonly attached: readonly string[];
}

export interface StoredRole extends StoredEntity {
  readonly trustPolicy: string;
  readonly description?: string | undefined;
  readonly maxSessionSeconds: number;
  readonly permissionsBoundary?: string | undefined;
  readonly tags: readonly Tag[];
}

/** The secret is told once and not kept: nobody verifies signatures with it. */
export interface StoredAccessKey {
  readonly id: string;
  readonly isActive: boolean;
  readonly createdAt: number;
}

export interface StoredUser extends StoredEntity {
  readonly permissionsBoundary?: string | undefined;
  readonly tags: readonly Tag[];
  /** Oldest first. */
  readonly keys: readonly StoredAccessKey[];
  /** Names of the groups that it is in. */
  readonly groups: readonly string[];
}

export type StoredGroup = StoredEntity;

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
