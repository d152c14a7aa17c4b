import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { documentText, pick, unlessMissing } from '../../../core/index.ts';
import { holdersOf, holdersWithout } from './grants.ts';

const SHAPE = {
  Description: 'string',
  Groups: ['string'],
  ManagedPolicyName: 'string',
  Path: 'string',
  PolicyDocument: 'json',
  Roles: ['string'],
  Users: ['string'],
} as const satisfies MemberShapes;

const REQUIRED = ['PolicyDocument'] as const;
type ManagedPolicyProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

/** A policy keeps five versions and is not deleted while it has more than its default one. */
const dropOldVersions = async (PolicyArn: string, context: ResourceContext): Promise<void> => {
  const { Versions = [] } = await context.call<{ Versions?: { VersionId: string; IsDefaultVersion?: boolean }[] }>(
    'iam',
    'ListPolicyVersions',
    { PolicyArn },
  );
  for (const { VersionId, IsDefaultVersion } of Versions) {
    if (IsDefaultVersion !== true) await context.call('iam', 'DeletePolicyVersion', { PolicyArn, VersionId });
  }
};

type Holding = ReturnType<typeof holdersOf>;

const attach = async (PolicyArn: string, holders: Holding, context: ResourceContext): Promise<void> => {
  for (const { noun, name } of holders) {
    await context.call('iam', `Attach${noun}Policy`, { [`${noun}Name`]: name, PolicyArn });
  }
};

const detach = async (PolicyArn: string, holders: Holding, context: ResourceContext): Promise<void> => {
  for (const { noun, name } of holders) {
    await unlessMissing(context.call('iam', `Detach${noun}Policy`, { [`${noun}Name`]: name, PolicyArn }));
  }
};

export const iamManagedPolicy: ResourceType<ManagedPolicyProperties> = {
  type: 'AWS::IAM::ManagedPolicy',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['Description', 'ManagedPolicyName', 'Path'],
  nameProperty: 'ManagedPolicyName',
  attributes: ['PolicyArn'],
  isIam: true,
  async create(properties, context) {
    const { Policy } = await context.call<{ Policy: { Arn: string } }>('iam', 'CreatePolicy', {
      PolicyName: properties.ManagedPolicyName ?? context.generateName({ maxLength: 128 }),
      PolicyDocument: documentText(properties.PolicyDocument),
      ...pick(properties, 'Description', 'Path'),
    });
    await attach(Policy.Arn, holdersOf(properties), context);
    return { physicalId: Policy.Arn, attributes: { PolicyArn: Policy.Arn } };
  },
  async update({ physicalId: PolicyArn, attributes, properties: before }, properties, context) {
    await context.call('iam', 'CreatePolicyVersion', {
      PolicyArn,
      PolicyDocument: documentText(properties.PolicyDocument),
      SetAsDefault: true,
    });
    await dropOldVersions(PolicyArn, context);
    await attach(PolicyArn, holdersWithout(properties, before), context);
    await detach(PolicyArn, holdersWithout(before, properties), context);
    return { physicalId: PolicyArn, attributes };
  },
  async delete({ physicalId: PolicyArn, properties }, context) {
    await detach(PolicyArn, holdersOf(properties), context);
    await unlessMissing(dropOldVersions(PolicyArn, context));
    await unlessMissing(context.call('iam', 'DeletePolicy', { PolicyArn }));
  },
};
