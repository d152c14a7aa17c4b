import type { AlarmState } from './alarm.ts';

/** How an alarm takes periods without data. @see PutMetricAlarm, TreatMissingData */
export type MissingData = 'missing' | 'ignore' | 'breaching' | 'notBreaching';

/** One period of an alarm's evaluation range. */
export interface AlarmPoint {
  /** Start of the period. */
  readonly at: number;
  /** `undefined` when there was no data in it. */
  readonly value: number | undefined;
  readonly sampleCount?: number | undefined;
  /** Too few samples for its percentile, and the alarm is to leave such periods alone. */
  readonly isThin?: boolean | undefined;
}

export interface AlarmTerms {
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly missingData: MissingData;
  readonly isBreaching: (value: number) => boolean;
}

export interface Judgement {
  /** `undefined`: the alarm keeps the state that it has. */
  readonly state: AlarmState | undefined;
  /** The data points that decided, newest first. */
  readonly evaluated: readonly AlarmPoint[];
  /** Periods that were filled as the alarm says, newest first. */
  readonly filled: readonly AlarmPoint[];
}

/** AWS looks at more periods than it evaluates; its documentation shows 5 for 3. */
export const EXTRA_PERIODS = 2;

/**
 * Judges the periods of an evaluation range, newest first.
 *
 * Real data points are preferred, also from further back; missing ones are filled only as far as needed. With
 * `missing` and `ignore` a filled period decides nothing by itself: without any data point within the threshold,
 * `ignore` keeps the state and `missing` waits, but goes to ALARM when the oldest breaching point has been there for as many
 * periods as there must be breaching ones.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export const judge = (range: readonly AlarmPoint[], terms: AlarmTerms): Judgement => {
  const { evaluationPeriods, datapointsToAlarm, missingData, isBreaching } = terms;
  const evaluated = range.filter(({ value }) => value !== undefined).slice(0, evaluationPeriods);
  const filled = range.filter(({ value }) => value === undefined).slice(0, evaluationPeriods - evaluated.length);
  const answer = (state: AlarmState | undefined): Judgement => ({ state, evaluated, filled });
  if (evaluated.some(({ isThin }) => isThin === true)) return answer(undefined);
  const breaching = evaluated.filter(({ value }) => isBreaching(value as number));

  if (breaching.length >= datapointsToAlarm) return answer('ALARM');
  if (evaluated.length >= evaluationPeriods) return answer('OK');
  if (missingData === 'breaching') {
    return answer(breaching.length + filled.length >= datapointsToAlarm ? 'ALARM' : 'OK');
  }
  if (missingData === 'notBreaching') return answer('OK');
  if (evaluated.length > breaching.length) return answer('OK');
  if (missingData === 'ignore') return answer(undefined);
  const oldest = breaching.at(-1);
  if (oldest === undefined) return answer('INSUFFICIENT_DATA');
  const age = range.findIndex(({ at }) => at === oldest.at) + 1;
  return answer(age >= datapointsToAlarm ? 'ALARM' : undefined);
};
