import { closeSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { FILE_MODE, fsyncDescriptor } from './files.ts';
import {
  HEAD_BYTES,
  isTornTail,
  readSegmentHead,
  recordAt,
  recordBytesAt,
  SEGMENT_HEAD_BYTES,
  type SoundRecord,
  sealRecord,
  segmentHead,
} from './record.ts';
import { StoreError } from './store-error.ts';

/** Parts of this size stay in the processor's cache until they are checked and taken apart. */
const WINDOW_BYTES = 512 * 1024;

/** The part of a segment that is in memory. One room serves all segments: fresh memory would cost as much as reading. */
export class SegmentWindow {
  #room = Buffer.allocUnsafeSlow(WINDOW_BYTES);
  bytes = this.#room.subarray(0, 0);
  /** Where in the segment they begin. */
  from = 0;

  /** Reads from `from` on, so much at least where there is as much. */
  fill(descriptor: number, from: number, bytesMin: number): void {
    const length = Math.max(bytesMin, WINDOW_BYTES);
    if (this.#room.length < length) this.#room = Buffer.allocUnsafeSlow(length);
    let filled = 0;
    while (filled < length) {
      const read = readSync(descriptor, this.#room, filled, length - filled, from + filled);
      if (read === 0) break;
      filled += read;
    }
    this.bytes = this.#room.subarray(0, filled);
    this.from = from;
  }
}

/** Writes bytes at the end of a file, some of them at least; tests put a full disk here. */
export type WriteBytes = (descriptor: number, bytes: Buffer, from: number) => number;

/**
 * One file of the log: a line that says which, and records with their length, checksum and number in front. What
 * {@link append} was given survives the process from the moment it returns: one write hands it to the operating system.
 */
export class Segment {
  readonly number: number;
  readonly file: string;
  readonly #descriptor: number;
  readonly #write: WriteBytes;
  /** How long the file is. */
  bytes: number;
  /** Values in this segment that are the latest of their keys. */
  liveValues = 0;
  #values = 0;
  #valueBytes = 0;
  #flushes = 0;
  #isClosing = false;

  private constructor(file: string, number: number, flags: 'r+' | 'ax+', write: WriteBytes) {
    this.file = file;
    this.number = number;
    this.#write = write;
    this.#descriptor = openSync(file, flags === 'r+' ? 'a+' : flags, FILE_MODE);
    this.bytes = fstatSync(this.#descriptor).size;
  }

  /** A new one, whose first record will have the number `firstRecord`. */
  static create(file: string, number: number, firstRecord: number, write: WriteBytes = writeSync): Segment {
    const segment = new Segment(file, number, 'ax+', write);
    try {
      segment.#append(segmentHead(number, firstRecord));
    } catch (cause) {
      segment.remove();
      throw cause;
    }
    return segment;
  }

  static open(file: string, number: number, write: WriteBytes = writeSync): Segment {
    return new Segment(file, number, 'r+', write);
  }

  /** An estimate: the values of one segment are taken to be equally large. */
  get liveBytes(): number {
    return this.#values === 0 ? 0 : (this.#valueBytes * this.liveValues) / this.#values;
  }

  /** Counts a value that is here, alive or not. */
  counts(valueBytes: number): void {
    this.#values += 1;
    this.#valueBytes += valueBytes;
  }

  /**
   * Whatever is in the file, oldest first; returns where that ends, and the number of the record that comes next. Only
   * at the end of the last segment may there be more than that: a record that was cut off. The records are parts of the
   * window, which moves on.
   *
   * @throws StoreError naming file and byte when anything is not as it was written
   */
  *recover(
    expected: number | undefined,
    isLast: boolean,
    window: SegmentWindow,
  ): Generator<SoundRecord, { readonly end: number; readonly nextRecord: number }> {
    window.fill(this.#descriptor, 0, SEGMENT_HEAD_BYTES);
    const head = readSegmentHead(window.bytes);
    if (head === undefined) {
      throw this.#damage(0, window.bytes.length === 0 ? 'is empty' : 'does not begin as a segment does');
    }
    if (head.segment !== this.number) throw this.#damage(0, `says that it is segment ${head.segment}`);
    let next = head.firstRecord;
    if (expected !== undefined && next !== expected) {
      throw this.#damage(0, `begins with record ${next}, but the segments before it end where ${expected} comes next`);
    }
    let at = SEGMENT_HEAD_BYTES;
    while (at < this.bytes) {
      const record = this.#recordAt(at, window);
      if (record === undefined) {
        if (isLast && this.#isTornAt(at, window)) break;
        throw this.#damage(at, 'the record there is damaged or not whole');
      }
      if (record.number !== next) {
        throw this.#damage(at, `there is record ${record.number} where ${next} belongs`);
      }
      yield record;
      next += 1;
      at = record.payloadAt + record.payload.length;
    }
    return { end: at, nextRecord: next };
  }

  /** Moves the window on where it does not have all of the record. */
  #recordAt(at: number, window: SegmentWindow): SoundRecord | undefined {
    for (;;) {
      const { bytes, from } = window;
      const record = recordAt(bytes, at - from, from);
      if (record !== undefined) return record;
      const wanted = recordBytesAt(bytes, at - from) ?? HEAD_BYTES;
      const isHere = at + wanted <= from + bytes.length;
      if (isHere || at + wanted > this.bytes) return undefined;
      window.fill(this.#descriptor, at, wanted);
      if (window.bytes.length < wanted) return undefined;
    }
  }

  #isTornAt(at: number, window: SegmentWindow): boolean {
    window.fill(this.#descriptor, at, this.bytes - at);
    return isTornTail(window.bytes, 0);
  }

  /** Whatever is in the file, oldest first. */
  async read(): Promise<Generator<SoundRecord>> {
    return this.#soundRecords(await readFile(this.file));
  }

  *#soundRecords(bytes: Buffer): Generator<SoundRecord> {
    for (let at = SEGMENT_HEAD_BYTES; at < this.bytes; ) {
      const record = recordAt(bytes, at);
      if (record === undefined) throw this.#damage(at, 'the record there is damaged');
      yield record;
      at = record.payloadAt + record.payload.length;
    }
  }

  /** Fills `target` from `start` on with what is at `offset`; returns how many bytes there were. */
  readAt(target: Buffer, start: number, offset: number): number {
    return readSync(this.#descriptor, target, start, target.length - start, offset);
  }

  /** Writes a record whose head is still free: all of it is there afterwards, or it throws and none is. */
  append(record: Buffer, number: number): void {
    sealRecord(record, number);
    this.#append(record);
  }

  #append(bytes: Buffer): void {
    try {
      for (let written = 0; written < bytes.length; ) {
        written += this.#write(this.#descriptor, bytes, written);
      }
    } catch (cause) {
      // What was written of it would stand in the way of what comes next.
      ftruncateSync(this.#descriptor, this.bytes);
      throw cause;
    }
    this.bytes += bytes.length;
  }

  /** Cuts off what is behind `bytes`. */
  truncate(bytes: number): void {
    ftruncateSync(this.#descriptor, bytes);
    this.bytes = bytes;
  }

  /** What became of the file without us, if anything. */
  strangeness(): string | undefined {
    const { nlink, size } = fstatSync(this.#descriptor);
    if (nlink === 0) return `${this.file} was removed`;
    if (size !== this.bytes)
      return `${this.file} has ${size} bytes instead of ${this.bytes}: somebody else writes there`;
    return undefined;
  }

  /** Fulfilled once the disk has it all. */
  async synchronize(): Promise<void> {
    this.#flushes += 1;
    try {
      await fsyncDescriptor(this.#descriptor);
    } finally {
      this.#flushes -= 1;
      if (this.#isClosing && this.#flushes === 0) closeSync(this.#descriptor);
    }
  }

  /** Returns once the disk has it all. */
  synchronizeNow(): void {
    fsyncSync(this.#descriptor);
  }

  /** The descriptor stays open while the disk is still being waited for: its number must not become another file's. */
  close(): void {
    this.#isClosing = true;
    if (this.#flushes === 0) closeSync(this.#descriptor);
  }

  /** Deletes the file with all its records. */
  remove(): void {
    this.close();
    rmSync(this.file, { force: true });
  }

  #damage(at: number, what: string): StoreError {
    return damage(this.file, at, what);
  }
}

/** Damage is never mended in silence: whoever owns the data decides. */
export const damage = (file: string, at: number, what: string): StoreError =>
  new StoreError(
    `${file}, byte ${at}: ${what}. Nothing was changed; \`holdfast repair --data-dir …\` keeps what can be kept and lists what is lost`,
    { path: file, byte: at },
  );
