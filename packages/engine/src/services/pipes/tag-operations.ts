import type * as Sdk from '@aws-sdk/client-pipes';
import { type Operations, operation, type RequestContext } from '../../core/index.ts';
import { validation } from './errors.ts';
import type { PipeRegistry } from './pipe-registry.ts';
import type { StoredPipe } from './stored-pipe.ts';

/** Tags of pipes, by ARN. */
export const tagOperations = (registry: PipeRegistry): Operations<typeof Sdk> => {
  const byArn = (resourceArn: string | undefined, context: RequestContext): StoredPipe => {
    const [, region, account, name] = /^arn:[^:]+:pipes:([^:]*):([^:]*):pipe\/(.+)$/.exec(resourceArn ?? '') ?? [];
    if (name === undefined) throw validation(`Invalid resource ARN ${resourceArn}.`);
    if (account !== context.account || region !== context.region)
      throw validation('The ARN is of another account or region.');
    return registry.get(context, name);
  };
  return {
    TagResource: operation(['resourceArn', 'tags'], (input, context) => {
      const pipe = byArn(input.resourceArn, context);
      registry.keep({ ...pipe, tags: { ...pipe.tags, ...input.tags } });
      return {};
    }),
    UntagResource: operation(['resourceArn', 'tagKeys'], (input, context) => {
      const pipe = byArn(input.resourceArn, context);
      const kept = Object.entries(pipe.tags).filter(([key]) => !(input.tagKeys ?? []).includes(key));
      registry.keep({ ...pipe, tags: Object.fromEntries(kept) });
      return {};
    }),
    ListTagsForResource: operation(['resourceArn'], (input, context) => ({
      tags: { ...byArn(input.resourceArn, context).tags },
    })),
  };
};
