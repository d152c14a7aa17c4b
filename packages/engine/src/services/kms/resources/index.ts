import type { AnyResourceType } from '../../../core/index.ts';
import { alias } from './alias.ts';
import { key } from './key.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [key, alias];
