import type { EpochMs } from '@holdfast/kernel';
import {
  type Collection,
  compareSequenceNumbers,
  Listeners,
  type ServiceEnvironment,
  type StreamedChange,
  type StreamedTable,
  type TableStreams,
} from '../../core/index.ts';
import { type ChangeRecord, showsNewImage, showsOldImage, type ViewType } from './change-record.ts';
import { type Item, itemFromJson, itemToJson, type JsonItem } from './image.ts';
import { RETENTION_MS, type StoredTableStream, TableStream } from './table-stream.ts';

interface StoredChange {
  readonly at: EpochMs;
  readonly id: string;
  readonly name: ChangeRecord['eventName'];
  readonly keys: JsonItem;
  readonly new?: JsonItem | undefined;
  readonly old?: JsonItem | undefined;
  readonly by?: ChangeRecord['userIdentity'];
}

const toStored = (record: ChangeRecord): StoredChange => ({
  at: record.arrivedAt,
  id: record.eventId,
  name: record.eventName,
  keys: itemToJson(record.keys),
  ...(record.newImage === undefined ? {} : { new: itemToJson(record.newImage) }),
  ...(record.oldImage === undefined ? {} : { old: itemToJson(record.oldImage) }),
  ...(record.userIdentity === undefined ? {} : { by: record.userIdentity }),
});

const fromStored = (sequenceNumber: string, stored: StoredChange): ChangeRecord => ({
  sequenceNumber,
  arrivedAt: stored.at,
  eventId: stored.id,
  eventName: stored.name,
  keys: itemFromJson(stored.keys),
  newImage: stored.new === undefined ? undefined : itemFromJson(stored.new),
  oldImage: stored.old === undefined ? undefined : itemFromJson(stored.old),
  userIdentity: stored.by,
});

const eventNameOf = ({ oldImage, newImage }: StreamedChange): 'INSERT' | 'MODIFY' | 'REMOVE' => {
  if (newImage === undefined) return 'REMOVE';
  return oldImage === undefined ? 'INSERT' : 'MODIFY';
};

/** All streams of tables with their records; every change is written through, one entry per record. */
export class StreamTable implements TableStreams {
  readonly #environment: ServiceEnvironment;
  readonly #byArn = new Map<string, TableStream>();
  readonly #streams: Collection<StoredTableStream>;
  readonly #records: Collection<StoredChange>;
  readonly #listeners = new Listeners();

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#streams = environment.store.collection('dynamodbstreams.streams');
    this.#records = environment.store.collection('dynamodbstreams.records');
    const byId = new Map<string, TableStream>();
    for (const [arn, stored] of this.#streams.entries()) {
      const stream = new TableStream(stored);
      this.#byArn.set(arn, stream);
      byId.set(stored.id, stream);
    }
    const records: [TableStream, ChangeRecord][] = [];
    for (const [key, stored] of this.#records.entries()) {
      const [id, sequenceNumber] = key.split('/') as [string, string];
      const stream = byId.get(id);
      if (stream !== undefined) records.push([stream, fromStored(sequenceNumber, stored)]);
    }
    records.sort(([, a], [, b]) => compareSequenceNumbers(a.sequenceNumber, b.sequenceNumber));
    for (const [stream, record] of records) stream.restore(record);
  }

  /** Without records older than a day; a closed stream is gone when it has been closed for as long. */
  find(arn: string): TableStream | undefined {
    const stream = this.#byArn.get(arn);
    if (stream === undefined) return undefined;
    const cutoff = this.#environment.clock.now() - RETENTION_MS;
    stream.log.trim(cutoff, (record) => this.#records.delete(this.#key(stream, record)));
    const { closedAt } = stream.stored;
    if (closedAt === undefined || closedAt > cutoff) return stream;
    this.#byArn.delete(arn);
    this.#streams.delete(arn);
    return undefined;
  }

  of(account: string, region: string): TableStream[] {
    return [...this.#byArn.keys()]
      .map((arn) => this.find(arn))
      .filter((stream) => stream !== undefined)
      .filter(({ stored }) => stored.account === account && stored.region === region)
      .sort((a, b) => (a.stored.arn < b.stored.arn ? -1 : 1));
  }

  open(table: StreamedTable, viewType: string, now: EpochMs): string {
    let labelledAt = now;
    const arnAt = (at: EpochMs): string => `${table.arn}/stream/${labelOf(at)}`;
    while (this.#byArn.has(arnAt(labelledAt))) labelledAt += 1;
    const stored: StoredTableStream = {
      id: this.#environment.ids.hex(16),
      arn: arnAt(labelledAt),
      label: labelOf(labelledAt),
      account: table.account,
      region: table.region,
      tableName: table.name,
      tableArn: table.arn,
      keySchema: table.keySchema,
      viewType: viewType as ViewType,
      createdAt: labelledAt,
      closedAt: undefined,
      lastSequenceNumber: undefined,
    };
    this.#byArn.set(stored.arn, new TableStream(stored));
    this.#streams.put(stored.arn, stored);
    return stored.arn;
  }

  append(streamArn: string, change: StreamedChange): void {
    const stream = this.find(streamArn);
    if (stream === undefined || !stream.isOpen) return;
    const { viewType } = stream.stored;
    const record = stream.append({
      arrivedAt: change.at,
      eventId: this.#environment.ids.hex(32),
      eventName: eventNameOf(change),
      keys: change.keys as Item,
      newImage: showsNewImage(viewType) ? (change.newImage as Item | undefined) : undefined,
      oldImage: showsOldImage(viewType) ? (change.oldImage as Item | undefined) : undefined,
      userIdentity: change.userIdentity,
    });
    this.#records.put(this.#key(stream, record), toStored(record));
    this.#listeners.tell(streamArn);
  }

  close(streamArn: string, now: EpochMs): void {
    const stream = this.find(streamArn);
    if (stream === undefined || !stream.isOpen) return;
    stream.stored = { ...stream.stored, closedAt: now, lastSequenceNumber: stream.lastSequenceNumber };
    this.#streams.put(streamArn, stream.stored);
    this.#listeners.tell(streamArn);
  }

  onAvailable(arn: string, listener: () => void): () => void {
    return this.#listeners.on(arn, listener);
  }

  #key(stream: TableStream, record: ChangeRecord): string {
    return `${stream.stored.id}/${record.sequenceNumber}`;
  }
}

/** `2024-11-18T14:36:44.149` */
const labelOf = (at: EpochMs): string => new Date(at).toISOString().replace('Z', '');
