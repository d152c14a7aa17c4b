import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { TAGS } from '../../../core/index.ts';
import { alarmType } from './alarm-type.ts';

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

const REQUIRED = ['AlarmRule'] as const;
type CompositeAlarmProperties = PropertiesOf<typeof SHAPE, typeof REQUIRED>;

export const cloudwatchCompositeAlarm: ResourceType<CompositeAlarmProperties> = {
  ...alarmType<CompositeAlarmProperties>('PutCompositeAlarm', Object.keys(SAME_NAMES)),
  type: 'AWS::CloudWatch::CompositeAlarm',
  properties: SHAPE,
  required: REQUIRED,
};
