import type * as Sdk from '@aws-sdk/client-cloudwatch-logs';
import { type Operations, operation, ServiceError } from '../../core/index.ts';
import type { LogGroup, LogGroups } from './log-groups.ts';

const TAGS_MAX = 50;

/** Tags of log groups, by the older calls that name a group and the newer ones that name an ARN. */
export const tagOperations = (groups: LogGroups): Operations<typeof Sdk> => {
  const tag = (group: LogGroup, added: Readonly<Record<string, string>>): Record<string, never> => {
    const tags = { ...group.settings.tags, ...added };
    if (Object.keys(tags).length > TAGS_MAX) {
      throw new ServiceError('TooManyTagsException', `A resource can have no more than ${TAGS_MAX} tags.`, 400);
    }
    groups.update(group, { tags });
    return {};
  };
  const untag = (group: LogGroup, keys: readonly string[]): Record<string, never> => {
    const kept = Object.entries(group.settings.tags).filter(([key]) => !keys.includes(key));
    groups.update(group, { tags: Object.fromEntries(kept) });
    return {};
  };
  return {
    TagResource: operation(['resourceArn', 'tags'], (input, context) =>
      tag(groups.named(context, input.resourceArn), input.tags ?? {}),
    ),
    UntagResource: operation(['resourceArn', 'tagKeys'], (input, context) =>
      untag(groups.named(context, input.resourceArn), input.tagKeys ?? []),
    ),
    ListTagsForResource: operation(['resourceArn'], (input, context) => ({
      tags: { ...groups.named(context, input.resourceArn).settings.tags },
    })),
    TagLogGroup: operation(['logGroupName', 'tags'], (input, context) =>
      tag(groups.named(context, input.logGroupName), input.tags ?? {}),
    ),
    UntagLogGroup: operation(['logGroupName', 'tags'], (input, context) =>
      untag(groups.named(context, input.logGroupName), input.tags ?? []),
    ),
    ListTagsLogGroup: operation(['logGroupName'], (input, context) => ({
      tags: { ...groups.named(context, input.logGroupName).settings.tags },
    })),
  };
};
