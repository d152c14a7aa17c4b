import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType } from '../../../core/index.ts';
import { arnIn, pick, TAGS, tagChanges, unlessMissing } from '../../../core/index.ts';

/** What the API has by the same names. */
const SAME_NAMES = {
  ActionsEnabled: 'boolean',
  ActionsSuppressor: 'string',
  ActionsSuppressorExtensionPeriod: 'number',
  ActionsSuppressorWaitPeriod: 'number',
  AlarmActions: ['string'],
  AlarmDescription: 'string',
  AlarmRule: 'string',
  InsufficientDataActions: ['string'],
  OKActions: ['string'],
} as const satisfies MemberShapes;

const SHAPE = { ...SAME_NAMES, AlarmName: 'string', Tags: TAGS } as const satisfies MemberShapes;

type CompositeAlarmProperties = PropertiesOf<typeof SHAPE, 'AlarmRule'>;

/** Put replaces the whole alarm, so creating and updating are the same. */
const put = async (
  AlarmName: string,
  properties: CompositeAlarmProperties,
  withTags: boolean,
  context: ResourceContext,
): Promise<void> => {
  await context.call('cloudwatch', 'PutCompositeAlarm', {
    AlarmName,
    ...pick(properties as unknown as Record<string, unknown>, ...Object.keys(SAME_NAMES)),
    ...(withTags ? pick(properties, 'Tags') : {}),
  });
};

export const cloudwatchCompositeAlarm: ResourceType<CompositeAlarmProperties> = {
  type: 'AWS::CloudWatch::CompositeAlarm',
  properties: SHAPE,
  required: ['AlarmRule'],
  createOnly: ['AlarmName'],
  nameProperty: 'AlarmName',
  attributes: ['Arn'],
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
