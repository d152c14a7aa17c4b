import type { MemberShapes, PropertiesOf, ResourceType } from '../../../core/index.ts';
import { arnIn, unlessMissing } from '../../../core/index.ts';
import { DEFAULT_GROUP } from '../stored.ts';

const SHAPE = {
  Name: 'string',
  GroupName: 'string',
  Description: 'string',
  ScheduleExpression: 'string',
  ScheduleExpressionTimezone: 'string',
  StartDate: 'string',
  EndDate: 'string',
  State: 'string',
  FlexibleTimeWindow: { Mode: 'string', MaximumWindowInMinutes: 'number' },
  Target: {
    Arn: 'string',
    RoleArn: 'string',
    Input: 'string',
    DeadLetterConfig: { Arn: 'string' },
    RetryPolicy: { MaximumEventAgeInSeconds: 'number', MaximumRetryAttempts: 'number' },
    EventBridgeParameters: { DetailType: 'string', Source: 'string' },
    KinesisParameters: { PartitionKey: 'string' },
    SqsParameters: { MessageGroupId: 'string' },
  },
} as const satisfies MemberShapes;

type ScheduleProperties = PropertiesOf<typeof SHAPE>;

const inputOf = ({ StartDate, EndDate, ...rest }: ScheduleProperties): object => ({
  ...rest,
  ...(StartDate === undefined ? {} : { StartDate: new Date(StartDate) }),
  ...(EndDate === undefined ? {} : { EndDate: new Date(EndDate) }),
});

export const schedulerSchedule: ResourceType<ScheduleProperties> = {
  type: 'AWS::Scheduler::Schedule',
  properties: SHAPE,
  required: ['FlexibleTimeWindow', 'ScheduleExpression', 'Target'],
  createOnly: ['Name', 'GroupName'],
  nameProperty: 'Name',
  attributes: ['Arn'],
  async create(properties, context) {
    const Name = properties.Name ?? context.generateName({ maxLength: 64 });
    await context.call('scheduler', 'CreateSchedule', { ...inputOf(properties), Name });
    const group = properties.GroupName ?? DEFAULT_GROUP;
    return { physicalId: Name, attributes: { Arn: arnIn(context, 'scheduler', `schedule/${group}/${Name}`) } };
  },
  async update({ physicalId: Name, attributes }, properties, context) {
    await context.call('scheduler', 'UpdateSchedule', { ...inputOf(properties), Name });
    return { physicalId: Name, attributes };
  },
  async delete({ physicalId: Name, properties }, context) {
    const group = properties.GroupName === undefined ? {} : { GroupName: properties.GroupName };
    await unlessMissing(context.call('scheduler', 'DeleteSchedule', { Name, ...group }));
  },
};
