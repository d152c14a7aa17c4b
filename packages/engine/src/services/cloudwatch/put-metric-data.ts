import type { MetricDatum, PutMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { DAY_MS, type EpochMs, HOUR_MS } from '@holdfast/kernel';
import { Constraints, type RequestContext, refuseUnmodelled } from '../../core/index.ts';
import type { MetricStore } from './metric-store.ts';
import type { SeriesIdentity } from './series.ts';
import { checkUnit, invalidCombination, invalidValue, missingParameter, sortedDimensions } from './validation.ts';

/** Data points per request. */
export const DATA_PER_REQUEST_MAX = 1_000;
/** Distinct values per data point. */
const VALUES_MAX = 150;
const OLDEST_MS = 14 * DAY_MS;
const NEWEST_MS = 2 * HOUR_MS;
/** Values must stay within 2^360 either side. */
const VALUE_LIMIT = 2 ** 360;

interface Accepted {
  readonly identity: SeriesIdentity;
  readonly at: EpochMs;
  readonly isHighResolution: boolean;
  readonly values: readonly (readonly [value: number, count: number])[];
  readonly set?: { readonly count: number; readonly sum: number; readonly min: number; readonly max: number };
}

const checkNumber = (value: number, path: string): number => {
  if (Number.isFinite(value) && Math.abs(value) <= VALUE_LIMIT) return value;
  throw invalidValue(`The value ${value} for parameter ${path} is invalid.`);
};

const valuesOf = (datum: MetricDatum, path: string): Pick<Accepted, 'values' | 'set'> => {
  const { Value, Values, Counts, StatisticValues } = datum;
  const given = [
    ['Value', Value !== undefined],
    ['Values', Values !== undefined && Values.length > 0],
    ['StatisticValues', StatisticValues !== undefined],
  ] as const;
  const names = given.filter(([, isGiven]) => isGiven).map(([name]) => name);
  // AWS takes Values beside StatisticValues; the statistics are then those of the set, and the values tell percentiles nothing.
  if (names.length > 1 && names[0] === 'Value') {
    throw invalidCombination(
      `The parameters ${path}.${names[0]} and ${path}.${names[1]} are mutually exclusive and you have specified both.`,
    );
  }
  if (Value !== undefined) return { values: [[checkNumber(Value, `${path}.Value`), 1]] };
  if (StatisticValues !== undefined) {
    const { SampleCount: count = 0, Sum: sum = 0, Minimum: min = 0, Maximum: max = 0 } = StatisticValues;
    for (const [name, value] of Object.entries({ SampleCount: count, Sum: sum, Minimum: min, Maximum: max })) {
      checkNumber(value, `${path}.StatisticValues.${name}`);
    }
    if (min > max) {
      throw invalidValue(
        `The value ${max} for parameter ${path}.StatisticValues.Maximum must not be less than StatisticValues.Minimum.`,
      );
    }
    if (count < 0)
      throw invalidValue(`The value ${count} for parameter ${path}.StatisticValues.SampleCount is invalid.`);
    return { values: [], set: { count, sum, min, max } };
  }
  if (Values === undefined || Values.length === 0) throw missingParameter(`${path}.Value`);
  if (Values.length > VALUES_MAX) {
    throw invalidValue(`The collection ${path}.Values must not have a size greater than ${VALUES_MAX}.`);
  }
  if (Counts !== undefined && Counts.length > 0 && Counts.length !== Values.length) {
    throw invalidValue(`The parameters ${path}.Values and ${path}.Counts must be of the same size.`);
  }
  return {
    values: Values.map((value, index) => {
      const count = Counts?.[index] ?? 1;
      if (!(count >= 0))
        throw invalidValue(`The value ${count} for parameter ${path}.Counts.member.${index + 1} is invalid.`);
      return [checkNumber(value, `${path}.Values.member.${index + 1}`), count] as const;
    }),
  };
};

const accept = (datum: MetricDatum, index: number, namespace: string, context: RequestContext): Accepted => {
  const path = `MetricData.member.${index + 1}`;
  refuseUnmodelled(
    datum,
    [
      'MetricName',
      'Dimensions',
      'Timestamp',
      'Value',
      'StatisticValues',
      'Values',
      'Counts',
      'Unit',
      'StorageResolution',
    ],
    `PutMetricData ${path}`,
  );
  if (datum.MetricName === undefined || datum.MetricName === '') throw missingParameter(`${path}.MetricName`);
  new Constraints().length('metricData.member.metricName', datum.MetricName, 1, 255).check();
  checkUnit(datum.Unit, `metricData.${index + 1}.member.unit`);
  const resolution = datum.StorageResolution ?? 60;
  if (resolution !== 1 && resolution !== 60) {
    throw invalidValue(`The parameter ${path}.StorageResolution must be 1 or 60.`);
  }
  const at = datum.Timestamp?.getTime() ?? context.now;
  if (!(at >= context.now - OLDEST_MS)) {
    throw invalidValue(`The parameter ${path}.Timestamp must specify a time no more than two weeks in the past.`);
  }
  if (at > context.now + NEWEST_MS) {
    throw invalidValue(`The parameter ${path}.Timestamp must specify a time no more than two hours in the future.`);
  }
  return {
    identity: {
      account: context.account,
      region: context.region,
      namespace,
      name: datum.MetricName,
      dimensions: sortedDimensions(datum.Dimensions, 'metricData.member.dimensions'),
      unit: datum.Unit ?? 'None',
    },
    at,
    isHighResolution: resolution === 1,
    ...valuesOf(datum, path),
  };
};

/**
 * PutMetricData: checks every data point before it takes any, and is durable when it answers.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
 */
export const putMetricData = (store: MetricStore, input: PutMetricDataCommandInput, context: RequestContext): void => {
  const { Namespace, MetricData } = input;
  if (Namespace === undefined || Namespace === '') throw missingParameter('Namespace');
  new Constraints()
    .length('namespace', Namespace, 1, 255)
    .pattern('namespace', Namespace, /^[^:].*$/, '[^:].*')
    .check();
  if (Namespace.startsWith('AWS/')) throw invalidValue('The value AWS/ for parameter Namespace is invalid.');
  if (MetricData === undefined) throw missingParameter('MetricData');
  if (MetricData.length > DATA_PER_REQUEST_MAX) {
    throw invalidValue(`The collection MetricData must not have a size greater than ${DATA_PER_REQUEST_MAX}.`);
  }
  const accepted = MetricData.map((datum, index) => accept(datum, index, Namespace, context));
  for (const { identity, at, isHighResolution, values, set } of accepted) {
    const series = store.seriesFor(identity);
    const buckets = isHighResolution ? [series.minute(at), series.second(at)] : [series.minute(at)];
    for (const bucket of buckets) {
      for (const [value, count] of values) if (count > 0) bucket.add(value, count);
      if (set !== undefined && set.count > 0) bucket.addStatisticSet(set);
    }
    store.persist(series, at, isHighResolution);
  }
};
