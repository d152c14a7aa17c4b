import type * as Sdk from '@aws-sdk/client-scheduler';
import type { CreateScheduleCommandInput, ScheduleState } from '@aws-sdk/client-scheduler';
import {
  type ApiCaller,
  byUnits,
  Constraints,
  isTimeZone,
  type Operations,
  operation,
  pageByKey,
  type RequestContext,
  withNextToken,
} from '../../core/index.ts';
import type { Clockwork } from './clockwork.ts';
import { conflict, invalidToken, validation } from './errors.ts';
import { parseExpression } from './expression.ts';
import { checkName, PAGE_MAX } from './names.ts';
import { type Registry, scheduleArnOf } from './registry.ts';
import { DEFAULT_GROUP, type StoredSchedule } from './stored.ts';
import { describeTarget, readTarget } from './target.ts';

const SETTINGS = [
  'Name',
  'GroupName',
  'ScheduleExpression',
  'ScheduleExpressionTimezone',
  'StartDate',
  'EndDate',
  'Description',
  'State',
  'Target',
  'FlexibleTimeWindow',
  'ActionAfterCompletion',
  'ClientToken',
] as const;

const ROLE_ARN = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/;
const ROLE_ARN_SHOWN = 'arn:aws[a-z-]*:iam::\\d{12}:role\\/[\\w+=,.@\\/-]+';
const QUEUE_ARN = /^arn:aws[a-z-]*:sqs:[a-z0-9-]+:\d{12}:[\w-]+$/;
const QUEUE_ARN_SHOWN = 'arn:aws[a-z-]*:sqs:[a-z0-9\\-]+:\\d{12}:[a-zA-Z0-9\\-_]+';

const checkShape = (input: CreateScheduleCommandInput): void => {
  const { Target, FlexibleTimeWindow } = input;
  const constraints = new Constraints().required('name', input.Name);
  checkName(constraints, 'name', input.Name);
  checkName(constraints, 'groupName', input.GroupName);
  constraints
    .required('scheduleExpression', input.ScheduleExpression)
    .length('scheduleExpression', input.ScheduleExpression, 1, 256)
    .length('scheduleExpressionTimezone', input.ScheduleExpressionTimezone, 1, 50)
    .length('description', input.Description, 0, 512)
    .oneOf('state', input.State, ['ENABLED', 'DISABLED'])
    .oneOf('actionAfterCompletion', input.ActionAfterCompletion, ['NONE', 'DELETE'])
    .required('target', Target)
    .required('flexibleTimeWindow', FlexibleTimeWindow);
  if (Target !== undefined && Target !== null) {
    constraints
      .required('target.arn', Target.Arn)
      .length('target.arn', Target.Arn, 1, 1_600)
      .required('target.roleArn', Target.RoleArn)
      .pattern('target.roleArn', Target.RoleArn, ROLE_ARN, ROLE_ARN_SHOWN)
      .length('target.input', Target.Input, 1, 262_144)
      .pattern('target.deadLetterConfig.arn', Target.DeadLetterConfig?.Arn, QUEUE_ARN, QUEUE_ARN_SHOWN)
      .range('target.retryPolicy.maximumRetryAttempts', Target.RetryPolicy?.MaximumRetryAttempts, 0, 185)
      .range('target.retryPolicy.maximumEventAgeInSeconds', Target.RetryPolicy?.MaximumEventAgeInSeconds, 60, 86_400);
  }
  if (FlexibleTimeWindow !== undefined && FlexibleTimeWindow !== null) {
    constraints
      .required('flexibleTimeWindow.mode', FlexibleTimeWindow.Mode)
      .oneOf('flexibleTimeWindow.mode', FlexibleTimeWindow.Mode, ['OFF', 'FLEXIBLE'])
      .range('flexibleTimeWindow.maximumWindowInMinutes', FlexibleTimeWindow.MaximumWindowInMinutes, 1, 1_440);
  }
  constraints.check();
};

/** What belongs together beyond single members. @throws ServiceError */
const checkMeaning = (input: CreateScheduleCommandInput, context: RequestContext): void => {
  const { ScheduleExpression = '', ScheduleExpressionTimezone, FlexibleTimeWindow, StartDate, EndDate } = input;
  if (parseExpression(ScheduleExpression) === undefined) {
    throw validation(`Invalid Schedule Expression ${ScheduleExpression}.`);
  }
  if (ScheduleExpressionTimezone !== undefined && !isTimeZone(ScheduleExpressionTimezone)) {
    throw validation(`Invalid Schedule Expression Timezone ${ScheduleExpressionTimezone}.`);
  }
  const window = FlexibleTimeWindow?.MaximumWindowInMinutes;
  if (FlexibleTimeWindow?.Mode === 'FLEXIBLE' && window === undefined) {
    throw validation('MaximumWindowInMinutes must be provided for a flexible time window.');
  }
  if (FlexibleTimeWindow?.Mode === 'OFF' && window !== undefined) {
    throw validation('MaximumWindowInMinutes must not be provided when the flexible time window mode is OFF.');
  }
  // One-time schedules pay no attention to either date.
  if (ScheduleExpression.startsWith('at')) return;
  if (EndDate !== undefined && EndDate.getTime() <= context.now) {
    throw validation('The EndDate you specify must come after the current time.');
  }
  if (StartDate !== undefined && EndDate !== undefined && StartDate.getTime() >= EndDate.getTime()) {
    throw validation('The EndDate you specify must come after the StartDate.');
  }
};

/** A schedule is always said whole: what is left out has its default, also in an update. */
const read = (
  input: CreateScheduleCommandInput,
  context: RequestContext,
  api: ApiCaller,
  createdAt: number,
): StoredSchedule => ({
  account: context.account,
  region: context.region,
  groupName: input.GroupName ?? DEFAULT_GROUP,
  name: input.Name as string,
  expression: input.ScheduleExpression as string,
  zone: input.ScheduleExpressionTimezone ?? 'UTC',
  startsAt: input.StartDate?.getTime(),
  endsAt: input.EndDate?.getTime(),
  description: input.Description,
  isEnabled: input.State !== 'DISABLED',
  windowMinutes: input.FlexibleTimeWindow?.MaximumWindowInMinutes ?? 0,
  isDeletedAfterCompletion: input.ActionAfterCompletion === 'DELETE',
  target: readTarget(input.Target as NonNullable<typeof input.Target>, api),
  createdAt,
  modifiedAt: context.now,
  clientToken: input.ClientToken,
});

const stateOf = ({ isEnabled }: StoredSchedule): ScheduleState => (isEnabled ? 'ENABLED' : 'DISABLED');

const describe = (schedule: StoredSchedule) => ({
  ActionAfterCompletion: schedule.isDeletedAfterCompletion ? ('DELETE' as const) : ('NONE' as const),
  Arn: scheduleArnOf(schedule),
  CreationDate: new Date(schedule.createdAt),
  ...(schedule.description === undefined ? {} : { Description: schedule.description }),
  ...(schedule.endsAt === undefined ? {} : { EndDate: new Date(schedule.endsAt) }),
  FlexibleTimeWindow:
    schedule.windowMinutes === 0
      ? { Mode: 'OFF' as const }
      : { Mode: 'FLEXIBLE' as const, MaximumWindowInMinutes: schedule.windowMinutes },
  GroupName: schedule.groupName,
  LastModificationDate: new Date(schedule.modifiedAt),
  Name: schedule.name,
  ScheduleExpression: schedule.expression,
  ScheduleExpressionTimezone: schedule.zone,
  ...(schedule.startsAt === undefined ? {} : { StartDate: new Date(schedule.startsAt) }),
  State: stateOf(schedule),
  Target: describeTarget(schedule.target),
});

const summarise = (schedule: StoredSchedule) => ({
  Arn: scheduleArnOf(schedule),
  CreationDate: new Date(schedule.createdAt),
  GroupName: schedule.groupName,
  LastModificationDate: new Date(schedule.modifiedAt),
  Name: schedule.name,
  State: stateOf(schedule),
  Target: { Arn: schedule.target.arn },
});

const checkKey = (input: { Name?: string | undefined; GroupName?: string | undefined }): void => {
  const constraints = new Constraints().required('name', input.Name);
  checkName(constraints, 'name', input.Name);
  checkName(constraints, 'groupName', input.GroupName);
  constraints.check();
};

/** Operations on schedules. */
export const scheduleOperations = (
  registry: Registry,
  clockwork: Clockwork,
  api: ApiCaller,
): Operations<typeof Sdk> => ({
  CreateSchedule: operation(SETTINGS, (input, context) => {
    checkShape(input);
    checkMeaning(input, context);
    const { name: groupName } = registry.group(context, input.GroupName);
    const schedule = read(input, context, api, context.now);
    const existing = registry.find(context, groupName, schedule.name);
    if (existing !== undefined) {
      if (input.ClientToken === undefined || existing.clientToken !== input.ClientToken) {
        throw conflict(`Schedule ${schedule.name} already exists.`);
      }
      return { ScheduleArn: scheduleArnOf(existing) };
    }
    registry.put(schedule);
    clockwork.update(schedule, true);
    return { ScheduleArn: scheduleArnOf(schedule) };
  }),
  UpdateSchedule: operation(SETTINGS, (input, context) => {
    checkShape(input);
    checkMeaning(input, context);
    const { name: groupName } = registry.group(context, input.GroupName);
    const existing = registry.schedule(context, groupName, input.Name as string);
    const schedule = read(input, context, api, existing.createdAt);
    registry.put(schedule);
    clockwork.update(schedule, false);
    return { ScheduleArn: scheduleArnOf(schedule) };
  }),
  GetSchedule: operation(['Name', 'GroupName'], (input, context) => {
    checkKey(input);
    const { name: groupName } = registry.group(context, input.GroupName);
    return describe(registry.schedule(context, groupName, input.Name as string));
  }),
  DeleteSchedule: operation(['Name', 'GroupName', 'ClientToken'], (input, context) => {
    checkKey(input);
    const { name: groupName } = registry.group(context, input.GroupName);
    const schedule = registry.schedule(context, groupName, input.Name as string);
    clockwork.remove(schedule);
    registry.delete(schedule);
    return {};
  }),
  ListSchedules: operation(['GroupName', 'NamePrefix', 'State', 'NextToken', 'MaxResults'], (input, context) => {
    const constraints = new Constraints().oneOf('state', input.State, ['ENABLED', 'DISABLED']);
    checkName(constraints, 'groupName', input.GroupName);
    checkName(constraints, 'namePrefix', input.NamePrefix);
    constraints.range('maxResults', input.MaxResults, 1, 100).check();
    if (input.GroupName !== undefined) registry.group(context, input.GroupName);
    const found = registry
      .schedules(context, input.GroupName)
      .filter((schedule) => schedule.name.startsWith(input.NamePrefix ?? ''))
      .filter((schedule) => input.State === undefined || stateOf(schedule) === input.State)
      .sort((a, b) => byUnits(keyOf(a), keyOf(b)));
    const request = { token: input.NextToken, size: input.MaxResults ?? PAGE_MAX, invalid: invalidToken };
    const { page, ...next } = withNextToken(pageByKey(found, keyOf, request));
    return { Schedules: page.map(summarise), ...next };
  }),
});

const keyOf = ({ groupName, name }: StoredSchedule): string => `${groupName}/${name}`;
