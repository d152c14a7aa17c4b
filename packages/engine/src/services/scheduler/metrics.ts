import type { EpochMs } from '@holdfast/kernel';
import type { MetricSink } from '../../core/index.ts';

export type GroupMetric =
  | 'InvocationAttemptCount'
  | 'TargetErrorCount'
  | 'TargetErrorThrottledCount'
  | 'InvocationDroppedCount'
  | 'InvocationsSentToDeadLetterCount'
  | 'InvocationsFailedToBeSentToDeadLetterCount';

interface Group {
  readonly account: string;
  readonly region: string;
  readonly groupName: string;
}

/**
 * Counts into AWS/Scheduler, by ScheduleGroup.
 * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/monitoring-cloudwatch.html
 */
export class GroupMetrics {
  readonly #sink: () => MetricSink;
  /** Dimension objects are handed in again and again: CloudWatch finds series by their identity. */
  readonly #dimensions = new Map<string, Readonly<Record<string, string>>>();

  constructor(sink: () => MetricSink) {
    this.#sink = sink;
  }

  count({ account, region, groupName }: Group, name: GroupMetric, at: EpochMs): void {
    let dimensions = this.#dimensions.get(groupName);
    if (dimensions === undefined) {
      dimensions = { ScheduleGroup: groupName };
      this.#dimensions.set(groupName, dimensions);
    }
    const series = { account, region, namespace: 'AWS/Scheduler', name, dimensions };
    this.#sink().record({ ...series, value: 1, unit: 'Count', at });
  }
}
