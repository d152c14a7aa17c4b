import type * as Sdk from '@aws-sdk/client-secrets-manager';
import { DAY_MS } from '@holdfast/kernel';
import {
  Constraints,
  notSupported,
  type Operations,
  operation,
  pageByKey,
  pageByPosition,
  type RequestContext,
  type ServiceEnvironment,
  ServiceError,
  withNextToken,
  withoutListedTags,
} from '../../core/index.ts';
import { addedTags, checkName, checkSecretId, readValue, sameValue, tokenInUse } from './checks.ts';
import { describeSecret, ownerOf } from './describe-secret.ts';
import { invalidParameter, invalidRequest, invalidToken } from './errors.ts';
import { passes } from './filters.ts';
import { randomPassword } from './random-password.ts';
import type { SecretRegistry } from './registry.ts';
import { checkKey } from './secret-key.ts';
import { checkAccess, checkPolicyText, isPublic } from './secret-policy.ts';
import { CURRENT, type StoredSecret } from './stored.ts';

const RECOVERY_DAYS_DEFAULT = 30;
const PAGE_DEFAULT = 100;
const OWNER_TAG = 'aws:secretsmanager:owningService';

const named = ({ arn, name }: StoredSecret) => ({ ARN: arn, Name: name });

/** Secrets themselves: their life, lists, tags and policies. */
export const secretOperations = (environment: ServiceEnvironment, registry: SecretRegistry): Operations<typeof Sdk> => {
  const open = (secretId: string | undefined, action: string, context: RequestContext): StoredSecret => {
    const secret = registry.living(checkSecretId(secretId), context);
    checkAccess(secret, action, context);
    return secret;
  };
  /** Deletes a secret when its time has come, unless it is restored. */
  const watch = ({ arn, deletion }: StoredSecret): void => {
    if (deletion === undefined) return;
    environment.timers.schedule(deletion.dueAt, () => {
      const secret = registry.all().find((each) => each.arn === arn);
      if (secret?.deletion?.dueAt === deletion.dueAt) registry.delete(secret);
    });
  };
  for (const secret of registry.all()) watch(secret);

  return {
    CreateSecret: operation(
      ['Name', 'ClientRequestToken', 'Description', 'KmsKeyId', 'SecretBinary', 'SecretString', 'Tags'],
      (input, context) => {
        const name = checkName(input.Name);
        new Constraints().length('description', input.Description, 0, 2_048).check();
        const value = readValue(input);
        const existing = registry.byName(name, context);
        if (existing?.deletion !== undefined) {
          throw invalidRequest(
            "You can't create this secret because a secret with this name is already scheduled for deletion.",
          );
        }
        const token = input.ClientRequestToken;
        if (existing?.versions.some(({ id }) => id === token) === true) {
          // The same request once more, as SDKs send it after a lost answer.
          if (!sameValue(registry.value(existing, token as string), value)) throw tokenInUse(token as string, existing);
          return { ...named(existing), VersionId: token };
        }
        if (existing !== undefined) {
          const text = `The operation failed because the secret ${name} already exists.`;
          throw new ServiceError('ResourceExistsException', text, 400);
        }
        const { account, region, now } = context;
        const owner = ownerOf(name);
        const versionId = input.ClientRequestToken ?? environment.ids.uuid();
        const secret: StoredSecret = {
          arn: registry.newArn(name, context),
          name,
          account,
          region,
          description: input.Description,
          kmsKeyId: input.KmsKeyId,
          createdAt: now,
          changedAt: now,
          tags: addedTags(owner === undefined ? [] : [{ Key: OWNER_TAG, Value: owner }], input.Tags, context),
          versions: value === undefined ? [] : [{ id: versionId, createdAt: now, stages: [CURRENT] }],
        };
        if (value === undefined) {
          registry.put(secret);
          return named(secret);
        }
        checkKey(environment, secret, 'write', context);
        registry.put(secret);
        registry.putValue(secret, versionId, value);
        return { ...named(secret), VersionId: versionId };
      },
    ),
    DescribeSecret: operation(['SecretId'], (input, context) => {
      const secret = registry.require(checkSecretId(input.SecretId), context);
      checkAccess(secret, 'DescribeSecret', context);
      return describeSecret(secret);
    }),
    ListSecrets: operation(
      ['IncludePlannedDeletion', 'MaxResults', 'NextToken', 'Filters', 'SortOrder', 'SortBy'],
      (input, context) => {
        new Constraints()
          .range('maxResults', input.MaxResults, 1, 100)
          .oneOf('sortOrder', input.SortOrder, ['asc', 'desc'])
          .check();
        const { SortBy: sortBy = 'created-date', SortOrder: order = 'desc' } = input;
        if (!['created-date', 'name'].includes(sortBy)) throw notSupported(`ListSecrets with SortBy ${sortBy}`);
        const found = registry
          .of(context)
          .filter((secret) => secret.deletion === undefined || input.IncludePlannedDeletion === true)
          .filter((secret) => passes(secret, input.Filters));
        const ascending = sortBy === 'name' ? found : [...found].sort((a, b) => a.createdAt - b.createdAt);
        const sorted = order === 'asc' ? ascending : [...ascending].reverse();
        const request = { token: input.NextToken, size: input.MaxResults ?? PAGE_DEFAULT, invalid: invalidToken };
        const { page, ...next } = withNextToken(pageByPosition(sorted, request));
        const SecretList = page.map((secret) => {
          const { VersionIdsToStages, ...entry } = describeSecret(secret);
          return { ...entry, SecretVersionsToStages: VersionIdsToStages };
        });
        return { SecretList, ...next };
      },
    ),
    DeleteSecret: operation(['SecretId', 'RecoveryWindowInDays', 'ForceDeleteWithoutRecovery'], (input, context) => {
      const secretId = checkSecretId(input.SecretId);
      const { RecoveryWindowInDays: days, ForceDeleteWithoutRecovery: isForced } = input;
      if (days !== undefined && isForced === true) {
        throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
      }
      if (days !== undefined && (days < 7 || days > 30)) {
        throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
      }
      const { now } = context;
      if (isForced === true) {
        const found = registry.find(secretId, context);
        if (found === undefined) return { Name: secretId, DeletionDate: new Date(now) };
        checkAccess(found, 'DeleteSecret', context);
        registry.delete(found);
        return { ...named(found), DeletionDate: new Date(now) };
      }
      const secret = open(secretId, 'DeleteSecret', context);
      const dueAt = now + (days ?? RECOVERY_DAYS_DEFAULT) * DAY_MS;
      watch(registry.put({ ...secret, deletion: { markedAt: now, dueAt } }));
      return { ...named(secret), DeletionDate: new Date(dueAt) };
    }),
    RestoreSecret: operation(['SecretId'], (input, context) => {
      const secret = registry.require(checkSecretId(input.SecretId), context);
      checkAccess(secret, 'RestoreSecret', context);
      const { deletion: _, ...kept } = secret;
      registry.put(kept);
      return named(secret);
    }),
    TagResource: operation(['SecretId', 'Tags'], (input, context) => {
      const secret = open(input.SecretId, 'TagResource', context);
      registry.put({ ...secret, tags: addedTags(secret.tags, input.Tags, context) });
      return {};
    }),
    UntagResource: operation(['SecretId', 'TagKeys'], (input, context) => {
      const secret = open(input.SecretId, 'UntagResource', context);
      registry.put({ ...secret, tags: withoutListedTags(secret.tags, input.TagKeys) });
      return {};
    }),
    PutResourcePolicy: operation(['SecretId', 'ResourcePolicy', 'BlockPublicPolicy'], (input, context) => {
      const secret = open(input.SecretId, 'PutResourcePolicy', context);
      const { ResourcePolicy: policy } = input;
      new Constraints().required('resourcePolicy', policy).length('resourcePolicy', policy, 1, 20_480).check();
      checkPolicyText(policy as string);
      if (input.BlockPublicPolicy === true && isPublic(policy as string)) {
        throw new ServiceError(
          'PublicPolicyException',
          'The resource policy grants broad access to the secret while BlockPublicPolicy is set.',
          400,
        );
      }
      registry.put({ ...secret, policy });
      return named(secret);
    }),
    GetResourcePolicy: operation(['SecretId'], (input, context) => {
      const secret = open(input.SecretId, 'GetResourcePolicy', context);
      return { ...named(secret), ...(secret.policy === undefined ? {} : { ResourcePolicy: secret.policy }) };
    }),
    DeleteResourcePolicy: operation(['SecretId'], (input, context) => {
      const { policy: _, ...kept } = open(input.SecretId, 'DeleteResourcePolicy', context);
      registry.put(kept);
      return named(kept);
    }),
    ListSecretVersionIds: operation(['SecretId', 'MaxResults', 'NextToken', 'IncludeDeprecated'], (input, context) => {
      new Constraints().range('maxResults', input.MaxResults, 1, 100).check();
      const secret = open(input.SecretId, 'ListSecretVersionIds', context);
      const versions = secret.versions
        .filter(({ stages }) => stages.length > 0 || input.IncludeDeprecated === true)
        .toSorted((a, b) => (a.id < b.id ? -1 : 1));
      const request = { token: input.NextToken, size: input.MaxResults ?? PAGE_DEFAULT, invalid: invalidToken };
      const { page, ...next } = withNextToken(pageByKey(versions, ({ id }) => id, request));
      const Versions = page.map(({ id, stages, createdAt, accessedAt }) => ({
        VersionId: id,
        ...(stages.length === 0 ? {} : { VersionStages: [...stages] }),
        ...(accessedAt === undefined ? {} : { LastAccessedDate: new Date(Math.floor(accessedAt / DAY_MS) * DAY_MS) }),
        CreatedDate: new Date(createdAt),
        ...(secret.kmsKeyId === undefined ? {} : { KmsKeyIds: [secret.kmsKeyId] }),
      }));
      return { Versions, ...named(secret), ...next };
    }),
    GetRandomPassword: operation(
      [
        'PasswordLength',
        'ExcludeCharacters',
        'ExcludeNumbers',
        'ExcludePunctuation',
        'ExcludeUppercase',
        'ExcludeLowercase',
        'IncludeSpace',
        'RequireEachIncludedType',
      ],
      (input) => ({ RandomPassword: randomPassword(input, environment.random) }),
    ),
  };
};
