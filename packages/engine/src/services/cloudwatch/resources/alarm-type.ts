import type { ResourceContext, ResourceType, Tag } from '../../../core/index.ts';
import { arnIn, pick, tagChanges, unlessMissing } from '../../../core/index.ts';

interface NamedAndTagged {
  readonly AlarmName?: string;
  readonly Tags?: readonly Tag[];
}

/** What all kinds of alarms have in common as resources: `action` puts one, and takes these properties as they are. */
export const alarmType = <Properties extends NamedAndTagged>(
  action: 'PutMetricAlarm' | 'PutCompositeAlarm',
  sameNames: readonly string[],
): Omit<ResourceType<Properties>, 'type' | 'properties'> => {
  /** Put replaces the whole alarm, so creating and updating are the same. */
  const put = async (
    AlarmName: string,
    properties: Properties,
    withTags: boolean,
    context: ResourceContext,
  ): Promise<void> => {
    await context.call('cloudwatch', action, {
      AlarmName,
      ...pick(properties as Record<string, unknown>, ...sameNames),
      ...(withTags ? pick(properties, 'Tags') : {}),
    });
  };
  return {
    createOnly: ['AlarmName'],
    nameProperty: 'AlarmName',
    attributes: ['Arn'],
    hasSystemTags: true,
    async create(properties, context) {
      const AlarmName = properties.AlarmName ?? context.generateName({ maxLength: 255 });
      await put(AlarmName, properties, true, context);
      return { physicalId: AlarmName, attributes: { Arn: arnIn(context, 'cloudwatch', `alarm:${AlarmName}`) } };
    },
    async update({ physicalId, attributes, properties: before }, properties, context) {
      await put(physicalId, properties, false, context);
      const ResourceARN = attributes['Arn'];
      const { set, removed } = tagChanges(before.Tags, properties.Tags);
      if (set.length > 0) await context.call('cloudwatch', 'TagResource', { ResourceARN, Tags: set });
      if (removed.length > 0) await context.call('cloudwatch', 'UntagResource', { ResourceARN, TagKeys: removed });
      return { physicalId, attributes };
    },
    async delete({ physicalId }, context) {
      await unlessMissing(context.call('cloudwatch', 'DeleteAlarms', { AlarmNames: [physicalId] }));
    },
  };
};
