import type { ResourceContext, Shape, ValueOf } from '../../../core/index.ts';
import { unlessMissing } from '../../../core/index.ts';

export const PROVISIONED_CONCURRENCY = { ProvisionedConcurrentExecutions: 'number' } as const satisfies Shape;

type ProvisionedConcurrency = ValueOf<typeof PROVISIONED_CONCURRENCY>;

/**
 * Gives an alias or version the provisioned concurrency of its template, or takes it away. Differs: does not wait until
 * it is ready, which in virtual time would wait for time to be moved.
 */
export const provisionConcurrency = async (
  context: ResourceContext,
  FunctionName: string,
  Qualifier: string,
  config: ProvisionedConcurrency | undefined,
  before?: ProvisionedConcurrency | undefined,
): Promise<void> => {
  if (config !== undefined) {
    const { ProvisionedConcurrentExecutions } = config;
    if (before?.ProvisionedConcurrentExecutions === ProvisionedConcurrentExecutions) return;
    await context.call('lambda', 'PutProvisionedConcurrencyConfig', {
      FunctionName,
      Qualifier,
      ProvisionedConcurrentExecutions,
    });
  } else if (before !== undefined) {
    await unlessMissing(context.call('lambda', 'DeleteProvisionedConcurrencyConfig', { FunctionName, Qualifier }));
  }
};
