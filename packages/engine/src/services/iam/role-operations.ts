import type * as Sdk from '@aws-sdk/client-iam';
import { type Operations, operation } from '../../core/index.ts';
import { noSuchEntity } from './errors.ts';
import { checkBoundary } from './naming.ts';
import { pageOf } from './pages.ts';
import { policyHolderOperations } from './policy-holders.ts';
import { checkChangeable } from './protected-roles.ts';
import type { NewId, Registry } from './registry.ts';
import {
  createRole,
  deleteRole,
  describeListedRole,
  describeNewRole,
  describeRole,
  updateRole,
  updateTrustPolicy,
} from './roles.ts';
import { mergedTags, pageOfTags, withoutTags } from './tags.ts';

const INLINE_CHARACTERS_MAX = 10_240;

/** Roles: their trust, their inline and attached policies, their tags. */
export const roleOperations = (registry: Registry, newId: NewId): Operations<typeof Sdk> => {
  const { roles } = registry;
  return {
    ...policyHolderOperations(registry, {
      entities: roles,
      noun: 'Role',
      inlineCharactersMax: INLINE_CHARACTERS_MAX,
      checkChangeable,
    }),
    CreateRole: operation(
      [
        'RoleName',
        'Path',
        'AssumeRolePolicyDocument',
        'Description',
        'MaxSessionDuration',
        'PermissionsBoundary',
        'Tags',
      ],
      (input, context) => ({ Role: describeNewRole(createRole(registry, input, context, newId('AROA'))) }),
    ),
    GetRole: operation(['RoleName'], (input, context) => ({
      Role: describeRole(roles.get(context, input.RoleName)),
    })),
    ListRoles: operation(['PathPrefix', 'Marker', 'MaxItems'], (input, context) => {
      const page = pageOf(roles.of(context, input.PathPrefix), (role) => role.name, input);
      return { Roles: page.entries.map(describeListedRole), ...page.continuation };
    }),
    DeleteRole: operation(['RoleName'], (input, context) => {
      deleteRole(registry, roles.get(context, input.RoleName));
      return {};
    }),
    UpdateRole: operation(['RoleName', 'Description', 'MaxSessionDuration'], (input, context) => {
      updateRole(registry, roles.get(context, input.RoleName), input);
      return {};
    }),
    UpdateRoleDescription: operation(['RoleName', 'Description'], (input, context) => {
      updateRole(registry, roles.get(context, input.RoleName), input);
      return { Role: describeRole(roles.get(context, input.RoleName)) };
    }),
    UpdateAssumeRolePolicy: operation(['RoleName', 'PolicyDocument'], (input, context) => {
      updateTrustPolicy(registry, roles.get(context, input.RoleName), input.PolicyDocument);
      return {};
    }),
    PutRolePermissionsBoundary: operation(['RoleName', 'PermissionsBoundary'], (input, context) => {
      const role = roles.get(context, input.RoleName);
      checkChangeable(role);
      checkBoundary(registry, context.account, input.PermissionsBoundary);
      roles.put({ ...role, permissionsBoundary: input.PermissionsBoundary });
      return {};
    }),
    DeleteRolePermissionsBoundary: operation(['RoleName'], (input, context) => {
      const role = roles.get(context, input.RoleName);
      checkChangeable(role);
      if (role.permissionsBoundary === undefined) {
        throw noSuchEntity(`Role ${role.name} does not have a permissions boundary.`);
      }
      roles.put({ ...role, permissionsBoundary: undefined });
      return {};
    }),
    TagRole: operation(['RoleName', 'Tags'], (input, context) => {
      const role = roles.get(context, input.RoleName);
      roles.put({ ...role, tags: mergedTags(role.tags, input.Tags) });
      return {};
    }),
    UntagRole: operation(['RoleName', 'TagKeys'], (input, context) => {
      const role = roles.get(context, input.RoleName);
      roles.put({ ...role, tags: withoutTags(role.tags, input.TagKeys) });
      return {};
    }),
    ListRoleTags: operation(['RoleName', 'Marker', 'MaxItems'], (input, context) => {
      const { tags } = roles.get(context, input.RoleName);
      const page = pageOfTags(tags, input);
      return { Tags: page.entries, ...page.continuation };
    }),
    ListInstanceProfilesForRole: operation(['RoleName', 'Marker', 'MaxItems'], (input, context) => {
      roles.get(context, input.RoleName);
      return { InstanceProfiles: [], IsTruncated: false };
    }),
  };
};
