import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { unlessMissing } from '../../../core/index.ts';

const SHAPE = { GroupName: 'string', Users: ['string'] } as const satisfies MemberShapes;

const REQUIRED = ['GroupName', 'Users'] as const;
type AdditionProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const add = async ({ GroupName, Users }: AdditionProperties, context: ResourceContext): Promise<void> => {
  for (const UserName of Users) await context.call('iam', 'AddUserToGroup', { GroupName, UserName });
};

const remove = async (GroupName: string, users: readonly string[], context: ResourceContext): Promise<void> => {
  for (const UserName of users) {
    await unlessMissing(context.call('iam', 'RemoveUserFromGroup', { GroupName, UserName }));
  }
};

/** Users who are in a group. */
export const iamUserToGroupAddition: ResourceType<AdditionProperties> = {
  type: 'AWS::IAM::UserToGroupAddition',
  properties: SHAPE,
  required: REQUIRED,
  attributes: ['Id'],
  isIam: true,
  async create(properties, context) {
    await add(properties, context);
    const physicalId = context.generateName();
    return { physicalId, attributes: { Id: physicalId } };
  },
  async update({ physicalId, attributes, properties: before }, properties, context) {
    await add(properties, context);
    const isSame = before.GroupName === properties.GroupName;
    const gone = isSame ? before.Users.filter((user) => !properties.Users.includes(user)) : before.Users;
    await remove(before.GroupName, gone, context);
    return { physicalId, attributes };
  },
  async delete({ properties: { GroupName, Users } }, context) {
    await remove(GroupName, Users, context);
  },
};
