import type * as Sdk from '@aws-sdk/client-iam';
import type { Role } from '@aws-sdk/client-iam';
import { rootArn } from '@holdfast/aws-model';
import { type Operations, operation } from '../../core/index.ts';
import { pageOf } from './pages.ts';
import { encodeDocument } from './policy-document.ts';
import type { NewId, Registry, StoredRole } from './registry.ts';
import {
  attachPolicy,
  createRole,
  deleteInlinePolicy,
  deleteRole,
  describeRole,
  detachPolicy,
  inlinePolicy,
  putInlinePolicy,
  updateRole,
  updateTrustPolicy,
} from './roles.ts';
import { mergedTags, pageOfTags, withoutTags } from './tags.ts';

/** Lists leave out what GetRole adds. */
const describeListedRole = (role: StoredRole): Role => {
  const { Tags: _tags, PermissionsBoundary: _boundary, ...listed } = describeRole(role);
  return listed;
};

const policyNameOf = (policyArn: string): string => policyArn.slice(policyArn.lastIndexOf('/') + 1);

const isUnder =
  (pathPrefix = '/') =>
  (policyArn: string): boolean =>
    policyArn.slice(policyArn.indexOf(':policy/') + ':policy'.length).startsWith(pathPrefix);

/** Roles: their trust, their inline and attached policies, their tags. */
export const roleOperations = (registry: Registry, newId: NewId): Operations<typeof Sdk> => {
  return {
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
      (input, context) => ({ Role: describeRole(createRole(registry, input, context, newId('AROA'))) }),
    ),
    GetRole: operation(['RoleName'], (input, context) => ({
      Role: describeRole(registry.role(context, input.RoleName)),
    })),
    ListRoles: operation(['PathPrefix', 'Marker', 'MaxItems'], (input, context) => {
      const page = pageOf(registry.rolesOf(context, input.PathPrefix), (role) => role.name, input);
      return { Roles: page.entries.map(describeListedRole), ...page.continuation };
    }),
    DeleteRole: operation(['RoleName'], (input, context) => {
      deleteRole(registry, registry.role(context, input.RoleName));
      return {};
    }),
    UpdateRole: operation(['RoleName', 'Description', 'MaxSessionDuration'], (input, context) => {
      updateRole(registry, registry.role(context, input.RoleName), input);
      return {};
    }),
    UpdateRoleDescription: operation(['RoleName', 'Description'], (input, context) => {
      updateRole(registry, registry.role(context, input.RoleName), input);
      return { Role: describeRole(registry.role(context, input.RoleName)) };
    }),
    UpdateAssumeRolePolicy: operation(['RoleName', 'PolicyDocument'], (input, context) => {
      updateTrustPolicy(registry, registry.role(context, input.RoleName), input.PolicyDocument);
      return {};
    }),
    TagRole: operation(['RoleName', 'Tags'], (input, context) => {
      const role = registry.role(context, input.RoleName);
      registry.putRole({ ...role, tags: mergedTags(role.tags, input.Tags) });
      return {};
    }),
    UntagRole: operation(['RoleName', 'TagKeys'], (input, context) => {
      const role = registry.role(context, input.RoleName);
      registry.putRole({ ...role, tags: withoutTags(role.tags, input.TagKeys) });
      return {};
    }),
    ListRoleTags: operation(['RoleName', 'Marker', 'MaxItems'], (input, context) => {
      const { tags } = registry.role(context, input.RoleName);
      const page = pageOfTags(tags, input);
      return { Tags: page.entries, ...page.continuation };
    }),
    PutRolePolicy: operation(['RoleName', 'PolicyName', 'PolicyDocument'], (input, context) => {
      putInlinePolicy(registry, registry.role(context, input.RoleName), input.PolicyName, input.PolicyDocument);
      return {};
    }),
    GetRolePolicy: operation(['RoleName', 'PolicyName'], (input, context) => {
      const role = registry.role(context, input.RoleName);
      const document = inlinePolicy(role, input.PolicyName);
      return { RoleName: role.name, PolicyName: input.PolicyName, PolicyDocument: encodeDocument(document) };
    }),
    ListRolePolicies: operation(['RoleName', 'Marker', 'MaxItems'], (input, context) => {
      const names = Object.keys(registry.role(context, input.RoleName).inline).sort();
      const page = pageOf(names, (name) => name, input);
      return { PolicyNames: page.entries, ...page.continuation };
    }),
    DeleteRolePolicy: operation(['RoleName', 'PolicyName'], (input, context) => {
      deleteInlinePolicy(registry, registry.role(context, input.RoleName), input.PolicyName);
      return {};
    }),
    AttachRolePolicy: operation(['RoleName', 'PolicyArn'], (input, context) => {
      attachPolicy(registry, registry.role(context, input.RoleName), input.PolicyArn);
      return {};
    }),
    DetachRolePolicy: operation(['RoleName', 'PolicyArn'], (input, context) => {
      detachPolicy(registry, registry.role(context, input.RoleName), input.PolicyArn);
      return {};
    }),
    ListAttachedRolePolicies: operation(['RoleName', 'PathPrefix', 'Marker', 'MaxItems'], (input, context) => {
      const arns = [...registry.role(context, input.RoleName).attached].sort();
      const page = pageOf(arns.filter(isUnder(input.PathPrefix)), (policyArn) => policyArn, input);
      const policies = page.entries.map((PolicyArn) => ({ PolicyName: policyNameOf(PolicyArn), PolicyArn }));
      return { AttachedPolicies: policies, ...page.continuation };
    }),
    ListInstanceProfilesForRole: operation(['RoleName', 'Marker', 'MaxItems'], (input, context) => {
      registry.role(context, input.RoleName);
      return { InstanceProfiles: [], IsTruncated: false };
    }),
    GetUser: operation([], (_input, context) => ({
      User: {
        Path: '/',
        UserName: undefined,
        UserId: context.account,
        Arn: rootArn(context.account),
        CreateDate: new Date(0),
      },
    })),
  };
};
