import type {
  Datapoint,
  GetMetricStatisticsCommandInput,
  GetMetricStatisticsCommandOutput,
  StandardUnit,
} from '@aws-sdk/client-cloudwatch';
import { MINUTE_MS, SECOND_MS } from '@holdfast/kernel';
import { Constraints, type RequestContext, type Result } from '../../core/index.ts';
import type { MetricStore } from './metric-store.ts';
import { RETENTION_MS } from './series.ts';
import { statisticNamed } from './statistic.ts';
import {
  checkUnit,
  invalidCombination,
  invalidValue,
  missingParameter,
  STATISTICS,
  sortedDimensions,
} from './validation.ts';

/** Data points per answer; more is refused, as there is no paging. */
export const DATAPOINTS_MAX = 1_440;

const SHORT_PERIODS_SECONDS: readonly number[] = [1, 5, 10, 20, 30];

/** @throws ServiceError unless a period is short and known, or whole minutes */
export const checkPeriod = (periodSeconds: number, path: string): void => {
  if (SHORT_PERIODS_SECONDS.includes(periodSeconds)) return;
  if (Number.isInteger(periodSeconds) && periodSeconds > 0 && periodSeconds % 60 === 0) return;
  throw invalidValue(`The parameter ${path} must be 1, 5, 10, 20, 30 or a multiple of 60.`);
};

/**
 * GetMetricStatistics. Periods are counted from the start time, rounded down to the minute (or second, for short
 * periods); a period is left out when nothing was recorded in it. Data points come oldest first (AWS: in no order).
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
 */
export const getMetricStatistics = (
  store: MetricStore,
  input: GetMetricStatisticsCommandInput,
  context: RequestContext,
): Result<GetMetricStatisticsCommandOutput> => {
  const { Namespace, MetricName, StartTime, EndTime, Period } = input;
  const Statistics: readonly string[] = input.Statistics ?? [];
  const extended = input.ExtendedStatistics ?? [];
  if (Namespace === undefined) throw missingParameter('Namespace');
  if (MetricName === undefined) throw missingParameter('MetricName');
  if (StartTime === undefined) throw missingParameter('StartTime');
  if (EndTime === undefined) throw missingParameter('EndTime');
  if (Period === undefined) throw missingParameter('Period');
  const constraints = new Constraints();
  Statistics.forEach((name, index) => {
    constraints.oneOf(`statistics.${index + 1}.member`, name, STATISTICS);
  });
  constraints.check();
  checkUnit(input.Unit, 'unit');
  checkPeriod(Period, 'Period');
  const periodMs = Period * SECOND_MS;
  if (Statistics.length === 0 && extended.length === 0) {
    throw invalidCombination('At least one of the parameters Statistics and ExtendedStatistics must be specified.');
  }
  if (StartTime >= EndTime) throw invalidValue('The parameter StartTime must be less than the parameter EndTime.');
  const wanted = Math.ceil((EndTime.getTime() - StartTime.getTime()) / periodMs);
  if (wanted > DATAPOINTS_MAX) {
    throw invalidCombination(
      `You have requested up to ${wanted} datapoints, which exceeds the limit of ${DATAPOINTS_MAX}. ` +
        'You may reduce the datapoints requested by increasing Period, or decreasing the time range.',
    );
  }
  const plain = Statistics.map((name) => [name, statisticNamed(name, 'Statistics')] as const);
  const percentiles = extended.map((name) => [name, statisticNamed(name, 'ExtendedStatistics')] as const);

  const dimensions = sortedDimensions(input.Dimensions, 'dimensions');
  const metric = store.find(context.account, context.region, Namespace, MetricName, dimensions);
  const stepMs = periodMs < MINUTE_MS ? SECOND_MS : MINUTE_MS;
  const start = Math.floor(StartTime.getTime() / stepMs) * stepMs;
  // Moving the start past what has expired must keep the periods where they are.
  const expiredMs = Math.max(0, Math.floor((context.now - RETENTION_MS - start) / periodMs) * periodMs);
  const datapoints: Datapoint[] = [];
  for (const [unit, series] of metric?.byUnit ?? []) {
    if (input.Unit !== undefined && input.Unit !== unit) continue;
    for (const [at, bucket] of series.periods(start + expiredMs, EndTime.getTime(), periodMs)) {
      const datapoint: Datapoint = { Timestamp: new Date(at), Unit: unit as StandardUnit };
      for (const [name, read] of plain) Object.assign(datapoint, { [name]: read(bucket) });
      if (percentiles.length > 0) {
        const values = percentiles.flatMap(([name, read]) => {
          const value = read(bucket);
          return value === undefined ? [] : [[name, value] as const];
        });
        if (values.length === 0 && plain.length === 0) continue;
        datapoint.ExtendedStatistics = Object.fromEntries(values);
      }
      datapoints.push(datapoint);
    }
  }
  datapoints.sort((a, b) => (a.Timestamp as Date).getTime() - (b.Timestamp as Date).getTime());
  return { Label: MetricName, Datapoints: datapoints };
};
