import type { AnyResourceType } from '../../../core/index.ts';
import { sqsQueue } from './queue.ts';
import { sqsQueuePolicy } from './queue-policy.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [sqsQueue, sqsQueuePolicy];
