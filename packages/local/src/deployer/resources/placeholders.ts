import type { ResourceType } from '../resource-type.ts';

/** What the CDK adds for its statistics: accepted by name, does nothing. */
export const cdkMetadata: ResourceType<object> = {
  type: 'AWS::CDK::Metadata',
  properties: { Analytics: 'string' },
  attributes: [],
  create: async (_, context) => ({ physicalId: context.generateName(), attributes: {} }),
  update: async ({ physicalId }) => ({ physicalId, attributes: {} }),
  delete: async () => {},
};

/** An address to signal. Nothing listens there: `AWS::CloudFormation::WaitCondition`, which would wait for it, is refused. */
export const waitConditionHandle: ResourceType<object> = {
  type: 'AWS::CloudFormation::WaitConditionHandle',
  properties: {},
  attributes: [],
  create: async (_, context) => ({
    physicalId: `${context.endpoint}/cloudformation-waitcondition/${encodeURIComponent(context.stackId)}/${context.logicalId}`,
    attributes: {},
  }),
  delete: async () => {},
};
