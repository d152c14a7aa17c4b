import { makeArn } from '@holdfast/aws-model';
import { DAY_MS, type EpochMs, MINUTE_MS, type Timer, utf8Length } from '@holdfast/kernel';
import { type Collection, compileEventPattern, type EventPattern, type ServiceEnvironment } from '../../core/index.ts';
import type { EventEnvelope } from './envelope.ts';
import { archiveMissing } from './errors.ts';

/** An archive as stored; its events are stored beside it. */
export interface StoredArchive {
  readonly arn: string;
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly busArn: string;
  readonly description?: string | undefined;
  readonly eventPattern?: string | undefined;
  /** 0: for ever. */
  readonly retentionDays: number;
  readonly createdAt: EpochMs;
}

/** When an event happened, and where it is stored. */
interface ArchivedEvent {
  readonly at: EpochMs;
  readonly keptAt: EpochMs;
  readonly key: string;
  readonly bytes: number;
  /** Only where nothing outlives the process; elsewhere it is read back. */
  readonly event?: EventEnvelope;
}

interface StoredEvent {
  readonly at: EpochMs;
  /** When it was put into the archive, which may be long after; its retention counts from here. */
  readonly keptAt?: EpochMs;
  readonly event: EventEnvelope;
}

/** An archive with the places of its events. */
export interface Archive {
  stored: StoredArchive;
  pattern: EventPattern | undefined;
  /** In the order in which they happened. */
  events: ArchivedEvent[];
  /** In the order in which they were put in. */
  readonly arrivals: ArchivedEvent[];
  bytes: number;
  sweep: Timer | undefined;
}

export const archiveArnOf = (account: string, region: string, name: string): string =>
  makeArn('events', region, account, `archive/${name}`);

const patternOf = ({ eventPattern }: StoredArchive): EventPattern | undefined =>
  eventPattern === undefined ? undefined : compileEventPattern(eventPattern);

/**
 * What archives keep of the events of their buses. Events that come from a replay are not kept again, as on AWS.
 *
 * Kept events are read back when they are replayed: memory holds when each happened, and where it is.
 */
export class ArchiveRegistry {
  readonly #environment: ServiceEnvironment;
  readonly #archives = new Map<string, Archive>();
  readonly #byBus = new Map<string, Archive[]>();
  readonly #stored: Collection<StoredArchive>;
  readonly #events: Collection<StoredEvent>;
  #next = 0;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#stored = environment.store.collection('events.archives');
    this.#events = environment.store.collection('events.archived-events');
    for (const [, stored] of this.#stored.entries()) this.#add(stored);
    for (const [key, { at, keptAt = at, event }] of this.#events.entries()) {
      const [arn = '', number] = key.split(' ');
      this.#next = Math.max(this.#next, Number(number) + 1);
      const archive = this.#archives.get(arn);
      if (archive !== undefined) insert(archive, { at, keptAt, key, bytes: utf8Length(JSON.stringify(event)) });
    }
    for (const { arrivals } of this.#archives.values()) arrivals.sort((a, b) => a.keptAt - b.keptAt);
  }

  start(): void {
    for (const archive of this.#archives.values()) this.#armSweep(archive);
  }

  /** @throws ServiceError when there is no such archive */
  get(account: string, region: string, name: string): Archive {
    const archive = this.#archives.get(archiveArnOf(account, region, name));
    if (archive === undefined) throw archiveMissing(name);
    return archive;
  }

  find(arn: string): Archive | undefined {
    return this.#archives.get(arn);
  }

  all(account: string, region: string): Archive[] {
    return [...this.#archives.values()].filter(({ stored }) => stored.account === account && stored.region === region);
  }

  put(stored: StoredArchive): void {
    this.#stored.put(stored.arn, stored);
    const archive = this.#archives.get(stored.arn);
    if (archive === undefined) {
      this.#add(stored);
      return;
    }
    archive.stored = stored;
    archive.pattern = patternOf(stored);
    this.#armSweep(archive);
  }

  delete(archive: Archive): void {
    const { arn, busArn } = archive.stored;
    archive.sweep?.cancel();
    for (const { key } of archive.events) this.#events.delete(key);
    this.#archives.delete(arn);
    this.#byBus.set(
      busArn,
      (this.#byBus.get(busArn) ?? []).filter((one) => one !== archive),
    );
    this.#stored.delete(arn);
  }

  /** Keeps an event of a bus in all its archives that want it. */
  keep(busArn: string, event: EventEnvelope, at: EpochMs): void {
    const archives = this.#byBus.get(busArn);
    if (archives === undefined || event['replay-name'] !== undefined) return;
    for (const archive of archives) {
      if (archive.pattern?.matches(event as unknown as Readonly<Record<string, unknown>>) === false) continue;
      const key = `${archive.stored.arn} ${String(this.#next++).padStart(15, '0')}`;
      const keptAt = this.#environment.clock.now();
      this.#events.put(key, { at, keptAt, event });
      const bytes = utf8Length(JSON.stringify(event));
      insert(archive, { at, keptAt, key, bytes, ...(this.#environment.store.isVolatile === true ? { event } : {}) });
      if (archive.sweep === undefined) this.#armSweep(archive);
    }
  }

  /** When the first event at or after `from` happened, and before `until`. */
  firstAt(archive: Archive, from: EpochMs, until: EpochMs): EpochMs | undefined {
    const at = archive.events[firstFrom(archive.events, from)]?.at;
    return at === undefined || at >= until ? undefined : at;
  }

  /** Events that happened at or after `from` and before `until`, in their order. */
  between(archive: Archive, from: EpochMs, until: EpochMs): EventEnvelope[] {
    return archive.events
      .slice(firstFrom(archive.events, from), firstFrom(archive.events, until))
      .flatMap(({ key, event }) => event ?? this.#events.get(key)?.event ?? []);
  }

  #add(stored: StoredArchive): void {
    const archive: Archive = {
      stored,
      pattern: patternOf(stored),
      events: [],
      arrivals: [],
      bytes: 0,
      sweep: undefined,
    };
    this.#archives.set(stored.arn, archive);
    this.#byBus.set(stored.busArn, [...(this.#byBus.get(stored.busArn) ?? []), archive]);
  }

  /** One timer for the event that was put in first; those of the minute after it wait for the next. */
  #armSweep(archive: Archive, notBefore = 0): void {
    archive.sweep?.cancel();
    archive.sweep = undefined;
    const [oldest] = archive.arrivals;
    const { retentionDays } = archive.stored;
    if (retentionDays === 0 || oldest === undefined) return;
    const at = Math.max(oldest.keptAt + retentionDays * DAY_MS, notBefore);
    archive.sweep = this.#environment.timers.schedule(at, (now) => {
      const staying = archive.arrivals.findIndex(({ keptAt }) => keptAt + retentionDays * DAY_MS > now);
      const expired = new Set(archive.arrivals.splice(0, staying < 0 ? archive.arrivals.length : staying));
      archive.events = archive.events.filter((event) => !expired.has(event));
      for (const { key, bytes } of expired) {
        this.#events.delete(key);
        archive.bytes -= bytes;
      }
      this.#armSweep(archive, now + MINUTE_MS);
    });
  }
}

/** Where the first event at or after a moment is. */
const firstFrom = (events: readonly ArchivedEvent[], at: EpochMs): number => {
  let [low, high] = [0, events.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((events[middle] as ArchivedEvent).at < at) low = middle + 1;
    else high = middle;
  }
  return low;
};

/** Events come nearly in order: a place is looked for only when one happened before the last. */
const insert = (archive: Archive, event: ArchivedEvent): void => {
  archive.bytes += event.bytes;
  archive.arrivals.push(event);
  const { events } = archive;
  const last = events.at(-1);
  if (last === undefined || last.at <= event.at) events.push(event);
  else events.splice(firstFrom(events, event.at + 1), 0, event);
};
