import type { Tag } from '@aws-sdk/client-iam';

/** What all things of IAM have in common: a name that is theirs in the account. */
export interface StoredThing {
  readonly account: string;
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly createdAt: number;
}

/** Roles, users and groups may have policies. */
export interface StoredEntity extends StoredThing {
  /** Inline policies: document by name. */
  readonly inline: Readonly<Record<string, string>>;
  /** ARNs of managed policies, in the order of attaching. */
  readonly attached: readonly string[];
}

/** Roles and users are who calls: what they may do can be bounded, and they have tags. */
export interface StoredPrincipal extends StoredEntity {
  readonly permissionsBoundary?: string | undefined;
  readonly tags: readonly Tag[];
}

export interface StoredRole extends StoredPrincipal {
  readonly trustPolicy: string;
  readonly description?: string | undefined;
  readonly maxSessionSeconds: number;
}

/** The secret is told once and not kept: nobody verifies signatures with it. */
export interface StoredAccessKey {
  readonly id: string;
  readonly isActive: boolean;
  readonly createdAt: number;
}

export interface StoredUser extends StoredPrincipal {
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

export interface StoredPolicy extends StoredThing {
  readonly updatedAt: number;
  readonly description?: string | undefined;
  readonly tags: readonly Tag[];
  readonly defaultVersion: string;
  /** Oldest first. */
  readonly versions: readonly StoredPolicyVersion[];
  /** Number of the next version: numbers are not used twice. */
  readonly nextVersion: number;
}
