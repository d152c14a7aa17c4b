import {
  type OperationTable,
  type RequestContext,
  resourceTagOperations,
  TAGS_IN_MAP,
  type TaggedResource,
} from '../../core/index.ts';
import { validation } from './errors.ts';
import type { PipeRegistry } from './pipe-registry.ts';
import type { StoredPipe } from './stored-pipe.ts';

/** Tags of pipes, by ARN. */
export const tagOperations = (registry: PipeRegistry): OperationTable => {
  const byArn = (resourceArn: string | undefined, context: RequestContext): StoredPipe => {
    const [, region, account, name] = /^arn:[^:]+:pipes:([^:]*):([^:]*):pipe\/(.+)$/.exec(resourceArn ?? '') ?? [];
    if (name === undefined) throw validation(`Invalid resource ARN ${resourceArn}.`);
    if (account !== context.account || region !== context.region)
      throw validation('The ARN is of another account or region.');
    return registry.get(context, name);
  };
  const tagged = (context: RequestContext, resourceArn: string | undefined): TaggedResource => {
    const pipe = byArn(resourceArn, context);
    return { tags: pipe.tags, save: (tags) => registry.keep({ ...pipe, tags }) };
  };
  return resourceTagOperations(tagged, validation, TAGS_IN_MAP);
};
