import { type Json, type ResourceContext, ResourceFailure, WAIT_MAX_MS } from '@holdfast/engine';
import type { DeploymentEnvironment } from './deployment-environment.ts';
import { physicalName } from './physical-name.ts';
import type { ResourceRecord } from './stack-record.ts';
import type { Stack } from './stack-table.ts';
import { loadYaml, yaml } from './template/yaml.ts';

const POLL_MS = 1_000;

/** What the type of a resource may do to the world: call services in the stack's name, wait, be answered, and make up names. */
export const contextOf = (
  resource: ResourceRecord,
  stack: Stack,
  environment: DeploymentEnvironment,
): ResourceContext => {
  const { account, region, host, stackName } = stack.record;
  return {
    account,
    region,
    stackName,
    stackId: stack.id,
    logicalId: resource.logicalId,
    type: resource.type,
    openResponse: () => {
      const requestId = environment.ids.uuid();
      return {
        requestId,
        url: environment.inbox.open(requestId, environment.endpoint()),
        read: () => environment.inbox.read(requestId),
        close: () => environment.inbox.close(requestId),
      };
    },
    endpoint: environment.endpoint(),
    call: async <Output>(service: string, action: string, input: object): Promise<Output> =>
      (await environment.call(service, action, input, {
        account,
        region,
        requestId: environment.ids.uuid(),
        now: environment.now(),
        isOfStack: true,
        ...(host === undefined ? {} : { host }),
      })) as Output,
    alone: (shared, work) => environment.turns.take(`${account} ${region} ${shared}`, work),
    generateName: (rules) => physicalName(stackName, resource, rules),
    readYaml: async (text) => {
      await loadYaml();
      const document = yaml().parseDocument(text, { logLevel: 'silent' });
      return document.errors.length > 0 ? undefined : (document.toJS() as Json);
    },
    until: async (isReady, what) => {
      const { waitMs, failure } =
        typeof what === 'string' ? { waitMs: WAIT_MAX_MS, failure: `Exceeded attempts to wait for ${what}` } : what;
      for (let waitedMs = 0; !(await isReady()); waitedMs += POLL_MS) {
        if (waitedMs >= waitMs) throw new ResourceFailure(failure);
        await environment.pause(POLL_MS);
      }
    },
  };
};
