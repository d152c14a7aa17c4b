import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Change, placesOf, readLines, sealValues, writeLines } from './change-lines.ts';
import { readManifest, writeManifest } from './manifest.ts';
import { PageCache } from './page-cache.ts';
import { HEAD_BYTES, SEGMENT_HEAD_BYTES, type SoundRecord } from './record.ts';
import { damage, Segment, type WriteBytes } from './segment.ts';
import { StoreError } from './store-error.ts';

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

/** After a new segment could not be made, it is tried again when so much more was written. */
const ROLL_AGAIN_BYTES = 1024 * 1024;

const SEGMENT_NAME = /^log-(\d+)$/;

export interface LogOptions {
  /** A segment that has grown so large is followed by a new one. */
  readonly segmentBytes: number;
  /** Whether the disk is to have what is said to be there, before that is said. */
  readonly isDurable: boolean;
  /** Told, in one sentence, what was found and done at start. */
  readonly note: (text: string) => void;
  readonly write?: WriteBytes | undefined;
}

/** The numbers of the segments in a directory, oldest first. */
export const segmentNumbers = (directory: string): number[] =>
  readdirSync(directory)
    .flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

export const segmentFile = (directory: string, number: number): string => join(directory, `log-${number}`);

/** A place in the log, in one number: the segment's number, and the byte within it. */
export type Location = number;
const OFFSETS = 2 ** 32;

/** Where the latest value of each key of a collection is. */
export type Index = Map<string, Location>;

/** Changes as a record whose head is still free. */
interface Encoded {
  readonly record: Buffer;
  /** Where in the payload the value of each begins and its line ends, in turns. */
  readonly places: readonly number[];
}

/** A living value that is being copied. */
interface Copy {
  readonly index: Index;
  readonly key: string;
  /** The whole line, and where in it the value begins. */
  readonly line: Buffer;
  readonly valueAt: number;
}

/**
 * Changes, appended to a row of segments, and an index of the latest value of each key. A manifest says which segments
 * there must be, and every record has a number, so that nothing is missed unnoticed.
 *
 * When more of the log is out of date than up to date, the oldest segment's living values are appended again, a few at a
 * time, and the segment is deleted; one without living values is deleted as it is. Oldest first, because the note that
 * a key is gone is needed as long as an older segment may hold the key.
 */
export class Log {
  readonly #directory: string;
  readonly #options: LogOptions;
  readonly #indexes = new Map<string, Index>();
  /** By number, oldest first. The last is the active one, which takes the changes. */
  readonly #segments = new Map<number, Segment>();
  /** Segments with records that the disk may not have yet. */
  readonly #unsynchronized = new Set<Segment>();
  readonly #pages = new PageCache();
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  #active: Segment;
  #nextRecord = 0;
  #mayBeWorthCleaning = true;
  #rollAgainAt = 0;
  #isDamaged = false;
  #cleaning: Generator<void, void, number> | undefined;

  /** @throws StoreError when what is there is not what was written; nothing on the disk was changed then */
  constructor(directory: string, options: LogOptions) {
    this.#directory = directory;
    this.#options = options;
    try {
      this.#active = this.#recover();
    } catch (error) {
      this.close();
      throw error;
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
    return this.#pages.readValue(this.#segmentOf(location), location % OFFSETS);
  }

  /** Appends changes as one record. They survive the process from the moment this returns; if it throws, none is there. */
  write(changes: readonly Change[]): void {
    const encoded = this.#encode(changes);
    this.#placeAll(changes, encoded, this.#append(encoded.record));
    this.#rollWhenFull();
  }

  #encode(changes: readonly Change[]): Encoded {
    const lines = writeLines(changes);
    const { text } = lines;
    const isSmall = text.length * BYTES_PER_CHARACTER_MAX <= SCRATCH_BYTES - HEAD_BYTES;
    const buffer = isSmall ? this.#scratch : Buffer.allocUnsafe(HEAD_BYTES + Buffer.byteLength(text));
    const payloadBytes = buffer.write(text, HEAD_BYTES);
    const places = placesOf(lines, payloadBytes);
    sealValues(buffer, HEAD_BYTES, places);
    return { record: buffer.subarray(0, HEAD_BYTES + payloadBytes), places };
  }

  #placeAll(changes: readonly Change[], { places }: Encoded, payloadAt: number): void {
    let start = 0;
    for (let index = 0; index < changes.length; index++) {
      const { collection, key, value } = changes[index] as Change;
      const locations = this.index(collection);
      const end = places[2 * index + 1] as number;
      if (value === undefined) this.#drop(locations, key);
      else this.#place(locations, key, this.#active, payloadAt + (places[2 * index] as number), end - start);
      start = end;
    }
  }

  /** Goes on winning space back, if there is enough to win; looks at so many lines. */
  clean(lines: number): void {
    if (this.#cleaning === undefined) {
      if (this.#isDamaged) return;
      if (this.#oldest === this.#active || (!this.#mayBeWorthCleaning && this.#oldest.liveValues > 0)) return;
      this.#mayBeWorthCleaning = false;
      this.#cleaning = this.#cleanOldest(GARBAGE_SEGMENTS_MIN * this.#options.segmentBytes);
    }
    this.#goOnCleaning(lines);
  }

  /** The same when there is nothing else to do: a little to win is enough. Returns whether there is more to do. */
  cleanThoroughly(lines: number): boolean {
    if (this.#cleaning === undefined) {
      if (this.#isDamaged || !this.#isWorthCleaning(IDLE_GARBAGE_BYTES_MIN)) return false;
      try {
        if (this.#active.bytes > SEGMENT_HEAD_BYTES) this.#roll();
      } catch {
        return true;
      }
      this.#cleaning = this.#cleanOldest(IDLE_GARBAGE_BYTES_MIN);
    }
    this.#goOnCleaning(lines);
    return true;
  }

  /** Forgets everything but `kept`, in one step: whenever the process ends, it is all there or all gone. */
  clear(kept: readonly Change[]): void {
    this.#cleaning = undefined;
    const before = [...this.#segments.values()];
    const number = this.#active.number + 1;
    const { isDurable } = this.#options;
    // Until the manifest says otherwise, what is in the new segment does not count.
    writeManifest(this.#directory, { first: this.#oldest.number, last: number - 1, begun: number }, isDurable);
    const segment = this.#createSegment(number);
    try {
      if (kept.length > 0) segment.append(this.#encode(kept).record, this.#nextRecord);
      if (isDurable) segment.synchronizeNow();
      this.#writeManifest(number, number);
    } catch (cause) {
      segment.remove();
      throw cause;
    }
    for (const index of this.#indexes.values()) index.clear();
    for (const old of before) this.#remove(old);
    this.#segments.set(segment.number, segment);
    this.#active = segment;
    if (kept.length > 0) {
      this.#nextRecord += 1;
      this.#placeAll(kept, this.#encode(kept), SEGMENT_HEAD_BYTES + HEAD_BYTES);
    }
  }

  /** Fulfilled once the disk has everything appended so far. */
  async synchronize(): Promise<void> {
    const segments = [...this.#unsynchronized];
    this.#unsynchronized.clear();
    await Promise.all(segments.map((segment) => segment.synchronize()));
  }

  /** What became of the files without us, if anything. */
  strangeness(): string | undefined {
    return this.#active.strangeness();
  }

  /** Says how long the log is, so that nothing can be missing from its end unnoticed, and lets go of the files. */
  closeInPeace(): void {
    if (this.#options.isDurable) for (const segment of this.#unsynchronized) segment.synchronizeNow();
    this.#writeManifest(this.#oldest.number, this.#active.number, this.#active.bytes);
    this.close();
  }

  close(): void {
    this.#cleaning = undefined;
    for (const segment of this.#segments.values()) segment.close();
    this.#segments.clear();
  }

  get #oldest(): Segment {
    return this.#segments.values().next().value as Segment;
  }

  #segmentOf(location: Location): Segment {
    return this.#segments.get(Math.floor(location / OFFSETS)) as Segment;
  }

  /** Reads everything and checks it; only when all is as it must be does anything on the disk change. */
  #recover(): Segment {
    const manifest = readManifest(this.#directory);
    const numbers = segmentNumbers(this.#directory);
    if (manifest === undefined) return this.#begin(numbers);
    const { first, last, begun, lastBytes } = manifest;
    const leftovers = numbers.filter((number) => number < first);
    for (const number of numbers.filter((other) => other > last)) {
      // The process ended while it began this one.
      if (number === begun || (number === last + 1 && this.#sizeOf(number) <= SEGMENT_HEAD_BYTES))
        leftovers.push(number);
      else throw damage(segmentFile(this.#directory, number), 0, `the manifest knows no segment after ${last}`);
    }
    let nextRecord: number | undefined;
    let cut: (() => void) | undefined;
    for (let number = first; number <= last; number++) {
      if (!numbers.includes(number)) throw damage(segmentFile(this.#directory, number), 0, 'the segment is missing');
      const segment = Segment.open(segmentFile(this.#directory, number), number, this.#options.write);
      this.#segments.set(number, segment);
      const isLast = number === last;
      const { end, nextRecord: next } = this.#replay(segment, nextRecord, isLast && lastBytes === undefined);
      if (isLast && lastBytes !== undefined && end !== lastBytes) {
        throw damage(segment.file, end, `the log was closed with ${lastBytes} bytes here, and ${end} are left`);
      }
      nextRecord = next;
      if (end < segment.bytes) {
        const lost = segment.bytes - end;
        cut = () => {
          this.#options.note(
            `${segment.file}: ${lost} bytes at its end, from byte ${end} on, were dropped: an append that the end of the process cut off, and that nobody was told of`,
          );
          segment.truncate(end);
        };
      }
    }
    this.#nextRecord = nextRecord as number;
    cut?.();
    for (const number of leftovers) rmSync(segmentFile(this.#directory, number), { force: true });
    this.#writeManifest(first, last);
    return this.#segments.get(last) as Segment;
  }

  /** The first segment of a directory. */
  #begin(numbers: readonly number[]): Segment {
    const stranger = numbers.find((number) => number !== 1 || this.#sizeOf(number) > SEGMENT_HEAD_BYTES);
    if (stranger !== undefined || existsSync(join(this.#directory, 'format'))) {
      throw damage(join(this.#directory, 'manifest'), 0, 'is missing; it says which segments of the log there must be');
    }
    rmSync(segmentFile(this.#directory, 1), { force: true });
    const segment = this.#createSegment(1);
    this.#segments.set(1, segment);
    this.#writeManifest(1, 1);
    return segment;
  }

  #sizeOf(number: number): number {
    return statSync(segmentFile(this.#directory, number)).size;
  }

  #replay(
    segment: Segment,
    expected: number | undefined,
    mayBeTorn: boolean,
  ): { readonly end: number; readonly nextRecord: number } {
    const records = segment.recover(expected, mayBeTorn);
    for (;;) {
      const step = records.next();
      if (step.done === true) return step.value;
      const { payload, payloadAt } = step.value;
      for (const { collection, key, start, valueAt, end } of readLines(payload)) {
        const index = this.index(collection);
        if (valueAt === end) this.#drop(index, key);
        else this.#place(index, key, segment, payloadAt + valueAt, end + 1 - start);
      }
    }
  }

  #writeManifest(first: number, last: number, lastBytes?: number): void {
    writeManifest(this.#directory, { first, last, lastBytes }, this.#options.isDurable);
  }

  /** Returns where the payload begins. */
  #append(record: Buffer): number {
    const payloadAt = this.#active.bytes + HEAD_BYTES;
    this.#active.append(record, this.#nextRecord);
    this.#nextRecord += 1;
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

  /** What is written is written: when there is no room for a new segment, this one goes on growing. */
  #rollWhenFull(): void {
    if (this.#active.bytes < this.#options.segmentBytes || this.#active.bytes < this.#rollAgainAt) return;
    try {
      this.#roll();
      this.#rollAgainAt = 0;
    } catch {
      this.#rollAgainAt = this.#active.bytes + ROLL_AGAIN_BYTES;
    }
    this.#mayBeWorthCleaning = true;
  }

  /** The disk has all of a segment before there is a next one: after a loss of power there is no hole between them. */
  #roll(): void {
    if (this.#options.isDurable) this.#active.synchronizeNow();
    const segment = this.#createSegment(this.#active.number + 1);
    try {
      if (this.#options.isDurable) segment.synchronizeNow();
      this.#writeManifest(this.#oldest.number, segment.number);
    } catch (cause) {
      segment.remove();
      throw cause;
    }
    this.#unsynchronized.delete(this.#active);
    this.#segments.set(segment.number, segment);
    this.#active = segment;
  }

  #createSegment(number: number): Segment {
    return Segment.create(segmentFile(this.#directory, number), number, this.#nextRecord, this.#options.write);
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
    try {
      if (this.#cleaning?.next(lines).done === true) this.#cleaning = undefined;
    } catch (cause) {
      // Nothing is lost by cleaning later, when there is room again.
      this.#cleaning = undefined;
      if (!(cause instanceof StoreError)) return;
      this.#isDamaged = true;
      this.#options.note(`${cause.message}. No space is won back until then`);
    }
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
      yield* settled(this.synchronize());
      const living = [...this.#segments.keys()].find((number) => !outOfDate.some((old) => old.number === number));
      this.#writeManifest(living as number, this.#active.number);
      for (const old of outOfDate) this.#remove(old);
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

  *#copyLiving(segment: Segment, payloads: Iterable<SoundRecord>): Generator<void, void, number> {
    let copies: Copy[] = [];
    let copiedBytes = 0;
    let linesLeft = 0;
    for (const { payload, payloadAt: offset } of payloads) {
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
