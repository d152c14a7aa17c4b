import {
  documentText,
  type MemberShapes,
  type PropertiesOf,
  pick,
  type ResourceContext,
  type ResourceType,
  unlessMissing,
} from '../../../core/index.ts';

const SHAPE = {
  BlockPublicPolicy: 'boolean',
  ResourcePolicy: 'json',
  SecretId: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['ResourcePolicy', 'SecretId'] as const;
type PolicyProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const put = (properties: PolicyProperties, context: ResourceContext) =>
  context.call<{ ARN: string }>('secretsmanager', 'PutResourcePolicy', {
    ...pick(properties, 'SecretId', 'BlockPublicPolicy'),
    ResourcePolicy: documentText(properties.ResourcePolicy),
  });

export const resourcePolicy: ResourceType<PolicyProperties> = {
  type: 'AWS::SecretsManager::ResourcePolicy',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['SecretId'],
  attributes: ['Id'],
  async create(properties, context) {
    const { ARN } = await put(properties, context);
    return { physicalId: ARN, attributes: { Id: ARN } };
  },
  async update({ physicalId, attributes }, properties, context) {
    await put(properties, context);
    return { physicalId, attributes };
  },
  async delete({ properties: { SecretId } }, context) {
    await unlessMissing(context.call('secretsmanager', 'DeleteResourcePolicy', { SecretId }));
  },
};
