import type { Dimension, MetricAlarm, MetricDataQuery, PutMetricAlarmCommandInput } from '@aws-sdk/client-cloudwatch';
import { makeArn, parseArn } from '@holdfast/aws-model';
import type { EpochMs } from '@holdfast/kernel';
import { Constraints, notSupported, type RequestContext, ServiceError } from '../../core/index.ts';
import { usesFunction } from './math-syntax.ts';
import { checkQueries } from './metric-queries.ts';
import { statisticNamed } from './statistic.ts';
import {
  checkUnit,
  invalidCombination,
  invalidValue,
  missingParameter,
  STATISTICS,
  sortedDimensions,
} from './validation.ts';

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';

export const ALARM_STATES: readonly AlarmState[] = ['INSUFFICIENT_DATA', 'ALARM', 'OK'];

/** What an alarm is made of, as given to PutMetricAlarm. */
export interface AlarmConfiguration {
  readonly description?: string | undefined;
  readonly isActing: boolean;
  readonly okActions: readonly string[];
  readonly alarmActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
  readonly metricName?: string | undefined;
  readonly namespace?: string | undefined;
  readonly statistic?: string | undefined;
  readonly extendedStatistic?: string | undefined;
  readonly dimensions: readonly Dimension[];
  readonly periodSeconds?: number | undefined;
  readonly unit?: string | undefined;
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm?: number | undefined;
  readonly threshold: number;
  readonly comparisonOperator: string;
  readonly treatMissingData?: string | undefined;
  readonly evaluateLowSampleCountPercentile?: string | undefined;
  readonly metrics?: readonly MetricDataQuery[] | undefined;
}

/** What alarms of both kinds store. */
export interface AlarmFacts {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly configuredAt: EpochMs;
  readonly state: AlarmState;
  readonly stateReason: string;
  readonly stateReasonData?: string | undefined;
  readonly stateUpdatedAt: EpochMs;
  /** When the state last changed to another one. */
  readonly stateTransitionedAt: EpochMs;
  readonly tags: Readonly<Record<string, string>>;
}

/** An alarm on a metric, or on metric math, as stored. */
export interface StoredAlarm extends AlarmFacts {
  readonly configuration: AlarmConfiguration;
}

export const alarmArnOf = (account: string, region: string, name: string): string =>
  makeArn('cloudwatch', region, account, `alarm:${name}`);

/** State of an alarm that nothing has looked at yet. */
const INITIAL_REASON = 'Unchecked: Initial alarm creation';

const OPERATORS = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
];
const BAND_OPERATORS = [
  'LessThanLowerOrGreaterThanUpperThreshold',
  'LessThanLowerThreshold',
  'GreaterThanUpperThreshold',
];
const DAY_SECONDS = 86_400;

const checkWindow = (periodSeconds: number, periods: number): void => {
  if (periodSeconds >= 3_600) {
    if (periodSeconds * periods <= 7 * DAY_SECONDS) return;
    throw new ServiceError(
      'ValidationException',
      'Metrics cannot be checked across more than seven days (EvaluationPeriods * Period must be <= 604800).',
    );
  }
  if (periodSeconds * periods > DAY_SECONDS) {
    throw new ServiceError(
      'ValidationException',
      'Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400).',
    );
  }
};

const checkMetric = (input: PutMetricAlarmCommandInput): void => {
  if (input.MetricName === undefined) throw missingParameter('MetricName');
  if (input.Namespace === undefined) throw missingParameter('Namespace');
  if (input.Period === undefined) throw missingParameter('Period');
  const { Statistic: statistic, ExtendedStatistic: extended } = input;
  if ((statistic === undefined) === (extended === undefined)) {
    throw invalidCombination('Exactly one of the parameters Statistic and ExtendedStatistic must be specified.');
  }
  if (extended !== undefined) statisticNamed(extended, 'ExtendedStatistic');
  if (![10, 20, 30].includes(input.Period) && (input.Period <= 0 || input.Period % 60 !== 0)) {
    throw new ServiceError('ValidationException', 'Period must be 10, 20, 30 or a multiple of 60.');
  }
  sortedDimensions(input.Dimensions, 'dimensions');
};

const checkMath = (input: PutMetricAlarmCommandInput): number => {
  for (const member of ['MetricName', 'Namespace', 'Statistic', 'ExtendedStatistic', 'Period', 'Unit'] as const) {
    if (input[member] !== undefined) {
      throw invalidCombination(
        `The parameters Metrics and ${member} are mutually exclusive and you have specified both.`,
      );
    }
  }
  const queries = checkQueries(input.Metrics);
  if (queries.some(({ expression }) => expression !== undefined && usesFunction(expression, 'SEARCH'))) {
    throw new ServiceError('ValidationException', 'SEARCH is not supported on Metric Alarms.', 400);
  }
  if (queries.filter(({ isReturned }) => isReturned).length !== 1) {
    throw new ServiceError('ValidationException', 'Exactly one element of the metrics list should return data.');
  }
  return Math.max(60, ...queries.map(({ stat, periodSeconds }) => stat?.Period ?? periodSeconds ?? 0));
};

/** Actions are topics and functions of the alarm's own region; all others are refused by name. */
export const checkActions = (
  input: Pick<PutMetricAlarmCommandInput, 'OKActions' | 'AlarmActions' | 'InsufficientDataActions'>,
  region: string,
): void => {
  const actions = [...(input.OKActions ?? []), ...(input.AlarmActions ?? []), ...(input.InsufficientDataActions ?? [])];
  for (const action of actions) {
    if (!action.startsWith('arn:')) throw new ServiceError('ValidationException', `Invalid arn syntax: ${action}`);
    const arn = parseArn(action);
    if (arn?.service !== 'sns' && arn?.service !== 'lambda') throw notSupported(`the alarm action ${action}`);
    if (arn.region !== region) {
      throw new ServiceError(
        'ValidationError',
        `Invalid region ${arn.region} specified. Only ${region} is supported.`,
        400,
      );
    }
  }
};

/** Checks PutMetricAlarm and turns it into what is stored. */
export const readAlarm = (input: PutMetricAlarmCommandInput, region: string): AlarmConfiguration => {
  new Constraints()
    .required('alarmName', input.AlarmName)
    .length('alarmName', input.AlarmName, 1, 255)
    .length('alarmDescription', input.AlarmDescription, 0, 1_024)
    .required('evaluationPeriods', input.EvaluationPeriods)
    .range('evaluationPeriods', input.EvaluationPeriods, 1, Number.MAX_SAFE_INTEGER)
    .range('datapointsToAlarm', input.DatapointsToAlarm, 1, Number.MAX_SAFE_INTEGER)
    .required('comparisonOperator', input.ComparisonOperator)
    .oneOf('comparisonOperator', input.ComparisonOperator, [...OPERATORS, ...BAND_OPERATORS])
    .oneOf('statistic', input.Statistic, STATISTICS)
    .oneOf('treatMissingData', input.TreatMissingData, ['breaching', 'notBreaching', 'ignore', 'missing'])
    .oneOf('evaluateLowSampleCountPercentile', input.EvaluateLowSampleCountPercentile, ['evaluate', 'ignore'])
    .length('oKActions', input.OKActions, 0, 5)
    .length('alarmActions', input.AlarmActions, 0, 5)
    .length('insufficientDataActions', input.InsufficientDataActions, 0, 5)
    .check();
  checkUnit(input.Unit, 'unit');
  const operator = input.ComparisonOperator as string;
  if (BAND_OPERATORS.includes(operator)) throw notSupported(`alarms with ${operator}`);
  if (input.Threshold === undefined) throw missingParameter('Threshold');
  const periods = input.EvaluationPeriods as number;
  if ((input.DatapointsToAlarm ?? 1) > periods) {
    throw invalidValue('The parameter DatapointsToAlarm must be less than or equal to EvaluationPeriods.');
  }
  checkActions(input, region);
  const isMath = input.Metrics !== undefined && input.Metrics.length > 0;
  if (!isMath) checkMetric(input);
  checkWindow(isMath ? checkMath(input) : (input.Period as number), periods);
  return {
    description: input.AlarmDescription,
    isActing: input.ActionsEnabled ?? true,
    okActions: input.OKActions ?? [],
    alarmActions: input.AlarmActions ?? [],
    insufficientDataActions: input.InsufficientDataActions ?? [],
    metricName: input.MetricName,
    namespace: input.Namespace,
    statistic: input.Statistic,
    extendedStatistic: input.ExtendedStatistic,
    dimensions: input.Dimensions ?? [],
    periodSeconds: input.Period,
    unit: input.Unit,
    evaluationPeriods: periods,
    datapointsToAlarm: input.DatapointsToAlarm,
    threshold: input.Threshold,
    comparisonOperator: operator,
    treatMissingData: input.TreatMissingData,
    evaluateLowSampleCountPercentile: input.EvaluateLowSampleCountPercentile,
    metrics: isMath ? input.Metrics : undefined,
  };
};

/** What every alarm begins with, whatever it looks at. */
export const unconfigured = (
  name: string,
  tags: Readonly<Record<string, string>>,
  { account, region, now }: RequestContext,
) => ({
  arn: alarmArnOf(account, region, name),
  name,
  account,
  region,
  state: 'INSUFFICIENT_DATA' as const,
  stateReason: INITIAL_REASON,
  stateUpdatedAt: now,
  stateTransitionedAt: now,
  tags,
});

/** A new alarm, or the same alarm under a new configuration: its state stays until the next evaluation. */
export const configureAlarm = (
  known: StoredAlarm | undefined,
  name: string,
  configuration: AlarmConfiguration,
  tags: Readonly<Record<string, string>>,
  context: RequestContext,
): StoredAlarm => ({
  ...(known ?? unconfigured(name, tags, context)),
  configuration,
  configuredAt: context.now,
});

const present = <Shape extends object>(shape: Shape): Shape =>
  Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as Shape;

/** An alarm as DescribeAlarms shows it. */
export const describeAlarm = (alarm: StoredAlarm): MetricAlarm => {
  const { configuration } = alarm;
  return present({
    AlarmName: alarm.name,
    AlarmArn: alarm.arn,
    AlarmDescription: configuration.description,
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
    ActionsEnabled: configuration.isActing,
    OKActions: [...configuration.okActions],
    AlarmActions: [...configuration.alarmActions],
    InsufficientDataActions: [...configuration.insufficientDataActions],
    StateValue: alarm.state,
    StateReason: alarm.stateReason,
    StateReasonData: alarm.stateReasonData,
    StateUpdatedTimestamp: new Date(alarm.stateUpdatedAt),
    StateTransitionedTimestamp: new Date(alarm.stateTransitionedAt),
    MetricName: configuration.metricName,
    Namespace: configuration.namespace,
    Statistic: configuration.statistic,
    ExtendedStatistic: configuration.extendedStatistic,
    Dimensions: [...configuration.dimensions],
    Period: configuration.periodSeconds,
    Unit: configuration.unit,
    EvaluationPeriods: configuration.evaluationPeriods,
    DatapointsToAlarm: configuration.datapointsToAlarm,
    Threshold: configuration.threshold,
    ComparisonOperator: configuration.comparisonOperator,
    TreatMissingData: configuration.treatMissingData,
    EvaluateLowSampleCountPercentile: configuration.evaluateLowSampleCountPercentile,
    Metrics: configuration.metrics,
  }) as MetricAlarm;
};
