import { type Change, placesOf, readLines, sealValues, writeLines } from './change-lines.ts';
import { HeadReader } from './head-reader.ts';
import { type Location, LocationIndex } from './location-index.ts';
import { PageCache } from './page-cache.ts';
import { HEAD_BYTES, SEGMENT_HEAD_BYTES, type SoundRecord } from './record.ts';
import type { Segment } from './segment.ts';
import { SegmentRow, type SegmentRowOptions } from './segment-row.ts';
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

const OFFSETS = 2 ** 32;
const NO_INDEX = new LocationIndex();

/** Changes as a record whose head is still free. */
interface Encoded {
  readonly record: Buffer;
  /** Where in the payload the value of each begins and its line ends, in turns. */
  readonly places: readonly number[];
}

/** A living value that is being copied. */
interface Copy {
  readonly index: LocationIndex;
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
  readonly #options: SegmentRowOptions;
  readonly #segments: SegmentRow;
  readonly #indexes = new Map<string, LocationIndex>();
  readonly #pages = new PageCache();
  readonly #scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);
  #mayBeWorthCleaning = true;
  #isDamaged = false;
  #cleaning: Generator<void, void, number> | undefined;

  /** @throws StoreError when what is there is not what was written; nothing on the disk was changed then */
  constructor(directory: string, options: SegmentRowOptions) {
    this.#options = options;
    this.#segments = new SegmentRow(directory, options);
    try {
      this.#segments.recover((segment, record) => this.#replay(segment, record));
      this.#countLiving();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Where the values of a collection are. */
  index(collection: string): LocationIndex {
    let index = this.#indexes.get(collection);
    if (index === undefined) {
      index = new LocationIndex();
      this.#indexes.set(collection, index);
    }
    return index;
  }

  /** A value, as JSON. */
  read(location: Location): string {
    return this.#pages.readValue(this.#segmentOf(location), location % OFFSETS);
  }

  /** What reads of values the members before `upTo`, as {@link HeadReader} does; as long as nothing is written. */
  headReader(upTo: string): (location: Location) => string {
    const heads = new HeadReader(this.#pages, upTo);
    return (location) => heads.read(this.#segmentOf(location), location % OFFSETS);
  }

  /** Appends changes as one record. They survive the process from the moment this returns; if it throws, none is there. */
  write(changes: readonly Change[]): void {
    const encoded = this.#encode(changes);
    this.#placeAll(changes, encoded, this.#segments.append(encoded.record));
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
    const { active } = this.#segments;
    let start = 0;
    for (let index = 0; index < changes.length; index++) {
      const { collection, key, value } = changes[index] as Change;
      const locations = this.index(collection);
      const end = places[2 * index + 1] as number;
      if (value === undefined) this.#drop(locations, key);
      else this.#place(locations, key, active, payloadAt + (places[2 * index] as number), end - start);
      start = end;
    }
  }

  /** Goes on winning space back, if there is enough to win; looks at so many lines. */
  clean(lines: number): void {
    if (this.#cleaning === undefined) {
      if (this.#isDamaged) return;
      const { active, oldest } = this.#segments;
      if (oldest === active || (!this.#mayBeWorthCleaning && oldest.liveValues > 0)) return;
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
        if (this.#segments.active.bytes > SEGMENT_HEAD_BYTES) this.#segments.roll();
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
    const encoded = kept.length === 0 ? undefined : this.#encode(kept);
    const gone = this.#segments.replaceAll(encoded?.record);
    for (const index of this.#indexes.values()) index.clear();
    for (const segment of gone) this.#pages.forget(segment);
    if (encoded !== undefined) this.#placeAll(kept, encoded, SEGMENT_HEAD_BYTES + HEAD_BYTES);
  }

  /** Fulfilled once the disk has everything appended so far. */
  synchronize(): Promise<void> {
    return this.#segments.synchronize();
  }

  /** What became of the files without us, if anything. */
  strangeness(): string | undefined {
    return this.#segments.active.strangeness();
  }

  /** Says how long the log is, so that nothing can be missing from its end unnoticed, and lets go of the files. */
  closeInPeace(): void {
    this.#cleaning = undefined;
    this.#segments.closeInPeace();
  }

  close(): void {
    this.#cleaning = undefined;
    this.#segments.close();
  }

  #segmentOf(location: Location): Segment {
    return this.#segments.get(Math.floor(location / OFFSETS));
  }

  #replay(segment: Segment, { payload, payloadAt }: SoundRecord): void {
    let known: string | undefined;
    let index = NO_INDEX;
    for (const { collection, key, start, valueAt, end } of readLines(payload)) {
      if (collection !== known) {
        known = collection;
        index = this.index(collection);
      }
      if (valueAt === end) index.delete(key);
      else {
        index.set(key, segment.number * OFFSETS + payloadAt + valueAt);
        segment.counts(end + 1 - start);
      }
    }
  }

  /** Once, after everything was replayed: asking at each line what it takes the place of costs as much as keeping it. */
  #countLiving(): void {
    for (const index of this.#indexes.values()) {
      index.forEach((location) => {
        this.#segmentOf(location).liveValues += 1;
      });
    }
  }

  #place(index: LocationIndex, key: string, segment: Segment, valueAt: number, lineBytes: number): void {
    const before = index.set(key, segment.number * OFFSETS + valueAt);
    if (before !== undefined) this.#segmentOf(before).liveValues -= 1;
    segment.liveValues += 1;
    segment.counts(lineBytes);
  }

  #drop(index: LocationIndex, key: string): void {
    const before = index.delete(key);
    if (before !== undefined) this.#segmentOf(before).liveValues -= 1;
  }

  #rollWhenFull(): void {
    if (this.#segments.rollWhenFull()) this.#mayBeWorthCleaning = true;
  }

  #isWorthCleaning(garbageBytesMin: number): boolean {
    let bytes = 0;
    let liveBytes = 0;
    for (const segment of this.#segments.all) {
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
    while (this.#segments.oldest !== this.#segments.active) {
      const segment = this.#segments.oldest;
      if (segment.liveValues > 0) {
        if (!this.#isWorthCleaning(garbageBytesMin)) return;
        const payloads = yield* settled(segment.read());
        yield* this.#copyLiving(segment, payloads);
      }
      const outOfDate = this.#oldestOutOfDate();
      // What makes values out of date must be on the disk before they are gone from it.
      yield* settled(this.synchronize());
      for (const old of outOfDate) this.#pages.forget(old);
      yield* this.#segments.drop(outOfDate);
    }
  }

  #oldestOutOfDate(): Segment[] {
    const outOfDate: Segment[] = [];
    for (const segment of this.#segments.all) {
      if (segment === this.#segments.active || segment.liveValues > 0) break;
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
    let at = this.#segments.append(Buffer.concat([Buffer.alloc(HEAD_BYTES), ...copies.map(({ line }) => line)]));
    for (const { index, key, line, valueAt } of copies) {
      this.#place(index, key, this.#segments.active, at + valueAt, line.length);
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
