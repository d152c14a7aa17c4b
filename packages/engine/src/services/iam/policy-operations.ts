import type * as Sdk from '@aws-sdk/client-iam';
import type { ListEntitiesForPolicyCommandInput } from '@aws-sdk/client-iam';
import { type Operations, operation, type RequestContext } from '../../core/index.ts';
import { pageOf } from './pages.ts';
import {
  createPolicy,
  createVersion,
  deletePolicy,
  deleteVersion,
  describeNewPolicy,
  describeVersion,
  findVersion,
  getPolicy,
  listPolicies,
  refuseAwsManaged,
} from './policies.ts';
import { isAwsManaged, type NewId, type Registry } from './registry.ts';
import { mergedTags, pageOfTags, withoutTags } from './tags.ts';

/** Managed policies: their versions, their tags, who has them. */
export const policyOperations = (registry: Registry, newId: NewId): Operations<typeof Sdk> => {
  return {
    CreatePolicy: operation(['PolicyName', 'Path', 'PolicyDocument', 'Description', 'Tags'], (input, context) => ({
      Policy: describeNewPolicy(registry, createPolicy(registry, input, context, newId('ANPA'))),
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
      const page = pageOfTags(tags, input);
      return { Tags: page.entries, ...page.continuation };
    }),
    ListEntitiesForPolicy: operation(
      ['PolicyArn', 'EntityFilter', 'PathPrefix', 'Marker', 'MaxItems'],
      (input, context) => {
        if (!isAwsManaged(input.PolicyArn ?? '')) registry.policy(context, input.PolicyArn);
        const page = pageOf(holdersOf(registry, input, context), ({ key }) => key, input);
        const named = (noun: Noun) => page.entries.filter((holder) => holder.noun === noun);
        return {
          PolicyGroups: named('Group').map(({ name, id }) => ({ GroupName: name, GroupId: id })),
          PolicyUsers: named('User').map(({ name, id }) => ({ UserName: name, UserId: id })),
          PolicyRoles: named('Role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
          ...page.continuation,
        };
      },
    ),
  };
};

type Noun = 'Group' | 'User' | 'Role';

/** Who has a policy: groups, users and roles in one list, which pages are cut of. */
const holdersOf = (registry: Registry, input: ListEntitiesForPolicyCommandInput, context: RequestContext) => {
  const { EntityFilter: wanted, PathPrefix, PolicyArn } = input;
  const kinds = [
    ['Group', registry.groups],
    ['User', registry.users],
    ['Role', registry.roles],
  ] as const;
  return kinds
    .filter(([noun]) => wanted === undefined || wanted === noun)
    .flatMap(([noun, entities]) =>
      entities
        .of(context, PathPrefix)
        .filter(({ attached }) => attached.includes(PolicyArn as string))
        .map(({ name, id }) => ({ noun, name, id, key: `${noun}/${name}` })),
    )
    .sort((a, b) => (a.key < b.key ? -1 : 1));
};
