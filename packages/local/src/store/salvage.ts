import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { readLines } from './change-lines.ts';
import { isTornTail, nextRecordAt, readSegmentHead, recordAt, SEGMENT_HEAD_BYTES } from './record.ts';
import { segmentFile } from './segment-row.ts';

/** Bytes of a segment that are no sound record. */
export interface RemovedBytes {
  readonly file: string;
  readonly from: number;
  readonly bytes: number;
}

/** A key of a collection. */
export interface StoredKey {
  readonly collection: string;
  readonly key: string;
}

/** What could be read of a log that need not be whole. */
export class Salvage {
  /** The latest sound value of each key, as JSON with its checksum, by collection. */
  readonly living = new Map<string, Map<string, string>>();
  readonly removed: RemovedBytes[] = [];
  /** Sentences about what is not there at all. */
  readonly missing: string[] = [];
  /** What damaged bytes seem to have said something of, unless a later record says it anew. */
  readonly #doubtful = new Map<string, StoredKey>();
  #nextRecord: number | undefined;

  get nextRecord(): number {
    return this.#nextRecord ?? 0;
  }

  get isWhole(): boolean {
    return this.removed.length === 0 && this.missing.length === 0;
  }

  /** Keys whose latest change is lost. */
  get lost(): readonly StoredKey[] {
    return [...this.#doubtful.values()];
  }

  /**
   * Reads the segments from `first` to `last` in their order; `mayBeTorn` is whether an append to the last one may have been
   * cut off.
   */
  read(
    directory: string,
    [first, last]: readonly [number, number],
    present: readonly number[],
    mayBeTorn: boolean,
  ): void {
    let next = first;
    for (const number of present) {
      if (number < first) continue;
      this.#miss(next, Math.min(number - 1, last));
      this.#readSegment(segmentFile(directory, number), number, mayBeTorn && number === last);
      next = number + 1;
    }
    this.#miss(next, last);
  }

  #miss(from: number, to: number): void {
    if (to === from) this.missing.push(`log-${from} is missing, and whatever it said`);
    if (to > from) this.missing.push(`log-${from} to log-${to} are missing, and whatever they said`);
  }

  #readSegment(file: string, number: number, mayBeTorn: boolean): void {
    const bytes = readFileSync(file);
    const head = readSegmentHead(bytes);
    const isRight = head?.segment === number;
    if (isRight) this.#expect(head.firstRecord, basename(file));
    else if (bytes.length === 0) this.missing.push(`${basename(file)} is empty, and whatever it said is missing`);
    for (let at = isRight ? SEGMENT_HEAD_BYTES : 0; at < bytes.length; ) {
      const record = recordAt(bytes, at);
      if (record === undefined) {
        if (mayBeTorn && isTornTail(bytes, at)) return;
        const end = nextRecordAt(bytes, at) ?? bytes.length;
        this.removed.push({ file: basename(file), from: at, bytes: end - at });
        this.#doubt(bytes.subarray(at, end));
        // How many records that were is known from the number of the next one.
        this.#nextRecord = undefined;
        at = end;
        continue;
      }
      this.#expect(record.number, basename(file));
      this.#nextRecord = record.number + 1;
      this.#take(record.payload);
      at = record.payloadAt + record.payload.length;
    }
  }

  #expect(found: number, file: string): void {
    if (this.#nextRecord !== undefined && found !== this.#nextRecord) {
      this.missing.push(`${file}: ${found - this.#nextRecord} records before record ${found} are missing`);
    }
    this.#nextRecord = found;
  }

  #take(payload: Buffer): void {
    for (const { collection, key, valueAt, end } of readLines(payload)) {
      let rows = this.living.get(collection);
      if (rows === undefined) {
        rows = new Map();
        this.living.set(collection, rows);
      }
      if (valueAt === end) rows.delete(key);
      else rows.set(key, payload.toString('utf8', valueAt, end));
      this.#doubtful.delete(`${collection} ${key}`);
    }
  }

  /** What damaged bytes name is a hint, no more. */
  #doubt(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      const lineEnd = bytes.indexOf(0x0a, at);
      const end = lineEnd === -1 ? bytes.length : lineEnd;
      const head = /^([A-Za-z][\w.-]*) (\d{1,5}) /.exec(bytes.toString('latin1', at, Math.min(end, at + 200)));
      if (head !== null) {
        const keyAt = at + head[0].length;
        const key = bytes.toString('utf8', keyAt, Math.min(keyAt + Number(head[2]), end));
        const collection = head[1] as string;
        this.#doubtful.set(`${collection} ${key}`, { collection, key });
      }
      at = end + 1;
    }
  }
}
