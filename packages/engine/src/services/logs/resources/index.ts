import type { AnyResourceType } from '../../../core/index.ts';
import { logsDestination } from './destination.ts';
import { logsLogGroup } from './log-group.ts';
import { logsLogStream } from './log-stream.ts';
import { logsMetricFilter } from './metric-filter.ts';
import { logsQueryDefinition } from './query-definition.ts';
import { logsResourcePolicy } from './resource-policy.ts';
import { logsSubscriptionFilter } from './subscription-filter.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [
  logsDestination,
  logsLogGroup,
  logsLogStream,
  logsMetricFilter,
  logsQueryDefinition,
  logsResourcePolicy,
  logsSubscriptionFilter,
];
