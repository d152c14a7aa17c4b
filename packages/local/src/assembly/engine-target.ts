import type { Engine, RequestContext } from '@holdfast/engine';
import type { DeployTarget } from './deploy-target.ts';

/** Deploys to an engine in the same process, without a socket. `contextOf` gives each call its context. */
export const engineTarget = (
  engine: Engine,
  contextOf: () => RequestContext = () => engine.context(),
): DeployTarget => {
  const { account, region } = contextOf();
  return {
    account,
    region,
    call: async <Output>(service: string, action: string, input: object): Promise<Output> =>
      (await engine.call(service, action, input, contextOf())) as Output,
  };
};
