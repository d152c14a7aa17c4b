import type * as Sdk from '@aws-sdk/client-iam';
import type { CreateGroupCommandInput, Group, UpdateGroupCommandInput } from '@aws-sdk/client-iam';
import { Constraints, type Operations, operation, type RequestContext } from '../../core/index.ts';
import { deleteConflict, limitExceeded } from './errors.ts';
import { checkNaming } from './naming.ts';
import { pageOf } from './pages.ts';
import { checkNoPolicies, policyHolderOperations } from './policy-holders.ts';
import type { NewId, Registry } from './registry.ts';
import type { StoredGroup, StoredUser } from './stored.ts';
import { describeListedUser } from './users.ts';

const NAME_LENGTH_MAX = 128;
const INLINE_CHARACTERS_MAX = 5_120;
const GROUPS_PER_USER_MAX = 10;

const describeGroup = (group: StoredGroup): Group => ({
  Path: group.path,
  GroupName: group.name,
  GroupId: group.id,
  Arn: group.arn,
  CreateDate: new Date(group.createdAt),
});

/** Groups: their policies, and who is in them, which each user knows. */
export const groupOperations = (registry: Registry, newId: NewId): Operations<typeof Sdk> => {
  const { groups, users } = registry;
  const membersOf = (group: StoredGroup, context: RequestContext): StoredUser[] =>
    users.of(context).filter((user) => user.groups.includes(group.name));
  const create = (input: CreateGroupCommandInput, { account, now }: RequestContext): StoredGroup => {
    checkNaming(new Constraints(), 'groupName', input.GroupName, input.Path, NAME_LENGTH_MAX).check('ValidationError');
    const [name, path] = [input.GroupName as string, input.Path ?? '/'];
    groups.checkFree(account, name);
    const arn = groups.arnOf(account, path, name);
    const group = { account, name, path, id: newId('AGPA'), arn, createdAt: now, inline: {}, attached: [] };
    groups.put(group);
    return group;
  };
  const update = (group: StoredGroup, input: UpdateGroupCommandInput, context: RequestContext): void => {
    const [name, path] = [input.NewGroupName ?? group.name, input.NewPath ?? group.path];
    checkNaming(new Constraints(), 'newGroupName', name, path, NAME_LENGTH_MAX, 'newPath').check('ValidationError');
    if (name.toLowerCase() !== group.name.toLowerCase()) groups.checkFree(group.account, name);
    groups.delete(group);
    groups.put({ ...group, name, path, arn: groups.arnOf(group.account, path, name) });
    for (const user of membersOf(group, context)) {
      users.put({ ...user, groups: user.groups.map((other) => (other === group.name ? name : other)) });
    }
  };
  return {
    ...policyHolderOperations(registry, {
      entities: groups,
      inlineCharactersMax: INLINE_CHARACTERS_MAX,
    }),
    CreateGroup: operation(['GroupName', 'Path'], (input, context) => ({
      Group: describeGroup(create(input, context)),
    })),
    GetGroup: operation(['GroupName', 'Marker', 'MaxItems'], (input, context) => {
      const group = groups.get(context, input.GroupName);
      const page = pageOf(membersOf(group, context), (user) => user.name, input);
      return { Group: describeGroup(group), Users: page.entries.map(describeListedUser), ...page.continuation };
    }),
    ListGroups: operation(['PathPrefix', 'Marker', 'MaxItems'], (input, context) => {
      const page = pageOf(groups.of(context, input.PathPrefix), (group) => group.name, input);
      return { Groups: page.entries.map(describeGroup), ...page.continuation };
    }),
    UpdateGroup: operation(['GroupName', 'NewPath', 'NewGroupName'], (input, context) => {
      update(groups.get(context, input.GroupName), input, context);
      return {};
    }),
    DeleteGroup: operation(['GroupName'], (input, context) => {
      const group = groups.get(context, input.GroupName);
      checkNoPolicies(group);
      if (membersOf(group, context).length > 0) {
        throw deleteConflict('Cannot delete entity, must remove users from group first.');
      }
      groups.delete(group);
      return {};
    }),
    AddUserToGroup: operation(['GroupName', 'UserName'], (input, context) => {
      const group = groups.get(context, input.GroupName);
      const user = users.get(context, input.UserName);
      if (user.groups.includes(group.name)) return {};
      if (user.groups.length >= GROUPS_PER_USER_MAX) {
        throw limitExceeded(`Cannot exceed quota for GroupsPerUser: ${GROUPS_PER_USER_MAX}`);
      }
      users.put({ ...user, groups: [...user.groups, group.name] });
      return {};
    }),
    RemoveUserFromGroup: operation(['GroupName', 'UserName'], (input, context) => {
      const group = groups.get(context, input.GroupName);
      const user = users.get(context, input.UserName);
      users.put({ ...user, groups: user.groups.filter((name) => name !== group.name) });
      return {};
    }),
    ListGroupsForUser: operation(['UserName', 'Marker', 'MaxItems'], (input, context) => {
      const sorted = [...users.get(context, input.UserName).groups].sort();
      const page = pageOf(sorted, (name) => name, input);
      return { Groups: page.entries.map((name) => describeGroup(groups.get(context, name))), ...page.continuation };
    }),
  };
};
