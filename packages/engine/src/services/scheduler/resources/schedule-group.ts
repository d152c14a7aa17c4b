import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { arnIn, pick, TAGS, tagChanges, unlessMissing } from '../../../core/index.ts';

const SHAPE = { Name: 'string', Tags: TAGS } as const satisfies MemberShapes;

type GroupProperties = PropertiesOf<typeof SHAPE>;

interface Described {
  readonly State: string;
  readonly CreationDate: Date;
  readonly LastModificationDate: Date;
}

const stateOf = async (Name: string, context: ResourceContext) => {
  const group = await context.call<Described>('scheduler', 'GetScheduleGroup', { Name });
  return {
    physicalId: Name,
    attributes: {
      Arn: arnIn(context, 'scheduler', `schedule-group/${Name}`),
      CreationDate: group.CreationDate.toISOString(),
      LastModificationDate: group.LastModificationDate.toISOString(),
      State: group.State,
    },
  };
};

export const schedulerScheduleGroup: ResourceType<GroupProperties> = {
  type: 'AWS::Scheduler::ScheduleGroup',
  properties: SHAPE,
  createOnly: ['Name'],
  nameProperty: 'Name',
  attributes: ['Arn', 'CreationDate', 'LastModificationDate', 'State'],
  hasSystemTags: true,
  async create(properties, context) {
    const Name = properties.Name ?? context.generateName({ maxLength: 64 });
    await context.call('scheduler', 'CreateScheduleGroup', { Name, ...pick(properties, 'Tags') });
    return stateOf(Name, context);
  },
  async update(existing, properties, context) {
    const ResourceArn = arnIn(context, 'scheduler', `schedule-group/${existing.physicalId}`);
    const { set, removed } = tagChanges(existing.properties.Tags, properties.Tags);
    if (set.length > 0) await context.call('scheduler', 'TagResource', { ResourceArn, Tags: set });
    if (removed.length > 0) await context.call('scheduler', 'UntagResource', { ResourceArn, TagKeys: removed });
    return stateOf(existing.physicalId, context);
  },
  async delete({ physicalId: Name }, context) {
    await unlessMissing(context.call('scheduler', 'DeleteScheduleGroup', { Name }));
  },
};
