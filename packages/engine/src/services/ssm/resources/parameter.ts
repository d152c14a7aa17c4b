import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { pick, ServiceError, unlessMissing } from '../../../core/index.ts';

const SHAPE = {
  AllowedPattern: 'string',
  DataType: 'string',
  Description: 'string',
  Name: 'string',
  Tags: { map: 'string' },
  Tier: 'string',
  Type: 'string',
  Value: 'string',
} as const satisfies MemberShapes;

const REQUIRED = ['Type', 'Value'] as const;
type ParameterProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const put = async (Name: string, properties: ParameterProperties, rest: object, context: ResourceContext) => {
  await context.call('ssm', 'PutParameter', {
    Name,
    ...pick(properties, 'AllowedPattern', 'DataType', 'Description', 'Tier', 'Type', 'Value'),
    ...rest,
  });
  return { physicalId: Name, attributes: { Type: properties.Type, Value: properties.Value } };
};

/** Deployed assemblies leave this parameter behind; `cdk bootstrap`, coming later, takes it over. */
const BOOTSTRAP_VERSION = /^\/cdk-bootstrap\/[^/]+\/version$/;

export const ssmParameter: ResourceType<ParameterProperties> = {
  type: 'AWS::SSM::Parameter',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['Name', 'DataType'],
  nameProperty: 'Name',
  attributes: ['Type', 'Value'],
  hasSystemTags: true,
  async create(properties, context) {
    const tags = Object.entries(properties.Tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
    const rest = tags.length === 0 ? {} : { Tags: tags };
    const name = properties.Name ?? context.generateName({ maxLength: 500, stack: 'CFN' });
    try {
      return await put(name, properties, rest, context);
    } catch (error) {
      const isTaken = error instanceof ServiceError && error.code === 'ParameterAlreadyExists';
      if (!isTaken || !BOOTSTRAP_VERSION.test(name)) throw error;
      return put(name, properties, { Overwrite: true }, context);
    }
  },
  update: async ({ physicalId, properties: before }, properties, context) => {
    const state = await put(physicalId, properties, { Overwrite: true }, context);
    const target = { ResourceType: 'Parameter', ResourceId: physicalId };
    const [old, wanted] = [before.Tags ?? {}, properties.Tags ?? {}];
    const set = Object.entries(wanted).filter(([key, value]) => old[key] !== value);
    const removed = Object.keys(old).filter((key) => wanted[key] === undefined);
    if (set.length > 0) {
      const Tags = set.map(([Key, Value]) => ({ Key, Value }));
      await context.call('ssm', 'AddTagsToResource', { ...target, Tags });
    }
    if (removed.length > 0) await context.call('ssm', 'RemoveTagsFromResource', { ...target, TagKeys: removed });
    return state;
  },
  async delete({ physicalId }, context) {
    await unlessMissing(context.call('ssm', 'DeleteParameter', { Name: physicalId }));
  },
};
