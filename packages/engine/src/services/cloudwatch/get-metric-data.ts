import type {
  GetMetricDataCommandInput,
  GetMetricDataCommandOutput,
  MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { base64OfText, bytesOfBase64, type EpochMs, utf8Text } from '@holdfast/kernel';
import { Constraints, type RequestContext, type Result, ServiceError } from '../../core/index.ts';
import type { MathValue, TimeSeries } from './math-evaluation.ts';
import { expressionError } from './math-syntax.ts';
import { defaultLabels, factsOf, filledLabel, isDynamic } from './metric-labels.ts';
import { checkQueries, type MetricQuery, runQueries, unitsOf } from './metric-queries.ts';
import type { MetricStore } from './metric-store.ts';
import { invalidValue, missingParameter } from './validation.ts';

/** Data points per page. */
const DATAPOINTS_MAX = 100_800;

const seriesOf = (query: MetricQuery, value: MathValue): readonly TimeSeries[] => {
  if (Array.isArray(value)) return value as readonly TimeSeries[];
  if (typeof value !== 'object') throw expressionError(query.id, 'The expression must return a time series.');
  return [value as TimeSeries];
};

interface Labelled {
  readonly query: MetricQuery;
  readonly series: TimeSeries;
  readonly label: (points: readonly (readonly [EpochMs, number])[]) => string;
}

/** Every series that is returned, with its label: the one given, filled in, or one made up. */
const labelled = (
  queries: readonly MetricQuery[],
  computed: ReadonlyMap<string, MathValue>,
  context: RequestContext,
): Labelled[] => {
  const all = queries
    .filter(({ isReturned }) => isReturned)
    .flatMap((query) =>
      seriesOf(query, computed.get(query.id) as MathValue).map((series) => ({
        query,
        series,
        facts: query.stat === undefined ? series.facts : factsOf(query.stat),
      })),
    );
  const known = all.flatMap(({ facts }) => facts ?? []);
  const made = new Map(known.map((facts, index) => [facts, defaultLabels(known)[index] as string]));
  return all.map(({ query, series, facts }) => {
    const own = (facts === undefined ? undefined : made.get(facts)) ?? query.id;
    // A search with a label of its own puts it before what tells its series apart.
    const isOneOfMany = query.stat === undefined && facts !== undefined;
    return {
      query,
      series,
      label: (points) => {
        if (query.label === undefined) return own;
        const text = filledLabel(query.label, own, facts, context, points);
        return isOneOfMany && !isDynamic(query.label) ? `${text} ${own}` : text;
      },
    };
  });
};

/**
 * GetMetricData: statistics of metrics and metric math over them, newest first unless asked otherwise, in pages.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
export const getMetricData = (
  store: MetricStore,
  input: GetMetricDataCommandInput,
  context: RequestContext,
): Result<GetMetricDataCommandOutput> => {
  const { StartTime, EndTime } = input;
  if (StartTime === undefined) throw missingParameter('StartTime');
  if (EndTime === undefined) throw missingParameter('EndTime');
  new Constraints()
    .oneOf('scanBy', input.ScanBy, ['TimestampDescending', 'TimestampAscending'])
    .range('maxDatapoints', input.MaxDatapoints, 1, DATAPOINTS_MAX)
    .check();
  if (StartTime >= EndTime) throw invalidValue('The parameter StartTime must be less than the parameter EndTime.');
  const queries = checkQueries(input.MetricDataQueries);
  const offset = input.NextToken === undefined ? 0 : Number(utf8Text(bytesOfBase64(input.NextToken)));
  if (!Number.isInteger(offset) || offset < 0) {
    throw new ServiceError('InvalidNextToken', 'The value for parameter NextToken is invalid.', 400);
  }
  const limit = input.MaxDatapoints ?? DATAPOINTS_MAX;
  const computed = runQueries(store, queries, StartTime.getTime(), EndTime.getTime(), context);

  const results: MetricDataResult[] = [];
  let seen = 0;
  for (const { query, series, label } of labelled(queries, computed, context)) {
    const points = [...series.values].sort((a, b) => a[0] - b[0]);
    const text = label(points);
    if (input.ScanBy !== 'TimestampAscending') points.reverse();
    const from = Math.min(points.length, Math.max(0, offset - seen));
    const to = Math.min(points.length, Math.max(0, offset + limit - seen));
    const page = points.slice(from, Math.max(from, to));
    const units =
      query.stat === undefined ? [] : unitsOf(store, query.stat, StartTime.getTime(), EndTime.getTime(), context);
    results.push({
      Id: query.id,
      Label: text,
      Timestamps: page.map(([at]) => new Date(at)),
      Values: page.map(([, value]) => value),
      StatusCode: to < points.length ? 'PartialData' : 'Complete',
      ...(units.length < 2
        ? {}
        : { Messages: [{ Code: 'MultipleUnits', Value: `Multiple units returned: '[${units.join(', ')}]'` }] }),
    });
    seen += points.length;
  }
  return {
    MetricDataResults: results,
    Messages: [],
    ...(offset + limit < seen ? { NextToken: base64OfText(String(offset + limit)) } : {}),
  };
};
