import type { DeploymentConfig } from '@aws-sdk/client-cloudformation';
import { notSupported, refuseUnmodelled } from '@holdfast/engine';

/**
 * The mode of a deployment. `STANDARD` is what there is, and what the CDK CLI names every time; `EXPRESS` ends before
 * resources are ready and is refused.
 */
export const checkDeploymentConfig = (action: string, config: DeploymentConfig | undefined): void => {
  if (config === undefined) return;
  if (config.Mode !== undefined && config.Mode !== 'STANDARD') {
    throw notSupported(`${action} with DeploymentConfig Mode ${config.Mode}`);
  }
  const { DisableRollback, ...rest } = config;
  if (DisableRollback === true) throw notSupported(`${action} with DeploymentConfig DisableRollback`);
  refuseUnmodelled(rest, ['Mode'], `${action} with DeploymentConfig`);
};
