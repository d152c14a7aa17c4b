import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { BlobStore, Collection } from '@holdfast/engine';
import { StoreError } from './store-error.ts';

/** Blobs from this size on are files of their own; smaller ones are values in the log, as base64. */
export const BLOB_FILE_BYTES_MIN = 64 * 1024;

/** The value that says: the bytes are in a file. */
const IN_FILE = 0;

export type StoredBlob = string | typeof IN_FILE;

/** Blobs: small ones in a collection, large ones in files. */
export class BlobFiles implements BlobStore {
  readonly #directory: string;
  readonly #rows: Collection<StoredBlob>;
  /** What is not in its file yet. */
  readonly #pending = new Map<string, Uint8Array>();
  /** Blobs whose files are to go, unless they are written again. */
  readonly #obsolete = new Set<string>();

  constructor(directory: string, rows: Collection<StoredBlob>) {
    this.#directory = directory;
    this.#rows = rows;
  }

  put(id: string, bytes: Uint8Array): void {
    if (bytes.byteLength >= BLOB_FILE_BYTES_MIN) {
      this.#pending.set(id, bytes);
      this.#obsolete.delete(id);
      this.#rows.put(id, IN_FILE);
    } else {
      this.#forgetFile(id);
      this.#rows.put(id, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64'));
    }
  }

  get(id: string): Uint8Array {
    const row = this.#rows.get(id);
    if (row === undefined) throw new StoreError(`no blob ${id}`);
    if (row !== IN_FILE) return Buffer.from(row, 'base64');
    return this.#pending.get(id) ?? readFileSync(this.#fileOf(id));
  }

  delete(id: string): void {
    this.#forgetFile(id);
    this.#rows.delete(id);
  }

  /** To be called before what names these blobs is written. */
  writeFiles(): void {
    for (const [id, bytes] of this.#pending) {
      const file = this.#fileOf(id);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(`${file}.new`, bytes);
      renameSync(`${file}.new`, file);
    }
    this.#pending.clear();
  }

  /** To be called after it is written that these blobs are gone. */
  removeFiles(): void {
    for (const id of this.#obsolete) rmSync(this.#fileOf(id), { force: true });
    this.#obsolete.clear();
  }

  clear(): void {
    this.#pending.clear();
    this.#obsolete.clear();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #forgetFile(id: string): void {
    if (this.#rows.get(id) !== IN_FILE) return;
    this.#pending.delete(id);
    this.#obsolete.add(id);
  }

  #fileOf(id: string): string {
    const name = encodeURIComponent(id);
    return join(this.#directory, name.slice(-2).padStart(2, '_'), name);
  }
}
