import type * as Sdk from '@aws-sdk/client-kms';
import { byUnits, Constraints, type Operations, operation, pageByKey, ServiceError } from '../../core/index.ts';
import { invalidMarker, notFound, pendingDeletion, validation } from './errors.ts';
import type { KeyDesk } from './key-desk.ts';
import { truncated } from './pages.ts';
import { aliasArnOf, type KeyRegistry, type Place } from './registry.ts';
import type { StoredAlias, StoredKey } from './stored.ts';

const PAGE_DEFAULT = 50;
const ALIAS = /^[a-zA-Z0-9:/_-]+$/;

const checkAlias = (name: string | undefined): string => {
  new Constraints()
    .required('aliasName', name)
    .length('aliasName', name, 1, 256)
    .pattern('aliasName', name, ALIAS, '^[a-zA-Z0-9:/_-]+$')
    .check();
  const alias = name as string;
  if (!alias.startsWith('alias/') || alias === 'alias/') {
    throw validation(
      'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
    );
  }
  return alias;
};

/** Names that begin so are AWS's. */
const checkNotReserved = (alias: string): void => {
  if (alias.startsWith('alias/aws/')) throw new ServiceError('NotAuthorizedException', '', 400);
};

/** Names of keys. */
export const aliasOperations = (registry: KeyRegistry, desk: KeyDesk): Operations<typeof Sdk> => {
  const targetOf = (keyId: string | undefined, place: Place): StoredKey => {
    if ((keyId ?? '').startsWith('alias/')) throw validation('Aliases must refer to keys. Not aliases');
    const key = registry.resolve(keyId as string, place);
    if (key.account !== place.account) throw validation('An alias and its key must be of one account');
    if (key.deletionAt !== undefined) throw pendingDeletion(key.arn);
    return key;
  };
  const required = (alias: string, place: Place): StoredAlias => {
    const found = registry.alias(alias, place);
    if (found === undefined) throw notFound(`Alias ${aliasArnOf(alias, place)} is not found.`);
    return found;
  };
  return {
    CreateAlias: operation(['AliasName', 'TargetKeyId'], (input, context) => {
      const alias = checkAlias(input.AliasName);
      new Constraints().required('targetKeyId', input.TargetKeyId).check();
      checkNotReserved(alias);
      const key = desk.admit(targetOf(input.TargetKeyId, context), 'kms:CreateAlias', context);
      if (registry.alias(alias, context) !== undefined) {
        const text = `An alias with the name ${aliasArnOf(alias, context)} already exists`;
        throw new ServiceError('AlreadyExistsException', text, 400);
      }
      registry.putAlias(registry.newAlias(alias, key, context));
      return {};
    }),
    UpdateAlias: operation(['AliasName', 'TargetKeyId'], (input, context) => {
      const alias = checkAlias(input.AliasName);
      new Constraints().required('targetKeyId', input.TargetKeyId).check();
      checkNotReserved(alias);
      const before = required(alias, context);
      const key = desk.admit(targetOf(input.TargetKeyId, context), 'kms:UpdateAlias', context);
      registry.putAlias({ ...before, keyArn: key.arn, updatedAt: context.now });
      return {};
    }),
    DeleteAlias: operation(['AliasName'], (input, context) => {
      const alias = checkAlias(input.AliasName);
      checkNotReserved(alias);
      const found = required(alias, context);
      desk.admit(registry.resolve(found.keyArn, context), 'kms:DeleteAlias', context);
      registry.deleteAlias(found);
      return {};
    }),
    ListAliases: operation(['KeyId', 'Limit', 'Marker'], (input, context) => {
      new Constraints().range('limit', input.Limit, 1, 100).check();
      const { KeyId } = input;
      const all =
        KeyId === undefined ? registry.aliasesIn(context) : registry.aliasesOf(registry.resolve(KeyId, context));
      const sorted = [...all].sort((a, b) => byUnits(a.name, b.name));
      const request = { token: input.Marker, size: input.Limit ?? PAGE_DEFAULT, invalid: invalidMarker };
      const { page, ...rest } = truncated(pageByKey(sorted, ({ name }) => name, request));
      const Aliases = page.map(({ name, arn, keyArn, createdAt, updatedAt }) => ({
        AliasName: name,
        AliasArn: arn,
        TargetKeyId: keyArn.slice(keyArn.lastIndexOf('/') + 1),
        CreationDate: new Date(createdAt),
        LastUpdatedDate: new Date(updatedAt),
      }));
      return { Aliases, ...rest };
    }),
  };
};
