import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { documentText, pick, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  Description: 'string',
  ManagedPolicyName: 'string',
  Path: 'string',
  PolicyDocument: 'json',
  Roles: ['string'],
} as const satisfies MemberShapes;

type ManagedPolicyProperties = PropertiesOf<typeof SHAPE, 'PolicyDocument'>;

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

export const iamManagedPolicy: ResourceType<ManagedPolicyProperties> = {
  type: 'AWS::IAM::ManagedPolicy',
  properties: SHAPE,
  required: ['PolicyDocument'],
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
    for (const RoleName of properties.Roles ?? []) {
      await context.call('iam', 'AttachRolePolicy', { RoleName, PolicyArn: Policy.Arn });
    }
    return { physicalId: Policy.Arn, attributes: { PolicyArn: Policy.Arn } };
  },
  async update({ physicalId: PolicyArn, attributes, properties: before }, properties, context) {
    await context.call('iam', 'CreatePolicyVersion', {
      PolicyArn,
      PolicyDocument: documentText(properties.PolicyDocument),
      SetAsDefault: true,
    });
    await dropOldVersions(PolicyArn, context);
    const [old, wanted] = [before.Roles ?? [], properties.Roles ?? []];
    for (const RoleName of wanted.filter((role) => !old.includes(role))) {
      await context.call('iam', 'AttachRolePolicy', { RoleName, PolicyArn });
    }
    for (const RoleName of old.filter((role) => !wanted.includes(role))) {
      await unlessMissing(context.call('iam', 'DetachRolePolicy', { RoleName, PolicyArn }));
    }
    return { physicalId: PolicyArn, attributes };
  },
  async delete({ physicalId: PolicyArn, properties }, context) {
    for (const RoleName of properties.Roles ?? []) {
      await unlessMissing(context.call('iam', 'DetachRolePolicy', { RoleName, PolicyArn }));
    }
    await unlessMissing(dropOldVersions(PolicyArn, context));
    await unlessMissing(context.call('iam', 'DeletePolicy', { PolicyArn }));
  },
};
