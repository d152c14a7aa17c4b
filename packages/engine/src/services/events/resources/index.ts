import type { AnyResourceType } from '../../../core/index.ts';
import { eventsApiDestination } from './api-destination.ts';
import { eventsArchive } from './archive.ts';
import { eventsConnection } from './connection.ts';
import { eventsEventBus } from './event-bus.ts';
import { eventsEventBusPolicy } from './event-bus-policy.ts';
import { eventsRule } from './rule.ts';

/** What CloudFormation can make of this service. */
export const resourceTypes: readonly AnyResourceType[] = [
  eventsEventBus,
  eventsEventBusPolicy,
  eventsRule,
  eventsArchive,
  eventsConnection,
  eventsApiDestination,
];
