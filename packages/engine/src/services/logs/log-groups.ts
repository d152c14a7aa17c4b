import { makeArn } from '@holdfast/aws-model';
import { DAY_MS, type EpochMs, HOUR_MS, type IdSource } from '@holdfast/kernel';
import {
  type Collection,
  isElsewhere,
  type LogTarget,
  type RequestContext,
  ServiceError,
  type Store,
} from '../../core/index.ts';
import { groupMissing, invalidParameter, streamMissing } from './errors.ts';
import { type ChunkHeader, type LogCollections, type LogEvent, LogStream } from './log-stream.ts';
import { MetricFilter, type StoredMetricFilter } from './metric-filter.ts';
import { checkGroupName } from './names.ts';
import { type StoredSubscriptionFilter, SubscriptionFilter } from './subscription-filter.ts';

interface StoredGroup {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly createdAt: EpochMs;
  readonly retentionInDays?: number | undefined;
  readonly logGroupClass?: string | undefined;
  readonly kmsKeyId?: string | undefined;
  readonly isDeletionProtected?: boolean | undefined;
  readonly tags: Readonly<Record<string, string>>;
}

interface StoredStream {
  readonly groupId: string;
  readonly name: string;
  readonly createdAt: EpochMs;
}

/** A log group with its streams and metric filters. */
export class LogGroup {
  readonly id: string;
  settings: StoredGroup;
  readonly streams = new Map<string, LogStream>();
  readonly metricFilters = new Map<string, MetricFilter>();
  readonly subscriptionFilters = new Map<string, SubscriptionFilter>();
  nextSweepAt: EpochMs = 0;

  constructor(id: string, settings: StoredGroup) {
    this.id = id;
    this.settings = settings;
  }

  get name(): string {
    return this.settings.name;
  }

  get arn(): string {
    return makeArn('logs', this.settings.region, this.settings.account, `log-group:${this.settings.name}`);
  }

  streamArn(streamName: string): string {
    return `${this.arn}:log-stream:${streamName}`;
  }

  /** Events older than this have expired. */
  cutoff(now: EpochMs): EpochMs {
    const days = this.settings.retentionInDays;
    return days === undefined ? Number.NEGATIVE_INFINITY : now - days * DAY_MS;
  }

  /** Drops expired events, at most once an hour: readers filter by {@link cutoff} themselves. */
  sweep(now: EpochMs): void {
    if (this.settings.retentionInDays === undefined || now < this.nextSweepAt) return;
    this.nextSweepAt = now + HOUR_MS;
    for (const stream of this.streams.values()) stream.expire(this.cutoff(now));
  }

  stream(name: string | undefined): LogStream {
    const stream = this.streams.get(name ?? '');
    if (stream === undefined) throw streamMissing();
    return stream;
  }
}

/** `arn:...:log-group:name`, with or without `:*`, or a plain name. */
export const groupNameOf = (identifier: string): string => {
  const match = /^arn:[^:]+:logs:[^:]*:[^:]*:log-group:([^:]+)/.exec(identifier);
  return match?.[1] ?? identifier;
};

/** All log groups; every change is durable when it returns. */
export class LogGroups {
  readonly #byKey = new Map<string, LogGroup>();
  readonly #groups: Collection<StoredGroup>;
  readonly #streams: Collection<StoredStream>;
  readonly #filters: Collection<StoredMetricFilter>;
  readonly #subscriptions: Collection<StoredSubscriptionFilter>;
  readonly #events: LogCollections;
  readonly #ids: IdSource;
  #nextSequence = 1;

  constructor(store: Store, ids: IdSource) {
    this.#ids = ids;
    this.#groups = store.collection('logs.groups');
    this.#streams = store.collection('logs.streams');
    this.#filters = store.collection('logs.metricFilters');
    this.#subscriptions = store.collection('logs.subscriptionFilters');
    this.#events = {
      tails: store.collection('logs.tails'),
      chunks: store.collection('logs.chunks'),
      blobs: store.blobs,
    };
    this.#load();
  }

  #load(): void {
    const groups = new Map<string, LogGroup>();
    for (const [id, settings] of this.#groups.entries()) {
      const group = new LogGroup(id, settings);
      groups.set(id, group);
      this.#byKey.set(keyOf(settings.account, settings.region, settings.name), group);
    }
    const streams = new Map<string, LogStream>();
    for (const [id, { groupId, name, createdAt }] of this.#streams.entries()) {
      const stream = new LogStream(id, name, createdAt, this.#events);
      streams.set(id, stream);
      groups.get(groupId)?.streams.set(name, stream);
    }
    for (const filter of this.#filters.entries()) {
      groups.get(filter[1].groupId)?.metricFilters.set(filter[1].name, new MetricFilter(filter[1]));
    }
    for (const [, stored] of this.#subscriptions.entries()) {
      groups.get(stored.groupId)?.subscriptionFilters.set(stored.name, new SubscriptionFilter(stored));
    }
    const seen = (sequence: number): void => {
      this.#nextSequence = Math.max(this.#nextSequence, sequence + 1);
    };
    for (const [key, header] of this.#events.chunks.entries() as Iterable<[string, ChunkHeader]>) {
      const [id, no] = key.split('/') as [string, string];
      streams.get(id)?.restoreChunk(Number(no), header);
      seen(header.lastSequence);
    }
    for (const [key, events] of this.#events.tails.entries()) {
      const [id, no] = key.split('/') as [string, string];
      streams.get(id)?.restoreTail(Number(no), events);
      for (const event of events) seen(event[2]);
    }
  }

  find(account: string, region: string, name: string): LogGroup | undefined {
    return this.#byKey.get(keyOf(account, region, name));
  }

  /** The group that a request names, by its name, or by an identifier: a name or an ARN. */
  named(context: RequestContext, name: string | undefined, identifier?: string | undefined): LogGroup {
    if (identifier === undefined) return this.#existing(context, checkGroupName(name));
    if (name !== undefined) {
      throw new ServiceError(
        'ValidationException',
        'LogGroup name and LogGroup ARN are mutually exclusive parameters.',
        400,
      );
    }
    if (identifier.startsWith('arn:') && identifier.endsWith(':*')) {
      // Longer ARNs are those of IAM policies. AWS does not print the value here.
      throw invalidParameter(
        "1 validation error detected: Value at 'logGroupIdentifier' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w#+=/:,.@-]*",
      );
    }
    return this.ofArn(context, identifier);
  }

  /** The group of an ARN, with or without `:*`. */
  ofArn(context: RequestContext, arn: string | undefined): LogGroup {
    if (arn === undefined || isElsewhere(arn, context)) throw groupMissing();
    return this.#existing(context, groupNameOf(arn));
  }

  #existing({ account, region }: RequestContext, name: string): LogGroup {
    const group = this.find(account, region, name);
    if (group === undefined) throw groupMissing();
    return group;
  }

  /** Groups of an account and region, by name. */
  list(context: RequestContext): LogGroup[] {
    return [...this.#byKey.values()]
      .filter(({ settings }) => settings.account === context.account && settings.region === context.region)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  create(settings: StoredGroup): LogGroup {
    const group = new LogGroup(this.#ids.hex(16), settings);
    this.#byKey.set(keyOf(settings.account, settings.region, settings.name), group);
    this.#groups.put(group.id, settings);
    return group;
  }

  update(group: LogGroup, change: Partial<StoredGroup>): void {
    group.settings = { ...group.settings, ...change };
    group.nextSweepAt = 0;
    this.#groups.put(group.id, group.settings);
  }

  delete(group: LogGroup): void {
    for (const stream of group.streams.values()) this.deleteStream(group, stream);
    for (const name of group.metricFilters.keys()) this.deleteFilter(group, name);
    for (const name of group.subscriptionFilters.keys()) this.deleteSubscription(group, name);
    this.#byKey.delete(keyOf(group.settings.account, group.settings.region, group.name));
    this.#groups.delete(group.id);
  }

  createStream(group: LogGroup, name: string, now: EpochMs): LogStream {
    const stream = new LogStream(this.#ids.hex(16), name, now, this.#events);
    group.streams.set(name, stream);
    this.#streams.put(stream.id, { groupId: group.id, name, createdAt: now });
    return stream;
  }

  deleteStream(group: LogGroup, stream: LogStream): void {
    stream.clear();
    group.streams.delete(stream.name);
    this.#streams.delete(stream.id);
  }

  putFilter(group: LogGroup, stored: StoredMetricFilter): void {
    group.metricFilters.set(stored.name, new MetricFilter(stored));
    this.#filters.put(`${group.id}/${stored.name}`, stored);
  }

  deleteFilter(group: LogGroup, name: string): void {
    group.metricFilters.delete(name);
    this.#filters.delete(`${group.id}/${name}`);
  }

  putSubscription(group: LogGroup, stored: StoredSubscriptionFilter): void {
    group.subscriptionFilters.set(stored.name, new SubscriptionFilter(stored));
    this.#subscriptions.put(`${group.id}/${stored.name}`, stored);
  }

  deleteSubscription(group: LogGroup, name: string): void {
    group.subscriptionFilters.delete(name);
    this.#subscriptions.delete(`${group.id}/${name}`);
  }

  /** Stream of a target, made with its group when missing: services log without asking. */
  ensureStream(target: LogTarget, now: EpochMs): { group: LogGroup; stream: LogStream } {
    const { account, region } = target;
    const group =
      this.find(account, region, target.group) ??
      this.create({ account, region, name: target.group, createdAt: now, tags: {} });
    return { group, stream: group.streams.get(target.stream) ?? this.createStream(group, target.stream, now) };
  }

  append(stream: LogStream, events: readonly { at: EpochMs; message: string }[], now: EpochMs): readonly LogEvent[] {
    const kept = events.map(({ at, message }): LogEvent => [at, now, this.#nextSequence++, message]);
    stream.append(kept);
    return kept;
  }
}

const keyOf = (account: string, region: string, name: string): string => `${account}/${region}/${name}`;
