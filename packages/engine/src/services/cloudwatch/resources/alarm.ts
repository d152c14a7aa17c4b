import type { MemberShapes, PropertiesOf, ResourceContext, ResourceType, Shape } from '../../../core/index.ts';
import { arnIn, pick, TAGS, tagChanges, unlessMissing } from '../../../core/index.ts';

const DIMENSIONS = [{ Name: 'string', Value: 'string' }] as const satisfies Shape;

/** What the API has by the same names. */
const SAME_NAMES = {
  ActionsEnabled: 'boolean',
  AlarmActions: ['string'],
  AlarmDescription: 'string',
  ComparisonOperator: 'string',
  DatapointsToAlarm: 'number',
  Dimensions: DIMENSIONS,
  EvaluateLowSampleCountPercentile: 'string',
  EvaluationPeriods: 'number',
  ExtendedStatistic: 'string',
  InsufficientDataActions: ['string'],
  MetricName: 'string',
  Metrics: [
    {
      AccountId: 'string',
      Expression: 'string',
      Id: 'string',
      Label: 'string',
      MetricStat: {
        Metric: { Dimensions: DIMENSIONS, MetricName: 'string', Namespace: 'string' },
        Period: 'number',
        Stat: 'string',
        Unit: 'string',
      },
      Period: 'number',
      ReturnData: 'boolean',
    },
  ],
  Namespace: 'string',
  OKActions: ['string'],
  Period: 'number',
  Statistic: 'string',
  Threshold: 'number',
  ThresholdMetricId: 'string',
  TreatMissingData: 'string',
  Unit: 'string',
} as const satisfies MemberShapes;

const SHAPE = { ...SAME_NAMES, AlarmName: 'string', Tags: TAGS } as const satisfies MemberShapes;

type AlarmProperties = PropertiesOf<typeof SHAPE>;

/** Put replaces the whole alarm, so creating and updating are the same. */
const put = async (
  AlarmName: string,
  properties: AlarmProperties,
  withTags: boolean,
  context: ResourceContext,
): Promise<void> => {
  await context.call('cloudwatch', 'PutMetricAlarm', {
    AlarmName,
    ...pick(properties as Record<string, unknown>, ...Object.keys(SAME_NAMES)),
    ...(withTags ? pick(properties, 'Tags') : {}),
  });
};

export const cloudwatchAlarm: ResourceType<AlarmProperties> = {
  type: 'AWS::CloudWatch::Alarm',
  properties: SHAPE,
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
