import type * as Sdk from '@aws-sdk/client-iam';
import { base64OfBytes, bytesOfHex } from '@holdfast/kernel';
import { Constraints, type Operations, operation } from '../../core/index.ts';
import { pageOf } from './pages.ts';
import type { NewId, Registry } from './registry.ts';
import { addKey, changeKey, checkKeyId, describeKey, noSuchKey, userOrCaller } from './users.ts';

/** Access keys of users: the gateway knows who calls by them. */
export const accessKeyOperations = (
  registry: Registry,
  newId: NewId,
  hex: (digits: number) => string,
): Operations<typeof Sdk> => ({
  CreateAccessKey: operation(['UserName'], (input, context) => {
    const user = userOrCaller(registry, context, input.UserName);
    const key = addKey(registry, user, newId('AKIA'), context.now);
    return {
      AccessKey: {
        ...describeKey(user, key),
        SecretAccessKey: base64OfBytes(bytesOfHex(hex(60))),
      } as Required<Sdk.AccessKey>,
    };
  }),
  ListAccessKeys: operation(['UserName', 'Marker', 'MaxItems'], (input, context) => {
    const user = userOrCaller(registry, context, input.UserName);
    const sorted = [...user.keys].sort((a, b) => (a.id < b.id ? -1 : 1));
    const page = pageOf(sorted, ({ id }) => id, input);
    return { AccessKeyMetadata: page.entries.map((key) => describeKey(user, key)), ...page.continuation };
  }),
  UpdateAccessKey: operation(['UserName', 'AccessKeyId', 'Status'], (input, context) => {
    const user = userOrCaller(registry, context, input.UserName);
    new Constraints()
      .required('status', input.Status)
      .oneOf('status', input.Status, ['Active', 'Inactive'])
      .check('ValidationError');
    changeKey(registry, user, input.AccessKeyId, (key) => ({ ...key, isActive: input.Status === 'Active' }));
    return {};
  }),
  DeleteAccessKey: operation(['UserName', 'AccessKeyId'], (input, context) => {
    changeKey(registry, userOrCaller(registry, context, input.UserName), input.AccessKeyId, () => undefined);
    return {};
  }),
  GetAccessKeyLastUsed: operation(['AccessKeyId'], ({ AccessKeyId }, context) => {
    checkKeyId(new Constraints(), AccessKeyId).check('ValidationError');
    const owner = registry.ownerOf(AccessKeyId as string);
    if (owner?.account !== context.account) throw noSuchKey(AccessKeyId);
    // What keys are used for is not followed; AWS says this of a key that nobody has used.
    return {
      UserName: owner.name,
      AccessKeyLastUsed: { LastUsedDate: undefined, ServiceName: 'N/A', Region: 'N/A' },
    };
  }),
});
