import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { BlobStore, Collection, Store } from '@holdfast/engine';
import { HoldfastError } from '@holdfast/kernel';
import { changeLine, Journal } from './journal.ts';

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

/** Changes gather in the journal up to this size before they are written into the database. */
const JOURNAL_BYTES = 32 * 1024 * 1024;
/** A journal that nothing was added to for this long is written into the database. */
const IDLE_MS = 1_000;
/** Rows written into the database per turn of the event loop, at least: about a millisecond. */
const ROWS_PER_TURN_MIN = 128;

const JOURNAL_NAME = /^journal-(\d+)$/;

/**
 * State in one SQLite file (WAL mode) in a directory of its own, with a journal in front of it.
 *
 * Writes are collected during a turn of the event loop and appended to the journal together at its end: {@link durable}
 * is what every answer waits for. Several writes to one key in a turn cost one. After `kill -9` everything that was ever
 * answered is there: the append hands its bytes to the operating system before it returns, and the next process writes
 * what it finds in the journals into the database first of all.
 *
 * The database follows behind, a few rows per turn once a journal is full, or when nothing else happens. What came
 * and went in between (most messages of a queue) never gets there. There are two journals: one takes changes
 * while the other is being written into the database. One process at a time may have the directory open; the lock
 * goes with the process.
 */
export class SqliteStore implements Store {
  readonly blobs: BlobStore;
  readonly #database: DatabaseSync;
  readonly #blobs: FileAndRowBlobs;
  readonly #tables = new Map<string, Table>();
  readonly #dirty = new Set<Table>();
  readonly #directory: string;
  readonly #journalBytes: number;
  #journal: Journal;
  #lastJournal = 0;
  #settling: Generator<void, void, number> | undefined;
  #idle: NodeJS.Timeout | undefined;
  #appendedAt = 0;
  #pending:
    | { readonly promise: Promise<void>; readonly resolve: () => void; readonly reject: (cause: unknown) => void }
    | undefined;
  #closed = false;

  constructor(directory: string, journalBytes = JOURNAL_BYTES) {
    this.#journalBytes = journalBytes;
    mkdirSync(directory, { recursive: true });
    const file = join(directory, 'holdfast.db');
    this.#database = new DatabaseSync(file);
    try {
      this.#database.exec('PRAGMA locking_mode = EXCLUSIVE');
      // Rows above a quarter of a page go to pages of their own: at SQLite's usual 4 KiB that begins at 1,000 bytes, just
      // where events are, and costs four times the disk and five times the time. An existing file keeps its page size.
      this.#database.exec('PRAGMA page_size = 16384');
      this.#database.exec('PRAGMA journal_mode = WAL');
      this.#database.exec('PRAGMA synchronous = NORMAL');
      this.#database.exec('PRAGMA wal_autocheckpoint = 1000');
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
    this.#directory = directory;
    this.#recover();
    this.#journal = this.#nextJournal();
  }

  collection<Value>(name: string): Collection<Value> {
    return this.#table(name) as unknown as Collection<Value>;
  }

  /** Resolves when everything written so far is safe; `undefined` when it is already. */
  durable(): Promise<void> | undefined {
    return this.#pending?.promise;
  }

  /** Makes everything written so far safe, now. */
  flush(): void {
    const pending = this.#pending;
    if (pending === undefined) return;
    this.#pending = undefined;
    try {
      // A record may name a blob: bytes come before it, and go after it.
      this.#blobs.flushPuts();
      let rows = 0;
      let lines = '';
      for (const table of this.#dirty) {
        rows += table.dirtyCount;
        lines += table.toJournal();
      }
      this.#dirty.clear();
      if (lines !== '') {
        this.#journal.append(lines);
        this.#appendedAt = performance.now();
      }
      this.#blobs.flushDeletes();
      this.#settle(rows);
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
    this.#settleAll();
    this.#closed = true;
    clearTimeout(this.#idle);
    this.#database.close();
  }

  /** Forgets everything. */
  clear(): void {
    this.flush();
    this.#settleAll();
    this.#database.exec('BEGIN');
    for (const row of this.#database.prepare("SELECT name FROM sqlite_master WHERE name LIKE 'c:%'").all()) {
      this.#database.exec(`DELETE FROM "${String(row['name'])}"`);
    }
    this.#database.exec('DELETE FROM blobs');
    this.#database.exec('COMMIT');
    this.#blobs.clear();
  }

  #table(name: string): Table {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = new Table(
        this.#database,
        name,
        (dirty) => {
          this.#dirty.add(dirty);
          this.#schedule();
        },
        () => {
          this.flush();
          this.#settleAll();
        },
      );
      this.#tables.set(name, table);
    }
    return table;
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

  /** Moves the database on after a turn that changed so many rows: always by more, so that it catches up. */
  #settle(rows: number): void {
    if (this.#settling === undefined && this.#journal.bytes >= this.#journalBytes) this.#beginSettling();
    if (this.#settling?.next(Math.max(ROWS_PER_TURN_MIN, rows * 2)).done === true) this.#settling = undefined;
    this.#idle ??= setTimeout(() => this.#settleWhenIdle(), IDLE_MS).unref();
  }

  #settleWhenIdle(): void {
    this.#idle = undefined;
    if (this.#closed) return;
    const restMs = this.#appendedAt + IDLE_MS - performance.now();
    if (restMs > 0) {
      this.#idle = setTimeout(() => this.#settleWhenIdle(), Math.max(1, restMs)).unref();
      return;
    }
    if (this.#settling === undefined) {
      if (this.#journal.bytes === 0) return;
      this.#beginSettling();
    }
    if (this.#settling?.next(ROWS_PER_TURN_MIN).done === true) this.#settling = undefined;
    this.#idle = setTimeout(() => this.#settleWhenIdle(), 1).unref();
  }

  #beginSettling(): void {
    const previous = this.#journal;
    this.#journal = this.#nextJournal();
    const tables = [...this.#tables.values()].filter((table) => table.beginSettling());
    let isOnDisk = false;
    // What goes into the database in parts must be whole on the disk first, for the case that the power fails in between.
    previous.synchronize(() => {
      isOnDisk = true;
    });
    const settle = function* (database: DatabaseSync): Generator<void, void, number> {
      let rows = yield;
      while (!isOnDisk && rows !== Number.POSITIVE_INFINITY) rows = yield;
      for (const table of tables) {
        for (;;) {
          database.exec('BEGIN');
          const isDone = table.settle(rows);
          database.exec('COMMIT');
          if (isDone) break;
          rows = yield;
        }
      }
      previous.remove();
    };
    this.#settling = settle(this.#database);
    this.#settling.next(0);
  }

  /** Brings the database up to date. */
  #settleAll(): void {
    for (;;) {
      if (this.#settling === undefined) {
        if (this.#journal.bytes === 0) return;
        this.#beginSettling();
      }
      this.#settling?.next(Number.POSITIVE_INFINITY);
      this.#settling = undefined;
    }
  }

  #nextJournal(): Journal {
    this.#lastJournal += 1;
    return new Journal(join(this.#directory, `journal-${this.#lastJournal}`));
  }

  /** Writes what the process before left in its journals into the database, oldest first. */
  #recover(): void {
    const numbers = readdirSync(this.#directory).flatMap((name) => JOURNAL_NAME.exec(name)?.[1] ?? []);
    const journals = numbers
      .map(Number)
      .sort((a, b) => a - b)
      .map((number) => new Journal(join(this.#directory, `journal-${number}`)));
    if (journals.length === 0) return;
    this.#database.exec('BEGIN');
    for (const journal of journals) {
      for (const { collection, key, value } of journal.read()) this.#table(collection).write(key, value);
    }
    this.#database.exec('COMMIT');
    // The oldest goes first: a newer one alone is right on top of what is in the database now, an older one is not.
    for (const journal of journals) journal.remove();
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

/** One collection: what this turn changed, what the journals hold of it, and its rows in the database. */
class Table implements Collection<unknown> {
  readonly #database: DatabaseSync;
  readonly #collection: string;
  readonly #name: string;
  readonly #onDirty: (table: Table) => void;
  readonly #bringUpToDate: () => void;
  readonly #changes = new Map<string, unknown>();
  /** JSON text by key, `undefined` for what was deleted: changes in the current journal, and in the previous one. */
  #journalled = new Map<string, string | undefined>();
  #settling: IterableIterator<[string, string | undefined]> | undefined;
  readonly #put: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: DatabaseSync, name: string, onDirty: (table: Table) => void, bringUpToDate: () => void) {
    this.#database = database;
    this.#collection = name;
    this.#name = `"c:${name.replaceAll('"', '')}"`;
    this.#onDirty = onDirty;
    this.#bringUpToDate = bringUpToDate;
    database.exec(`CREATE TABLE IF NOT EXISTS ${this.#name} (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID`);
    this.#put = database.prepare(
      `INSERT INTO ${this.#name} VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    );
    this.#delete = database.prepare(`DELETE FROM ${this.#name} WHERE key = ?`);
  }

  get dirtyCount(): number {
    return this.#changes.size;
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
    this.#bringUpToDate();
    for (const row of this.#database.prepare(`SELECT key, value FROM ${this.#name} ORDER BY key`).iterate()) {
      yield [row['key'] as string, JSON.parse(row['value'] as string)];
    }
  }

  /** This turn's changes as lines of the journal. */
  toJournal(): string {
    let lines = '';
    for (const [key, value] of this.#changes) {
      const text = value === DELETED ? undefined : JSON.stringify(value);
      lines += changeLine(this.#collection, key, text);
      this.#journalled.set(key, text);
    }
    this.#changes.clear();
    return lines;
  }

  /** From now on {@link settle} writes what is in the current journal, and a new journal begins. */
  beginSettling(): boolean {
    if (this.#journalled.size === 0) return false;
    this.#settling = this.#journalled.entries();
    this.#journalled = new Map();
    return true;
  }

  /** Writes up to so many rows into the database; true when all are written. */
  settle(rows: number): boolean {
    const settling = this.#settling;
    if (settling === undefined) return true;
    for (let left = rows; left > 0; left--) {
      const { done, value: change } = settling.next();
      if (done === true) {
        this.#settling = undefined;
        return true;
      }
      this.write(change[0], change[1]);
    }
    return false;
  }

  /** Writes one row. */
  write(key: string, value: string | undefined): void {
    if (value === undefined) this.#delete.run(key);
    else this.#put.run(key, value);
  }
}

class FileAndRowBlobs implements BlobStore {
  readonly #database: DatabaseSync;
  readonly #directory: string;
  readonly #onDirty: () => void;
  readonly #pending = new Map<string, Uint8Array | typeof DELETED>();
  readonly #put: StatementSync;
  readonly #get: StatementSync;
  readonly #delete: StatementSync;

  constructor(database: DatabaseSync, directory: string, onDirty: () => void) {
    this.#database = database;
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

  flushPuts(): void {
    if (this.#pending.size === 0) return;
    this.#database.exec('BEGIN');
    for (const [id, bytes] of this.#pending) {
      if (bytes === DELETED) continue;
      this.#pending.delete(id);
      if (bytes.byteLength < BLOB_FILE_BYTES_MIN) {
        this.#put.run(id, bytes);
      } else {
        const file = this.#fileOf(id);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(`${file}.new`, bytes);
        renameSync(`${file}.new`, file);
        this.#put.run(id, null);
      }
    }
    this.#database.exec('COMMIT');
  }

  flushDeletes(): void {
    if (this.#pending.size === 0) return;
    this.#database.exec('BEGIN');
    for (const id of this.#pending.keys()) {
      this.#delete.run(id);
      rmSync(this.#fileOf(id), { force: true });
    }
    this.#database.exec('COMMIT');
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
