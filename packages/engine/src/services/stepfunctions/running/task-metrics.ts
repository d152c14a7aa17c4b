import type { EpochMs } from '@holdfast/kernel';
import type { MetricSink } from '../../../core/index.ts';
import { parseResource, type TaskResource } from '../integrations/resource.ts';
import type { StoredExecution, TaskFacts } from './execution.ts';

/** What becomes of a task, one after the other. */
export type TaskStep = 'Scheduled' | 'Started' | 'Succeeded' | 'Failed' | 'TimedOut' | 'HeartbeatTimedOut';

/** How AWS counts tasks of each kind: the singular of durations, the plural of counts, the dimension. */
const FAMILIES = {
  activity: ['Activity', 'Activities', 'ActivityArn'],
  function: ['LambdaFunction', 'LambdaFunctions', 'LambdaFunctionArn'],
  service: ['ServiceIntegration', 'ServiceIntegrations', 'ServiceIntegrationResourceArn'],
} as const;

interface Measured {
  readonly kind: TaskResource['kind'];
  readonly dimensions: Readonly<Record<string, string>>;
}

/**
 * Counts tasks into AWS/States and measures how long they waited and ran.
 *
 * @see https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html
 */
export class TaskMetrics {
  readonly #metrics: MetricSink;
  readonly #resources = new Map<string, Measured>();

  constructor(metrics: MetricSink) {
    this.#metrics = metrics;
  }

  /** `arn` is what the state names as its resource. */
  record(
    { account, region }: StoredExecution,
    arn: string,
    step: TaskStep,
    { scheduledAt, startedAt }: Pick<TaskFacts, 'scheduledAt' | 'startedAt'>,
    at: EpochMs,
  ): void {
    const { kind, dimensions } = this.#measuredBy(arn);
    const [one, many] = FAMILIES[kind];
    const point = (name: string, value: number, unit: string): void =>
      this.#metrics.record({ account, region, namespace: 'AWS/States', name, dimensions, value, unit, at });
    const isHeartbeat = step === 'HeartbeatTimedOut';
    // Of what misses its heartbeat AWS counts activities alone apart.
    if (!isHeartbeat || kind === 'activity') point(`${many}${step}`, 1, 'Count');
    else point(`${many}TimedOut`, 1, 'Count');
    if (step === 'Scheduled' || scheduledAt === undefined) return;
    if (step === 'Started') {
      point(`${one}ScheduleTime`, at - scheduledAt, 'Milliseconds');
      return;
    }
    point(`${one}Time`, at - scheduledAt, 'Milliseconds');
    if (startedAt !== undefined) point(`${one}RunTime`, at - startedAt, 'Milliseconds');
  }

  #measuredBy(arn: string): Measured {
    let measured = this.#resources.get(arn);
    if (measured === undefined) {
      const { kind } = parseResource(arn) as TaskResource;
      measured = { kind, dimensions: { [FAMILIES[kind][2]]: arn } };
      this.#resources.set(arn, measured);
    }
    return measured;
  }
}
