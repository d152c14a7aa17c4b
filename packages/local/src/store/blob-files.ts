import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { BlobStore, Collection } from '@holdfast/engine';
import { codeOf, DIRECTORY_MODE, FILE_MODE } from './files.ts';
import { hex8 } from './record.ts';
import { StoreError } from './store-error.ts';

/** Blobs from this size on are files of their own; smaller ones are values in the log, as base64. */
export const BLOB_FILE_BYTES_MIN = 64 * 1024;

/** What must be in the file of a blob. */
export interface StoredFile {
  readonly bytes: number;
  readonly crc32: number;
}

/** Blobs: small ones in a collection, large ones in files, whose length and checksum are in another. */
export class BlobFiles implements BlobStore {
  readonly #directory: string;
  readonly #small: Collection<string>;
  readonly #files: Collection<StoredFile>;
  /** What is not in its file yet. */
  readonly #pending = new Map<string, { readonly bytes: Uint8Array; readonly file: string }>();
  /** Files that are to go once it is written that nothing needs them. */
  readonly #obsolete = new Set<string>();
  /** Files and directories that the disk may not have yet. */
  #unsynchronized = new Set<string>();

  constructor(directory: string, small: Collection<string>, files: Collection<StoredFile>) {
    this.#directory = directory;
    this.#small = small;
    this.#files = files;
  }

  put(id: string, bytes: Uint8Array): void {
    this.#forgetFile(id);
    if (bytes.byteLength >= BLOB_FILE_BYTES_MIN) {
      const row: StoredFile = { bytes: bytes.byteLength, crc32: crc32(bytes) };
      const file = fileOf(this.#directory, id, row);
      this.#pending.set(id, { bytes, file });
      this.#obsolete.delete(file);
      this.#small.delete(id);
      this.#files.put(id, row);
    } else {
      this.#files.delete(id);
      this.#small.put(id, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'));
    }
  }

  get(id: string): Uint8Array {
    const pending = this.#pending.get(id);
    if (pending !== undefined) return pending.bytes;
    const row = this.#files.get(id);
    if (row !== undefined) return readBlobFile(this.#directory, id, row);
    const small = this.#small.get(id);
    if (small === undefined) throw new StoreError(`no blob ${id}`);
    return Buffer.from(small, 'base64');
  }

  delete(id: string): void {
    this.#forgetFile(id);
    this.#files.delete(id);
    this.#small.delete(id);
  }

  /** To be called before what names these blobs is written. What could not be written is still to be written. */
  writeFiles(): void {
    for (const [id, { bytes, file }] of this.#pending) {
      const directory = dirname(file);
      if (!existsSync(directory)) {
        mkdirSync(directory, { recursive: true, mode: DIRECTORY_MODE });
        this.#unsynchronized.add(this.#directory).add(dirname(this.#directory));
      }
      try {
        writeFileSync(`${file}.new`, bytes, { mode: FILE_MODE });
      } catch (cause) {
        rmSync(`${file}.new`, { force: true });
        throw cause;
      }
      renameSync(`${file}.new`, file);
      this.#unsynchronized.add(file).add(directory);
      this.#pending.delete(id);
    }
  }

  /** To be called after it is written that these blobs are gone. */
  removeFiles(): void {
    for (const file of this.#obsolete) rmSync(file, { force: true });
    this.#obsolete.clear();
  }

  /** Files and directories to be flushed to the disk, each told once: files first. */
  takeUnsynchronized(): readonly string[] {
    const paths = [...this.#unsynchronized];
    this.#unsynchronized = new Set();
    return paths.sort((a, b) => b.length - a.length);
  }

  /** What could not be flushed yet. */
  putBackUnsynchronized(paths: readonly string[]): void {
    for (const path of paths) this.#unsynchronized.add(path);
  }

  clear(): void {
    this.#pending.clear();
    this.#obsolete.clear();
    this.#unsynchronized.clear();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /**
   * At start: removes what no row names, left by a process that ended in between, and returns a sentence for each blob
   * that is missing or has another length.
   */
  check(): readonly string[] {
    const found = blobFiles(this.#directory);
    const faults: string[] = [];
    for (const [id, row] of this.#files.scan()) {
      const file = fileOf(this.#directory, id, row);
      const size = found.delete(file) ? statSync(file, { throwIfNoEntry: false })?.size : undefined;
      if (size !== row.bytes) faults.push(faultOf(id, file, row, size));
    }
    for (const file of found) rmSync(file, { force: true });
    return faults;
  }

  #forgetFile(id: string): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    const row = this.#files.get(id);
    if (row === undefined) return;
    const file = fileOf(this.#directory, id, row);
    if (pending?.file !== file) this.#obsolete.add(file);
  }
}

/** What is in a file of a blob. @throws StoreError naming the blob when it is not what was written */
export const readBlobFile = (directory: string, id: string, row: StoredFile): Uint8Array => {
  const file = fileOf(directory, id, row);
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    if (codeOf(cause) !== 'ENOENT') throw cause;
    throw new StoreError(faultOf(id, file, row, undefined), { path: file, cause });
  }
  if (bytes.length !== row.bytes) throw new StoreError(faultOf(id, file, row, bytes.length), { path: file });
  if (crc32(bytes) !== row.crc32)
    throw new StoreError(`the bytes of ${id} are damaged: ${file} has another checksum`, { path: file });
  return bytes;
};

const faultOf = (id: string, file: string, { bytes }: StoredFile, size: number | undefined): string =>
  `the bytes of ${id} are ${size === undefined ? 'missing' : 'damaged'}: ${file} must have ${bytes} bytes${size === undefined ? '' : `, and has ${size}`}`;

/** Another content is another file: the old one is there until it is written that the new one counts. */
export const fileOf = (directory: string, id: string, row: StoredFile): string => {
  const name = encodeURIComponent(id);
  return join(directory, name.slice(-2).padStart(2, '_'), `${name}.${hex8(row.crc32)}`);
};

const BLOB_NAME = /\.[0-9a-f]{8}(\.new)?$/;

export const blobFiles = (directory: string): Set<string> => {
  if (!existsSync(directory)) return new Set();
  return new Set(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && BLOB_NAME.test(basename(entry.name)))
      .map((entry) => join(entry.parentPath, entry.name)),
  );
};
