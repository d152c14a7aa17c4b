import type {
  DeleteAlarmsCommandInput,
  DeleteAlarmsCommandOutput,
  DescribeAlarmHistoryCommandInput,
  DescribeAlarmHistoryCommandOutput,
  DescribeAlarmsCommandInput,
  DescribeAlarmsCommandOutput,
  DescribeAlarmsForMetricCommandInput,
  DescribeAlarmsForMetricCommandOutput,
  DisableAlarmActionsCommandInput,
  DisableAlarmActionsCommandOutput,
  EnableAlarmActionsCommandInput,
  EnableAlarmActionsCommandOutput,
  PutMetricAlarmCommandInput,
  PutMetricAlarmCommandOutput,
  SetAlarmStateCommandInput,
  SetAlarmStateCommandOutput,
} from '@aws-sdk/client-cloudwatch';
import { Constraints, type OperationTable, operation, type RequestContext, ServiceError } from '../../core/index.ts';
import { ALARM_STATES, type AlarmState, configureAlarm, describeAlarm, readAlarm, type StoredAlarm } from './alarm.ts';
import type { AlarmRegistry } from './alarm-registry.ts';
import { pageOf } from './paging.ts';
import { missingParameter, sortedDimensions } from './validation.ts';

const alarmMissing = (name: string): ServiceError =>
  new ServiceError('ResourceNotFound', `Alarm ${name} does not exist`, 404);

const matchesMetric = (alarm: StoredAlarm, input: DescribeAlarmsForMetricCommandInput): boolean => {
  const { configuration } = alarm;
  const wanted = JSON.stringify(sortedDimensions(input.Dimensions, 'dimensions'));
  return (
    configuration.metricName === input.MetricName &&
    configuration.namespace === input.Namespace &&
    JSON.stringify(sortedDimensions(configuration.dimensions, 'dimensions')) === wanted &&
    (input.Statistic === undefined || configuration.statistic === input.Statistic) &&
    (input.ExtendedStatistic === undefined || configuration.extendedStatistic === input.ExtendedStatistic) &&
    (input.Period === undefined || configuration.periodSeconds === input.Period) &&
    (input.Unit === undefined || configuration.unit === input.Unit)
  );
};

/** Operations on metric alarms. Differs: alarms are kept but not evaluated yet, and actions are not taken. */
export const alarmOperations = (registry: AlarmRegistry): OperationTable => {
  const setActing = (names: readonly string[] | undefined, isActing: boolean, context: RequestContext) => {
    new Constraints().required('alarmNames', names).length('alarmNames', names, 0, 100).check();
    for (const name of names ?? []) {
      const alarm = registry.find(context.account, context.region, name);
      if (alarm === undefined) continue;
      registry.put({ ...alarm, configuration: { ...alarm.configuration, isActing } });
    }
    return {};
  };
  return {
    PutMetricAlarm: operation<PutMetricAlarmCommandInput, PutMetricAlarmCommandOutput>(
      [
        'AlarmName',
        'AlarmDescription',
        'ActionsEnabled',
        'OKActions',
        'AlarmActions',
        'InsufficientDataActions',
        'MetricName',
        'Namespace',
        'Statistic',
        'ExtendedStatistic',
        'Dimensions',
        'Period',
        'Unit',
        'EvaluationPeriods',
        'DatapointsToAlarm',
        'Threshold',
        'ComparisonOperator',
        'TreatMissingData',
        'EvaluateLowSampleCountPercentile',
        'Metrics',
        'Tags',
      ],
      (input, context) => {
        const configuration = readAlarm(input);
        const name = input.AlarmName as string;
        const known = registry.find(context.account, context.region, name);
        const tags = Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key as string, Value as string]));
        const alarm = configureAlarm(known, name, configuration, tags, context);
        registry.put(alarm);
        const [verb, type] = known === undefined ? ['created', 'Create'] : ['updated', 'Update'];
        registry.record(alarm, 'ConfigurationUpdate', `Alarm "${name}" ${verb}`, context.now, {
          version: '1.0',
          type,
          [`${verb}Alarm`]: describeAlarm(alarm),
        });
        return {};
      },
    ),
    DescribeAlarms: operation<DescribeAlarmsCommandInput, DescribeAlarmsCommandOutput>(
      ['AlarmNames', 'AlarmNamePrefix', 'AlarmTypes', 'StateValue', 'ActionPrefix', 'MaxRecords', 'NextToken'],
      (input, context) => {
        new Constraints()
          .oneOf('stateValue', input.StateValue, ALARM_STATES)
          .range('maxRecords', input.MaxRecords, 1, 100)
          .length('alarmNames', input.AlarmNames, 0, 100)
          .check();
        const { AlarmNames: names = [], AlarmNamePrefix: prefix, ActionPrefix: action } = input;
        if (names.length > 0 && prefix !== undefined) {
          throw new ServiceError('ValidationException', 'AlarmNamePrefix and AlarmNames are mutually exclusive.', 400);
        }
        const selected = registry
          .list(context.account, context.region)
          .filter(({ name }) => names.length === 0 || names.includes(name))
          .filter(({ name }) => prefix === undefined || name.startsWith(prefix))
          .filter(({ state }) => input.StateValue === undefined || state === input.StateValue)
          .filter(
            ({ configuration: { okActions, alarmActions, insufficientDataActions } }) =>
              action === undefined ||
              [...okActions, ...alarmActions, ...insufficientDataActions].some((arn) => arn.startsWith(action)),
          );
        const types: readonly string[] = input.AlarmTypes ?? [];
        const wanted = types.length === 0 || types.includes('MetricAlarm') ? selected : [];
        const { page, ...next } = pageOf(wanted, input.NextToken, input.MaxRecords ?? 50);
        return { MetricAlarms: page.map(describeAlarm), CompositeAlarms: [], ...next };
      },
    ),
    DescribeAlarmsForMetric: operation<DescribeAlarmsForMetricCommandInput, DescribeAlarmsForMetricCommandOutput>(
      ['MetricName', 'Namespace', 'Statistic', 'ExtendedStatistic', 'Dimensions', 'Period', 'Unit'],
      (input, context) => {
        if (input.MetricName === undefined) throw missingParameter('MetricName');
        if (input.Namespace === undefined) throw missingParameter('Namespace');
        const alarms = registry.list(context.account, context.region).filter((alarm) => matchesMetric(alarm, input));
        return { MetricAlarms: alarms.map(describeAlarm) };
      },
    ),
    DeleteAlarms: operation<DeleteAlarmsCommandInput, DeleteAlarmsCommandOutput>(['AlarmNames'], (input, context) => {
      new Constraints().required('alarmNames', input.AlarmNames).length('alarmNames', input.AlarmNames, 0, 100).check();
      const alarms = (input.AlarmNames ?? []).map((name) => {
        const alarm = registry.find(context.account, context.region, name);
        if (alarm === undefined) throw alarmMissing(name);
        return alarm;
      });
      for (const alarm of alarms) {
        registry.delete(alarm);
        registry.record(alarm, 'ConfigurationUpdate', `Alarm "${alarm.name}" deleted`, context.now, {
          version: '1.0',
          type: 'Delete',
          deletedAlarm: describeAlarm(alarm),
        });
      }
      return {};
    }),
    SetAlarmState: operation<SetAlarmStateCommandInput, SetAlarmStateCommandOutput>(
      ['AlarmName', 'StateValue', 'StateReason', 'StateReasonData'],
      (input, context) => {
        new Constraints()
          .required('alarmName', input.AlarmName)
          .required('stateValue', input.StateValue)
          .required('stateReason', input.StateReason)
          .oneOf('stateValue', input.StateValue, ALARM_STATES)
          .length('stateReason', input.StateReason, 0, 1_023)
          .length('stateReasonData', input.StateReasonData, 0, 4_000)
          .check();
        const name = input.AlarmName as string;
        const alarm = registry.find(context.account, context.region, name);
        if (alarm === undefined) throw alarmMissing(name);
        if (input.StateReasonData !== undefined) {
          try {
            JSON.parse(input.StateReasonData);
          } catch {
            throw new ServiceError('InvalidFormatFault', 'StateReasonData is not valid JSON.', 400);
          }
        }
        const state = input.StateValue as AlarmState;
        registry.setState(alarm, state, input.StateReason as string, input.StateReasonData, context.now);
        return {};
      },
    ),
    EnableAlarmActions: operation<EnableAlarmActionsCommandInput, EnableAlarmActionsCommandOutput>(
      ['AlarmNames'],
      (input, context) => setActing(input.AlarmNames, true, context),
    ),
    DisableAlarmActions: operation<DisableAlarmActionsCommandInput, DisableAlarmActionsCommandOutput>(
      ['AlarmNames'],
      (input, context) => setActing(input.AlarmNames, false, context),
    ),
    DescribeAlarmHistory: operation<DescribeAlarmHistoryCommandInput, DescribeAlarmHistoryCommandOutput>(
      ['AlarmName', 'AlarmTypes', 'HistoryItemType', 'StartDate', 'EndDate', 'MaxRecords', 'NextToken', 'ScanBy'],
      (input, context) => {
        new Constraints()
          .oneOf('historyItemType', input.HistoryItemType, ['ConfigurationUpdate', 'StateUpdate', 'Action'])
          .oneOf('scanBy', input.ScanBy, ['TimestampDescending', 'TimestampAscending'])
          .range('maxRecords', input.MaxRecords, 1, 100)
          .check();
        const types: readonly string[] = input.AlarmTypes ?? [];
        const [from, to] = [input.StartDate?.getTime(), input.EndDate?.getTime()];
        const items = registry
          .history(context.account, context.region)
          .filter(({ alarmName }) => input.AlarmName === undefined || alarmName === input.AlarmName)
          .filter(({ kind }) => input.HistoryItemType === undefined || kind === input.HistoryItemType)
          .filter(({ at }) => (from === undefined || at >= from) && (to === undefined || at <= to))
          .filter(() => types.length === 0 || types.includes('MetricAlarm'));
        if (input.ScanBy !== 'TimestampAscending') items.reverse();
        const { page, ...next } = pageOf(items, input.NextToken, input.MaxRecords ?? 100);
        return {
          AlarmHistoryItems: page.map((item) => ({
            AlarmName: item.alarmName,
            AlarmType: 'MetricAlarm',
            Timestamp: new Date(item.at),
            HistoryItemType: item.kind,
            HistorySummary: item.summary,
            HistoryData: item.data,
          })),
          ...next,
        };
      },
    ),
  };
};
