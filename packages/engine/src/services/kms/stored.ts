/** One generation of a key's material. A rotation adds one; the older ones go on opening what they sealed. */
export interface KeyMaterial {
  /** 64 hexadecimal digits. */
  readonly secret: string;
  readonly since: number;
  readonly type?: 'AUTOMATIC' | 'ON_DEMAND' | undefined;
}

export interface Rotation {
  readonly periodDays: number;
  readonly nextAt: number;
}

export interface StoredKey {
  readonly arn: string;
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly description: string;
  readonly createdAt: number;
  readonly manager: 'CUSTOMER' | 'AWS';
  readonly isEnabled: boolean;
  /** When its deletion is due; such a key cannot be used. */
  readonly deletionAt?: number | undefined;
  readonly policy: string;
  readonly tags: Readonly<Record<string, string>>;
  /** Oldest first; never empty. */
  readonly materials: readonly KeyMaterial[];
  readonly rotation?: Rotation | undefined;
}

export interface StoredAlias {
  readonly arn: string;
  /** `alias/…` */
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly keyArn: string;
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface StoredGrant {
  readonly id: string;
  readonly token: string;
  readonly keyArn: string;
  readonly grantee: string;
  readonly retiring?: string | undefined;
  readonly operations: readonly string[];
  readonly contextEquals?: Readonly<Record<string, string>> | undefined;
  readonly contextSubset?: Readonly<Record<string, string>> | undefined;
  readonly name?: string | undefined;
  /** ARN of who made it, as `ListGrants` shows it. */
  readonly issuer: string;
  readonly createdAt: number;
}
