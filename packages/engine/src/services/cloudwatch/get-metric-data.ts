import type {
  GetMetricDataCommandInput,
  GetMetricDataCommandOutput,
  MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import { Constraints, type RequestContext, type Result, ServiceError } from '../../core/index.ts';
import type { MathValue, TimeSeries } from './math-evaluation.ts';
import { expressionError } from './math-syntax.ts';
import { checkQueries, type MetricQuery, runQueries } from './metric-queries.ts';
import type { MetricStore } from './metric-store.ts';
import { invalidValue, missingParameter } from './validation.ts';

/** Data points per page. */
const DATAPOINTS_MAX = 100_800;

const seriesOf = (query: MetricQuery, value: MathValue): readonly TimeSeries[] => {
  if (Array.isArray(value)) return value as readonly TimeSeries[];
  if (typeof value !== 'object') throw expressionError(query.id, 'The expression must return a time series.');
  return [value as TimeSeries];
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
  const offset = input.NextToken === undefined ? 0 : Number(Buffer.from(input.NextToken, 'base64').toString());
  if (!Number.isInteger(offset) || offset < 0) {
    throw new ServiceError('InvalidNextToken', 'The value for parameter NextToken is invalid.', 400);
  }
  const limit = input.MaxDatapoints ?? DATAPOINTS_MAX;
  const computed = runQueries(store, queries, StartTime.getTime(), EndTime.getTime(), context);

  const results: MetricDataResult[] = [];
  let seen = 0;
  for (const query of queries.filter(({ isReturned }) => isReturned)) {
    for (const series of seriesOf(query, computed.get(query.id) as MathValue)) {
      const points = [...series.values].sort((a, b) => a[0] - b[0]);
      if (input.ScanBy !== 'TimestampAscending') points.reverse();
      const from = Math.min(points.length, Math.max(0, offset - seen));
      const to = Math.min(points.length, Math.max(0, offset + limit - seen));
      const page = points.slice(from, Math.max(from, to));
      results.push({
        Id: query.id,
        Label: query.label,
        Timestamps: page.map(([at]) => new Date(at)),
        Values: page.map(([, value]) => value),
        StatusCode: to < points.length ? 'PartialData' : 'Complete',
      });
      seen += points.length;
    }
  }
  return {
    MetricDataResults: results,
    Messages: [],
    ...(offset + limit < seen ? { NextToken: Buffer.from(String(offset + limit)).toString('base64') } : {}),
  };
};
