import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { documentText, pick, sameJson, TAGS, tagChanges, unlessMissing } from '../../../core/index.ts';
import { grant } from './grants.ts';

const SHAPE = {
  AssumeRolePolicyDocument: 'json',
  Description: 'string',
  ManagedPolicyArns: ['string'],
  MaxSessionDuration: 'number',
  Path: 'string',
  PermissionsBoundary: 'string',
  Policies: [{ PolicyName: 'string', PolicyDocument: 'json' }],
  RoleName: 'string',
  Tags: TAGS,
} as const satisfies MemberShapes;

const REQUIRED = ['AssumeRolePolicyDocument'] as const;
type RoleProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

export const iamRole: ResourceType<RoleProperties> = {
  type: 'AWS::IAM::Role',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['RoleName', 'Path'],
  nameProperty: 'RoleName',
  attributes: ['Arn', 'RoleId'],
  isIam: true,
  async create(properties, context) {
    const RoleName = properties.RoleName ?? context.generateName({ maxLength: 64 });
    const { Role } = await context.call<{ Role: { Arn: string; RoleId: string } }>('iam', 'CreateRole', {
      RoleName,
      AssumeRolePolicyDocument: documentText(properties.AssumeRolePolicyDocument),
      // A role of a stack has a description, be it empty.
      Description: properties.Description ?? '',
      ...pick(properties, 'MaxSessionDuration', 'Path', 'PermissionsBoundary', 'Tags'),
    });
    try {
      await grant('Role', RoleName, {}, properties, context);
    } catch (error) {
      await this.delete({ physicalId: RoleName, attributes: {}, properties }, context);
      throw error;
    }
    return { physicalId: RoleName, attributes: { Arn: Role.Arn, RoleId: Role.RoleId } };
  },
  async update(existing, properties, context) {
    const RoleName = existing.physicalId;
    const before = existing.properties;
    const changed = (name: keyof RoleProperties): boolean => !sameJson(before[name] ?? null, properties[name] ?? null);
    if (changed('AssumeRolePolicyDocument')) {
      const PolicyDocument = documentText(properties.AssumeRolePolicyDocument);
      await context.call('iam', 'UpdateAssumeRolePolicy', { RoleName, PolicyDocument });
    }
    if (changed('Description') || changed('MaxSessionDuration')) {
      await context.call('iam', 'UpdateRole', {
        RoleName,
        Description: properties.Description ?? '',
        MaxSessionDuration: properties.MaxSessionDuration ?? 3_600,
      });
    }
    if (changed('PermissionsBoundary')) {
      const { PermissionsBoundary } = properties;
      if (PermissionsBoundary === undefined) await context.call('iam', 'DeleteRolePermissionsBoundary', { RoleName });
      else await context.call('iam', 'PutRolePermissionsBoundary', { RoleName, PermissionsBoundary });
    }
    await grant('Role', RoleName, before, properties, context);
    const { set, removed } = tagChanges(before.Tags, properties.Tags);
    if (set.length > 0) await context.call('iam', 'TagRole', { RoleName, Tags: set });
    if (removed.length > 0) await context.call('iam', 'UntagRole', { RoleName, TagKeys: removed });
    return { physicalId: RoleName, attributes: existing.attributes };
  },
  async delete({ physicalId: RoleName, properties }, context) {
    await unlessMissing(grant('Role', RoleName, properties, {}, context));
    await unlessMissing(context.call('iam', 'DeleteRole', { RoleName }));
  },
};
