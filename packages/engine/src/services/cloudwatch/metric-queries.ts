import type { MetricDataQuery, MetricStat } from '@aws-sdk/client-cloudwatch';
import { type EpochMs, SECOND_MS } from '@holdfast/kernel';
import { Constraints, type RequestContext, refuseUnmodelled, ServiceError } from '../../core/index.ts';
import { checkPeriod } from './get-metric-statistics.ts';
import { evaluate, type MathScope, type MathValue, type TimeSeries } from './math-evaluation.ts';
import { type Expression, expressionError, idsIn, parseExpression } from './math-syntax.ts';
import { checkLabel, factsOf } from './metric-labels.ts';
import { parseSearch, SEARCH_RESULTS_MAX } from './metric-search.ts';
import type { Metric, MetricStore } from './metric-store.ts';
import { RETENTION_MS } from './series.ts';
import { statisticNamed } from './statistic.ts';
import { checkUnit, invalidValue, missingParameter, sortedDimensions, toDimensions } from './validation.ts';

/** Of SEARCH without a period, as in the console. */
const DEFAULT_SEARCH_PERIOD_SECONDS = 300;

/** Queries per request. */
const QUERIES_MAX = 500;

/** A query that has been checked. */
export interface MetricQuery {
  readonly id: string;
  /** As given; `undefined` when one is to be made up. */
  readonly label: string | undefined;
  readonly isReturned: boolean;
  readonly stat?: MetricStat | undefined;
  readonly expression?: Expression | undefined;
  readonly periodSeconds?: number | undefined;
}

const invalid = (message: string): ServiceError => new ServiceError('ValidationException', message, 400);

const checkStat = (stat: MetricStat, path: string): void => {
  refuseUnmodelled(stat, ['Metric', 'Period', 'Stat', 'Unit'], path);
  if (stat.Metric?.Namespace === undefined) throw missingParameter(`${path}.Metric.Namespace`);
  if (stat.Metric.MetricName === undefined) throw missingParameter(`${path}.Metric.MetricName`);
  if (stat.Period === undefined) throw missingParameter(`${path}.Period`);
  if (stat.Stat === undefined) throw missingParameter(`${path}.Stat`);
  checkPeriod(stat.Period, `${path}.Period`);
  statisticNamed(stat.Stat, `${path}.Stat`);
  checkUnit(stat.Unit, 'metricStat.unit');
  sortedDimensions(stat.Metric.Dimensions, 'metric.dimensions');
};

const checkQuery = (query: MetricDataQuery, index: number): MetricQuery => {
  const path = `MetricDataQueries.member.${index + 1}`;
  refuseUnmodelled(query, ['Id', 'MetricStat', 'Expression', 'Label', 'ReturnData', 'Period'], path);
  const { Id: id, MetricStat: stat, Expression: source } = query;
  new Constraints()
    .required('metricDataQueries.member.id', id)
    .length('metricDataQueries.member.id', id, 1, 255)
    .check();
  if (!/^[a-z][A-Za-z0-9_]*$/.test(id as string)) {
    throw invalid(
      `The value ${id} for parameter ${path}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`,
    );
  }
  if ((stat === undefined) === (source === undefined)) {
    throw invalid(`Exactly one of the parameters ${path}.MetricStat and ${path}.Expression must be specified.`);
  }
  if (query.Label !== undefined) checkLabel(query.Label);
  if (stat !== undefined) checkStat(stat, `${path}.MetricStat`);
  return {
    id: id as string,
    label: query.Label,
    isReturned: query.ReturnData !== false,
    stat,
    expression: source === undefined ? undefined : parseExpression(source, id as string),
    periodSeconds: query.Period,
  };
};

/** Checks metric data queries: ids, one source each, references that exist and do not go in circles. */
export const checkQueries = (queries: readonly MetricDataQuery[] | undefined): readonly MetricQuery[] => {
  if (queries === undefined || queries.length === 0) throw missingParameter('MetricDataQueries');
  if (queries.length > QUERIES_MAX) {
    throw invalidValue(`The collection MetricDataQueries must not have a size greater than ${QUERIES_MAX}.`);
  }
  const checked = queries.map(checkQuery);
  const byId = new Map(checked.map((query) => [query.id, query]));
  if (byId.size < checked.length) throw invalid('The values for parameter id in MetricDataQueries are not unique.');
  const visit = (query: MetricQuery, path: readonly string[]): void => {
    if (path.includes(query.id)) throw expressionError(query.id, 'Circular dependency.');
    for (const id of query.expression === undefined ? [] : idsIn(query.expression)) {
      const used = byId.get(id);
      if (used === undefined) throw expressionError(query.id, `Undefined ID '${id}'.`);
      visit(used, [...path, query.id]);
    }
  };
  for (const query of checked) visit(query, []);
  return checked;
};

/** Where the periods of a time range begin: on multiples of the period, or at the start of the range (alarms). */
export type PeriodOrigin = 'clock' | 'start';

/** Who asks, and when. */
export type MetricReader = Pick<RequestContext, 'account' | 'region' | 'now'>;

/** Units in the order in which CloudWatch prefers them when none is asked for. */
const UNIT_ORDER: readonly string[] =
  'Megabits Terabits Gigabits Count Bytes Gigabytes Gigabytes/Second Kilobytes Kilobits/Second Terabytes Terabits/Second Bytes/Second Percent Megabytes Megabits/Second Milliseconds Microseconds Kilobytes/Second Gigabits/Second Megabytes/Second Bits Bits/Second Count/Second Seconds Kilobits Terabytes/Second None'.split(
    ' ',
  );

/** Units that have data in a time range, the preferred one first, each with its periods. */
const unitsWithData = (
  metric: Metric | undefined,
  wanted: string | undefined,
  from: EpochMs,
  end: EpochMs,
  periodMs: number,
) =>
  [...(metric?.byUnit ?? [])]
    .filter(([unit]) => wanted === undefined || unit === wanted)
    .map(([unit, series]) => ({ unit, periods: series.periods(from, end, periodMs) }))
    .filter(({ periods }) => periods.length > 0)
    .sort((a, b) => UNIT_ORDER.indexOf(a.unit) - UNIT_ORDER.indexOf(b.unit));

/** Units of a statistic's metric that have data, by name; more than one is worth a message. */
export const unitsOf = (
  store: MetricStore,
  stat: MetricStat,
  start: EpochMs,
  end: EpochMs,
  { account, region }: MetricReader,
): readonly string[] => {
  const periodMs = (stat.Period as number) * SECOND_MS;
  const dimensions = sortedDimensions(stat.Metric?.Dimensions, 'metric.dimensions');
  const metric = store.find(account, region, stat.Metric?.Namespace ?? '', stat.Metric?.MetricName ?? '', dimensions);
  if (metric === undefined || metric.byUnit.size < 2) return [];
  const from = Math.floor(start / periodMs) * periodMs;
  return unitsWithData(metric, stat.Unit, from, end, periodMs)
    .map(({ unit }) => unit)
    .sort();
};

/** Reads one statistic of one metric as a series. */
const readStat = (
  store: MetricStore,
  stat: MetricStat,
  start: EpochMs,
  end: EpochMs,
  { account, region, now }: MetricReader,
  origin: PeriodOrigin,
): TimeSeries => {
  const periodMs = (stat.Period as number) * SECOND_MS;
  const dimensions = sortedDimensions(stat.Metric?.Dimensions, 'metric.dimensions');
  const metric = store.find(account, region, stat.Metric?.Namespace ?? '', stat.Metric?.MetricName ?? '', dimensions);
  const read = statisticNamed(stat.Stat as string, 'Stat');
  const aligned = Math.max(Math.floor(start / periodMs), Math.ceil((now - RETENTION_MS) / periodMs)) * periodMs;
  const from = origin === 'clock' ? aligned : start;
  const values = new Map<EpochMs, number>();
  const units = unitsWithData(metric, stat.Unit, from, end, periodMs);
  for (const [at, bucket] of units[0]?.periods ?? []) {
    const value = read(bucket);
    if (value !== undefined) values.set(at, value);
  }
  return { periodMs, values };
};

/** Evaluates checked queries over a time range; each is computed once however often it is used. */
export const runQueries = (
  store: MetricStore,
  queries: readonly MetricQuery[],
  start: EpochMs,
  end: EpochMs,
  context: MetricReader,
  origin: PeriodOrigin = 'clock',
): ReadonlyMap<string, MathValue> => {
  const byId = new Map(queries.map((query) => [query.id, query]));
  const computed = new Map<string, MathValue>();
  const compute = (id: string): MathValue => {
    const known = computed.get(id);
    if (known !== undefined) return known;
    const query = byId.get(id) as MetricQuery;
    const search = (text: string, statistic: string, periodSeconds: number | undefined): TimeSeries[] => {
      const isFound = parseSearch(text, id);
      statisticNamed(statistic, 'SEARCH.Stat');
      const Period = periodSeconds ?? query.periodSeconds ?? DEFAULT_SEARCH_PERIOD_SECONDS;
      checkPeriod(Period, 'SEARCH.Period');
      return store
        .metrics(context.account, context.region)
        .filter(isFound)
        .slice(0, SEARCH_RESULTS_MAX)
        .map(({ namespace: Namespace, name: MetricName, dimensions }) => {
          const stat: MetricStat = {
            Metric: { Namespace, MetricName, Dimensions: toDimensions(dimensions) },
            Period,
            Stat: statistic,
          };
          return { ...readStat(store, stat, start, end, context, origin), facts: factsOf(stat) };
        });
    };
    const scope: MathScope = { id, start, end, seriesOf: compute, search, metrics };
    const value =
      query.stat === undefined
        ? evaluate(query.expression as Expression, scope)
        : readStat(store, query.stat, start, end, context, origin);
    computed.set(id, value);
    return value;
  };
  const metrics = () =>
    queries.filter(({ stat }) => stat !== undefined).map(({ id }) => ({ id, series: compute(id) as TimeSeries }));
  for (const { id } of queries) compute(id);
  return computed;
};
