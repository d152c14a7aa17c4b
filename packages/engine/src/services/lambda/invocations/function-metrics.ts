import type { MetricSink } from '../../../core/index.ts';
import type { FunctionRecord } from '../functions/function-record.ts';
import { LATEST } from '../functions/function-record.ts';

export type LambdaMetric =
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
  | 'ProvisionedConcurrencyUtilization'
  | 'UrlRequestCount'
  | 'UrlRequestLatency'
  | 'Url4xxCount'
  | 'Url5xxCount';

type Dimensions = Readonly<Record<string, string>>;

/** What one function's metrics are recorded under, without qualifier and by qualifier. */
class FunctionDimensions {
  readonly ofFunction: Dimensions;
  readonly #name: string;
  readonly #byQualifier = new Map<string, Dimensions>();

  constructor(name: string) {
    this.#name = name;
    this.ofFunction = { FunctionName: name };
  }

  ofResource(qualifier: string = LATEST): Dimensions {
    let dimensions = this.#byQualifier.get(qualifier);
    if (dimensions === undefined) {
      const Resource = qualifier === LATEST ? this.#name : `${this.#name}:${qualifier}`;
      dimensions = { FunctionName: this.#name, Resource };
      this.#byQualifier.set(qualifier, dimensions);
    }
    return dimensions;
  }
}

/** Made once and used again: the metric store finds a series by the identity of its dimensions, a dozen times per run. */
const dimensionsByRecord = new WeakMap<FunctionRecord, FunctionDimensions>();

const dimensionsOf = (record: FunctionRecord): FunctionDimensions => {
  let dimensions = dimensionsByRecord.get(record);
  if (dimensions === undefined) {
    dimensions = new FunctionDimensions(record.name);
    dimensionsByRecord.set(record, dimensions);
  }
  return dimensions;
};

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
  const dimensions = dimensionsOf(record);
  const ofResource = dimensions.ofResource(qualifier);
  // Concurrency of the whole account is another number: see recordConcurrency.
  if (name !== 'ConcurrentExecutions') metrics.record(point);
  metrics.record({ ...point, dimensions: dimensions.ofFunction });
  metrics.record({ ...point, dimensions: ofResource });
  if (executedVersion === undefined) return;
  metrics.record({ ...point, dimensions: { ...ofResource, ExecutedVersion: executedVersion } });
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
