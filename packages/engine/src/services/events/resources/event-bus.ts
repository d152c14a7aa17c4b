import type { ResourceType, Tag } from '../../../core/index.ts';
import { arnIn, pick, TAGS, tagChanges, unlessMissing } from '../../../core/index.ts';

interface EventBusProperties {
  readonly Description?: string;
  readonly Name: string;
  readonly Tags?: readonly Tag[];
}

export const eventsEventBus: ResourceType<EventBusProperties> = {
  type: 'AWS::Events::EventBus',
  properties: { Description: 'string', Name: 'string', Tags: TAGS },
  required: ['Name'],
  createOnly: ['Name'],
  nameProperty: 'Name',
  attributes: ['Arn', 'Name'],
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
