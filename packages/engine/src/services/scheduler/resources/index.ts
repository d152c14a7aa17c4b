import type { AnyResourceType } from '../../../core/index.ts';
import { schedulerSchedule } from './schedule.ts';
import { schedulerScheduleGroup } from './schedule-group.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [schedulerSchedule, schedulerScheduleGroup];
