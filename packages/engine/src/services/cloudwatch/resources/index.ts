import type { AnyResourceType } from '../../../core/index.ts';
import { cloudwatchAlarm } from './alarm.ts';
import { cloudwatchCompositeAlarm } from './composite-alarm.ts';
import { cloudwatchDashboard } from './dashboard.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [
  cloudwatchAlarm,
  cloudwatchCompositeAlarm,
  cloudwatchDashboard,
];
