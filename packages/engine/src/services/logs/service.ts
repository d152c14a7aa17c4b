import type * as Sdk from '@aws-sdk/client-cloudwatch-logs';
import type { EpochMs } from '@holdfast/kernel';
import { onDemand } from '@holdfast/kernel';
import {
  type LogGroupPlace,
  type LogSink,
  type LogTarget,
  type Operations,
  operation,
  type Sender,
  type Service,
  type ServiceEnvironment,
} from '../../core/index.ts';
import { Destinations } from './destinations.ts';
import { embeddedMetricsOf } from './embedded-metrics.ts';
import { groupOperations } from './group-operations.ts';
import { queryOperations } from './insights/query-operations.ts';
import { type LogGroup, LogGroups } from './log-groups.ts';
import { eventIdOf, type LogStream } from './log-stream.ts';
import { metricFilterOperations } from './metric-filter-operations.ts';
import { checkStreamName } from './names.ts';
import { checkBatch, sortOut } from './put-events.ts';
import { filterLogEvents, getLogEvents } from './read-events.ts';
import { ResourcePolicies } from './resource-policies.ts';
import { subscriptionOperations } from './subscription-operations.ts';
import { tagOperations } from './tag-operations.ts';

type NewEvents = readonly { readonly at: EpochMs; readonly message: string }[];

/** Amazon CloudWatch Logs. What functions and targets write arrives through {@link LogSink}. */
export class LogsService implements Service, LogSink {
  readonly #operations: () => Operations<typeof Sdk>;
  readonly lends = { logs: this };
  readonly #environment: ServiceEnvironment;
  readonly #groups: LogGroups;
  readonly #policies: ResourcePolicies;
  readonly #destinations: Destinations;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    const groups = new LogGroups(environment.store, environment.ids);
    this.#groups = groups;
    this.#destinations = new Destinations(environment);
    this.#policies = new ResourcePolicies(environment.store);
    this.#operations = onDemand(() => ({
      ...groupOperations(groups),
      ...metricFilterOperations(groups),
      ...queryOperations(groups, environment),
      ...subscriptionOperations(groups, this.#destinations, environment),
      ...tagOperations(groups, this.#destinations),
      ...this.#destinations.operations,
      ...this.#policies.operations,
      PutLogEvents: operation(
        // Sequence tokens have had no effect in AWS since 2023.
        ['logGroupName', 'logStreamName', 'logEvents', 'sequenceToken'],
        (input, context) => {
          const streamName = checkStreamName(input.logStreamName);
          const events = checkBatch(input);
          const group = groups.named(context, input.logGroupName);
          const stream = group.stream(streamName);
          const { accepted, rejected } = sortOut(events, group.cutoff(context.now), context.now);
          this.#append(group, stream, accepted, context.now);
          const nextSequenceToken = eventIdOf({ at: context.now, sequence: 0 });
          return rejected === undefined
            ? { nextSequenceToken }
            : { nextSequenceToken, rejectedLogEventsInfo: rejected };
        },
      ),
      GetLogEvents: operation(
        [
          'logGroupName',
          'logGroupIdentifier',
          'logStreamName',
          'startTime',
          'endTime',
          'nextToken',
          'limit',
          'startFromHead',
          'unmask',
        ],
        (input, context) => getLogEvents(groups, input, context),
      ),
      FilterLogEvents: operation(
        [
          'logGroupName',
          'logGroupIdentifier',
          'logStreamNames',
          'logStreamNamePrefix',
          'startTime',
          'endTime',
          'filterPattern',
          'nextToken',
          'limit',
          'startFromHead',
          // Deprecated: AWS always interleaves.
          'interleaved',
          'unmask',
        ],
        (input, context) => filterLogEvents(groups, input, context),
      ),
    }));
  }

  get operations(): Operations<typeof Sdk> {
    return this.#operations();
  }

  accepts(target: LogGroupPlace, sender: Sender): boolean {
    return this.#policies.accepts(target, sender);
  }

  hasGroup(place: LogGroupPlace): boolean {
    return this.#groups.find(place.account, place.region, place.group) !== undefined;
  }

  append(target: LogTarget, events: NewEvents): void {
    const now = this.#environment.clock.now();
    const { group, stream } = this.#groups.ensureStream(target, now);
    this.#append(group, stream, events, now);
  }

  #append(group: LogGroup, stream: LogStream, events: NewEvents, now: EpochMs): void {
    if (events.length === 0) return;
    group.sweep(now);
    const kept = this.#groups.append(stream, events, now);
    this.#recordMetrics(group, events, now);
    for (const filter of group.subscriptionFilters.values()) {
      filter.forward(group, stream.name, kept, this.#environment, this.#destinations);
    }
  }

  #recordMetrics(group: LogGroup, events: NewEvents, now: EpochMs): void {
    const { metrics } = this.#environment;
    const { account, region } = group.settings;
    for (const { message } of events) {
      const embedded = embeddedMetricsOf(message, now);
      if (embedded === undefined) continue;
      for (const point of embedded.points) metrics.record({ ...point, account, region });
      if (embedded.error !== undefined) {
        const dimensions = { LogGroupName: group.name };
        metrics.record({ account, region, namespace: 'AWS/Logs', name: embedded.error, dimensions, value: 1, at: now });
      }
    }
    for (const filter of group.metricFilters.values()) {
      for (const point of filter.values(events)) metrics.record({ ...point, account, region });
    }
  }
}
