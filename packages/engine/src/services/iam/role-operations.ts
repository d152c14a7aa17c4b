import type * as Sdk from '@aws-sdk/client-iam';
import { type Operations, operation } from '../../core/index.ts';
import { pageOf } from './pages.ts';
import { policyHolderOperations } from './policy-holders.ts';
import { principalOperations } from './principal-operations.ts';
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

const INLINE_CHARACTERS_MAX = 10_240;

/** Roles: their trust, their inline and attached policies, their tags. */
export const roleOperations = (registry: Registry, newId: NewId): Operations<typeof Sdk> => {
  const { roles } = registry;
  return {
    ...policyHolderOperations(registry, {
      entities: roles,
      inlineCharactersMax: INLINE_CHARACTERS_MAX,
      checkChangeable,
    }),
    ...principalOperations(registry, { entities: roles, checkChangeable }),
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
    ListInstanceProfilesForRole: operation(['RoleName', 'Marker', 'MaxItems'], (input, context) => {
      roles.get(context, input.RoleName);
      return { InstanceProfiles: [], IsTruncated: false };
    }),
  };
};
