import type { ResourceContext, Shape, ValueOf } from '../../../core/index.ts';
import { ResourceFailure, unlessMissing } from '../../../core/index.ts';

export const PROVISIONED_CONCURRENCY = { ProvisionedConcurrentExecutions: 'number' } as const satisfies Shape;

type ProvisionedConcurrency = ValueOf<typeof PROVISIONED_CONCURRENCY>;

/** A resource is complete when its environments are there; whoever invokes it then is not met by a cold start. */
const untilReady = (FunctionName: string, Qualifier: string, context: ResourceContext): Promise<void> =>
  context.until(async () => {
    const { Status, StatusReason } = await context.call<{ Status?: string; StatusReason?: string }>(
      'lambda',
      'GetProvisionedConcurrencyConfig',
      { FunctionName, Qualifier },
    );
    if (Status === 'FAILED')
      throw new ResourceFailure(StatusReason ?? 'Provisioned concurrency could not be allocated');
    return Status === 'READY';
  }, `provisioned concurrency of ${FunctionName}:${Qualifier}`);

/** Gives an alias or version the provisioned concurrency of its template, or takes it away. */
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
    await untilReady(FunctionName, Qualifier, context);
  } else if (before !== undefined) {
    await unlessMissing(context.call('lambda', 'DeleteProvisionedConcurrencyConfig', { FunctionName, Qualifier }));
  }
};
