import type * as Sdk from '@aws-sdk/client-kms';
import type { CreateGrantCommandInput, GrantListEntry } from '@aws-sdk/client-kms';
import { rootArn } from '@holdfast/aws-model';
import { base64OfBytes, bytesOfHex } from '@holdfast/kernel';
import {
  byUnits,
  Constraints,
  type Operations,
  operation,
  pageByKey,
  type RequestContext,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import { accessDenied, invalidMarker, notFound, pendingDeletion, validation } from './errors.ts';
import type { KeyDesk } from './key-desk.ts';
import { principalsOf } from './key-policy.ts';
import { truncated } from './pages.ts';
import type { KeyRegistry } from './registry.ts';
import type { StoredGrant } from './stored.ts';

/** What a grant on a symmetric key may allow. */
const GRANTABLE = [
  'CreateGrant',
  'Decrypt',
  'DescribeKey',
  'Encrypt',
  'GenerateDataKey',
  'GenerateDataKeyWithoutPlaintext',
  'ReEncryptFrom',
  'ReEncryptTo',
  'RetireGrant',
];
const PAGE_DEFAULT = 50;
const GRANTS_MAX = 50_000;

const checkGrant = (input: CreateGrantCommandInput): void => {
  new Constraints()
    .required('keyId', input.KeyId)
    .required('granteePrincipal', input.GranteePrincipal)
    .length('granteePrincipal', input.GranteePrincipal, 1, 256)
    .pattern('granteePrincipal', input.GranteePrincipal, /^[\w+=,.@:/-]+$/, '^[\\w+=,.@:/-]+$')
    .pattern('retiringPrincipal', input.RetiringPrincipal, /^[\w+=,.@:/-]+$/, '^[\\w+=,.@:/-]+$')
    .length('name', input.Name, 1, 256)
    .pattern('name', input.Name, /^[a-zA-Z0-9:/_-]+$/, '^[a-zA-Z0-9:/_-]+$')
    .required('operations', input.Operations)
    .everyOneOf('operations', input.Operations, GRANTABLE)
    .check();
  if (input.Operations?.length === 0) throw validation('Operations must not be empty.');
  const { EncryptionContextEquals, EncryptionContextSubset } = input.Constraints ?? {};
  if (EncryptionContextEquals !== undefined && EncryptionContextSubset !== undefined) {
    throw validation('A grant can have one encryption context constraint.');
  }
};

const describe = (grant: StoredGrant): GrantListEntry => ({
  KeyId: grant.keyArn,
  GrantId: grant.id,
  Name: grant.name ?? '',
  CreationDate: new Date(grant.createdAt),
  GranteePrincipal: grant.grantee,
  ...(grant.retiring === undefined ? {} : { RetiringPrincipal: grant.retiring }),
  IssuingAccount: grant.issuer,
  Operations: [...grant.operations] as GrantListEntry['Operations'],
  ...(grant.contextEquals === undefined
    ? {}
    : { Constraints: { EncryptionContextEquals: { ...grant.contextEquals } } }),
  ...(grant.contextSubset === undefined
    ? {}
    : { Constraints: { EncryptionContextSubset: { ...grant.contextSubset } } }),
});

/** What a second call must equal to be the first one again. */
const isSame = (grant: StoredGrant, input: CreateGrantCommandInput): boolean =>
  grant.name !== undefined &&
  grant.name === input.Name &&
  grant.grantee === input.GranteePrincipal &&
  String(grant.operations) === String(input.Operations);

/** Rights on a key beside its policy. */
export const grantOperations = (
  environment: ServiceEnvironment,
  registry: KeyRegistry,
  desk: KeyDesk,
): Operations<typeof Sdk> => {
  const page = (grants: readonly StoredGrant[], input: { Limit?: number | undefined; Marker?: string | undefined }) => {
    const sorted = [...grants].sort((a, b) => byUnits(a.id, b.id));
    const request = { token: input.Marker, size: input.Limit ?? PAGE_DEFAULT, invalid: invalidMarker };
    const { page: found, ...rest } = truncated(pageByKey(sorted, ({ id }) => id, request));
    return { Grants: found.map(describe), ...rest };
  };
  const required = (grants: readonly StoredGrant[], id: string): StoredGrant => {
    const grant = grants.find((each) => each.id === id || each.token === id);
    if (grant === undefined) throw notFound(`Grant ID ${id} not found`);
    return grant;
  };
  const checkRetiring = (grant: StoredGrant, context: RequestContext): void => {
    const principals = principalsOf(context);
    const isOwner = grant.keyArn.split(':')[4] === context.account && context.callerArn === undefined;
    const mayRetire =
      isOwner ||
      principals.includes(grant.retiring ?? '') ||
      (principals.includes(grant.grantee) && grant.operations.includes('RetireGrant'));
    if (!mayRetire) throw accessDenied(`The caller may not retire the grant ${grant.id}.`);
  };

  return {
    CreateGrant: operation(
      ['KeyId', 'GranteePrincipal', 'RetiringPrincipal', 'Operations', 'Constraints', 'GrantTokens', 'Name'],
      (input, context) => {
        checkGrant(input);
        const key = desk.usable(desk.open(input.KeyId as string, 'kms:CreateGrant', context));
        const grants = registry.grantsOf(key);
        const same = grants.find((grant) => isSame(grant, input));
        if (same !== undefined) return { GrantId: same.id, GrantToken: same.token };
        if (grants.length >= GRANTS_MAX) throw new ServiceError('LimitExceededException', 'Too many grants', 400);
        const { ids } = environment;
        const grant: StoredGrant = {
          id: ids.hex(64),
          token: base64OfBytes(bytesOfHex(ids.hex(128))),
          keyArn: key.arn,
          grantee: input.GranteePrincipal as string,
          retiring: input.RetiringPrincipal,
          operations: input.Operations as readonly string[],
          contextEquals: input.Constraints?.EncryptionContextEquals,
          contextSubset: input.Constraints?.EncryptionContextSubset,
          name: input.Name,
          issuer: rootArn(context.account),
          createdAt: context.now,
        };
        registry.putGrant(grant);
        return { GrantId: grant.id, GrantToken: grant.token };
      },
    ),
    ListGrants: operation(['KeyId', 'GrantId', 'GranteePrincipal', 'Limit', 'Marker'], (input, context) => {
      new Constraints().required('keyId', input.KeyId).range('limit', input.Limit, 1, 100).check();
      const grants = registry.grantsOf(desk.open(input.KeyId as string, 'kms:ListGrants', context));
      const wanted = grants.filter(
        ({ id, grantee }) => (input.GrantId ?? id) === id && (input.GranteePrincipal ?? grantee) === grantee,
      );
      return page(wanted, input);
    }),
    ListRetirableGrants: operation(['RetiringPrincipal', 'Limit', 'Marker'], (input, context) => {
      new Constraints()
        .required('retiringPrincipal', input.RetiringPrincipal)
        .range('limit', input.Limit, 1, 100)
        .check();
      const own = registry.keysIn(context).flatMap((key) => registry.grantsOf(key));
      return page(
        own.filter(({ retiring }) => retiring === input.RetiringPrincipal),
        input,
      );
    }),
    RevokeGrant: operation(['KeyId', 'GrantId'], (input, context) => {
      new Constraints().required('keyId', input.KeyId).required('grantId', input.GrantId).check();
      const key = desk.open(input.KeyId as string, 'kms:RevokeGrant', context);
      if (key.deletionAt !== undefined) throw pendingDeletion(key.arn);
      registry.deleteGrant(required(registry.grantsOf(key), input.GrantId as string));
      return {};
    }),
    RetireGrant: operation(['GrantToken', 'KeyId', 'GrantId'], (input, context) => {
      const { GrantToken, KeyId, GrantId } = input;
      if (GrantToken === undefined && (KeyId === undefined || GrantId === undefined)) {
        throw validation('Either a grant token or a key id and a grant id must be given.');
      }
      const grants = KeyId === undefined ? registry.grants() : registry.grantsOf(registry.resolve(KeyId, context));
      const grant = required(grants, (GrantToken ?? GrantId) as string);
      checkRetiring(grant, context);
      registry.deleteGrant(grant);
      return {};
    }),
  };
};
