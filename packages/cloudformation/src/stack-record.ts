import type { Json, JsonObject, Tag } from '@holdfast/engine';
import type { ResolvedParameter } from './template/parameters.ts';
import type { DeletionPolicy } from './template/template.ts';

/** What a stack is to become; or was, while an update may still be rolled back. */
export interface StackTarget {
  readonly templateBody: string;
  readonly parameters: Readonly<Record<string, ResolvedParameter>>;
  readonly tags: readonly Tag[];
  readonly capabilities: readonly string[];
}

export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

/** What is under way; stored, so that it goes on after a restart. */
export type StackOperation =
  | { readonly kind: 'create' }
  | { readonly kind: 'update'; readonly previous: StackTarget }
  | { readonly kind: 'rollback-create' }
  | { readonly kind: 'rollback-update'; readonly previous: StackTarget }
  | { readonly kind: 'delete'; readonly retained: readonly string[] };

/** A stack without its resources and events. */
export interface StackRecord {
  readonly stackId: string;
  readonly stackName: string;
  readonly account: string;
  readonly region: string;
  readonly host?: string;
  readonly status: string;
  readonly statusReason?: string;
  readonly description?: string;
  readonly target: StackTarget;
  readonly outputs: readonly StackOutput[];
  /** Names of exports of other stacks that this one uses. */
  readonly imports: readonly string[];
  readonly operation?: StackOperation;
  readonly onFailure: 'ROLLBACK' | 'DELETE' | 'DO_NOTHING';
  readonly hasTerminationProtection: boolean;
  readonly roleArn?: string;
  readonly timeoutInMinutes?: number;
  readonly changeSetId?: string;
  readonly clientRequestToken?: string;
  readonly createdAt: number;
  readonly updatedAt?: number;
  readonly deletedAt?: number;
}

/** What was there before a replacement; kept until the update can no longer be rolled back. */
export interface ReplacedResource {
  readonly physicalId: string;
  readonly attributes: Readonly<Record<string, Json>>;
  readonly properties: JsonObject;
  readonly updateReplacePolicy: DeletionPolicy;
}

export interface ResourceRecord {
  readonly logicalId: string;
  readonly type: string;
  readonly status: string;
  readonly statusReason?: string;
  /** Missing while it is being created. */
  readonly physicalId?: string;
  readonly attributes: Readonly<Record<string, Json>>;
  /** Resolved, as last given to the service. */
  readonly properties: JsonObject;
  /** What an update that is not over, or has failed, was to make of them. */
  readonly attempted?: JsonObject;
  readonly dependsOn: readonly string[];
  readonly deletionPolicy: DeletionPolicy;
  /** Twelve characters that make generated names unique. */
  readonly nameSuffix: string;
  readonly replaced?: ReplacedResource;
  readonly at: number;
}

export interface StackEvent {
  /** Counts from 0 within the stack. */
  readonly sequence: number;
  readonly eventId: string;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly properties?: string;
  readonly token?: string;
  readonly at: number;
}

/** Whether something is under way. */
export const isInProgress = (status: string): boolean => status.endsWith('_IN_PROGRESS');

/** Whether the resource exists as far as is known. */
export const isThere = (resource: ResourceRecord | undefined): resource is ResourceRecord & { physicalId: string } =>
  resource?.physicalId !== undefined && resource.status !== 'DELETE_COMPLETE';
