import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { pick, sameJson, TAGS, tagChanges, unlessMissing } from '../../../core/index.ts';
import { grant } from './grants.ts';

const SHAPE = {
  Groups: ['string'],
  ManagedPolicyArns: ['string'],
  Path: 'string',
  PermissionsBoundary: 'string',
  Policies: [{ PolicyName: 'string', PolicyDocument: 'json' }],
  Tags: TAGS,
  UserName: 'string',
} as const satisfies MemberShapes;

type UserProperties = PropertiesOf<typeof SHAPE>;

const join = async (
  UserName: string,
  before: readonly string[] = [],
  wanted: readonly string[] = [],
  context: ResourceContext,
): Promise<void> => {
  for (const GroupName of wanted) {
    if (!before.includes(GroupName)) await context.call('iam', 'AddUserToGroup', { GroupName, UserName });
  }
  for (const GroupName of before) {
    if (!wanted.includes(GroupName)) {
      await unlessMissing(context.call('iam', 'RemoveUserFromGroup', { GroupName, UserName }));
    }
  }
};

/** A user without a password: nobody signs in here. */
export const iamUser: ResourceType<UserProperties> = {
  type: 'AWS::IAM::User',
  properties: SHAPE,
  createOnly: ['UserName'],
  nameProperty: 'UserName',
  attributes: ['Arn'],
  isIam: true,
  async create(properties, context) {
    const UserName = properties.UserName ?? context.generateName({ maxLength: 64 });
    const { User } = await context.call<{ User: { Arn: string } }>('iam', 'CreateUser', {
      UserName,
      ...pick(properties, 'Path', 'PermissionsBoundary', 'Tags'),
    });
    try {
      await grant('User', UserName, {}, properties, context);
      await join(UserName, [], properties.Groups, context);
    } catch (error) {
      await this.delete({ physicalId: UserName, attributes: {}, properties }, context);
      throw error;
    }
    return { physicalId: UserName, attributes: { Arn: User.Arn } };
  },
  async update({ physicalId: UserName, properties: before }, properties, context) {
    const { Path = '/', PermissionsBoundary } = properties;
    if (Path !== (before.Path ?? '/')) await context.call('iam', 'UpdateUser', { UserName, NewPath: Path });
    if (!sameJson(before.PermissionsBoundary ?? null, PermissionsBoundary ?? null)) {
      if (PermissionsBoundary === undefined) await context.call('iam', 'DeleteUserPermissionsBoundary', { UserName });
      else await context.call('iam', 'PutUserPermissionsBoundary', { UserName, PermissionsBoundary });
    }
    await grant('User', UserName, before, properties, context);
    await join(UserName, before.Groups, properties.Groups, context);
    const { set, removed } = tagChanges(before.Tags, properties.Tags);
    if (set.length > 0) await context.call('iam', 'TagUser', { UserName, Tags: set });
    if (removed.length > 0) await context.call('iam', 'UntagUser', { UserName, TagKeys: removed });
    const { User } = await context.call<{ User: { Arn: string } }>('iam', 'GetUser', { UserName });
    return { physicalId: UserName, attributes: { Arn: User.Arn } };
  },
  async delete({ physicalId: UserName, properties }, context) {
    await unlessMissing(grant('User', UserName, properties, {}, context));
    await unlessMissing(join(UserName, properties.Groups, [], context));
    await unlessMissing(context.call('iam', 'DeleteUser', { UserName }));
  },
};
