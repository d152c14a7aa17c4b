import type { AnyResourceType } from '../../../core/index.ts';
import { ssmParameter } from './parameter.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [ssmParameter];
