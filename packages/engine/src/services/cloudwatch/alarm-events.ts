import type { Digest } from '@holdfast/kernel';
import type { StoredAlarm } from './alarm.ts';
import { type AlarmBefore, configurationOf } from './alarm-messages.ts';
import type { AnyAlarm } from './alarm-registry.ts';
import { isComposite } from './composite-alarm.ts';
import { javaTimestamp } from './java-json.ts';

const stateOf = (alarm: AlarmBefore) => ({
  value: alarm.state,
  reason: alarm.stateReason,
  reasonData: alarm.stateReasonData,
  timestamp: javaTimestamp(alarm.stateUpdatedAt),
});

/** An id that stays the same as long as the configuration does. */
const metricId = (alarm: StoredAlarm, digest: Digest): string =>
  digest
    .sha256Hex(`${alarm.arn} ${alarm.configuredAt}`)
    .slice(0, 32)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const metricsOf = (alarm: StoredAlarm, digest: Digest) => {
  const { configuration } = alarm;
  const named = (dimensions: readonly { readonly Name?: string | undefined; readonly Value?: string | undefined }[]) =>
    Object.fromEntries(dimensions.map(({ Name, Value }) => [Name, Value]));
  if (configuration.metrics !== undefined) {
    return configuration.metrics.map(({ Id, Expression, Label, MetricStat, ReturnData, Period }) => ({
      id: Id,
      expression: Expression,
      label: Label,
      metricStat:
        MetricStat === undefined
          ? undefined
          : {
              metric: {
                namespace: MetricStat.Metric?.Namespace,
                name: MetricStat.Metric?.MetricName,
                dimensions: named(MetricStat.Metric?.Dimensions ?? []),
              },
              period: MetricStat.Period,
              stat: MetricStat.Stat,
              unit: MetricStat.Unit,
            },
      period: Period,
      returnData: ReturnData ?? true,
    }));
  }
  return [
    {
      id: metricId(alarm, digest),
      metricStat: {
        metric: {
          namespace: configuration.namespace,
          name: configuration.metricName,
          dimensions: named(configuration.dimensions),
        },
        period: configuration.periodSeconds,
        stat: configuration.statistic ?? configuration.extendedStatistic,
        unit: configuration.unit,
      },
      returnData: true,
    },
  ];
};

const configurationDetail = (alarm: AnyAlarm, digest: Digest) =>
  isComposite(alarm)
    ? {
        description: alarm.composite.description,
        alarmRule: alarm.composite.rule,
        actionsSuppressor: alarm.composite.suppressor,
        actionsSuppressorWaitPeriod: alarm.composite.waitSeconds,
        actionsSuppressorExtensionPeriod: alarm.composite.extensionSeconds,
      }
    : { description: alarm.configuration.description, metrics: metricsOf(alarm, digest) };

/** The state change as functions and event buses get it. */
export const stateChangeDetail = (alarm: AnyAlarm, before: AlarmBefore, digest: Digest): Record<string, unknown> => {
  const suppression = isComposite(alarm) ? alarm.suppression : undefined;
  const suppressed =
    suppression === undefined
      ? {}
      : { actionsSuppressedBy: suppression.by, actionsSuppressedReason: `Actions suppressed by ${suppression.by}` };
  const detail = {
    alarmName: alarm.name,
    state: { ...stateOf(alarm), ...suppressed },
    previousState: stateOf(before),
    configuration: configurationDetail(alarm, digest),
  };
  return JSON.parse(JSON.stringify(detail));
};

/** What a function gets, as JSON text. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html */
export const functionEvent = (alarm: AnyAlarm, before: AlarmBefore, digest: Digest): string =>
  JSON.stringify({
    source: 'aws.cloudwatch',
    alarmArn: alarm.arn,
    accountId: alarm.account,
    time: javaTimestamp(alarm.stateUpdatedAt),
    region: alarm.region,
    alarmData: stateChangeDetail(alarm, before, digest),
  });

const wholeConfiguration = (alarm: AnyAlarm, digest: Digest) => {
  const { okActions, alarmActions, insufficientDataActions, isActing } = configurationOf(alarm);
  const metric = isComposite(alarm)
    ? {}
    : {
        evaluationPeriods: alarm.configuration.evaluationPeriods,
        datapointsToAlarm: alarm.configuration.datapointsToAlarm,
        threshold: alarm.configuration.threshold,
        comparisonOperator: alarm.configuration.comparisonOperator,
        treatMissingData: alarm.configuration.treatMissingData,
        evaluateLowSampleCountPercentile: alarm.configuration.evaluateLowSampleCountPercentile,
      };
  return {
    ...metric,
    ...configurationDetail(alarm, digest),
    alarmName: alarm.name,
    actionsEnabled: isActing,
    timestamp: javaTimestamp(alarm.configuredAt),
    okActions,
    alarmActions,
    insufficientDataActions,
  };
};

/** A change of configuration as event buses get it. */
export const configurationChangeDetail = (
  alarm: AnyAlarm,
  operation: 'create' | 'update' | 'delete',
  previous: AnyAlarm | undefined,
  digest: Digest,
): Record<string, unknown> =>
  JSON.parse(
    JSON.stringify({
      alarmName: alarm.name,
      operation,
      state: { value: alarm.state, timestamp: javaTimestamp(alarm.stateUpdatedAt) },
      configuration: wholeConfiguration(alarm, digest),
      previousConfiguration: previous === undefined ? undefined : wholeConfiguration(previous, digest),
    }),
  );
