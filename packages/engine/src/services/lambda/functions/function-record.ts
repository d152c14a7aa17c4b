import type { JsonLogging } from './logging-config.ts';

/** Where the code of one version comes from. */
export type StoredCode =
  | {
      readonly kind: 'zip';
      readonly blobId: string;
      readonly sha256Base64: string;
      readonly sizeBytes: number;
      readonly unzippedBytes?: number | undefined;
    }
  | { readonly kind: 'directory'; readonly path: string; readonly sha256Base64: string; readonly sizeBytes: number };

/** A layer version as a function has it: it stays with the function when the version itself is deleted. */
export interface UsedLayer {
  readonly arn: string;
  readonly blobId: string;
  readonly sizeBytes: number;
  readonly unzippedBytes: number;
}

/** Configuration and code of `$LATEST` or of a published version. Replaced as a whole, never changed in place. */
export interface VersionRecord {
  /** `$LATEST` or a number. */
  readonly version: string;
  readonly runtime: string;
  readonly role: string;
  readonly handler: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>> | undefined;
  readonly deadLetterTargetArn: string | undefined;
  readonly kmsKeyArn: string | undefined;
  readonly tracingMode: string;
  readonly architectures: readonly string[];
  readonly ephemeralStorageMb: number;
  readonly logGroup: string;
  /** Absent when the function logs text. */
  readonly jsonLogging?: JsonLogging | undefined;
  readonly code: StoredCode;
  /** In order: what comes later lies over what came before. */
  readonly layers?: readonly UsedLayer[] | undefined;
  readonly lastModifiedAt: number;
  /** As in the API; changes with everything, permissions included. */
  readonly revisionId: string;
  /** Changes with code and configuration only: warm environments of another revision are stale. */
  readonly revision: string;
}

/** A second version behind an alias. */
export interface VersionShare {
  readonly version: string;
  /** Of the alias's invocations; 0 to 1. */
  readonly weight: number;
}

export interface AliasRecord {
  readonly name: string;
  readonly version: string;
  readonly additional?: VersionShare | undefined;
  readonly description: string;
  readonly revisionId: string;
}

/** One statement of a resource-based policy, in the shape of the policy document. */
export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: '*' | Readonly<Record<string, string>>;
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface PolicyRecord {
  readonly revisionId: string;
  readonly statements: readonly PolicyStatement[];
}

/** How asynchronous events of one qualifier are retried and where their records go; absent means AWS's default. */
export interface EventInvokeRecord {
  readonly lastModifiedAt: number;
  readonly maximumRetryAttempts: number | undefined;
  readonly maximumEventAgeSeconds: number | undefined;
  readonly onSuccessArn: string | undefined;
  readonly onFailureArn: string | undefined;
}

/** Environments to be initialised ahead, as asked for. */
export interface ProvisionedRecord {
  readonly requested: number;
  readonly lastModifiedAt: number;
}

/** An HTTP address of a function or alias, with its configuration. */
export interface FunctionUrlRecord {
  /** First part of the host name on AWS. */
  readonly urlId: string;
  readonly authType: 'NONE' | 'AWS_IAM';
  readonly cors: Readonly<Record<string, unknown>> | undefined;
  /** Only when it was given. */
  readonly invokeMode: 'BUFFERED' | undefined;
  readonly createdAt: number;
  readonly lastModifiedAt: number;
}

/** A function with everything that hangs on its name; one durable record, because all of it changes rarely. */
export interface FunctionRecord {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  latest: VersionRecord;
  /** Published versions, oldest first. */
  versions: VersionRecord[];
  lastVersionNumber: number;
  aliases: Record<string, AliasRecord>;
  tags: Record<string, string>;
  /** By qualifier; `$LATEST` stands for the unqualified function. */
  policies: Record<string, PolicyRecord>;
  /** By qualifier, likewise. */
  eventInvokeConfigs: Record<string, EventInvokeRecord>;
  reservedConcurrency: number | undefined;
  /** By alias or version number. */
  provisioned?: Record<string, ProvisionedRecord> | undefined;
  recursiveLoop: 'Terminate' | 'Allow';
  /** By alias; `$LATEST` stands for the unqualified function. The alias may be gone. */
  urls?: Record<string, FunctionUrlRecord> | undefined;
}

export const LATEST = '$LATEST';
