import type * as Sdk from '@aws-sdk/client-iam';
import { rootArn } from '@holdfast/aws-model';
import { type Operations, operation, type RequestContext } from '../../core/index.ts';
import { noSuchEntity } from './errors.ts';
import { pageOf } from './pages.ts';
import { policyHolderOperations } from './policy-holders.ts';
import { principalOperations } from './principal-operations.ts';
import type { NewId, Registry } from './registry.ts';
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
    ...policyHolderOperations(registry, { entities: users, inlineCharactersMax: INLINE_CHARACTERS_MAX }),
    ...principalOperations(registry, { entities: users }),
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
