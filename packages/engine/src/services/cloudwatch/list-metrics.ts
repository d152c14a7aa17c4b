import type { ListMetricsCommandInput, ListMetricsCommandOutput } from '@aws-sdk/client-cloudwatch';
import { base64OfText, bytesOfBase64, HOUR_MS, utf8Text } from '@holdfast/kernel';
import { Constraints, notSupported, type RequestContext, type Result, ServiceError } from '../../core/index.ts';
import type { Metric, MetricStore } from './metric-store.ts';
import { toDimensions } from './validation.ts';

/** Metrics per page. */
const PAGE_SIZE = 500;

const keyOf = (metric: Metric): string => JSON.stringify([metric.namespace, metric.name, metric.dimensions]);

/**
 * ListMetrics: what has had data within retention (AWS: within two weeks).
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
 */
export const listMetrics = (
  store: MetricStore,
  input: ListMetricsCommandInput,
  context: RequestContext,
): Result<ListMetricsCommandOutput> => {
  if (input.IncludeLinkedAccounts === true) throw notSupported('ListMetrics with IncludeLinkedAccounts');
  new Constraints()
    .oneOf('recentlyActive', input.RecentlyActive, ['PT3H'])
    .length(
      'dimensions',
      input.Dimensions?.map(({ Name }) => Name),
      0,
      30,
    )
    .check();
  const metrics = store
    .metrics(context.account, context.region)
    .filter(({ namespace }) => input.Namespace === undefined || namespace === input.Namespace)
    .filter(({ name }) => input.MetricName === undefined || name === input.MetricName)
    .filter(({ dimensions }) =>
      (input.Dimensions ?? []).every(({ Name, Value }) =>
        dimensions.some(([name, value]) => name === Name && (Value === undefined || value === Value)),
      ),
    )
    .filter(
      ({ byUnit }) =>
        input.RecentlyActive === undefined ||
        [...byUnit.values()].some(({ lastAt }) => lastAt >= context.now - 3 * HOUR_MS),
    )
    .map((metric) => ({ metric, key: keyOf(metric) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const after = input.NextToken === undefined ? '' : utf8Text(bytesOfBase64(input.NextToken));
  if (input.NextToken !== undefined && !after.startsWith('[')) {
    throw new ServiceError('InvalidParameterValueException', 'The value for parameter NextToken is invalid.', 400);
  }
  const rest = metrics.filter(({ key }) => key > after);
  const page = rest.slice(0, PAGE_SIZE);
  return {
    Metrics: page.map(({ metric }) => ({
      Namespace: metric.namespace,
      MetricName: metric.name,
      Dimensions: toDimensions(metric.dimensions),
    })),
    ...(rest.length > PAGE_SIZE ? { NextToken: base64OfText(page.at(-1)?.key ?? '') } : {}),
  };
};
