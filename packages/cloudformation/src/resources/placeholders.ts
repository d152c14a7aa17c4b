import type { AnyResourceType, ResourceType } from '@holdfast/engine';
import { arnIn, TAGS } from '@holdfast/engine';

/** What the CDK adds for its statistics: accepted by name, does nothing. */
const cdkMetadata: ResourceType<object> = {
  type: 'AWS::CDK::Metadata',
  properties: { Analytics: 'string' },
  attributes: [],
  create: async (_, context) => ({ physicalId: context.generateName(), attributes: {} }),
  update: async ({ physicalId }) => ({ physicalId, attributes: {} }),
  delete: async () => {},
};

/**
 * The repository that `cdk bootstrap` makes for container images: a name in the stack. There is no registry behind
 * it; every action of ECR is refused.
 */
const ecrRepository: ResourceType<{ readonly RepositoryName?: string }> = {
  type: 'AWS::ECR::Repository',
  properties: {
    ImageTagMutability: 'string',
    LifecyclePolicy: { LifecyclePolicyText: 'string' },
    RepositoryName: 'string',
    RepositoryPolicyText: 'json',
    Tags: TAGS,
  },
  createOnly: ['RepositoryName'],
  nameProperty: 'RepositoryName',
  attributes: ['Arn', 'RepositoryUri'],
  create: async ({ RepositoryName }, context) => {
    const name = RepositoryName ?? context.generateName({ maxLength: 256, isLowerCase: true });
    return {
      physicalId: name,
      attributes: {
        Arn: arnIn(context, 'ecr', `repository/${name}`),
        RepositoryUri: `${context.account}.dkr.ecr.${context.region}.amazonaws.com/${name}`,
      },
    };
  },
  update: async ({ physicalId, attributes }) => ({ physicalId, attributes }),
  delete: async () => {},
};

/** An address to signal. Nothing listens there: `AWS::CloudFormation::WaitCondition`, which would wait for it, is refused. */
const waitConditionHandle: ResourceType<object> = {
  type: 'AWS::CloudFormation::WaitConditionHandle',
  properties: {},
  attributes: [],
  create: async (_, context) => ({
    physicalId: `${context.endpoint}/cloudformation-waitcondition/${encodeURIComponent(context.stackId)}/${context.logicalId}`,
    attributes: {},
  }),
  delete: async () => {},
};

export const resourceTypes: readonly AnyResourceType[] = [cdkMetadata, ecrRepository, waitConditionHandle];
