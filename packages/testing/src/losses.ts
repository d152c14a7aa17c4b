import { HOUR_MS } from '@holdfast/kernel';
import type { LocalEngine } from '@holdfast/local';
import { pagesOf } from './metric-pages.ts';

/** What a service counted as refused, lost, or not to be delivered. */
export interface Loss {
  /** The namespace of its metrics, such as `AWS/Lambda`. */
  readonly namespace: string;
  /** The metric: `Throttles`, `AsyncEventsDropped`, `FailedInvocations`, … */
  readonly metric: string;
  /** Name of the function, rule, topic, pipe or state machine. */
  readonly resource: string;
  readonly count: number;
}

/** By namespace: the dimension that names the resource, and the metrics that tell of a loss. */
const TELLING: Readonly<Record<string, readonly [dimension: string, metrics: readonly string[]]>> = {
  'AWS/Lambda': [
    'FunctionName',
    [
      'Throttles',
      'AsyncEventsDropped',
      'DeadLetterErrors',
      'DestinationDeliveryFailures',
      'RecursiveInvocationsDropped',
    ],
  ],
  'AWS/Events': ['RuleName', ['FailedInvocations', 'InvocationsFailedToBeSentToDlq', 'ThrottledRules']],
  'AWS/SNS': ['TopicName', ['NumberOfNotificationsFailed', 'NumberOfNotificationsFailedToRedriveToDlq']],
  'AWS/States': ['StateMachineArn', ['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted']],
  'AWS/EventBridge/Pipes': ['PipeName', ['ExecutionFailed', 'ExecutionTimeout', 'ExecutionThrottled']],
  'AWS/Scheduler': [
    'ScheduleGroup',
    ['TargetErrorCount', 'InvocationDroppedCount', 'InvocationsFailedToBeSentToDeadLetterCount'],
  ],
};

interface Metric {
  readonly MetricName?: string;
  readonly Dimensions?: readonly { readonly Name?: string; readonly Value?: string }[];
}

interface Metrics {
  readonly Metrics?: readonly Metric[];
  readonly NextToken?: string;
}

/** Every count above none between two dates, as CloudWatch has them. */
export const lossesOf = (local: LocalEngine, region: string | undefined, from: Date, until: Date): readonly Loss[] => {
  const context = local.context(region === undefined ? {} : { region });
  const call = <Answer>(action: string, input: object): Answer =>
    local.engine.call('cloudwatch', action, input, context) as Answer;
  // One sum over all of it: whole hours, as the periods of old metrics are.
  const StartTime = new Date(Math.floor(from.getTime() / HOUR_MS) * HOUR_MS);
  const hours = Math.floor((until.getTime() - StartTime.getTime()) / HOUR_MS) + 1;
  const EndTime = new Date(StartTime.getTime() + hours * HOUR_MS);
  const Period = (hours * HOUR_MS) / 1_000;
  return Object.entries(TELLING).flatMap(([Namespace, [dimension, names]]) =>
    [...pagesOf<Metrics>(local, region, 'ListMetrics', { Namespace })]
      .flatMap(({ Metrics = [] }) => Metrics)
      .filter(
        ({ MetricName = '', Dimensions = [] }) =>
          names.includes(MetricName) && Dimensions.length === 1 && Dimensions[0]?.Name === dimension,
      )
      .map(({ MetricName = '', Dimensions = [] }) => {
        const { Datapoints = [] } = call<{ Datapoints?: readonly { readonly Sum?: number }[] }>('GetMetricStatistics', {
          Namespace,
          MetricName,
          Dimensions,
          StartTime,
          EndTime,
          Period,
          Statistics: ['Sum'],
        });
        const count = Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0);
        return { namespace: Namespace, metric: MetricName, resource: Dimensions[0]?.Value ?? '', count };
      })
      .filter(({ count }) => count > 0),
  );
};
