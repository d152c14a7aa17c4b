import { closeSync, existsSync, fsync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/** One change of a collection; no value means that the key is gone. */
export interface JournalChange {
  readonly collection: string;
  readonly key: string;
  /** JSON text. */
  readonly value: string | undefined;
}

/** Eight hexadecimal digits of length, eight of checksum, and the end of the line. */
const HEAD_BYTES = 17;

const hex8 = (value: number): string => value.toString(16).padStart(8, '0');

/** `collection keyLength key value`, one line each. A key may hold anything, so its length is said; JSON has no line ends. */
export const changeLine = (collection: string, key: string, value: string | undefined): string =>
  `${collection} ${key.length} ${key}${value ?? ''}\n`;

const parseChanges = function* (text: string): Generator<JournalChange> {
  for (let at = 0; at < text.length; ) {
    const nameEnd = text.indexOf(' ', at);
    const lengthEnd = text.indexOf(' ', nameEnd + 1);
    const keyEnd = lengthEnd + 1 + Number(text.slice(nameEnd + 1, lengthEnd));
    const lineEnd = text.indexOf('\n', keyEnd);
    const value = text.slice(keyEnd, lineEnd);
    yield {
      collection: text.slice(at, nameEnd),
      key: text.slice(lengthEnd + 1, keyEnd),
      value: value === '' ? undefined : value,
    };
    at = lineEnd + 1;
  }
};

/**
 * An append-only file of changes. What {@link append} was given survives the process from the moment it returns: one
 * write hands it to the operating system. A record that was cut off by the end of the process is not read back; nobody
 * was told of it.
 */
export class Journal {
  readonly #file: string;
  #descriptor: number | undefined;
  bytes = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Whatever is in the file, oldest first. */
  *read(): Generator<JournalChange> {
    if (!existsSync(this.#file)) return;
    const bytes = readFileSync(this.#file);
    for (let at = 0; at + HEAD_BYTES <= bytes.length; ) {
      const head = bytes.toString('latin1', at, at + HEAD_BYTES);
      const end = at + HEAD_BYTES + Number.parseInt(head.slice(0, 8), 16);
      if (!(end <= bytes.length)) return;
      const payload = bytes.subarray(at + HEAD_BYTES, end);
      if (crc32(payload) !== Number.parseInt(head.slice(8, 16), 16)) return;
      yield* parseChanges(payload.toString('utf8'));
      at = end;
    }
  }

  /** Writes lines made by {@link changeLine} as one record: after a crash all of them are there, or none. */
  append(lines: string): void {
    this.#descriptor ??= openSync(this.#file, 'w');
    const length = Buffer.byteLength(lines);
    const record = Buffer.allocUnsafe(HEAD_BYTES + length);
    record.write(lines, HEAD_BYTES);
    record.write(`${hex8(length)}${hex8(crc32(record.subarray(HEAD_BYTES)))}\n`, 0, 'latin1');
    for (let written = 0; written < record.length; ) {
      written += writeSync(this.#descriptor, record, written);
    }
    this.bytes += record.length;
  }

  /** Calls back once the disk has it all; used where the order on disk matters after a loss of power. */
  synchronize(done: () => void): void {
    if (this.#descriptor === undefined) done();
    else fsync(this.#descriptor, () => done());
  }

  /** Deletes the file with all its records. */
  remove(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    rmSync(this.#file, { force: true });
  }
}
