import type { ServiceEnvironment } from '../../core/index.ts';
import type { StoredPipe } from './stored-pipe.ts';

export type PipeMetric =
  | 'Invocations'
  | 'EventCount'
  | 'Duration'
  | 'ExecutionFailed'
  | 'ExecutionPartiallyFailed'
  | 'ExecutionThrottled'
  | 'EnrichmentStageFailed'
  | 'TargetStageFailed'
  | 'TargetStagePartiallyFailed'
  | 'TargetStageSkipped';

/**
 * Counts into AWS/EventBridge/Pipes, by PipeName.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-pipes-monitoring.html
 */
export const recordPipeMetric = (
  { metrics, clock }: ServiceEnvironment,
  { account, region, name: pipeName }: StoredPipe,
  name: PipeMetric,
  value: number,
  unit: 'Count' | 'Milliseconds',
): void => {
  const dimensions = { PipeName: pipeName };
  metrics.record({
    account,
    region,
    namespace: 'AWS/EventBridge/Pipes',
    name,
    dimensions,
    value,
    unit,
    at: clock.now(),
  });
};
