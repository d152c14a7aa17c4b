import type {
  ListTagsForResourceCommandInput,
  ListTagsForResourceCommandOutput,
  TagResourceCommandInput,
  TagResourceCommandOutput,
  UntagResourceCommandInput,
  UntagResourceCommandOutput,
} from '@aws-sdk/client-cloudwatch';
import { type OperationTable, operation, type RequestContext, ServiceError } from '../../core/index.ts';
import type { AlarmRegistry } from './alarm-registry.ts';
import type { DashboardRegistry } from './dashboard-operations.ts';

type Tags = Readonly<Record<string, string>>;

/** Tags of alarms and dashboards, by ARN. */
export const tagOperations = (alarms: AlarmRegistry, dashboards: DashboardRegistry): OperationTable => {
  const find = (context: RequestContext, arn: string | undefined): { tags: Tags; save(tags: Tags): void } => {
    const alarmName = /^arn:[^:]+:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/.exec(arn ?? '')?.[1];
    const alarm = alarmName === undefined ? undefined : alarms.find(context.account, context.region, alarmName);
    if (alarm !== undefined) return { tags: alarm.tags, save: (tags) => alarms.put({ ...alarm, tags }) };
    const dashboardName = /^arn:[^:]+:cloudwatch::[^:]*:dashboard\/(.+)$/.exec(arn ?? '')?.[1];
    const dashboard = dashboardName === undefined ? undefined : dashboards.find(context.account, dashboardName);
    if (dashboard !== undefined)
      return { tags: dashboard.tags, save: (tags) => dashboards.put({ ...dashboard, tags }) };
    throw new ServiceError('ResourceNotFoundException', `Unknown resource ${arn}`, 404);
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
