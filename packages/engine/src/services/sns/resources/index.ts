import type { AnyResourceType } from '../../../core/index.ts';
import { snsSubscription } from './subscription.ts';
import { snsTopic } from './topic.ts';
import { snsTopicPolicy } from './topic-policy.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [snsSubscription, snsTopic, snsTopicPolicy];
