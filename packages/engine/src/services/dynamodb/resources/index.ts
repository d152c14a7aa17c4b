import type { AnyResourceType } from '../../../core/index.ts';
import { dynamodbTable } from './table.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [dynamodbTable];
