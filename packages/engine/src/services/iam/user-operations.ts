import type * as Sdk from '@aws-sdk/client-iam';
import { rootArn } from '@holdfast/aws-model';
import { type Operations, operation, type RequestContext } from '../../core/index.ts';
import { noSuchEntity } from './errors.ts';
import { checkBoundary } from './naming.ts';
import { pageOf } from './pages.ts';
import { policyHolderOperations } from './policy-holders.ts';
import type { NewId, Registry } from './registry.ts';
import { mergedTags, pageOfTags, withoutTags } from './tags.ts';
import { createUser, deleteUser, describeListedUser, describeUser, updateUser, userOrCaller } from './users.ts';

const INLINE_CHARACTERS_MAX = 2_048;

const describeRoot = ({ account }: RequestContext) => ({
  Path: '/',
  UserName: undefined,
  UserId: account,
  Arn: rootArn(account),
  CreateDate: new Date(0),
});

/** Users: their policies, their tags, what bounds them. */
export const userOperations = (registry: Registry, newId: NewId): Operations<typeof Sdk> => {
  const { users } = registry;
  return {
    ...policyHolderOperations(registry, {
      entities: users,
      noun: 'User',
      inlineCharactersMax: INLINE_CHARACTERS_MAX,
    }),
    CreateUser: operation(['UserName', 'Path', 'PermissionsBoundary', 'Tags'], (input, context) => ({
      User: describeUser(createUser(registry, input, context, newId('AIDA'))),
    })),
    GetUser: operation(['UserName'], (input, context) => {
      // Who is nobody else is the account itself.
      const isRoot = (input.UserName ?? '') === '' && context.callerArn === undefined;
      return { User: isRoot ? describeRoot(context) : describeUser(userOrCaller(registry, context, input.UserName)) };
    }),
    ListUsers: operation(['PathPrefix', 'Marker', 'MaxItems'], (input, context) => {
      const page = pageOf(users.of(context, input.PathPrefix), (user) => user.name, input);
      return { Users: page.entries.map(describeListedUser), ...page.continuation };
    }),
    UpdateUser: operation(['UserName', 'NewPath', 'NewUserName'], (input, context) => {
      updateUser(registry, users.get(context, input.UserName), input);
      return {};
    }),
    DeleteUser: operation(['UserName'], (input, context) => {
      deleteUser(registry, users.get(context, input.UserName));
      return {};
    }),
    PutUserPermissionsBoundary: operation(['UserName', 'PermissionsBoundary'], (input, context) => {
      const user = users.get(context, input.UserName);
      checkBoundary(registry, context.account, input.PermissionsBoundary);
      users.put({ ...user, permissionsBoundary: input.PermissionsBoundary });
      return {};
    }),
    DeleteUserPermissionsBoundary: operation(['UserName'], (input, context) => {
      const user = users.get(context, input.UserName);
      if (user.permissionsBoundary === undefined) {
        throw noSuchEntity(`User ${user.name} does not have a permissions boundary.`);
      }
      users.put({ ...user, permissionsBoundary: undefined });
      return {};
    }),
    TagUser: operation(['UserName', 'Tags'], (input, context) => {
      const user = users.get(context, input.UserName);
      users.put({ ...user, tags: mergedTags(user.tags, input.Tags) });
      return {};
    }),
    UntagUser: operation(['UserName', 'TagKeys'], (input, context) => {
      const user = users.get(context, input.UserName);
      users.put({ ...user, tags: withoutTags(user.tags, input.TagKeys) });
      return {};
    }),
    ListUserTags: operation(['UserName', 'Marker', 'MaxItems'], (input, context) => {
      const page = pageOfTags(users.get(context, input.UserName).tags, input);
      return { Tags: page.entries, ...page.continuation };
    }),
    // What a user cannot have here; whoever clears a user away asks for all of it.
    ListMFADevices: operation(['UserName', 'Marker', 'MaxItems'], (input, context) => {
      userOrCaller(registry, context, input.UserName);
      return { MFADevices: [], IsTruncated: false };
    }),
    ListSigningCertificates: operation(['UserName', 'Marker', 'MaxItems'], (input, context) => {
      userOrCaller(registry, context, input.UserName);
      return { Certificates: [], IsTruncated: false };
    }),
    ListSSHPublicKeys: operation(['UserName', 'Marker', 'MaxItems'], (input, context) => {
      userOrCaller(registry, context, input.UserName);
      return { SSHPublicKeys: [], IsTruncated: false };
    }),
    ListServiceSpecificCredentials: operation(['UserName'], (input, context) => {
      userOrCaller(registry, context, input.UserName);
      return { ServiceSpecificCredentials: [] };
    }),
    GetLoginProfile: operation(['UserName'], (input, context) => {
      const { name } = userOrCaller(registry, context, input.UserName);
      throw noSuchEntity(`Login Profile for User ${name} cannot be found.`);
    }),
    DeleteLoginProfile: operation(['UserName'], (input, context) => {
      const { name } = userOrCaller(registry, context, input.UserName);
      throw noSuchEntity(`Login Profile for User ${name} cannot be found.`);
    }),
  };
};
