import { closeSync, existsSync, openSync, readdirSync, readSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readManifest, writeManifest } from './manifest.ts';
import { HEAD_BYTES, readSegmentHead, SEGMENT_HEAD_BYTES, type SoundRecord } from './record.ts';
import { damage, Segment, SegmentWindow, type WriteBytes } from './segment.ts';

/** After a new segment could not be made, it is tried again when so much more was written. */
const ROLL_AGAIN_BYTES = 1024 * 1024;

/** No more digits than a place in the log has room for: a number with the number of the segment above 32 bits of offset. */
const SEGMENT_NAME = /^log-([1-9]\d{0,5})$/;

/** The numbers of the segments in a directory, oldest first. */
export const segmentNumbers = (directory: string): number[] =>
  readdirSync(directory)
    .flatMap((name) => SEGMENT_NAME.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

export const segmentFile = (directory: string, number: number): string => join(directory, `log-${number}`);

/** Whether a file begins as the segment that its name says. */
export const beginsAsSegment = (directory: string, number: number): boolean => {
  const head = Buffer.alloc(SEGMENT_HEAD_BYTES);
  try {
    const descriptor = openSync(segmentFile(directory, number), 'r');
    try {
      readSync(descriptor, head);
    } finally {
      closeSync(descriptor);
    }
  } catch {
    return false;
  }
  return readSegmentHead(head)?.segment === number;
};

export interface SegmentRowOptions {
  /** A segment that has grown so large is followed by a new one. */
  readonly segmentBytes: number;
  /** Whether the disk is to have what is said to be there, before that is said. */
  readonly isDurable: boolean;
  /** Told, in one sentence, what was found and done at start. */
  readonly note: (text: string) => void;
  readonly write?: WriteBytes | undefined;
}

/**
 * The files of a log: segments in a row, of which the last takes what is appended. A manifest says which there must be,
 * and every record has a number, so that nothing is missed unnoticed.
 */
export class SegmentRow {
  readonly #directory: string;
  readonly #options: SegmentRowOptions;
  /** By number, oldest first. */
  readonly #segments = new Map<number, Segment>();
  /** Segments with records that the disk may not have yet. */
  readonly #unsynchronized = new Set<Segment>();
  #active: Segment | undefined;
  #nextRecord = 0;
  #rollAgainAt = 0;

  constructor(directory: string, options: SegmentRowOptions) {
    this.#directory = directory;
    this.#options = options;
  }

  /** The one that takes what is appended. */
  get active(): Segment {
    return this.#active as Segment;
  }

  get oldest(): Segment {
    return this.#segments.values().next().value as Segment;
  }

  get all(): Iterable<Segment> {
    return this.#segments.values();
  }

  get(number: number): Segment {
    return this.#segments.get(number) as Segment;
  }

  /**
   * Reads everything and checks it; only when all is as it must be does anything on the disk change.
   *
   * @throws StoreError when what is there is not what was written; nothing on the disk was changed then
   */
  recover(replay: (segment: Segment, record: SoundRecord) => void): void {
    const manifest = readManifest(this.#directory);
    const numbers = segmentNumbers(this.#directory);
    if (manifest === undefined) {
      this.#begin(numbers);
      return;
    }
    const { first, last, begun, lastBytes } = manifest;
    const leftovers = numbers.filter((number) => number < first);
    for (const number of numbers.filter((other) => other > last)) {
      // The process ended while it began this one.
      if (number === begun || (number === last + 1 && this.#sizeOf(number) <= SEGMENT_HEAD_BYTES))
        leftovers.push(number);
      else throw damage(segmentFile(this.#directory, number), 0, `the manifest knows no segment after ${last}`);
    }
    const window = new SegmentWindow();
    let nextRecord: number | undefined;
    let cut: (() => void) | undefined;
    for (let number = first; number <= last; number++) {
      if (!numbers.includes(number)) throw damage(segmentFile(this.#directory, number), 0, 'the segment is missing');
      const segment = Segment.open(segmentFile(this.#directory, number), number, this.#options.write);
      this.#segments.set(number, segment);
      const isLast = number === last;
      const mayBeTorn = isLast && lastBytes === undefined;
      const { end, nextRecord: next } = replayAll(segment, segment.recover(nextRecord, mayBeTorn, window), replay);
      if (isLast && lastBytes !== undefined && end !== lastBytes) {
        throw damage(segment.file, end, `the log was closed with ${lastBytes} bytes here, and ${end} are left`);
      }
      nextRecord = next;
      if (end < segment.bytes) cut = () => this.#cutTorn(segment, end);
    }
    this.#nextRecord = nextRecord as number;
    cut?.();
    for (const number of leftovers) rmSync(segmentFile(this.#directory, number), { force: true });
    this.#writeManifest(first, last);
    this.#active = this.get(last);
  }

  /** Appends a record whose head is still free; returns where its payload begins. */
  append(record: Buffer): number {
    const payloadAt = this.active.bytes + HEAD_BYTES;
    this.active.append(record, this.#nextRecord);
    this.#nextRecord += 1;
    this.#unsynchronized.add(this.active);
    return payloadAt;
  }

  /**
   * Begins a new segment when the active one is full; returns whether it was. What is written is written: when there is no
   * room for a new one, this one goes on growing.
   */
  rollWhenFull(): boolean {
    if (this.active.bytes < this.#options.segmentBytes || this.active.bytes < this.#rollAgainAt) return false;
    try {
      this.roll();
      this.#rollAgainAt = 0;
    } catch {
      this.#rollAgainAt = this.active.bytes + ROLL_AGAIN_BYTES;
    }
    return true;
  }

  /** The disk has all of a segment before there is a next one: after a loss of power there is no hole between them. */
  roll(): void {
    const before = this.active;
    if (this.#options.isDurable) before.synchronizeNow();
    const segment = this.#create(before.number + 1);
    try {
      if (this.#options.isDurable) segment.synchronizeNow();
      this.#writeManifest(this.oldest.number, segment.number);
    } catch (cause) {
      segment.remove();
      throw cause;
    }
    this.#unsynchronized.delete(before);
    this.#segments.set(segment.number, segment);
    this.#active = segment;
  }

  /**
   * Puts one new segment, with one record or none, in the place of all others, in one step: whenever the process ends, it
   * is all there or all gone. Returns those that are gone.
   */
  replaceAll(record: Buffer | undefined): readonly Segment[] {
    const before = [...this.#segments.values()];
    const number = this.active.number + 1;
    const { isDurable } = this.#options;
    // Until the manifest says otherwise, what is in the new segment does not count.
    writeManifest(this.#directory, { first: this.oldest.number, last: number - 1, begun: number }, isDurable);
    const segment = this.#create(number);
    try {
      if (record !== undefined) segment.append(record, this.#nextRecord);
      if (isDurable) segment.synchronizeNow();
      this.#writeManifest(number, number);
    } catch (cause) {
      segment.remove();
      throw cause;
    }
    for (const old of before) this.#remove(old);
    this.#segments.set(segment.number, segment);
    this.#active = segment;
    if (record !== undefined) this.#nextRecord += 1;
    return before;
  }

  /** Deletes the oldest segments, one at each step, for a file system takes its time for each; the active one is none of them. */
  *drop(oldest: readonly Segment[]): Generator<void, void, unknown> {
    const living = [...this.#segments.keys()].find((number) => !oldest.some((old) => old.number === number));
    this.#writeManifest(living as number, this.active.number);
    for (const old of oldest) {
      this.#remove(old);
      yield;
    }
  }

  /** Fulfilled once the disk has everything appended so far. */
  async synchronize(): Promise<void> {
    const segments = [...this.#unsynchronized];
    this.#unsynchronized.clear();
    await Promise.all(segments.map((segment) => segment.synchronize()));
  }

  /** Says how long the log is, so that nothing can be missing from its end unnoticed, and lets go of the files. */
  closeInPeace(): void {
    if (this.#options.isDurable) for (const segment of this.#unsynchronized) segment.synchronizeNow();
    this.#writeManifest(this.oldest.number, this.active.number, this.active.bytes);
    this.close();
  }

  close(): void {
    for (const segment of this.#segments.values()) segment.close();
    this.#segments.clear();
  }

  /** The first segment of a directory. */
  #begin(numbers: readonly number[]): void {
    const stranger = numbers.find((number) => number !== 1 || this.#sizeOf(number) > SEGMENT_HEAD_BYTES);
    if (stranger !== undefined || existsSync(join(this.#directory, 'format'))) {
      throw damage(join(this.#directory, 'manifest'), 0, 'is missing; it says which segments of the log there must be');
    }
    rmSync(segmentFile(this.#directory, 1), { force: true });
    const segment = this.#create(1);
    this.#segments.set(1, segment);
    this.#writeManifest(1, 1);
    this.#active = segment;
  }

  #cutTorn(segment: Segment, end: number): void {
    const lost = segment.bytes - end;
    this.#options.note(
      `${segment.file}: ${lost} bytes at its end, from byte ${end} on, were dropped: an append that the end of the process cut off, and that nobody was told of`,
    );
    segment.truncate(end);
  }

  #sizeOf(number: number): number {
    return statSync(segmentFile(this.#directory, number)).size;
  }

  #create(number: number): Segment {
    return Segment.create(segmentFile(this.#directory, number), number, this.#nextRecord, this.#options.write);
  }

  #remove(segment: Segment): void {
    this.#segments.delete(segment.number);
    this.#unsynchronized.delete(segment);
    segment.remove();
  }

  #writeManifest(first: number, last: number, lastBytes?: number): void {
    writeManifest(this.#directory, { first, last, lastBytes }, this.#options.isDurable);
  }
}

/** Hands on each record of a segment; returns what the segment says at its end. */
const replayAll = <End>(
  segment: Segment,
  records: Generator<SoundRecord, End>,
  replay: (segment: Segment, record: SoundRecord) => void,
): End => {
  for (;;) {
    const step = records.next();
    if (step.done === true) return step.value;
    replay(segment, step.value);
  }
};
