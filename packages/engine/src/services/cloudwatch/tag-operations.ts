import {
  type OperationTable,
  type RequestContext,
  resourceTagOperations,
  ServiceError,
  type TaggedResource,
} from '../../core/index.ts';
import type { AlarmRegistry } from './alarm-registry.ts';
import type { DashboardRegistry } from './dashboard-operations.ts';
import { invalidValue } from './validation.ts';

/** Tags of alarms and dashboards, by ARN. */
export const tagOperations = (alarms: AlarmRegistry, dashboards: DashboardRegistry): OperationTable => {
  const find = (context: RequestContext, arn: string | undefined): TaggedResource => {
    const alarmName = /^arn:[^:]+:cloudwatch:[^:]*:[^:]*:alarm:(.+)$/.exec(arn ?? '')?.[1];
    const alarm = alarmName === undefined ? undefined : alarms.find(context.account, context.region, alarmName);
    if (alarm !== undefined) return { tags: alarm.tags, save: (tags) => alarms.put({ ...alarm, tags }) };
    const dashboardName = /^arn:[^:]+:cloudwatch::[^:]*:dashboard\/(.+)$/.exec(arn ?? '')?.[1];
    const dashboard = dashboardName === undefined ? undefined : dashboards.find(context.account, dashboardName);
    if (dashboard !== undefined)
      return { tags: dashboard.tags, save: (tags) => dashboards.put({ ...dashboard, tags }) };
    const missing = (): never => {
      throw new ServiceError('ResourceNotFoundException', `Unknown resource ${arn}`, 404);
    };
    // An alarm that is gone has no tags, and that is all that AWS says of it.
    return alarmName === undefined ? missing() : { tags: {}, save: missing };
  };
  return resourceTagOperations(find, invalidValue);
};
