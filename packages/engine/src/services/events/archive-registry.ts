import { makeArn } from '@holdfast/aws-model';
import { DAY_MS, type EpochMs, type Timer, utf8Length } from '@holdfast/kernel';
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
  readonly key: string;
  readonly bytes: number;
  /** Only where nothing outlives the process; elsewhere it is read back. */
  readonly event?: EventEnvelope;
}

interface StoredEvent {
  readonly at: EpochMs;
  readonly event: EventEnvelope;
}

/** An archive with the places of its events, in the order in which they happened. */
export interface Archive {
  stored: StoredArchive;
  pattern: EventPattern | undefined;
  readonly events: ArchivedEvent[];
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
    for (const [key, { at, event }] of this.#events.entries()) {
      const [arn = '', number] = key.split(' ');
      this.#next = Math.max(this.#next, Number(number) + 1);
      const archive = this.#archives.get(arn);
      if (archive !== undefined) insert(archive, { at, key, bytes: utf8Length(JSON.stringify(event)) });
    }
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
      this.#events.put(key, { at, event });
      const bytes = utf8Length(JSON.stringify(event));
      insert(archive, { at, key, bytes, ...(this.#environment.store.isVolatile === true ? { event } : {}) });
      if (archive.sweep === undefined) this.#armSweep(archive);
    }
  }

  /** When the first event at or after `from` happened, and before `until`. */
  firstAt(archive: Archive, from: EpochMs, until: EpochMs): EpochMs | undefined {
    const at = archive.events.find((event) => event.at >= from)?.at;
    return at === undefined || at >= until ? undefined : at;
  }

  /** Events that happened at or after `from` and before `until`, in their order. */
  between(archive: Archive, from: EpochMs, until: EpochMs): EventEnvelope[] {
    return archive.events
      .filter(({ at }) => at >= from && at < until)
      .flatMap(({ key, event }) => event ?? this.#events.get(key)?.event ?? []);
  }

  #add(stored: StoredArchive): void {
    const archive: Archive = { stored, pattern: patternOf(stored), events: [], bytes: 0, sweep: undefined };
    this.#archives.set(stored.arn, archive);
    this.#byBus.set(stored.busArn, [...(this.#byBus.get(stored.busArn) ?? []), archive]);
  }

  /** One timer for the oldest event. */
  #armSweep(archive: Archive): void {
    archive.sweep?.cancel();
    archive.sweep = undefined;
    const [oldest] = archive.events;
    const { retentionDays } = archive.stored;
    if (retentionDays === 0 || oldest === undefined) return;
    archive.sweep = this.#environment.timers.schedule(oldest.at + retentionDays * DAY_MS, (now) => {
      const expired = archive.events.findIndex(({ at }) => at + retentionDays * DAY_MS > now);
      for (const { key, bytes } of archive.events.splice(0, expired < 0 ? archive.events.length : expired)) {
        this.#events.delete(key);
        archive.bytes -= bytes;
      }
      this.#armSweep(archive);
    });
  }
}

const insert = (archive: Archive, event: ArchivedEvent): void => {
  archive.bytes += event.bytes;
  let index = archive.events.length;
  while (index > 0 && (archive.events[index - 1] as ArchivedEvent).at > event.at) index--;
  archive.events.splice(index, 0, event);
};
