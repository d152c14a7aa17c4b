import type { EpochMs } from '@holdfast/kernel';
import type { AlarmConfiguration, AlarmState } from './alarm.ts';
import type { AlarmPoint, Judgement } from './alarm-judgement.ts';
import { Double, javaJson, javaTimestamp } from './java-json.ts';

/** Data points listed in a text; of more, the newest. */
const LISTED_MAX = 5;

const RELATIONS: Readonly<Record<string, string>> = {
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  GreaterThanThreshold: 'greater than',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
};

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

/** `02/10/19 17:10:00`: day, month, year. */
const shortTime = (at: EpochMs): string => {
  const [, year, month, day, time] = /^\d\d(\d\d)-(\d\d)-(\d\d)T([\d:]{8})/.exec(new Date(at).toISOString()) ?? [];
  return `${day}/${month}/${year} ${time}`;
};

const listed = (points: readonly AlarmPoint[]): string =>
  `[${points
    .slice(0, LISTED_MAX)
    .map(({ at, value }) => `${new Double(value as number)} (${shortTime(at)})`)
    .join(', ')}]`;

const filledText = ({ filled }: Judgement, missingData: string): string => {
  const how = missingData === 'breaching' ? 'Breaching' : 'NonBreaching';
  return `${counted(filled.length, 'missing datapoint')} ${filled.length === 1 ? 'was' : 'were'} treated as [${how}]`;
};

/** Why an alarm went to a state, in CloudWatch's words. */
export const reasonText = (
  state: AlarmState,
  judgement: Judgement,
  configuration: AlarmConfiguration,
  missingData: string,
  isBreaching: (value: number) => boolean,
): string => {
  const { evaluationPeriods: periods, datapointsToAlarm, threshold, comparisonOperator } = configuration;
  const { evaluated, filled } = judgement;
  if (state === 'INSUFFICIENT_DATA') {
    return `Insufficient Data: ${counted(periods, 'datapoint')} ${periods === 1 ? 'was' : 'were'} unknown.`;
  }
  const isFilled = filled.length > 0 && (missingData === 'breaching' || missingData === 'notBreaching');
  if (evaluated.length === 0) {
    return `Threshold Crossed: no datapoints were received for ${counted(periods, 'period')} and ${filledText(judgement, missingData)}.`;
  }
  const isAlarm = state === 'ALARM';
  const deciding = evaluated.filter(({ value }) => isBreaching(value as number) === isAlarm);
  // Only what was filled in speaks for it: the data points themselves say the contrary.
  if (deciding.length === 0 && isFilled) return `Threshold Crossed: ${filledText(judgement, missingData)}.`;
  const shown = deciding.length === 0 ? evaluated : deciding;
  const relation = `${shown.length === 1 ? 'was' : 'were'} ${isAlarm ? '' : 'not '}${RELATIONS[comparisonOperator]} the threshold (${new Double(threshold)})`;
  const isManyOfMany = datapointsToAlarm !== undefined;
  const amount = isManyOfMany
    ? `${shown.length} out of the last ${counted(periods, 'datapoint')}`
    : counted(shown.length, 'datapoint');
  const least = isAlarm ? (datapointsToAlarm ?? periods) : periods - (datapointsToAlarm ?? periods) + 1;
  const change = isAlarm ? 'OK -> ALARM' : 'ALARM -> OK';
  const minimum = isManyOfMany ? ` (minimum ${counted(least, 'datapoint')} for ${change} transition)` : '';
  const also = isFilled ? ` and ${filledText(judgement, missingData)}` : '';
  if (shown.length <= LISTED_MAX) {
    return `Threshold Crossed: ${amount} ${listed(shown)} ${relation}${also}${minimum}.`;
  }
  return `Threshold Crossed: ${amount} ${relation}${also}. The most recent datapoints which crossed the threshold: ${listed(shown)}${minimum}.`;
};

/** The same as data: what was asked for, when, and every data point that was looked at. JSON text. */
export const reasonData = (judgement: Judgement, configuration: AlarmConfiguration, now: EpochMs): string => {
  const { evaluated, filled } = judgement;
  const oldest = evaluated.at(-1);
  const all = [...evaluated, ...filled].sort((a, b) => b.at - a.at);
  return javaJson({
    version: '1.0',
    queryDate: javaTimestamp(now),
    startDate: oldest === undefined ? undefined : javaTimestamp(oldest.at),
    unit: configuration.unit,
    statistic: configuration.statistic ?? configuration.extendedStatistic,
    period: configuration.periodSeconds ?? mathPeriodSeconds(configuration),
    recentDatapoints: evaluated.map(({ value }) => new Double(value as number)).reverse(),
    threshold: new Double(configuration.threshold),
    evaluatedDatapoints: all.map(({ at, sampleCount, value }) => ({
      timestamp: javaTimestamp(at),
      sampleCount: sampleCount === undefined ? undefined : new Double(sampleCount),
      value: value === undefined ? undefined : new Double(value),
    })),
  });
};

/** Period of an alarm on metric math: the longest of its metrics. */
export const mathPeriodSeconds = (configuration: AlarmConfiguration): number =>
  Math.max(
    ...(configuration.metrics ?? []).map(({ MetricStat, Period }) => MetricStat?.Period ?? Period ?? 0),
    configuration.periodSeconds ?? 0,
  ) || 60;
