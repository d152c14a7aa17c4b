import type * as Sdk from '@aws-sdk/client-cloudwatch';
import type { DescribeAlarmsForMetricCommandInput } from '@aws-sdk/client-cloudwatch';
import {
  Constraints,
  limitedTags,
  type Operations,
  operation,
  type RequestContext,
  readTags,
  ServiceError,
} from '../../core/index.ts';
import { ALARM_STATES, type AlarmState, configureAlarm, describeAlarm, readAlarm, type StoredAlarm } from './alarm.ts';
import type { AlarmEvaluator } from './alarm-evaluator.ts';
import { configurationOf } from './alarm-messages.ts';
import type { AlarmRegistry, AnyAlarm } from './alarm-registry.ts';
import type { AlarmTransitions } from './alarm-transitions.ts';
import { describeComposite, isComposite } from './composite-alarm.ts';
import { alarmsIn, parseAlarmRule } from './composite-rule.ts';
import { pageOf } from './paging.ts';
import { invalidValue, missingParameter, sortedDimensions } from './validation.ts';

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

const actionsOf = (alarm: AnyAlarm): readonly string[] => {
  const { okActions, alarmActions, insufficientDataActions } = configurationOf(alarm);
  return [...okActions, ...alarmActions, ...insufficientDataActions];
};

const describeAny = (alarm: AnyAlarm) => (isComposite(alarm) ? describeComposite(alarm) : describeAlarm(alarm));

/** Everything that operations on alarms work on. */
export interface AlarmWiring {
  readonly registry: AlarmRegistry;
  readonly evaluator: AlarmEvaluator;
  readonly transitions: AlarmTransitions;
}

/** Operations on alarms of both kinds, but for putting composite ones. */
export const alarmOperations = ({ registry, evaluator, transitions }: AlarmWiring): Operations<typeof Sdk> => {
  const setActing = (names: readonly string[] | undefined, isActing: boolean, context: RequestContext) => {
    new Constraints().required('alarmNames', names).length('alarmNames', names, 0, 100).check();
    for (const name of names ?? []) {
      const alarm = registry.find(context.account, context.region, name);
      if (alarm === undefined) continue;
      if (isComposite(alarm)) registry.put({ ...alarm, composite: { ...alarm.composite, isActing } });
      else registry.put({ ...alarm, configuration: { ...alarm.configuration, isActing } });
    }
    return {};
  };
  /** Alarms below or above a composite one, when that is what was asked for. */
  const relatedTo = (
    parentName: string | undefined,
    childName: string | undefined,
    { account, region }: RequestContext,
  ): AnyAlarm[] | undefined => {
    if (parentName === undefined && childName === undefined) return undefined;
    const of = registry.find(account, region, (parentName ?? childName) as string);
    if (of === undefined) throw alarmMissing((parentName ?? childName) as string);
    if (parentName === undefined) return transitions.above(of.arn).flatMap((arn) => registry.get(arn) ?? []);
    if (!isComposite(of)) return [];
    return alarmsIn(parseAlarmRule(of.composite.rule)).flatMap((name) => transitions.resolve(of, name) ?? []);
  };

  const checkDeletable = (alarms: readonly AnyAlarm[]): void => {
    if (alarms.filter(isComposite).length > 1) {
      throw new ServiceError('ValidationError', 'Only one composite alarm can be deleted in an operation.', 400);
    }
    const going = new Set(alarms.map(({ arn }) => arn));
    const needed = alarms.filter(({ arn }) => transitions.above(arn).some((above) => !going.has(above)));
    if (needed.length === 0) return;
    const names = needed.map(({ name }) => name).join(',');
    throw new ServiceError(
      'ValidationError',
      `Cannot delete ${names} as there are composite alarm(s) depending on ${needed.length === 1 ? 'it' : 'them'}.`,
      400,
    );
  };

  return {
    PutMetricAlarm: operation(
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
        const configuration = readAlarm(input, context.region);
        const name = input.AlarmName as string;
        const known = registry.find(context.account, context.region, name);
        if (known !== undefined && isComposite(known)) {
          throw new ServiceError('ValidationError', `Alarm ${name} is a composite alarm.`, 400);
        }
        const tags = limitedTags(readTags(input.Tags), invalidValue);
        const alarm = configureAlarm(known, name, configuration, tags, context);
        registry.configure(alarm, known, describeAlarm(alarm), context.now);
        transitions.configured(alarm, known === undefined ? 'create' : 'update', known);
        evaluator.follow(alarm);
        return {};
      },
    ),
    DescribeAlarms: operation(
      [
        'AlarmNames',
        'AlarmNamePrefix',
        'AlarmTypes',
        'ChildrenOfAlarmName',
        'ParentsOfAlarmName',
        'StateValue',
        'ActionPrefix',
        'MaxRecords',
        'NextToken',
      ],
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
        const { ChildrenOfAlarmName: parentName, ParentsOfAlarmName: childName } = input;
        const related = relatedTo(parentName, childName, context);
        const types: readonly string[] = input.AlarmTypes ?? (related === undefined ? [] : ['both']);
        const isWanted = (alarm: AnyAlarm): boolean =>
          types.includes('both') ||
          (isComposite(alarm) ? types.includes('CompositeAlarm') : types.length === 0 || types.includes('MetricAlarm'));
        const selected = (related ?? registry.list(context.account, context.region))
          .filter(isWanted)
          .filter(({ name }) => names.length === 0 || names.includes(name))
          .filter(({ name }) => prefix === undefined || name.startsWith(prefix))
          .filter(({ state }) => input.StateValue === undefined || state === input.StateValue)
          .filter((alarm) => action === undefined || actionsOf(alarm).some((arn) => arn.startsWith(action)));
        const { page, ...next } = pageOf(selected, input.NextToken, input.MaxRecords ?? 50);
        const composites = page.filter(isComposite);
        return {
          MetricAlarms: page.filter((alarm): alarm is StoredAlarm => !isComposite(alarm)).map(describeAlarm),
          CompositeAlarms: composites.map(describeComposite),
          ...next,
        };
      },
    ),
    DescribeAlarmsForMetric: operation(
      ['MetricName', 'Namespace', 'Statistic', 'ExtendedStatistic', 'Dimensions', 'Period', 'Unit'],
      (input, context) => {
        if (input.MetricName === undefined) throw missingParameter('MetricName');
        if (input.Namespace === undefined) throw missingParameter('Namespace');
        const alarms = registry
          .list(context.account, context.region)
          .filter((alarm): alarm is StoredAlarm => !isComposite(alarm) && matchesMetric(alarm, input));
        return { MetricAlarms: alarms.map(describeAlarm) };
      },
    ),
    DeleteAlarms: operation(['AlarmNames'], (input, context) => {
      new Constraints().required('alarmNames', input.AlarmNames).length('alarmNames', input.AlarmNames, 0, 100).check();
      const alarms = (input.AlarmNames ?? []).map((name) => {
        const alarm = registry.find(context.account, context.region, name);
        if (alarm === undefined) throw alarmMissing(name);
        return alarm;
      });
      checkDeletable(alarms);
      for (const alarm of alarms) {
        registry.delete(alarm);
        if (isComposite(alarm)) transitions.forget(alarm.arn);
        else evaluator.forget(alarm.arn);
        transitions.configured(alarm, 'delete');
        registry.record(alarm, 'ConfigurationUpdate', `Alarm "${alarm.name}" deleted`, context.now, {
          version: '1.0',
          type: 'Delete',
          deletedAlarm: describeAny(alarm),
        });
      }
      return {};
    }),
    SetAlarmState: operation(['AlarmName', 'StateValue', 'StateReason', 'StateReasonData'], (input, context) => {
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
      // AWS says no more than that here.
      if (alarm === undefined) throw new ServiceError('ResourceNotFound', '', 404);
      if (input.StateReasonData !== undefined) {
        try {
          JSON.parse(input.StateReasonData);
        } catch {
          throw new ServiceError('InvalidFormatFault', 'StateReasonData is not valid JSON.', 400);
        }
      }
      const state = input.StateValue as AlarmState;
      transitions.change(alarm, state, input.StateReason as string, input.StateReasonData, context.now);
      evaluator.wake(alarm.arn);
      return {};
    }),
    EnableAlarmActions: operation(['AlarmNames'], (input, context) => setActing(input.AlarmNames, true, context)),
    DisableAlarmActions: operation(['AlarmNames'], (input, context) => setActing(input.AlarmNames, false, context)),
    DescribeAlarmHistory: operation(
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
          .filter(
            ({ isComposite: isOfComposite }) =>
              types.length === 0 || types.includes(isOfComposite === true ? 'CompositeAlarm' : 'MetricAlarm'),
          );
        if (input.ScanBy !== 'TimestampAscending') items.reverse();
        const { page, ...next } = pageOf(items, input.NextToken, input.MaxRecords ?? 100);
        return {
          AlarmHistoryItems: page.map((item) => ({
            AlarmName: item.alarmName,
            AlarmType: item.isComposite === true ? 'CompositeAlarm' : 'MetricAlarm',
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
