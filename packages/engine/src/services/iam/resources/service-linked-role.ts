import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { pick, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  AWSServiceName: 'string',
  CustomSuffix: 'string',
  Description: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['AWSServiceName'] as const;
type ServiceLinkedRoleProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

/** The role that a service acts in. */
export const iamServiceLinkedRole: ResourceType<ServiceLinkedRoleProperties> = {
  type: 'AWS::IAM::ServiceLinkedRole',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['AWSServiceName', 'CustomSuffix'],
  attributes: ['RoleName'],
  isIam: true,
  async create(properties, context) {
    const { Role } = await context.call<{ Role: { RoleName: string } }>(
      'iam',
      'CreateServiceLinkedRole',
      pick(properties, 'AWSServiceName', 'CustomSuffix', 'Description'),
    );
    return { physicalId: Role.RoleName, attributes: { RoleName: Role.RoleName } };
  },
  async update({ physicalId: RoleName, attributes }, { Description = '' }, context) {
    await context.call('iam', 'UpdateRole', { RoleName, Description });
    return { physicalId: RoleName, attributes };
  },
  async delete({ physicalId: RoleName }, context) {
    await unlessMissing(context.call('iam', 'DeleteServiceLinkedRole', { RoleName }));
  },
};
