/** How and when a secret is rotated. */
export interface StoredRotation {
  readonly lambdaArn: string;
  readonly afterDays?: number | undefined;
  readonly expression?: string | undefined;
  readonly duration?: string | undefined;
  readonly isEnabled: boolean;
  /** When the next rotation begins. */
  readonly nextAt?: number | undefined;
  /** A rotation under way or waiting for its next try: the version that it makes. */
  readonly running?: { readonly token: string; readonly tries: number } | undefined;
}

export interface StoredVersion {
  readonly id: string;
  readonly createdAt: number;
  /** `AWSCURRENT`, `AWSPREVIOUS`, `AWSPENDING`, or labels of customers. A version without any is deprecated. */
  readonly stages: readonly string[];
  readonly accessedAt?: number | undefined;
}

export interface StoredSecret {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly description?: string | undefined;
  readonly kmsKeyId?: string | undefined;
  readonly createdAt: number;
  readonly changedAt: number;
  readonly accessedAt?: number | undefined;
  readonly rotatedAt?: number | undefined;
  readonly deletion?: { readonly markedAt: number; readonly dueAt: number } | undefined;
  readonly tags: readonly { readonly Key: string; readonly Value: string }[];
  readonly policy?: string | undefined;
  readonly rotation?: StoredRotation | undefined;
  /** Oldest first. */
  readonly versions: readonly StoredVersion[];
}

/** What a version holds; stored apart from its secret. */
export interface StoredValue {
  readonly text?: string | undefined;
  /** Base64. */
  readonly binary?: string | undefined;
}

export const CURRENT = 'AWSCURRENT';
export const PREVIOUS = 'AWSPREVIOUS';
export const PENDING = 'AWSPENDING';
