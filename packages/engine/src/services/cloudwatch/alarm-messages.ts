import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { regionName } from '@holdfast/aws-model';
import type { EpochMs } from '@holdfast/kernel';
import type { AlarmConfiguration, AlarmState } from './alarm.ts';
import { mathPeriodSeconds } from './alarm-reason.ts';
import type { AnyAlarm } from './alarm-registry.ts';
import { isComposite } from './composite-alarm.ts';
import { Double, javaJson, javaTimestamp } from './java-json.ts';

/** What an alarm was before a change. */
export interface AlarmBefore {
  readonly state: AlarmState;
  readonly stateReason: string;
  readonly stateReasonData?: string | undefined;
  readonly stateUpdatedAt: EpochMs;
}

const SUBJECT_CHARACTERS_MAX = 100;

/** Lists of alarms and metrics end their lines so that mails look alike. */
const padded = (label: string, width: number, value: string): string => `- ${`${label}:`.padEnd(width)} ${value}`;

export const configurationOf = (alarm: AnyAlarm) => (isComposite(alarm) ? alarm.composite : alarm.configuration);

/** `Friday 20 October, 2023 14:05:00 UTC` */
export const longTime = (at: EpochMs): string => {
  const format = (options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', ...options }).format(at);
  const day = format({ weekday: 'long' });
  const month = format({ month: 'long' });
  const date = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${day} ${two(date.getUTCDate())} ${month}, ${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} UTC`;
};

export const subjectOf = (alarm: AnyAlarm): string => {
  const rest = `" in ${regionName(alarm.region)}`;
  const start = `${alarm.state}: "`;
  const room = SUBJECT_CHARACTERS_MAX - start.length - rest.length;
  const name = alarm.name.length <= room ? alarm.name : `${alarm.name.slice(0, Math.max(0, room - 3))}...`;
  return `${start}${name}${rest}`;
};

const statisticWord = (statistic: string): string =>
  ({ SampleCount: 'SAMPLE_COUNT' })[statistic] ?? statistic.toUpperCase();

const swapped = (dimensions: readonly { readonly Name?: string | undefined; readonly Value?: string | undefined }[]) =>
  dimensions.map(({ Name, Value }) => ({ value: Value, name: Name }));

const triggerMetrics = (metrics: readonly MetricDataQuery[]) =>
  metrics.map(({ Expression, Id, Label, MetricStat, Period, ReturnData }) => ({
    Expression,
    Id,
    Label,
    MetricStat:
      MetricStat === undefined
        ? undefined
        : {
            Metric: {
              Dimensions: swapped(MetricStat.Metric?.Dimensions ?? []),
              MetricName: MetricStat.Metric?.MetricName,
              Namespace: MetricStat.Metric?.Namespace,
            },
            Period: MetricStat.Period,
            Stat: MetricStat.Stat,
            Unit: MetricStat.Unit,
          },
    Period,
    ReturnData: ReturnData ?? true,
  }));

const triggerOf = (configuration: AlarmConfiguration) => {
  const { metrics, statistic, extendedStatistic } = configuration;
  const subject =
    metrics === undefined
      ? {
          MetricName: configuration.metricName,
          Namespace: configuration.namespace,
          StatisticType: statistic === undefined ? 'ExtendedStatistic' : 'Statistic',
          Statistic: statistic === undefined ? undefined : statisticWord(statistic),
          ExtendedStatistic: extendedStatistic,
          Unit: configuration.unit ?? null,
          Dimensions: swapped(configuration.dimensions),
        }
      : { Metrics: triggerMetrics(metrics) };
  return {
    ...subject,
    Period: configuration.periodSeconds ?? mathPeriodSeconds(configuration),
    EvaluationPeriods: configuration.evaluationPeriods,
    DatapointsToAlarm: configuration.datapointsToAlarm,
    ComparisonOperator: configuration.comparisonOperator,
    Threshold: new Double(configuration.threshold),
    TreatMissingData: configuration.treatMissingData ?? 'missing',
    EvaluateLowSampleCountPercentile: configuration.evaluateLowSampleCountPercentile ?? '',
  };
};

/** Alarms whose change made a composite alarm change, as its reason has them. */
const triggeringChildren = (alarm: AnyAlarm) => {
  const data = alarm.stateReasonData === undefined ? undefined : JSON.parse(alarm.stateReasonData);
  const children: { arn: string; state: { value: string; timestamp: string } }[] = data?.triggeringAlarms ?? [];
  return children.map(({ arn, state }) => ({
    Arn: arn,
    State: { Value: state.value, Timestamp: state.timestamp },
  }));
};

/**
 * What a topic gets, as JSON text.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export const topicMessage = (alarm: AnyAlarm, before: AlarmBefore): string => {
  const { okActions, alarmActions, insufficientDataActions, description } = configurationOf(alarm);
  return javaJson({
    AlarmName: alarm.name,
    AlarmDescription: description ?? null,
    AWSAccountId: alarm.account,
    AlarmConfigurationUpdatedTimestamp: javaTimestamp(alarm.configuredAt),
    NewStateValue: alarm.state,
    NewStateReason: alarm.stateReason,
    StateChangeTime: javaTimestamp(alarm.stateUpdatedAt),
    Region: regionName(alarm.region),
    AlarmArn: alarm.arn,
    OldStateValue: before.state,
    OKActions: okActions,
    AlarmActions: alarmActions,
    InsufficientDataActions: insufficientDataActions,
    ...(isComposite(alarm)
      ? { AlarmRule: alarm.composite.rule, TriggeringChildren: triggeringChildren(alarm) }
      : { Trigger: triggerOf(alarm.configuration) }),
    ActionExecutedAfterMuteWindow: false,
  });
};

const metricLines = (configuration: AlarmConfiguration): string[] => {
  const { metrics, dimensions, threshold, comparisonOperator, evaluationPeriods, datapointsToAlarm } = configuration;
  const period = configuration.periodSeconds ?? mathPeriodSeconds(configuration);
  const line = (label: string, value: string): string => padded(label, 37, value);
  return [
    'Threshold:',
    `- The alarm is in the ALARM state when the metric is ${comparisonOperator} ${new Double(threshold)} for at least ${datapointsToAlarm ?? evaluationPeriods} of the last ${evaluationPeriods} period(s) of ${period} seconds.`,
    '',
    ...(metrics === undefined
      ? [
          'Monitored Metric:',
          line('MetricNamespace', configuration.namespace ?? ''),
          line('MetricName', configuration.metricName ?? ''),
          line('Dimensions', `[${dimensions.map(({ Name, Value }) => `${Name} = ${Value}`).join(', ')}]`),
          line('Period', `${period} seconds`),
          line('Statistic', configuration.statistic ?? configuration.extendedStatistic ?? ''),
          line('Unit', configuration.unit ?? 'not specified'),
        ]
      : [
          'Monitored Metrics:',
          ...metrics.map(({ Id, Expression, MetricStat }) =>
            line(Id ?? '', Expression ?? `${MetricStat?.Metric?.Namespace} ${MetricStat?.Metric?.MetricName}`),
          ),
        ]),
    line('TreatMissingData', configuration.treatMissingData ?? 'missing'),
    '',
  ];
};

/** What people get by mail. Differs: no link to the console of AWS. */
export const mailText = (alarm: AnyAlarm, before: AlarmBefore): string => {
  const { okActions, alarmActions, insufficientDataActions, description } = configurationOf(alarm);
  const at = longTime(alarm.stateUpdatedAt);
  const line = (label: string, value: string): string => padded(label, 27, value);
  const actions = (arns: readonly string[]): string => arns.map((arn) => `[${arn}]`).join(' ');
  return [
    `You are receiving this email because your Amazon CloudWatch Alarm "${alarm.name}" in the ${regionName(alarm.region)} region has entered the ${alarm.state} state, because "${alarm.stateReason}" at "${at}".`,
    '',
    'Alarm Details:',
    line('Name', alarm.name),
    line('Description', description ?? ''),
    line('State Change', `${before.state} -> ${alarm.state}`),
    line('Reason for State Change', alarm.stateReason),
    line('Timestamp', at),
    line('AWS Account', alarm.account),
    line('Alarm Arn', alarm.arn),
    '',
    ...(isComposite(alarm) ? ['Alarm Rule:', `- ${alarm.composite.rule}`, ''] : metricLines(alarm.configuration)),
    'State Change Actions:',
    `- OK: ${actions(okActions)}`,
    `- ALARM: ${actions(alarmActions)}`,
    `- INSUFFICIENT_DATA: ${actions(insufficientDataActions)}`,
    '',
  ].join('\n');
};
