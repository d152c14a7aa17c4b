import { type MemberShapes, type PropertiesOf, type ResourceType, unlessMissing } from '../../../core/index.ts';

const SHAPE = { AliasName: 'string', TargetKeyId: 'string' } as const satisfies MemberShapes;

const REQUIRED = ['AliasName', 'TargetKeyId'] as const;
type AliasProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const stateOf = (physicalId: string) => ({ physicalId, attributes: {} });

export const alias: ResourceType<AliasProperties> = {
  type: 'AWS::KMS::Alias',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['AliasName'],
  nameProperty: 'AliasName',
  attributes: [],
  async create(properties, context) {
    await context.call('kms', 'CreateAlias', properties);
    return stateOf(properties.AliasName);
  },
  async update({ physicalId }, properties, context) {
    await context.call('kms', 'UpdateAlias', properties);
    return stateOf(physicalId);
  },
  async delete({ physicalId: AliasName }, context) {
    await unlessMissing(context.call('kms', 'DeleteAlias', { AliasName }));
  },
};
