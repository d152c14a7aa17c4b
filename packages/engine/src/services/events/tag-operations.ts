import {
  type OperationTable,
  type RequestContext,
  resourceTagOperations,
  type TaggedResource,
} from '../../core/index.ts';
import type { BusRegistry } from './bus-registry.ts';
import { limitExceeded, validation } from './errors.ts';
import { DEFAULT_BUS } from './rule.ts';

/** Tags of rules and buses, by ARN. */
export const tagOperations = (registry: BusRegistry): OperationTable => {
  const find = (context: RequestContext, arn: string | undefined): TaggedResource => {
    const match = /^arn:[^:]+:events:[^:]*:[^:]*:(event-bus|rule)\/(?:([^/]+)\/)?([^/]+)$/.exec(arn ?? '');
    if (match === null)
      throw validation(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`);
    const [, kind, busName = DEFAULT_BUS, name] = match;
    if (kind === 'event-bus') {
      const bus = registry.get(context.account, context.region, name);
      return {
        tags: bus.stored.tags,
        save: (tags) => registry.putBus({ ...bus.stored, tags }),
      };
    }
    const bus = registry.get(context.account, context.region, busName);
    const { stored } = registry.getRule(bus, name);
    return {
      tags: stored.tags,
      save: (tags) => registry.putRule(bus, { ...stored, tags }),
    };
  };
  return resourceTagOperations(find, limitExceeded);
};
