import type * as Sdk from '@aws-sdk/client-scheduler';
import {
  byUnits,
  Constraints,
  limitedTags,
  type Operations,
  operation,
  pageByKey,
  type RequestContext,
  readTags,
  resourceTagOperations,
  type TaggedResource,
  tagsInList,
  withNextToken,
} from '../../core/index.ts';
import type { Clockwork } from './clockwork.ts';
import { invalidToken, notFound, quotaExceeded, validation } from './errors.ts';
import { checkName, PAGE_MAX } from './names.ts';
import { groupArnOf, type Registry } from './registry.ts';
import { DEFAULT_GROUP, type StoredGroup } from './stored.ts';

const summarise = (group: StoredGroup) => ({
  Arn: groupArnOf(group),
  CreationDate: new Date(group.createdAt),
  LastModificationDate: new Date(group.modifiedAt),
  Name: group.name,
  State: 'ACTIVE' as const,
});

const requireName = (name: string | undefined): string => {
  const constraints = new Constraints().required('name', name);
  checkName(constraints, 'name', name);
  constraints.check();
  return name as string;
};

/** Operations on schedule groups and their tags; schedules themselves have none. */
export const groupOperations = (registry: Registry, clockwork: Clockwork): Operations<typeof Sdk> => {
  const byArn = (context: RequestContext, resourceArn: string | undefined): StoredGroup => {
    new Constraints().required('resourceArn', resourceArn).check();
    const [, name] = /^arn:[^:]+:scheduler:[^:]*:[^:]*:schedule-group\/([^/]+)$/.exec(resourceArn ?? '') ?? [];
    if (name === undefined) throw validation(`Invalid resource ARN ${resourceArn}.`);
    const group = registry.group(context, name);
    if (groupArnOf(group) !== resourceArn) throw notFound(`Schedule group ${name} does not exist.`);
    return group;
  };
  const tagged = (context: RequestContext, resourceArn: string | undefined): TaggedResource => {
    const group = byArn(context, resourceArn);
    return { tags: group.tags, save: (tags) => registry.putGroup({ ...group, tags }) };
  };
  return {
    CreateScheduleGroup: operation(['Name', 'Tags', 'ClientToken'], (input, context) => {
      const name = requireName(input.Name);
      const { account, region, now } = context;
      const group = {
        account,
        region,
        name,
        createdAt: now,
        modifiedAt: now,
        tags: limitedTags(readTags(input.Tags), quotaExceeded),
      };
      registry.addGroup(group);
      return { ScheduleGroupArn: groupArnOf(group) };
    }),
    GetScheduleGroup: operation(['Name'], (input, context) =>
      summarise(registry.group(context, requireName(input.Name))),
    ),
    DeleteScheduleGroup: operation(['Name', 'ClientToken'], (input, context) => {
      const name = requireName(input.Name);
      if (name === DEFAULT_GROUP) throw validation('The default schedule group cannot be deleted.');
      for (const schedule of registry.deleteGroup(registry.group(context, name))) clockwork.remove(schedule);
      return {};
    }),
    ListScheduleGroups: operation(['NamePrefix', 'NextToken', 'MaxResults'], (input, context) => {
      const constraints = new Constraints();
      checkName(constraints, 'namePrefix', input.NamePrefix);
      constraints.range('maxResults', input.MaxResults, 1, 100).check();
      const groups = registry
        .groups(context)
        .filter(({ name }) => name.startsWith(input.NamePrefix ?? ''))
        .sort((a, b) => byUnits(a.name, b.name));
      const request = { token: input.NextToken, size: input.MaxResults ?? PAGE_MAX, invalid: invalidToken };
      const { page, ...next } = withNextToken(pageByKey(groups, ({ name }) => name, request));
      return { ScheduleGroups: page.map(summarise), ...next };
    }),
    ...resourceTagOperations(tagged, validation, tagsInList('ResourceArn')),
  };
};
