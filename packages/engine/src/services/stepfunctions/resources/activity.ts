import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { TAGS, tagChanges, unlessMissing } from '../../../core/index.ts';

const SHAPE = { Name: 'string', Tags: TAGS } as const satisfies MemberShapes;

const REQUIRED = ['Name'] as const;
type ActivityProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

const tagsOf = (tags: ActivityProperties['Tags']) => (tags ?? []).map(({ Key, Value }) => ({ key: Key, value: Value }));

export const statesActivity: ResourceType<ActivityProperties> = {
  type: 'AWS::StepFunctions::Activity',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['Name'],
  nameProperty: 'Name',
  attributes: ['Arn', 'Name'],
  hasSystemTags: true,
  async create({ Name, Tags }, context) {
    const { activityArn } = await context.call<{ activityArn: string }>('states', 'CreateActivity', {
      name: Name,
      tags: tagsOf(Tags),
    });
    return { physicalId: activityArn, attributes: { Arn: activityArn, Name } };
  },
  async update({ physicalId: resourceArn, attributes, properties: before }, { Tags }, context) {
    const { set, removed } = tagChanges(before.Tags, Tags);
    if (set.length > 0) await context.call('states', 'TagResource', { resourceArn, tags: tagsOf(set) });
    if (removed.length > 0) await context.call('states', 'UntagResource', { resourceArn, tagKeys: removed });
    return { physicalId: resourceArn, attributes };
  },
  async delete({ physicalId: activityArn }, context) {
    await unlessMissing(context.call('states', 'DeleteActivity', { activityArn }));
  },
};
