import type * as Sdk from '@aws-sdk/client-cloudwatch-logs';
import {
  limitedTags,
  type Operations,
  operation,
  type RequestContext,
  resourceTagOperations,
  ServiceError,
  TAGS_IN_MAP,
  type TaggedResource,
  type Tags,
  withoutTags,
} from '../../core/index.ts';
import type { Destinations } from './destinations.ts';
import type { LogGroup, LogGroups } from './log-groups.ts';

const tooManyTags = (text: string): ServiceError => new ServiceError('TooManyTagsException', text, 400);

/** Tags of log groups and destinations, by the older calls that name a group and the newer ones that name an ARN. */
export const tagOperations = (groups: LogGroups, destinations: Destinations): Operations<typeof Sdk> => {
  const save = (group: LogGroup, tags: Tags): void => groups.update(group, { tags });
  const tagged = (context: RequestContext, arn: string | undefined): TaggedResource => {
    const destination = destinations.tagged(arn ?? '');
    if (destination !== undefined) return destination;
    const group = groups.ofArn(context, arn);
    return { tags: group.settings.tags, save: (tags) => save(group, tags) };
  };
  return {
    ...resourceTagOperations(tagged, tooManyTags, TAGS_IN_MAP),
    TagLogGroup: operation(['logGroupName', 'tags'], (input, context) => {
      const group = groups.named(context, input.logGroupName);
      save(group, limitedTags({ ...group.settings.tags, ...input.tags }, tooManyTags));
      return {};
    }),
    UntagLogGroup: operation(['logGroupName', 'tags'], (input, context) => {
      const group = groups.named(context, input.logGroupName);
      save(group, withoutTags(group.settings.tags, input.tags));
      return {};
    }),
    ListTagsLogGroup: operation(['logGroupName'], (input, context) => ({
      tags: { ...groups.named(context, input.logGroupName).settings.tags },
    })),
  };
};
