import type { AnyResourceType } from '../../../core/index.ts';
import { iamManagedPolicy } from './managed-policy.ts';
import { iamPolicy } from './policy.ts';
import { iamRole } from './role.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [iamManagedPolicy, iamPolicy, iamRole];
