import type * as Sdk from '@aws-sdk/client-eventbridge';
import type { PutEventsRequestEntry, PutEventsResultEntry } from '@aws-sdk/client-eventbridge';
import { parseArn } from '@holdfast/aws-model';
import type { EpochMs } from '@holdfast/kernel';
import { onDemand } from '@holdfast/kernel';
import {
  type BusEvent,
  type DeliveryResult,
  type DeliveryTarget,
  type Operations,
  operation,
  type RequestContext,
  type Sender,
  type Service,
  type ServiceEnvironment,
} from '../../core/index.ts';
import { ApiDestinationSender } from './api-destination-sender.ts';
import { ApiDestinations, apiDestinationOperations } from './api-destinations.ts';
import { archiveOperations } from './archive-operations.ts';
import { ArchiveRegistry } from './archive-registry.ts';
import { busOperations } from './bus-operations.ts';
import { type Bus, BusRegistry, busNameOf, type Rule } from './bus-registry.ts';
import { connectionOperations } from './connection-operations.ts';
import { Connections } from './connections.ts';
import { type EventEnvelope, envelopeTime } from './envelope.ts';
import { busMissing, validation } from './errors.ts';
import { checkRequest, readEntry } from './put-events.ts';
import { replayOperations } from './replay-operations.ts';
import { Replays, type StoredReplay } from './replays.ts';
import { RuleMetrics } from './rule-metrics.ts';
import { type RuleParts, ruleOperations } from './rule-operations.ts';
import { Scheduler } from './scheduler.ts';
import { tagOperations } from './tag-operations.ts';
import { TargetDeliveries } from './target-deliveries.ts';
import { targetOperations } from './target-operations.ts';
import { TargetSender } from './target-sender.ts';

const refusalOfDestination = (
  arn: string,
  destinations: ApiDestinations,
  { http }: ServiceEnvironment,
): string | undefined => {
  const destination = destinations.find(arn);
  return destination === undefined ? undefined : http.refusalOf(destination.endpoint);
};

/** Amazon EventBridge: buses, rules by pattern and by schedule, and delivery to their targets. */
export class EventsService implements Service, DeliveryTarget<BusEvent> {
  readonly #operations: () => Operations<typeof Sdk>;
  readonly targets = { bus: this };
  readonly #environment: ServiceEnvironment;
  readonly #registry: BusRegistry;
  readonly #scheduler: Scheduler;
  readonly #metrics: RuleMetrics;
  readonly #deliveries: TargetDeliveries;
  readonly #connections: Connections;
  readonly #archives: ArchiveRegistry;
  readonly #replays: Replays;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#registry = new BusRegistry(environment.store);
    this.#metrics = new RuleMetrics(() => environment.metrics);
    const sender = new TargetSender(environment, (busArn, event, trace) => this.#forward(busArn, event, trace));
    this.#connections = new Connections(environment);
    const destinations = new ApiDestinations(environment);
    const toApis = new ApiDestinationSender(environment, destinations, this.#connections);
    this.#deliveries = new TargetDeliveries(environment, sender, toApis, this.#metrics);
    this.#scheduler = new Scheduler(environment, (rule, now) => this.#runScheduled(rule, now));
    this.#archives = new ArchiveRegistry(environment);
    this.#replays = new Replays(environment, this.#archives, (replay, event, now) => this.#replay(replay, event, now));
    const parts: RuleParts = {
      registry: this.#registry,
      scheduler: this.#scheduler,
      metrics: this.#metrics,
      rulesPerBus: environment.settings.rulesPerBus,
    };
    this.#operations = onDemand(() => ({
      ...busOperations(this.#registry),
      ...ruleOperations(parts),
      ...targetOperations(parts, (arn) => refusalOfDestination(arn, destinations, environment)),
      ...tagOperations(this.#registry),
      ...connectionOperations(environment, this.#connections),
      ...apiDestinationOperations(destinations, this.#connections),
      ...archiveOperations(this.#registry, this.#archives),
      ...replayOperations(this.#registry, this.#archives, this.#replays),
      PutEvents: operation(['Entries'], (input, context) => {
        const entries = checkRequest(input.Entries).map((entry) => this.#putEvent(entry, context));
        const failed = entries.filter(({ ErrorCode }) => ErrorCode !== undefined).length;
        this.#countPutEvents(context, entries.length, failed);
        return { FailedEntryCount: failed, Entries: entries };
      }),
    }));
  }

  get operations(): Operations<typeof Sdk> {
    return this.#operations();
  }

  start(): void {
    this.#connections.start();
    this.#deliveries.start();
    this.#archives.start();
    this.#replays.start();
    this.#scheduler.start(this.#registry.allRules());
  }

  /** Events that other services send: S3 notifications, for example. */
  deliver(busArn: string, event: BusEvent, sender: Sender): DeliveryResult {
    const bus = this.#busOf(busArn, event.account, event.region);
    if (bus === undefined) return { ok: false, error: busMissing(busNameOf(busArn)) };
    const now = this.#environment.clock.now();
    const envelope: EventEnvelope = {
      version: '0',
      id: this.#environment.ids.uuid(),
      'detail-type': event.detailType,
      source: event.source,
      account: event.account,
      time: envelopeTime(now),
      region: event.region,
      resources: event.resources ?? [],
      detail: event.detail,
    };
    this.#publish(bus, envelope, now, sender.traceHeader);
    return { ok: true };
  }

  exists(busArn: string): boolean {
    return this.#busOf(busArn, '', '') !== undefined;
  }

  /** Senders within the account need no policy. */
  accepts(busArn: string): boolean {
    return this.exists(busArn);
  }

  #busOf(busArn: string, account: string, region: string): Bus | undefined {
    const parsed = parseArn(busArn);
    return this.#registry.find(parsed?.account ?? account, parsed?.region ?? region, busNameOf(busArn));
  }

  /**
   * From a rule's target to another bus: the event stays what it was, its time included. It gets an id of its own
   * within its account and region, and was recorded to keep its id beyond them.
   */
  #forward(busArn: string, event: EventEnvelope, traceHeader: string | undefined): DeliveryResult {
    const bus = this.#busOf(busArn, '', '');
    if (bus === undefined) return { ok: false, error: busMissing(busNameOf(busArn)) };
    if (typeof event.source !== 'string' || typeof event.detail !== 'object') {
      // The target's own input has replaced the event by something that is none.
      return { ok: false, error: validation('The event is not valid.') };
    }
    const isAtHome = bus.stored.account === event.account && bus.stored.region === event.region;
    const forwarded = isAtHome ? { ...event, id: this.#environment.ids.uuid() } : event;
    this.#publish(bus, forwarded, this.#environment.clock.now(), traceHeader);
    return { ok: true };
  }

  #putEvent(entry: PutEventsRequestEntry, context: RequestContext): PutEventsResultEntry {
    const accepted = readEntry(entry);
    if ('ErrorCode' in accepted) return { ...accepted };
    const { account, region, now } = context;
    const envelope: EventEnvelope = {
      version: '0',
      id: this.#environment.ids.uuid(),
      'detail-type': accepted.detailType,
      source: accepted.source,
      account,
      time: envelopeTime(entry.Time?.getTime() ?? now),
      region,
      resources: entry.Resources ?? [],
      detail: accepted.detail,
    };
    // An unknown bus answers like a known one, and the event is gone: so does AWS.
    const bus = this.#busOf(entry.EventBusName ?? 'default', account, region);
    if (bus !== undefined) {
      this.#publish(bus, envelope, now, entry.TraceHeader ?? context.traceHeader, entry.Time?.getTime());
    }
    return { EventId: envelope.id };
  }

  /** `happenedAt` is the time that a replay asks for; by default the present. */
  #publish(
    bus: Bus,
    event: EventEnvelope,
    now: EpochMs,
    traceHeader: string | undefined,
    happenedAt: EpochMs = now,
  ): void {
    this.#archives.keep(bus.stored.arn, event, happenedAt);
    for (const rule of bus.matching(event)) {
      this.#metrics.count(rule.ref, 'MatchedEvents', now);
      this.#trigger(rule, event, now, traceHeader);
    }
  }

  #replay({ busArn, filterArns }: StoredReplay, event: EventEnvelope, now: EpochMs): void {
    const bus = this.#busOf(busArn, '', '');
    for (const rule of bus?.matching(event) ?? []) {
      if (filterArns !== undefined && !filterArns.includes(rule.stored.arn)) continue;
      this.#metrics.count(rule.ref, 'MatchedEvents', now);
      this.#trigger(rule, event, now);
    }
  }

  #trigger(rule: Rule, event: EventEnvelope, now: EpochMs, traceHeader?: string | undefined): void {
    this.#metrics.count(rule.ref, 'TriggeredRules', now);
    for (const target of rule.stored.targets) this.#deliveries.dispatch(rule.ref, target, event, now, traceHeader);
  }

  #runScheduled({ stored: { account, region, busName, name } }: Rule, now: EpochMs): void {
    // Targets may have changed since the timer was set.
    const rule = this.#registry.find(account, region, busName)?.rules.get(name);
    if (rule === undefined) return;
    this.#trigger(
      rule,
      {
        version: '0',
        id: this.#environment.ids.uuid(),
        'detail-type': 'Scheduled Event',
        source: 'aws.events',
        account,
        time: envelopeTime(now),
        region,
        resources: [rule.stored.arn],
        detail: {},
      },
      now,
    );
  }

  #countPutEvents({ account, region, now: at }: RequestContext, entries: number, failed: number): void {
    const count = (name: string, value: number): void =>
      this.#environment.metrics.record({ account, region, namespace: 'AWS/Events', name, value, unit: 'Count', at });
    count('PutEventsApproximateCallCount', 1);
    count('PutEventsEntriesCount', entries);
    if (failed > 0) count('PutEventsFailedEntriesCount', failed);
  }
}
