import type {
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  TagResourceCommandInput,
  TagResourceCommandOutput,
  UntagResourceCommandInput,
  UntagResourceCommandOutput,
} from '@aws-sdk/client-eventbridge';
import { type OperationTable, operation, type RequestContext } from '../../core/index.ts';
import type { BusRegistry } from './bus-registry.ts';
import { validation } from './errors.ts';
import { DEFAULT_BUS } from './rule.ts';

type Tags = Readonly<Record<string, string>>;

interface Tagged {
  readonly tags: Tags;
  save(tags: Tags): void;
}

/** Tags of rules and buses, by ARN. */
export const tagOperations = (registry: BusRegistry): OperationTable => {
  const find = (context: RequestContext, arn: string | undefined): Tagged => {
    const match = /^arn:[^:]+:events:[^:]*:[^:]*:(event-bus|rule)\/(?:([^/]+)\/)?([^/]+)$/.exec(arn ?? '');
    if (match === null)
      throw validation(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`);
    const [, kind, busName = DEFAULT_BUS, name] = match;
    if (kind === 'event-bus') {
      const bus = registry.get(context.account, context.region, name);
      return { tags: bus.stored.tags, save: (tags) => registry.putBus({ ...bus.stored, tags }) };
    }
    const bus = registry.get(context.account, context.region, busName);
    const { stored } = registry.getRule(bus, name);
    return { tags: stored.tags, save: (tags) => registry.putRule(bus, { ...stored, tags }) };
  };
  return {
    TagResource: operation<TagResourceCommandInput, TagResourceCommandOutput>(
      ['ResourceARN', 'Tags'],
      (input, context) => {
        const resource = find(context, input.ResourceARN);
        const added = Object.fromEntries((input.Tags ?? []).map(({ Key, Value }) => [Key as string, Value as string]));
        resource.save({ ...resource.tags, ...added });
        return {};
      },
    ),
    UntagResource: operation<UntagResourceCommandInput, UntagResourceCommandOutput>(
      ['ResourceARN', 'TagKeys'],
      (input, context) => {
        const resource = find(context, input.ResourceARN);
        const kept = Object.entries(resource.tags).filter(([key]) => !(input.TagKeys ?? []).includes(key));
        resource.save(Object.fromEntries(kept));
        return {};
      },
    ),
    ListTagsForResource: operation<ListTagsForResourceCommandInput, ListTagsForResourceCommandOutput>(
      ['ResourceARN'],
      (input, context) => ({
        Tags: Object.entries(find(context, input.ResourceARN).tags).map(([Key, Value]) => ({ Key, Value })),
      }),
    ),
  };
};
