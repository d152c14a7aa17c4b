import type * as Sdk from '@aws-sdk/client-iam';
import type { Role, Tag } from '@aws-sdk/client-iam';
import { rootArn } from '@holdfast/aws-model';
import { type Operations, operation, type Service, type ServiceEnvironment } from '../../core/index.ts';
import { pageOf } from './pages.ts';
import {
  createPolicy,
  createVersion,
  deletePolicy,
  deleteVersion,
  describePolicy,
  describeVersion,
  findVersion,
  getPolicy,
  listPolicies,
  refuseAwsManaged,
} from './policies.ts';
import { encodeDocument } from './policy-document.ts';
import { isAwsManaged, mergedTags, Registry, type StoredRole, withoutTags } from './registry.ts';
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

/** Lists leave out what GetRole adds. */
const describeListedRole = (role: StoredRole): Role => {
  const { Tags: _tags, PermissionsBoundary: _boundary, ...listed } = describeRole(role);
  return listed;
};

const sortedTags = (tags: readonly Tag[]): Tag[] =>
  [...tags].sort((a, b) => ((a.Key as string) < (b.Key as string) ? -1 : 1));

const policyNameOf = (policyArn: string): string => policyArn.slice(policyArn.lastIndexOf('/') + 1);

const isUnder =
  (pathPrefix = '/') =>
  (policyArn: string): boolean =>
    policyArn.slice(policyArn.indexOf(':policy/') + ':policy'.length).startsWith(pathPrefix);

/** Roles and policies of AWS IAM: kept and given back, never enforced. IAM is global: state is per account. */
export class IamService implements Service {
  readonly operations: Operations<typeof Sdk>;
  readonly #environment: ServiceEnvironment;
  readonly #registry: Registry;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#registry = new Registry(environment.store);
    this.operations = { ...this.#roleOperations(), ...this.#policyOperations() };
  }

  /** Unique ids start with letters that name the kind of thing. */
  #id(prefix: 'AROA' | 'ANPA'): string {
    return prefix + this.#environment.ids.hex(17).toUpperCase();
  }

  #roleOperations(): Operations<typeof Sdk> {
    const registry = this.#registry;
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
        (input, context) => ({ Role: describeRole(createRole(registry, input, context, this.#id('AROA'))) }),
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
        const page = pageOf(sortedTags(tags), (tag) => tag.Key as string, input);
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
  }

  #policyOperations(): Operations<typeof Sdk> {
    const registry = this.#registry;
    return {
      CreatePolicy: operation(['PolicyName', 'Path', 'PolicyDocument', 'Description', 'Tags'], (input, context) => ({
        Policy: describePolicy(registry, createPolicy(registry, input, context, this.#id('ANPA'))),
      })),
      GetPolicy: operation(['PolicyArn'], (input, context) => ({
        Policy: getPolicy(registry, context, input.PolicyArn),
      })),
      ListPolicies: operation(['Scope', 'OnlyAttached', 'PathPrefix', 'Marker', 'MaxItems'], (input, context) => {
        const page = pageOf(listPolicies(registry, input, context), (policy) => policy.Arn as string, input);
        return { Policies: page.entries, ...page.continuation };
      }),
      DeletePolicy: operation(['PolicyArn'], (input, context) => {
        deletePolicy(registry, registry.policy(context, input.PolicyArn));
        return {};
      }),
      CreatePolicyVersion: operation(['PolicyArn', 'PolicyDocument', 'SetAsDefault'], (input, context) => {
        const before = registry.policy(context, input.PolicyArn);
        const { policy, version } = createVersion(registry, before, input, context.now);
        return { PolicyVersion: describeVersion(policy, version, true) };
      }),
      GetPolicyVersion: operation(['PolicyArn', 'VersionId'], (input, context) => {
        refuseAwsManaged(input.PolicyArn);
        const policy = registry.policy(context, input.PolicyArn);
        return { PolicyVersion: describeVersion(policy, findVersion(policy, input.VersionId), false) };
      }),
      ListPolicyVersions: operation(['PolicyArn', 'Marker', 'MaxItems'], (input, context) => {
        refuseAwsManaged(input.PolicyArn);
        const policy = registry.policy(context, input.PolicyArn);
        const newestFirst = [...policy.versions].reverse();
        const versions = newestFirst.map((version) => describeVersion(policy, version, true));
        return { Versions: versions, IsTruncated: false };
      }),
      DeletePolicyVersion: operation(['PolicyArn', 'VersionId'], (input, context) => {
        deleteVersion(registry, registry.policy(context, input.PolicyArn), input.VersionId);
        return {};
      }),
      SetDefaultPolicyVersion: operation(['PolicyArn', 'VersionId'], (input, context) => {
        const policy = registry.policy(context, input.PolicyArn);
        const { id } = findVersion(policy, input.VersionId);
        registry.putPolicy({ ...policy, defaultVersion: id, updatedAt: context.now });
        return {};
      }),
      TagPolicy: operation(['PolicyArn', 'Tags'], (input, context) => {
        const policy = registry.policy(context, input.PolicyArn);
        registry.putPolicy({ ...policy, tags: mergedTags(policy.tags, input.Tags) });
        return {};
      }),
      UntagPolicy: operation(['PolicyArn', 'TagKeys'], (input, context) => {
        const policy = registry.policy(context, input.PolicyArn);
        registry.putPolicy({ ...policy, tags: withoutTags(policy.tags, input.TagKeys) });
        return {};
      }),
      ListPolicyTags: operation(['PolicyArn', 'Marker', 'MaxItems'], (input, context) => {
        const { tags } = registry.policy(context, input.PolicyArn);
        const page = pageOf(sortedTags(tags), (tag) => tag.Key as string, input);
        return { Tags: page.entries, ...page.continuation };
      }),
      ListEntitiesForPolicy: operation(['PolicyArn', 'EntityFilter', 'Marker', 'MaxItems'], (input, context) => {
        if (!isAwsManaged(input.PolicyArn ?? '')) registry.policy(context, input.PolicyArn);
        const wantsRoles = input.EntityFilter === undefined || input.EntityFilter === 'Role';
        const roles = wantsRoles
          ? registry.rolesOf(context).filter((role) => role.attached.includes(input.PolicyArn as string))
          : [];
        const page = pageOf(roles, (role) => role.name, input);
        const PolicyRoles = page.entries.map((role) => ({ RoleName: role.name, RoleId: role.id }));
        return { PolicyRoles, PolicyGroups: [], PolicyUsers: [], ...page.continuation };
      }),
    };
  }
}
