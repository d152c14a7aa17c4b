import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Change, placesOf, readLines, writeLines } from './change-lines.ts';
import { PageCache } from './page-cache.ts';
import { HEAD_BYTES, type Payload, Segment } from './segment.ts';

/** So many full segments' worth of the log may be out of date before space is won back. */
const GARBAGE_SEGMENTS_MIN = 2;
/** The same when there is nothing else to do, in bytes. */
const IDLE_GARBAGE_BYTES_MIN = 8 * 1024 * 1024;
/** Living lines are copied in records of about this size. */
const COPY_BYTES = 256 * 1024;
/** The buffer that is kept for records; larger ones get one of their own. */
const SCRATCH_BYTES = 1024 * 1024;
/** UTF-8 needs up to this many bytes for each unit of a string. */
const BYTES_PER_CHARACTER_MAX = 3;

const SEGMENT_NAME = /^log-(\d+)$/;

/** A place in the log, in one number: the segment's number, and the byte within it. */
export type Location = number;
const OFFSETS = 2 ** 32;

/** Where the latest value of each key of a collection is. */
export type Index = Map<string, Location>;

/** A living value that is being copied. */
interface Copy {
  readonly index: Index;
  readonly key: string;
  /** The whole line, and where in it the value begins. */
  readonly line: Buffer;
  readonly valueAt: number;
}

/**
 * Changes, appended to a row of segments, and an index of the latest value of each key.
 *
 * When more of the log is out of date than up to date, the oldest segment's living values are appended again, a few at a
 * time, and the segment is deleted; one without living values is deleted as it is. Oldest first, because the note that
 * a key is gone is needed as long as an older segment may hold the key.
 */
export class Log {
  readonly #directory: string;
  readonly #segmentBytes: number;
  readonly #indexes = new Map<string, Index>();
  /** By number, oldest first. The last is the active one, which takes the changes. */
  readonly #segments = new Map<number, Segment>();
  /** Segments with records that the disk may not have yet. */
  readonly #unsynchronized = new Set<Segment>();
  readonly #pages = new PageCache();
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  #active: Segment;
  #mayBeWorthCleaning = true;
  #cleaning: Generator<void, void, number> | undefined;

  constructor(directory: string, segmentBytes: number) {
    this.#directory = directory;
    this.#segmentBytes = segmentBytes;
    const numbers = readdirSync(directory).flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? []);
    const [first = 1, ...later] = numbers.map(Number).sort((a, b) => a - b);
    this.#active = this.#addSegment(first);
    this.#recover();
    for (const number of later) {
      this.#active = this.#addSegment(number);
      this.#recover();
    }
  }

  /** Where the values of a collection are. */
  index(collection: string): Index {
    let index = this.#indexes.get(collection);
    if (index === undefined) {
      index = new Map();
      this.#indexes.set(collection, index);
    }
    return index;
  }

  /** A value, as JSON. */
  read(location: Location): string {
    return this.#pages.readLine(this.#segmentOf(location), location % OFFSETS);
  }

  /** Appends changes as one record. They survive the process from the moment this returns. */
  write(changes: readonly Change[]): void {
    const lines = writeLines(changes);
    const { text } = lines;
    const isSmall = text.length * BYTES_PER_CHARACTER_MAX <= SCRATCH_BYTES - HEAD_BYTES;
    const buffer = isSmall ? this.#scratch : Buffer.allocUnsafe(HEAD_BYTES + Buffer.byteLength(text));
    const payloadBytes = buffer.write(text, HEAD_BYTES);
    const payloadAt = this.#append(buffer.subarray(0, HEAD_BYTES + payloadBytes));
    let next = 0;
    for (const [valueAt, lineBytes] of placesOf(lines, payloadBytes)) {
      const { collection, key, value } = changes[next++] as Change;
      const index = this.index(collection);
      if (value === undefined) this.#drop(index, key);
      else this.#place(index, key, this.#active, payloadAt + valueAt, lineBytes);
    }
    this.#rollWhenFull();
  }

  /** Goes on winning space back, if there is enough to win; looks at so many lines. */
  clean(lines: number): void {
    if (this.#cleaning === undefined) {
      if (this.#oldest === this.#active || (!this.#mayBeWorthCleaning && this.#oldest.liveValues > 0)) return;
      this.#mayBeWorthCleaning = false;
      this.#cleaning = this.#cleanOldest(GARBAGE_SEGMENTS_MIN * this.#segmentBytes);
    }
    this.#goOnCleaning(lines);
  }

  /** The same when there is nothing else to do: a little to win is enough. Returns whether there is more to do. */
  cleanThoroughly(lines: number): boolean {
    if (this.#cleaning === undefined) {
      if (!this.#isWorthCleaning(IDLE_GARBAGE_BYTES_MIN)) return false;
      if (this.#active.bytes > 0) this.#roll();
      this.#cleaning = this.#cleanOldest(IDLE_GARBAGE_BYTES_MIN);
    }
    this.#goOnCleaning(lines);
    return true;
  }

  /** Forgets everything. */
  clear(): void {
    this.#cleaning = undefined;
    for (const index of this.#indexes.values()) index.clear();
    // Newest first: should the process end in between, what is left is a state there once was.
    for (const segment of [...this.#segments.values()].reverse()) this.#remove(segment);
    this.#roll();
  }

  close(): void {
    this.#cleaning = undefined;
    for (const segment of this.#segments.values()) segment.close();
  }

  get #oldest(): Segment {
    return this.#segments.values().next().value as Segment;
  }

  #segmentOf(location: Location): Segment {
    return this.#segments.get(Math.floor(location / OFFSETS)) as Segment;
  }

  #recover(): void {
    const segment = this.#active;
    for (const [payload, offset] of segment.recover()) {
      for (const { collection, key, start, valueAt, end } of readLines(payload)) {
        const index = this.index(collection);
        if (valueAt === end) this.#drop(index, key);
        else this.#place(index, key, segment, offset + valueAt, end + 1 - start);
      }
    }
  }

  /** Returns where the payload begins. */
  #append(record: Buffer): number {
    const payloadAt = this.#active.bytes + HEAD_BYTES;
    this.#active.append(record);
    this.#unsynchronized.add(this.#active);
    return payloadAt;
  }

  #place(index: Index, key: string, segment: Segment, valueAt: number, lineBytes: number): void {
    const before = index.get(key);
    if (before !== undefined) this.#segmentOf(before).liveValues -= 1;
    index.set(key, segment.number * OFFSETS + valueAt);
    segment.holds(lineBytes);
  }

  #drop(index: Index, key: string): void {
    const before = index.get(key);
    if (before === undefined) return;
    this.#segmentOf(before).liveValues -= 1;
    index.delete(key);
  }

  #rollWhenFull(): void {
    if (this.#active.bytes < this.#segmentBytes) return;
    this.#roll();
    this.#mayBeWorthCleaning = true;
  }

  #roll(): void {
    this.#active = this.#addSegment(this.#active.number + 1);
  }

  #addSegment(number: number): Segment {
    const segment = new Segment(join(this.#directory, `log-${number}`), number);
    this.#segments.set(number, segment);
    return segment;
  }

  #remove(segment: Segment): void {
    this.#segments.delete(segment.number);
    this.#unsynchronized.delete(segment);
    this.#pages.forget(segment);
    segment.remove();
  }

  #isWorthCleaning(garbageBytesMin: number): boolean {
    let bytes = 0;
    let liveBytes = 0;
    for (const segment of this.#segments.values()) {
      bytes += segment.bytes;
      liveBytes += segment.liveBytes;
    }
    return bytes - liveBytes > Math.max(garbageBytesMin, liveBytes);
  }

  #goOnCleaning(lines: number): void {
    if (this.#cleaning?.next(lines).done === true) this.#cleaning = undefined;
  }

  /** Cleans while it is worth it. `next` takes how many lines to look at. */
  *#cleanOldest(garbageBytesMin: number): Generator<void, void, number> {
    yield;
    while (this.#oldest !== this.#active) {
      const segment = this.#oldest;
      if (segment.liveValues > 0) {
        if (!this.#isWorthCleaning(garbageBytesMin)) return;
        const payloads = yield* settled(segment.read());
        yield* this.#copyLiving(segment, payloads);
      }
      const outOfDate = this.#oldestOutOfDate();
      // What makes values out of date must be on the disk before they are gone from it.
      const unsynchronized = [...this.#unsynchronized];
      this.#unsynchronized.clear();
      yield* settled(Promise.all(unsynchronized.map((later) => later.synchronize())));
      for (const segment of outOfDate) this.#remove(segment);
    }
  }

  #oldestOutOfDate(): Segment[] {
    const outOfDate: Segment[] = [];
    for (const segment of this.#segments.values()) {
      if (segment === this.#active || segment.liveValues > 0) break;
      outOfDate.push(segment);
    }
    return outOfDate;
  }

  *#copyLiving(segment: Segment, payloads: Iterable<Payload>): Generator<void, void, number> {
    let copies: Copy[] = [];
    let copiedBytes = 0;
    let linesLeft = 0;
    for (const [payload, offset] of payloads) {
      for (const { collection, key, start, valueAt, end } of readLines(payload)) {
        const index = this.index(collection);
        if (index.get(key) === segment.number * OFFSETS + offset + valueAt) {
          copies.push({ index, key, line: payload.subarray(start, end + 1), valueAt: valueAt - start });
          copiedBytes += end + 1 - start;
        }
        linesLeft -= 1;
        if (linesLeft > 0 && copiedBytes < COPY_BYTES) continue;
        // Before anything else happens: it might change what is copied here.
        this.#appendCopies(copies);
        copies = [];
        copiedBytes = 0;
        if (linesLeft <= 0) linesLeft = yield;
      }
    }
    this.#appendCopies(copies);
  }

  #appendCopies(copies: readonly Copy[]): void {
    if (copies.length === 0) return;
    let at = this.#append(Buffer.concat([Buffer.alloc(HEAD_BYTES), ...copies.map(({ line }) => line)]));
    for (const { index, key, line, valueAt } of copies) {
      this.#place(index, key, this.#active, at + valueAt, line.length);
      at += line.length;
    }
    this.#rollWhenFull();
  }
}

/** Goes on once the promise is fulfilled; until then each step does nothing. */
const settled = function* <Value>(promise: Promise<Value>): Generator<void, Value, number> {
  let outcome: { readonly value: Value } | { readonly cause: unknown } | undefined;
  promise.then(
    (value) => {
      outcome = { value };
    },
    (cause: unknown) => {
      outcome = { cause };
    },
  );
  while (outcome === undefined) yield;
  if ('cause' in outcome) throw outcome.cause;
  return outcome.value;
};
