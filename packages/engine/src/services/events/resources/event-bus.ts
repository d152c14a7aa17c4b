import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { arnIn, pick, TAGS, tagChanges, unlessMissing } from '../../../core/index.ts';

const SHAPE = { Description: 'string', Name: 'string', Tags: TAGS } as const satisfies MemberShapes;

const REQUIRED = ['Name'] as const;
type EventBusProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

export const eventsEventBus: ResourceType<EventBusProperties> = {
  type: 'AWS::Events::EventBus',
  properties: SHAPE,
  required: REQUIRED,
  createOnly: ['Name'],
  nameProperty: 'Name',
  attributes: ['Arn', 'Name'],
  hasSystemTags: true,
  async create(properties, context) {
    await context.call('events', 'CreateEventBus', pick(properties, 'Description', 'Name', 'Tags'));
    const { Name } = properties;
    return { physicalId: Name, attributes: { Arn: arnIn(context, 'events', `event-bus/${Name}`), Name } };
  },
  async update({ physicalId, attributes, properties: before }, properties, context) {
    if (before.Description !== properties.Description) {
      const Description = properties.Description ?? '';
      await context.call('events', 'UpdateEventBus', { Name: physicalId, Description });
    }
    const ResourceARN = attributes['Arn'];
    const { set, removed } = tagChanges(before.Tags, properties.Tags);
    if (set.length > 0) await context.call('events', 'TagResource', { ResourceARN, Tags: set });
    if (removed.length > 0) await context.call('events', 'UntagResource', { ResourceARN, TagKeys: removed });
    return { physicalId, attributes };
  },
  async delete({ physicalId }, context) {
    await unlessMissing(context.call('events', 'DeleteEventBus', { Name: physicalId }));
  },
};
