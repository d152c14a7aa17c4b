import {
  closeSync,
  fstatSync,
  fsync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';

/** Eight hexadecimal digits of length, eight of checksum, and the end of the line. */
export const HEAD_BYTES = 17;

const fsyncDescriptor = promisify(fsync);

const hex8 = (value: number): string => value.toString(16).padStart(8, '0');

/** What a record holds, and the byte of the segment at which that begins. */
export type Payload = readonly [bytes: Buffer, offset: number];

/**
 * One file of the log: records, each with its length and checksum in front. What {@link append} was given survives the
 * process from the moment it returns: one write hands it to the operating system. A record that was cut off by the end
 * of the process is not read back; nobody was told of it.
 */
export class Segment {
  readonly number: number;
  readonly #file: string;
  readonly #descriptor: number;
  /** How long the file is. */
  bytes: number;
  /** Values in this segment that are the latest of their keys. */
  liveValues = 0;
  #values = 0;
  #valueBytes = 0;

  constructor(file: string, number: number) {
    this.#file = file;
    this.number = number;
    this.#descriptor = openSync(file, 'a+');
    this.bytes = fstatSync(this.#descriptor).size;
  }

  /** An estimate: the values of one segment are taken to be equally large. */
  get liveBytes(): number {
    return this.#values === 0 ? 0 : (this.#valueBytes * this.liveValues) / this.#values;
  }

  /** Counts a value that is now the latest of its key. */
  holds(valueBytes: number): void {
    this.liveValues += 1;
    this.#values += 1;
    this.#valueBytes += valueBytes;
  }

  /** Whatever is in the file, oldest first. A record that is not whole, and what is behind it, is cut off. */
  *recover(): Generator<Payload> {
    const bytes = readFileSync(this.#file);
    let end = 0;
    for (const payload of payloadsOf(bytes)) {
      end = payload[1] + payload[0].length;
      yield payload;
    }
    if (end < bytes.length) ftruncateSync(this.#descriptor, end);
    this.bytes = end;
  }

  /** Whatever is in the file, oldest first. */
  async read(): Promise<Generator<Payload>> {
    return payloadsOf(await readFile(this.#file));
  }

  /** Fills `target` from `offset` on; returns how many bytes there were. */
  readAt(target: Buffer, offset: number): number {
    return readSync(this.#descriptor, target, 0, target.length, offset);
  }

  /** Writes a record whose first {@link HEAD_BYTES} are still free: after a crash all of it is there, or none. */
  append(record: Buffer): void {
    const payload = record.subarray(HEAD_BYTES);
    record.write(`${hex8(payload.length)}${hex8(crc32(payload))}\n`, 'latin1');
    for (let written = 0; written < record.length; ) {
      written += writeSync(this.#descriptor, record, written);
    }
    this.bytes += record.length;
  }

  /** Fulfilled once the disk has it all; used where the order on disk matters after a loss of power. */
  synchronize(): Promise<void> {
    return fsyncDescriptor(this.#descriptor);
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  /** Deletes the file with all its records. */
  remove(): void {
    this.close();
    rmSync(this.#file, { force: true });
  }
}

const payloadsOf = function* (bytes: Buffer): Generator<Payload> {
  for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
    const head = bytes.toString('latin1', at, at + HEAD_BYTES);
    const start = at + HEAD_BYTES;
    const end = start + Number.parseInt(head.slice(0, 8), 16);
    if (!(end <= bytes.length)) return;
    const payload = bytes.subarray(start, end);
    if (crc32(payload) !== Number.parseInt(head.slice(8, 16), 16)) return;
    yield [payload, start];
    at = end;
  }
};
