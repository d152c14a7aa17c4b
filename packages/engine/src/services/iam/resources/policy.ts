import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { documentText, unlessMissing } from '../../../core/index.ts';
import { holdersOf, holdersWithout } from './grants.ts';

const SHAPE = {
  Groups: ['string'],
  PolicyDocument: 'json',
  PolicyName: 'string',
  Roles: ['string'],
  Users: ['string'],
} as const satisfies MemberShapes;

const REQUIRED = ['PolicyDocument', 'PolicyName'] as const;
type PolicyProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const put = async (properties: PolicyProperties, context: ResourceContext): Promise<void> => {
  const { PolicyName } = properties;
  const PolicyDocument = documentText(properties.PolicyDocument);
  for (const { noun, name } of holdersOf(properties)) {
    await context.call('iam', `Put${noun}Policy`, { [`${noun}Name`]: name, PolicyName, PolicyDocument });
  }
};

const remove = async (
  PolicyName: string,
  holders: ReturnType<typeof holdersOf>,
  context: ResourceContext,
): Promise<void> => {
  for (const { noun, name } of holders) {
    await unlessMissing(context.call('iam', `Delete${noun}Policy`, { [`${noun}Name`]: name, PolicyName }));
  }
};

/** An inline policy of roles, users and groups. */
export const iamPolicy: ResourceType<PolicyProperties> = {
  type: 'AWS::IAM::Policy',
  properties: SHAPE,
  required: REQUIRED,
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
    await remove(before.PolicyName, holdersWithout(before, properties), context);
    return { physicalId, attributes };
  },
  async delete({ properties }, context) {
    await remove(properties.PolicyName, holdersOf(properties), context);
  },
};
