import type { AnyResourceType, MemberShapes, PropertiesOf, ResourceType } from '@holdfast/engine';
import { arnIn, TAGS } from '@holdfast/engine';

const CDK_METADATA = { Analytics: 'string' } as const satisfies MemberShapes;

type CdkMetadataProperties = PropertiesOf<typeof CDK_METADATA>;

/** What the CDK adds for its statistics: accepted by name, does nothing. */
const cdkMetadata: ResourceType<CdkMetadataProperties> = {
  type: 'AWS::CDK::Metadata',
  properties: CDK_METADATA,
  attributes: [],
  create: async (_, context) => ({ physicalId: context.generateName(), attributes: {} }),
  update: async ({ physicalId }) => ({ physicalId, attributes: {} }),
  delete: async () => {},
};

const ECR_REPOSITORY = {
  ImageTagMutability: 'string',
  LifecyclePolicy: { LifecyclePolicyText: 'string' },
  RepositoryName: 'string',
  RepositoryPolicyText: 'json',
  Tags: TAGS,
} as const satisfies MemberShapes;

type EcrRepositoryProperties = PropertiesOf<typeof ECR_REPOSITORY>;

/**
 * The repository that `cdk bootstrap` makes for container images: a name in the stack. There is no registry behind
 * it; every action of ECR is refused.
 */
const ecrRepository: ResourceType<EcrRepositoryProperties> = {
  type: 'AWS::ECR::Repository',
  properties: ECR_REPOSITORY,
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

const WAIT_CONDITION_HANDLE = {} as const satisfies MemberShapes;

type WaitConditionHandleProperties = PropertiesOf<typeof WAIT_CONDITION_HANDLE>;

/** An address to signal. Nothing listens there: `AWS::CloudFormation::WaitCondition`, which would wait for it, is refused. */
const waitConditionHandle: ResourceType<WaitConditionHandleProperties> = {
  type: 'AWS::CloudFormation::WaitConditionHandle',
  properties: WAIT_CONDITION_HANDLE,
  attributes: [],
  create: async (_, context) => ({
    physicalId: `${context.endpoint}/cloudformation-waitcondition/${encodeURIComponent(context.stackId)}/${context.logicalId}`,
    attributes: {},
  }),
  delete: async () => {},
};

export const placeholders: readonly AnyResourceType[] = [cdkMetadata, ecrRepository, waitConditionHandle];
