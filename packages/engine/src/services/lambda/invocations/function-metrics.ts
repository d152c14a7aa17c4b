import type { MetricSink } from '../../../core/index.ts';
import type { FunctionRecord } from '../functions/function-record.ts';
import { LATEST } from '../functions/function-record.ts';

type LambdaMetric =
  | 'Invocations'
  | 'Errors'
  | 'Throttles'
  | 'Duration'
  | 'ConcurrentExecutions'
  | 'AsyncEventsReceived'
  | 'AsyncEventAge'
  | 'AsyncEventsDropped'
  | 'DeadLetterErrors'
  | 'DestinationDeliveryFailures'
  | 'IteratorAge'
  | 'RecursiveInvocationsDropped'
  | 'ProvisionedConcurrentExecutions'
  | 'ProvisionedConcurrencyInvocations'
  | 'ProvisionedConcurrencySpilloverInvocations'
  | 'ProvisionedConcurrencyUtilization';

/**
 * Writes one value of a function's metric under the three sets of dimensions that AWS uses: none, the function, and
 * the function with the resource that was invoked (`name` or `name:qualifier`). `executedVersion`, given when an alias
 * chose between two versions, adds a fourth.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
export const recordMetric = (
  metrics: MetricSink,
  record: FunctionRecord,
  qualifier: string | undefined,
  name: LambdaMetric,
  value: number,
  at: number,
  unit: 'Count' | 'Milliseconds' = 'Count',
  executedVersion?: string,
): void => {
  const { account, region } = record;
  const point = { account, region, namespace: 'AWS/Lambda', name, value, unit, at };
  const resource = qualifier === undefined || qualifier === LATEST ? record.name : `${record.name}:${qualifier}`;
  // Concurrency of the whole account is another number: see recordConcurrency.
  if (name !== 'ConcurrentExecutions') metrics.record(point);
  metrics.record({ ...point, dimensions: { FunctionName: record.name } });
  metrics.record({ ...point, dimensions: { FunctionName: record.name, Resource: resource } });
  if (executedVersion === undefined) return;
  const dimensions = { FunctionName: record.name, Resource: resource, ExecutedVersion: executedVersion };
  metrics.record({ ...point, dimensions });
};

/**
 * The running environments at the moment one more starts: of the function, of the account, its unreserved part, and
 * where concurrency is provisioned how much of that is in use.
 */
export const recordConcurrency = (
  metrics: MetricSink,
  record: FunctionRecord,
  qualifier: string | undefined,
  running: {
    readonly runningOfFunction: number;
    readonly runningOfAccount: number;
    readonly runningUnreserved: number;
    readonly provisioned?: { readonly running: number; readonly allocated: number } | undefined;
    readonly isSpillover: boolean;
  },
  at: number,
): void => {
  const { account, region } = record;
  const point = { account, region, namespace: 'AWS/Lambda', unit: 'Count', at };
  recordMetric(metrics, record, qualifier, 'ConcurrentExecutions', running.runningOfFunction, at);
  metrics.record({ ...point, name: 'ConcurrentExecutions', value: running.runningOfAccount });
  metrics.record({ ...point, name: 'UnreservedConcurrentExecutions', value: running.runningUnreserved });
  if (running.isSpillover) {
    recordMetric(metrics, record, qualifier, 'ProvisionedConcurrencySpilloverInvocations', 1, at);
  }
  if (running.provisioned === undefined) return;
  const { running: busy, allocated } = running.provisioned;
  recordMetric(metrics, record, qualifier, 'ProvisionedConcurrencyInvocations', 1, at);
  recordMetric(metrics, record, qualifier, 'ProvisionedConcurrentExecutions', busy, at);
  recordMetric(metrics, record, qualifier, 'ProvisionedConcurrencyUtilization', busy / allocated, at);
};
