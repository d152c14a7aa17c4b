import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { documentText, unlessMissing } from '../../../core/index.ts';

const SHAPE = { PolicyDocument: 'json', PolicyName: 'string', Roles: ['string'] } as const satisfies MemberShapes;

type PolicyProperties = PropertiesOf<typeof SHAPE, 'PolicyDocument' | 'PolicyName'>;

const put = async ({ PolicyDocument, PolicyName, Roles = [] }: PolicyProperties, context: ResourceContext) => {
  for (const RoleName of Roles) {
    await context.call('iam', 'PutRolePolicy', { RoleName, PolicyName, PolicyDocument: documentText(PolicyDocument) });
  }
};

const remove = async (PolicyName: string, roles: readonly string[], context: ResourceContext): Promise<void> => {
  for (const RoleName of roles) {
    await unlessMissing(context.call('iam', 'DeleteRolePolicy', { RoleName, PolicyName }));
  }
};

/** An inline policy of roles. Users and groups are refused: there are none. */
export const iamPolicy: ResourceType<PolicyProperties> = {
  type: 'AWS::IAM::Policy',
  properties: SHAPE,
  required: ['PolicyDocument', 'PolicyName'],
  createOnly: ['PolicyName'],
  attributes: ['Id'],
  isIam: true,
  async create(properties, context) {
    await put(properties, context);
    const physicalId = context.generateName();
    return { physicalId, attributes: { Id: physicalId } };
  },
  async update({ physicalId, attributes, properties: before }, properties, context) {
    await put(properties, context);
    const gone = (before.Roles ?? []).filter((role) => properties.Roles?.includes(role) !== true);
    await remove(before.PolicyName, gone, context);
    return { physicalId, attributes };
  },
  async delete({ properties: { PolicyName, Roles } }, context) {
    await remove(PolicyName, Roles ?? [], context);
  },
};
