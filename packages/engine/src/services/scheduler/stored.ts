import type { EpochMs } from '@holdfast/kernel';

/** A schedule group as stored. */
export interface StoredGroup {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
  readonly tags: Readonly<Record<string, string>>;
}

/** What a schedule invokes, with the members of AWS's own `Target`. */
export interface StoredTarget {
  readonly arn: string;
  readonly roleArn: string;
  readonly input?: string | undefined;
  readonly deadLetterArn?: string | undefined;
  readonly maximumRetryAttempts: number;
  readonly maximumEventAgeSeconds: number;
  readonly eventBridge?: { readonly DetailType: string; readonly Source: string } | undefined;
  readonly partitionKey?: string | undefined;
  readonly messageGroupId?: string | undefined;
}

/** A schedule as stored. */
export interface StoredSchedule {
  readonly account: string;
  readonly region: string;
  readonly groupName: string;
  readonly name: string;
  readonly expression: string;
  readonly zone: string;
  readonly startsAt?: EpochMs | undefined;
  readonly endsAt?: EpochMs | undefined;
  readonly description?: string | undefined;
  readonly isEnabled: boolean;
  /** 0: exactly at its time. */
  readonly windowMinutes: number;
  readonly isDeletedAfterCompletion: boolean;
  readonly target: StoredTarget;
  readonly createdAt: EpochMs;
  readonly modifiedAt: EpochMs;
  /** Of the request that made it: the same request once more is no second schedule. */
  readonly clientToken?: string | undefined;
}

export const DEFAULT_GROUP = 'default';
