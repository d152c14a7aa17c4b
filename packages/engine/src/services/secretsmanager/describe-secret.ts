import type { RotationRulesType, SecretListEntry } from '@aws-sdk/client-secrets-manager';
import { DAY_MS } from '@holdfast/kernel';
import type { StoredRotation, StoredSecret } from './stored.ts';

const rulesOf = ({ afterDays, expression, duration }: StoredRotation): RotationRulesType => ({
  ...(afterDays === undefined ? {} : { AutomaticallyAfterDays: afterDays }),
  ...(duration === undefined ? {} : { Duration: duration }),
  ...(expression === undefined ? {} : { ScheduleExpression: expression }),
});

const rotationOf = (rotation: StoredRotation | undefined) =>
  rotation === undefined
    ? {}
    : {
        RotationEnabled: rotation.isEnabled,
        RotationLambdaARN: rotation.lambdaArn,
        RotationRules: rulesOf(rotation),
        ...(rotation.isEnabled && rotation.nextAt !== undefined ? { NextRotationDate: new Date(rotation.nextAt) } : {}),
      };

/** Versions that have a label, with their labels. */
const stagesOf = ({ versions }: StoredSecret): Record<string, string[]> =>
  Object.fromEntries(versions.filter(({ stages }) => stages.length > 0).map(({ id, stages }) => [id, [...stages]]));

/** The service that a secret belongs to: EventBridge's are named `events!connection/…`, and `events` owns them. */
export const ownerOf = (name: string): string | undefined => /^([a-z]+)!/.exec(name)?.[1];

/** As DescribeSecret and ListSecrets show a secret; the day of the last access is told, not its time. */
export const describeSecret = (
  secret: StoredSecret,
): Omit<SecretListEntry, 'SecretVersionsToStages'> & {
  VersionIdsToStages: Record<string, string[]>;
} => {
  const owner = ownerOf(secret.name);
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(secret.description === undefined ? {} : { Description: secret.description }),
    ...(secret.kmsKeyId === undefined ? {} : { KmsKeyId: secret.kmsKeyId }),
    ...rotationOf(secret.rotation),
    ...(secret.rotatedAt === undefined ? {} : { LastRotatedDate: new Date(secret.rotatedAt) }),
    LastChangedDate: new Date(secret.changedAt),
    ...(secret.accessedAt === undefined
      ? {}
      : { LastAccessedDate: new Date(Math.floor(secret.accessedAt / DAY_MS) * DAY_MS) }),
    ...(secret.deletion === undefined ? {} : { DeletedDate: new Date(secret.deletion.markedAt) }),
    ...(owner === undefined ? {} : { OwningService: owner }),
    ...(secret.tags.length === 0 ? {} : { Tags: secret.tags.map((tag) => ({ ...tag })) }),
    VersionIdsToStages: stagesOf(secret),
    CreatedDate: new Date(secret.createdAt),
  };
};
