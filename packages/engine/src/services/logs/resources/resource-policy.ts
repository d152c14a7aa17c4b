import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { documentText, unlessMissing } from '../../../core/index.ts';

const SHAPE = { PolicyDocument: 'json', PolicyName: 'string' } as const satisfies MemberShapes;

const REQUIRED = ['PolicyDocument', 'PolicyName'] as const;
type ResourcePolicyProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const put = async ({ PolicyDocument, PolicyName }: ResourcePolicyProperties, context: ResourceContext) => {
  const policyDocument = documentText(PolicyDocument);
  await context.call('logs', 'PutResourcePolicy', { policyName: PolicyName, policyDocument });
  return { physicalId: PolicyName, attributes: {} };
};

export const logsResourcePolicy: ResourceType<ResourcePolicyProperties> = {
  type: 'AWS::Logs::ResourcePolicy',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['PolicyName'],
  nameProperty: 'PolicyName',
  attributes: [],
  create: put,
  update: (_, properties, context) => put(properties, context),
  async delete({ physicalId: policyName }, context) {
    await unlessMissing(context.call('logs', 'DeleteResourcePolicy', { policyName }));
  },
};
