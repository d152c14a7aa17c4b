import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { BlobStore, Collection, Store } from '@holdfast/engine';
import { HoldfastError } from '@holdfast/kernel';

/** The data directory cannot be used. */
export class StoreError extends HoldfastError {
  override readonly name = 'StoreError';
  readonly code = 'STORE_UNAVAILABLE';
}

/** Layout of the database; a file with another number is refused instead of misread. */
export const STORE_FORMAT = 1;

/** Blobs from this size on are files beside the database; smaller ones are rows in it. */
export const BLOB_FILE_BYTES_MIN = 256 * 1024;

const DELETED = Symbol('deleted');

/**
 * State in one SQLite file (WAL mode) in a directory of its own.
 *
 * Writes are collected during a turn of the event loop and committed together at its end: {@link durable} is what
 * every answer waits for. Several writes to one key in a turn cost one. After `kill -9` everything that was ever
 * answered is there: a commit hands its pages to the operating system before it returns. One process at a time
 * may have the directory open; the lock goes with the process.
 */
export class SqliteStore implements Store {
  readonly blobs: BlobStore;
  readonly #database: DatabaseSync;
  readonly #blobs: FileAndRowBlobs;
  readonly #tables = new Map<string, Table>();
  readonly #dirty = new Set<Table>();
  #pending:
    | { readonly promise: Promise<void>; readonly resolve: () => void; readonly reject: (cause: unknown) => void }
    | undefined;
  #closed = false;

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    const file = join(directory, 'holdfast.db');
    this.#database = new DatabaseSync(file);
    try {
      this.#database.exec('PRAGMA locking_mode = EXCLUSIVE');
      this.#database.exec('PRAGMA journal_mode = WAL');
      this.#database.exec('PRAGMA synchronous = NORMAL');
      this.#database.exec('PRAGMA wal_autocheckpoint = 4000');
      this.#database.exec('PRAGMA cache_size = -65536');
      this.#database.exec('CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID');
    } catch (cause) {
      this.#database.close();
      throw new StoreError(`data directory ${directory}: is in use by another process, or is not ours to write`, {
        cause,
      });
    }
    this.#checkFormat(directory);
    this.#blobs = new FileAndRowBlobs(this.#database, join(directory, 'blobs'), () => this.#schedule());
    this.blobs = this.#blobs;
  }

  collection<Value>(name: string): Collection<Value> {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = new Table(this.#database, name, (dirty) => {
        this.#dirty.add(dirty);
        this.#schedule();
      });
      this.#tables.set(name, table);
    }
    return table as unknown as Collection<Value>;
  }

  /** Resolves when everything written so far is committed; `undefined` when it is already. */
  durable(): Promise<void> | undefined {
    return this.#pending?.promise;
  }

  /** Commits now. */
  flush(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    try {
      this.#database.exec('BEGIN');
      for (const table of this.#dirty) table.flush();
      this.#dirty.clear();
      this.#blobs.flush();
      this.#database.exec('COMMIT');
      pending.resolve();
    } catch (cause) {
      // Nothing may be acknowledged that is not stored: the process ends rather than serve a state it cannot keep.
      pending.reject(cause);
      throw new StoreError('the state could not be written', { cause });
    }
  }

  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    this.#database.close();
  }

  /** Forgets everything. */
  clear(): void {
    this.flush();
    this.#database.exec('BEGIN');
    for (const row of this.#database.prepare("SELECT name FROM sqlite_master WHERE name LIKE 'c:%'").all()) {
      this.#database.exec(`DELETE FROM "${String(row['name'])}"`);
    }
    this.#database.exec('DELETE FROM blobs');
    this.#database.exec('COMMIT');
    this.#blobs.clear();
  }

  #schedule(): void {
    if (this.#pending !== undefined) return;
    this.#pending = Promise.withResolvers<void>();
    // A rejected commit is reported by flush itself; waiting for it is optional.
    this.#pending.promise.catch(() => {});
    setImmediate(() => {
      if (!this.#closed) this.flush();
    });
  }

  #checkFormat(directory: string): void {
    const row = this.#database.prepare("SELECT value FROM meta WHERE key = 'format'").get();
    const format = row === undefined ? undefined : Number(row['value']);
    if (format === undefined) {
      this.#database.prepare("INSERT INTO meta VALUES ('format', ?)").run(String(STORE_FORMAT));
    } else if (format !== STORE_FORMAT) {
      this.#database.close();
      throw new StoreError(
        `data directory ${directory}: has format ${format}, this version reads ${STORE_FORMAT}; move it away to start anew`,
      );
    }
  }
}

class Table implements Collection<unknown> {
  readonly #database: DatabaseSync;
  readonly #name: string;
  readonly #onDirty: (table: Table) => void;
  readonly #changes = new Map<string, unknown>();
  readonly #put: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: DatabaseSync, name: string, onDirty: (table: Table) => void) {
    this.#database = database;
    this.#name = `"c:${name.replaceAll('"', '')}"`;
    this.#onDirty = onDirty;
    database.exec(`CREATE TABLE IF NOT EXISTS ${this.#name} (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`);
    this.#put = database.prepare(
      `INSERT INTO ${this.#name} VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    );
    this.#delete = database.prepare(`DELETE FROM ${this.#name} WHERE key = ?`);
  }

  put(key: string, value: unknown): void {
    if (this.#changes.size === 0) this.#onDirty(this);
    this.#changes.set(key, value);
  }

  delete(key: string): void {
    if (this.#changes.size === 0) this.#onDirty(this);
    this.#changes.set(key, DELETED);
  }

  *entries(): IterableIterator<[string, unknown]> {
    this.flush();
    for (const row of this.#database.prepare(`SELECT key, value FROM ${this.#name} ORDER BY key`).iterate()) {
      yield [row['key'] as string, JSON.parse(row['value'] as string)];
    }
  }

  flush(): void {
    for (const [key, value] of this.#changes) {
      if (value === DELETED) this.#delete.run(key);
      else this.#put.run(key, JSON.stringify(value));
    }
    this.#changes.clear();
  }
}

class FileAndRowBlobs implements BlobStore {
  readonly #directory: string;
  readonly #onDirty: () => void;
  readonly #pending = new Map<string, Uint8Array | typeof DELETED>();
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: DatabaseSync, directory: string, onDirty: () => void) {
    this.#directory = directory;
    this.#onDirty = onDirty;
    database.exec('CREATE TABLE IF NOT EXISTS blobs (id TEXT PRIMARY KEY, bytes BLOB)');
    this.#put = database.prepare(
      'INSERT INTO blobs VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET bytes = excluded.bytes',
    );
    this.#get = database.prepare('SELECT bytes FROM blobs WHERE id = ?');
    this.#delete = database.prepare('DELETE FROM blobs WHERE id = ?');
  }

  put(id: string, bytes: Uint8Array): void {
    this.#onDirty();
    this.#pending.set(id, bytes);
  }

  get(id: string): Uint8Array {
    const pending = this.#pending.get(id);
    if (pending === DELETED) throw new StoreError(`no blob ${id}`);
    if (pending !== undefined) return pending;
    const row = this.#get.get(id);
    if (row === undefined) throw new StoreError(`no blob ${id}`);
    // A row without bytes says that the bytes are in a file.
    return (row['bytes'] as Uint8Array | null) ?? readFileSync(this.#fileOf(id));
  }

  delete(id: string): void {
    this.#onDirty();
    this.#pending.set(id, DELETED);
  }

  flush(): void {
    for (const [id, bytes] of this.#pending) {
      if (bytes === DELETED) {
        this.#delete.run(id);
        rmSync(this.#fileOf(id), { force: true });
      } else if (bytes.byteLength < BLOB_FILE_BYTES_MIN) {
        this.#put.run(id, bytes);
      } else {
        const file = this.#fileOf(id);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(`${file}.new`, bytes);
        renameSync(`${file}.new`, file);
        this.#put.run(id, null);
      }
    }
    this.#pending.clear();
  }

  clear(): void {
    this.#pending.clear();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #fileOf(id: string): string {
    const name = encodeURIComponent(id);
    return join(this.#directory, name.slice(-2).padStart(2, '_'), name);
  }
}
