import type { AnyResourceType } from '../../../core/index.ts';
import { resourcePolicy } from './resource-policy.ts';
import { rotationSchedule } from './rotation-schedule.ts';
import { secret } from './secret.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [secret, rotationSchedule, resourcePolicy];
