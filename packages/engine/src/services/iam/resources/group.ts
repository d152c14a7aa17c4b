import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { pick, unlessMissing } from '../../../core/index.ts';
import { grant } from './grants.ts';

const SHAPE = {
  GroupName: 'string',
  ManagedPolicyArns: ['string'],
  Path: 'string',
  Policies: [{ PolicyName: 'string', PolicyDocument: 'json' }],
} as const satisfies MemberShapes;

type GroupProperties = PropertiesOf<typeof SHAPE>;

export const iamGroup: ResourceType<GroupProperties> = {
  type: 'AWS::IAM::Group',
  properties: SHAPE,
  createOnly: ['GroupName'],
  nameProperty: 'GroupName',
  attributes: ['Arn'],
  isIam: true,
  async create(properties, context) {
    const GroupName = properties.GroupName ?? context.generateName({ maxLength: 128 });
    const { Group } = await context.call<{ Group: { Arn: string } }>('iam', 'CreateGroup', {
      GroupName,
      ...pick(properties, 'Path'),
    });
    try {
      await grant('Group', GroupName, {}, properties, context);
    } catch (error) {
      await this.delete({ physicalId: GroupName, attributes: {}, properties }, context);
      throw error;
    }
    return { physicalId: GroupName, attributes: { Arn: Group.Arn } };
  },
  async update({ physicalId: GroupName, properties: before }, properties, context) {
    const { Path = '/' } = properties;
    if (Path !== (before.Path ?? '/')) await context.call('iam', 'UpdateGroup', { GroupName, NewPath: Path });
    await grant('Group', GroupName, before, properties, context);
    const { Group } = await context.call<{ Group: { Arn: string } }>('iam', 'GetGroup', { GroupName });
    return { physicalId: GroupName, attributes: { Arn: Group.Arn } };
  },
  async delete({ physicalId: GroupName, properties }, context) {
    await unlessMissing(grant('Group', GroupName, properties, {}, context));
    await unlessMissing(context.call('iam', 'DeleteGroup', { GroupName }));
  },
};
