import { type EpochMs, utf8Length } from '@holdfast/kernel';
import type { Collection, Store } from '../../core/index.ts';

/** One line as kept: plain arrays keep chunks small. */
export type LogEvent = readonly [at: EpochMs, ingestedAt: EpochMs, sequence: number, message: string];

/** Where an event stands in its group: by time, then in order of arrival. */
export interface Position {
  readonly at: EpochMs;
  readonly sequence: number;
}

/** 56 digits that sort like positions, as CloudWatch's event ids do. */
export const eventIdOf = (position: Position): string =>
  `${String(position.at).padStart(20, '0')}${String(position.sequence).padStart(20, '0')}${'0'.repeat(16)}`;

/** A sealed run of events: bytes in the blob store, this in memory. */
export interface ChunkHeader {
  readonly firstAt: EpochMs;
  readonly lastAt: EpochMs;
  readonly lastIngestedAt: EpochMs;
  readonly lastSequence: number;
  readonly count: number;
  readonly bytes: number;
}

/** A stream's open events are sealed into a chunk at this many events or bytes. */
export const CHUNK_EVENTS_MAX = 2_000;
export const CHUNK_BYTES_MAX = 512 * 1_024;

/** What CloudWatch counts per event on top of its message. */
export const EVENT_OVERHEAD_BYTES = 26;

export interface LogCollections {
  /** One entry per append: the events that no chunk holds yet. */
  readonly tails: Collection<readonly LogEvent[]>;
  readonly chunks: Collection<ChunkHeader>;
  readonly blobs: Store['blobs'];
}

const isBefore = (a: LogEvent, b: LogEvent): boolean => a[0] < b[0] || (a[0] === b[0] && a[2] < b[2]);
const byPosition = (a: LogEvent, b: LogEvent): number => a[0] - b[0] || a[2] - b[2];

export const messageBytes = (message: string): number => utf8Length(message) + EVENT_OVERHEAD_BYTES;

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * The events of one log stream.
 *
 * New events are written as one small entry per append and kept in memory; every {@link CHUNK_EVENTS_MAX} of them
 * move to a blob, so that memory holds little and a write never rewrites what came before.
 */
export class LogStream {
  readonly id: string;
  readonly name: string;
  readonly createdAt: EpochMs;
  readonly #collections: LogCollections;
  readonly #chunks = new Map<number, ChunkHeader>();
  #tail: LogEvent[] = [];
  #tailBytes = 0;
  #entries: { readonly no: number; readonly lastAt: EpochMs }[] = [];
  #nextNo = 0;
  #chunkBytes = 0;
  #lastIngestedAt: EpochMs | undefined;

  constructor(id: string, name: string, createdAt: EpochMs, collections: LogCollections) {
    this.id = id;
    this.name = name;
    this.createdAt = createdAt;
    this.#collections = collections;
  }

  /** Takes back a stored chunk at start-up. */
  restoreChunk(no: number, header: ChunkHeader): void {
    this.#chunks.set(no, header);
    this.#chunkBytes += header.bytes;
    this.#nextNo = Math.max(this.#nextNo, no + 1);
    this.#lastIngestedAt = Math.max(this.#lastIngestedAt ?? 0, header.lastIngestedAt);
  }

  /** Takes back a stored append at start-up. */
  restoreTail(no: number, events: readonly LogEvent[]): void {
    this.#nextNo = Math.max(this.#nextNo, no + 1);
    this.#take(no, events);
  }

  /** Adds events durably. */
  append(events: readonly LogEvent[]): void {
    if (events.length === 0) return;
    const no = this.#nextNo++;
    this.#collections.tails.put(`${this.id}/${no}`, events);
    this.#take(no, events);
    if (this.#tail.length >= CHUNK_EVENTS_MAX || this.#tailBytes >= CHUNK_BYTES_MAX) this.#seal();
  }

  #take(no: number, events: readonly LogEvent[]): void {
    let lastAt = Number.NEGATIVE_INFINITY;
    let isSorted = true;
    for (const event of events) {
      const newest = this.#tail.at(-1);
      if (newest !== undefined && isBefore(event, newest)) isSorted = false;
      this.#tail.push(event);
      this.#tailBytes += messageBytes(event[3]);
      if (event[0] > lastAt) lastAt = event[0];
      this.#lastIngestedAt = Math.max(this.#lastIngestedAt ?? 0, event[1]);
    }
    if (!isSorted) this.#tail.sort(byPosition);
    this.#entries.push({ no, lastAt });
  }

  #seal(): void {
    const no = this.#nextNo++;
    const tail = this.#tail;
    const header: ChunkHeader = {
      firstAt: (tail[0] as LogEvent)[0],
      lastAt: (tail.at(-1) as LogEvent)[0],
      lastIngestedAt: this.#lastIngestedAt as EpochMs,
      lastSequence: tail.reduce((max, event) => Math.max(max, event[2]), 0),
      count: tail.length,
      bytes: this.#tailBytes,
    };
    this.#collections.blobs.put(this.#blobId(no), encoder.encode(JSON.stringify(tail)));
    this.#collections.chunks.put(`${this.id}/${no}`, header);
    for (const entry of this.#entries) this.#collections.tails.delete(`${this.id}/${entry.no}`);
    this.#chunks.set(no, header);
    this.#chunkBytes += header.bytes;
    this.#tail = [];
    this.#tailBytes = 0;
    this.#entries = [];
  }

  #blobId(no: number): string {
    return `logs-${this.id}-${no}`;
  }

  /** Drops what is older than `cutoff`. */
  expire(cutoff: EpochMs): void {
    for (const [no, header] of this.#chunks) if (header.lastAt < cutoff) this.#dropChunk(no, header);
    if (this.#tail.length === 0 || (this.#tail[0] as LogEvent)[0] >= cutoff) return;
    this.#tail = this.#tail.filter((event) => event[0] >= cutoff);
    this.#tailBytes = this.#tail.reduce((sum, event) => sum + messageBytes(event[3]), 0);
    this.#entries = this.#entries.filter(({ no, lastAt }) => {
      if (lastAt >= cutoff) return true;
      this.#collections.tails.delete(`${this.id}/${no}`);
      return false;
    });
  }

  #dropChunk(no: number, header: ChunkHeader): void {
    this.#collections.chunks.delete(`${this.id}/${no}`);
    this.#collections.blobs.delete(this.#blobId(no));
    this.#chunks.delete(no);
    this.#chunkBytes -= header.bytes;
  }

  /** Deletes everything stored. */
  clear(): void {
    for (const [no, header] of this.#chunks) this.#dropChunk(no, header);
    for (const { no } of this.#entries) this.#collections.tails.delete(`${this.id}/${no}`);
    this.#tail = [];
    this.#entries = [];
  }

  get bytes(): number {
    return this.#chunkBytes + this.#tailBytes;
  }

  get firstEventAt(): EpochMs | undefined {
    let first = this.#tail[0]?.[0];
    for (const { firstAt } of this.#chunks.values()) if (first === undefined || firstAt < first) first = firstAt;
    return first;
  }

  get lastEventAt(): EpochMs | undefined {
    let last = this.#tail.at(-1)?.[0];
    for (const { lastAt } of this.#chunks.values()) if (last === undefined || lastAt > last) last = lastAt;
    return last;
  }

  get lastIngestedAt(): EpochMs | undefined {
    return this.#lastIngestedAt;
  }

  #sources(from: EpochMs, to: EpochMs): { firstAt: EpochMs; lastAt: EpochMs; load(): readonly LogEvent[] }[] {
    const sources = [...this.#chunks].map(([no, { firstAt, lastAt }]) => ({
      firstAt,
      lastAt,
      load: () => JSON.parse(decoder.decode(this.#collections.blobs.get(this.#blobId(no)))) as LogEvent[],
    }));
    const tail = this.#tail;
    const [oldest, newest] = [tail[0], tail.at(-1)];
    if (oldest !== undefined && newest !== undefined) {
      sources.push({ firstAt: oldest[0], lastAt: newest[0], load: () => [...tail] });
    }
    return sources.filter((source) => source.lastAt >= from && source.firstAt <= to);
  }

  /** Events with `from <= at <= to`, oldest first; chunks are read as the caller goes on. */
  *forward(from: EpochMs, to: EpochMs): Generator<LogEvent> {
    const sources = this.#sources(from, to).sort((a, b) => a.firstAt - b.firstAt);
    let pending: LogEvent[] = [];
    const inRange = (event: LogEvent): boolean => event[0] >= from && event[0] <= to;
    for (const source of sources) {
      const split = pending.findIndex((event) => event[0] >= source.firstAt);
      const ready = split < 0 ? pending : pending.slice(0, split);
      pending = split < 0 ? [] : pending.slice(split);
      yield* ready;
      const loaded = source.load().filter(inRange);
      pending = pending.length === 0 ? loaded : [...pending, ...loaded].sort(byPosition);
    }
    yield* pending;
  }

  /** The same, newest first. */
  *backward(from: EpochMs, to: EpochMs): Generator<LogEvent> {
    const sources = this.#sources(from, to).sort((a, b) => b.lastAt - a.lastAt);
    let pending: LogEvent[] = [];
    const inRange = (event: LogEvent): boolean => event[0] >= from && event[0] <= to;
    for (const source of sources) {
      const split = pending.findIndex((event) => event[0] <= source.lastAt);
      const ready = split < 0 ? pending : pending.slice(0, split);
      pending = split < 0 ? [] : pending.slice(split);
      yield* ready;
      const loaded = source.load().filter(inRange).reverse();
      pending = pending.length === 0 ? loaded : [...pending, ...loaded].sort((a, b) => byPosition(b, a));
    }
    yield* pending;
  }
}
