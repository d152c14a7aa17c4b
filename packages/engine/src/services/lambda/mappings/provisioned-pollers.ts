import type { ProvisionedPollerConfig } from '@aws-sdk/client-lambda';
import { Constraints, type ProvisionedPollers, refuseUnmodelled } from '../../../core/index.ts';
import { invalidParameter } from '../errors.ts';

/** Reads the configuration of a queue's mapping; an empty one takes the provisioned mode away. */
export const readProvisionedPollers = (input: ProvisionedPollerConfig): ProvisionedPollers | undefined => {
  refuseUnmodelled(input, ['MinimumPollers', 'MaximumPollers'], 'ProvisionedPollerConfig');
  const { MinimumPollers, MaximumPollers } = input;
  if (MinimumPollers === undefined && MaximumPollers === undefined) return undefined;
  new Constraints()
    .range('provisionedPollerConfig.minimumPollers', MinimumPollers, 1, 200)
    .range('provisionedPollerConfig.maximumPollers', MaximumPollers, 1, 10_000)
    .check();
  const minimum = MinimumPollers ?? Math.min(2, MaximumPollers ?? 2);
  const maximum = MaximumPollers ?? Math.max(200, minimum);
  if (minimum < 2 || maximum < 2) {
    throw invalidParameter(
      'MinimumPollers and MaximumPollers must be at least 2 for Amazon SQS event source mappings.',
    );
  }
  if (minimum > maximum) throw invalidParameter('MinimumPollers must not be greater than MaximumPollers.');
  return { minimum, maximum };
};
