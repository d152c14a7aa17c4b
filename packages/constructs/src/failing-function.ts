import * as iam from 'aws-cdk-lib/aws-iam';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as lambda from 'aws-cdk-lib/aws-lambda';
import type * as s3 from 'aws-cdk-lib/aws-s3';

/** A function whose events must not get lost: a {@link PipelineFunction}, or any other by {@link anyFunction}. */
export interface FailingFunction {
  readonly function: lambda.IFunction;
  /** Known when the app is synthesised: other names are made from it. */
  readonly functionName: string;
  /** Concurrency that is set aside for it, when that is known. */
  readonly reservedConcurrency?: number | undefined;
  /** Lets the function call `actions` on `resources`. */
  allow(sid: string, actions: readonly string[], resources: readonly string[]): void;
}

/** A function of whatever origin, by a name that may be used for other names. */
export const anyFunction = (target: lambda.IFunction, functionName: string): FailingFunction => ({
  function: target,
  functionName,
  allow: (sid, actions, resources) =>
    target.addToRolePolicy(new iam.PolicyStatement({ sid, actions: [...actions], resources: [...resources] })),
});

/** Where events that were given up are kept: a {@link NotifyingBucket}, or any other by {@link anyArchive}. */
export interface EventArchive {
  readonly bucketName: string;
  /** What it is encrypted with, when that is a key of one's own. */
  readonly encryptionKey?: kms.IKey | undefined;
  /** The ARN of all keys that start with `prefix`. */
  arnForKeys(prefix: string): string;
}

/** A bucket of whatever origin. */
export const anyArchive = (bucket: s3.IBucket | s3.Bucket): EventArchive => ({
  bucketName: bucket.bucketName,
  encryptionKey: bucket.encryptionKey,
  arnForKeys: (prefix) => bucket.arnForObjects(`${prefix}*`),
});

/** Of the keys that something is encrypted with; of those of AWS's own nothing has to be said. */
export const keyArns = (...keys: readonly (kms.IKey | undefined)[]): readonly string[] => [
  ...new Set(keys.flatMap((key) => key?.keyArn ?? [])),
];

/** What reading and writing with a key takes. */
export const KEY_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey'] as const;
