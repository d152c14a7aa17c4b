import type { MemberShapes, PropertiesOf, ResourceType, Shape } from '../../../core/index.ts';
import { TAGS } from '../../../core/index.ts';
import { alarmType } from './alarm-type.ts';

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

export const cloudwatchAlarm: ResourceType<AlarmProperties> = {
  ...alarmType<AlarmProperties>('PutMetricAlarm', Object.keys(SAME_NAMES)),
  type: 'AWS::CloudWatch::Alarm',
  properties: SHAPE,
};
