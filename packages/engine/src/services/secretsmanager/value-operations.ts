import type * as Sdk from '@aws-sdk/client-secrets-manager';
import type { SecretValueEntry, UpdateSecretCommandInput } from '@aws-sdk/client-secrets-manager';
import { bytesOfBase64 } from '@holdfast/kernel';
import {
  Constraints,
  type Operations,
  operation,
  pageByPosition,
  type RequestContext,
  type ServiceEnvironment,
  ServiceError,
  withNextToken,
} from '../../core/index.ts';
import { checkSecretId, readValue, sameValue, tokenInUse } from './checks.ts';
import { invalidParameter, invalidRequest, invalidToken, valueNotFound } from './errors.ts';
import { passes } from './filters.ts';
import type { SecretRegistry } from './registry.ts';
import { checkKey } from './secret-key.ts';
import { checkAccess } from './secret-policy.ts';
import { CURRENT, type StoredSecret, type StoredValue, type StoredVersion } from './stored.ts';
import { moveStages, updateStage, versionAt } from './versions.ts';

const BATCH_DEFAULT = 20;

const named = ({ arn, name }: StoredSecret) => ({ ARN: arn, Name: name });

/** What secrets hold: reading it, adding versions, moving labels. */
export const valueOperations = (environment: ServiceEnvironment, registry: SecretRegistry): Operations<typeof Sdk> => {
  const open = (secretId: string | undefined, action: string, context: RequestContext): StoredSecret => {
    const secret = registry.living(checkSecretId(secretId), context);
    checkAccess(secret, action, context);
    return secret;
  };

  const chosen = (secret: StoredSecret, id: string | undefined, stage: string | undefined): StoredVersion => {
    if (id === undefined) {
      const found = versionAt(secret, stage ?? CURRENT);
      if (found === undefined) throw valueNotFound(`staging label: ${stage ?? CURRENT}`);
      return found;
    }
    const found = secret.versions.find((version) => version.id === id);
    if (found === undefined) throw valueNotFound(`VersionId: ${id}`);
    if (stage !== undefined && !found.stages.includes(stage)) {
      throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
    }
    return found;
  };

  const read = (
    secret: StoredSecret,
    id: string | undefined,
    stage: string | undefined,
    context: RequestContext,
  ): SecretValueEntry => {
    const version = chosen(secret, id, stage);
    const value = registry.value(secret, version.id);
    if (value === undefined) throw valueNotFound(`VersionId: ${version.id}`);
    checkKey(environment, secret, 'read', context);
    const versions = secret.versions.map((each) => (each === version ? { ...each, accessedAt: context.now } : each));
    registry.put({ ...secret, versions, accessedAt: context.now });
    return {
      ...named(secret),
      VersionId: version.id,
      ...(value.text === undefined ? {} : { SecretString: value.text }),
      ...(value.binary === undefined ? {} : { SecretBinary: bytesOfBase64(value.binary) }),
      VersionStages: [...version.stages],
      CreatedDate: new Date(version.createdAt),
    };
  };

  /** A new version, or the same again when the token comes with the same value. */
  const write = (
    secret: StoredSecret,
    versionId: string,
    value: StoredValue,
    stages: readonly string[],
    context: RequestContext,
  ): StoredSecret => {
    const existing = secret.versions.some(({ id }) => id === versionId);
    if (existing && !sameValue(registry.value(secret, versionId), value)) throw tokenInUse(versionId, secret);
    checkKey(environment, secret, 'write', context);
    const { now } = context;
    const versions = existing ? secret.versions : [...secret.versions, { id: versionId, createdAt: now, stages: [] }];
    const isFirst = versionAt(secret, CURRENT) === undefined;
    const labels = isFirst ? [...new Set([CURRENT, ...stages])] : stages;
    registry.putValue(secret, versionId, value);
    return registry.put(moveStages({ ...secret, versions, changedAt: now }, versionId, labels));
  };

  const update = (input: UpdateSecretCommandInput, context: RequestContext) => {
    const value = readValue(input);
    const before = open(input.SecretId, 'UpdateSecret', context);
    const secret = {
      ...before,
      description: input.Description ?? before.description,
      kmsKeyId: input.KmsKeyId ?? before.kmsKeyId,
      changedAt: context.now,
    };
    if (value === undefined) {
      if (input.KmsKeyId !== undefined) checkKey(environment, secret, 'write', context);
      registry.put(secret);
      return named(secret);
    }
    const versionId = input.ClientRequestToken ?? environment.ids.uuid();
    write(secret, versionId, value, [CURRENT], context);
    return { ...named(secret), VersionId: versionId };
  };

  return {
    GetSecretValue: operation(['SecretId', 'VersionId', 'VersionStage'], (input, context) =>
      read(open(input.SecretId, 'GetSecretValue', context), input.VersionId, input.VersionStage, context),
    ),
    BatchGetSecretValue: operation(['SecretIdList', 'Filters', 'MaxResults', 'NextToken'], (input, context) => {
      const { SecretIdList, Filters, MaxResults, NextToken } = input;
      new Constraints().length('secretIdList', SecretIdList, 1, 20).range('maxResults', MaxResults, 1, 20).check();
      if ((SecretIdList === undefined) === (Filters === undefined)) {
        throw invalidParameter('Either SecretIdList or Filters must be provided, and not both.');
      }
      const living = registry.of(context).filter(({ deletion }) => deletion === undefined);
      const wanted = SecretIdList ?? living.filter((secret) => passes(secret, Filters)).map(({ arn }) => arn);
      const request = { token: NextToken, size: MaxResults ?? BATCH_DEFAULT, invalid: invalidToken };
      const { page, ...next } = withNextToken(pageByPosition(wanted, request));
      const SecretValues: SecretValueEntry[] = [];
      const Errors: { SecretId: string; ErrorCode: string; Message: string }[] = [];
      for (const SecretId of page) {
        try {
          SecretValues.push(read(open(SecretId, 'GetSecretValue', context), undefined, undefined, context));
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error;
          Errors.push({ SecretId, ErrorCode: error.code, Message: error.message });
        }
      }
      return { SecretValues, Errors, ...next };
    }),
    PutSecretValue: operation(
      ['SecretId', 'ClientRequestToken', 'SecretBinary', 'SecretString', 'VersionStages', 'RotationToken'],
      (input, context) => {
        const value = readValue(input);
        new Constraints().length('versionStages', input.VersionStages, 1, 20).check();
        if (value === undefined) throw invalidParameter('You must provide either SecretString or SecretBinary.');
        const secret = open(input.SecretId, 'PutSecretValue', context);
        const versionId = input.ClientRequestToken ?? environment.ids.uuid();
        const written = write(secret, versionId, value, input.VersionStages ?? [CURRENT], context);
        const version = written.versions.find(({ id }) => id === versionId);
        return { ...named(secret), VersionId: versionId, VersionStages: [...(version?.stages ?? [])] };
      },
    ),
    UpdateSecret: operation(
      ['SecretId', 'ClientRequestToken', 'Description', 'KmsKeyId', 'SecretBinary', 'SecretString'],
      update,
    ),
    UpdateSecretVersionStage: operation(
      ['SecretId', 'VersionStage', 'RemoveFromVersionId', 'MoveToVersionId'],
      (input, context) => {
        new Constraints()
          .required('versionStage', input.VersionStage)
          .length('versionStage', input.VersionStage, 1, 256)
          .check();
        const secret = open(input.SecretId, 'UpdateSecretVersionStage', context);
        const { RemoveFromVersionId: from, MoveToVersionId: to } = input;
        const changed = updateStage(secret, input.VersionStage as string, from, to);
        registry.put({ ...changed, changedAt: context.now });
        return named(secret);
      },
    ),
  };
};
