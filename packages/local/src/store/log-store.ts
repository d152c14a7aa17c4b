import { join } from 'node:path';
import type { BlobStore, Collection, Store } from '@holdfast/engine';
import { BlobFiles } from './blob-files.ts';
import type { Change } from './change-lines.ts';
import { DirectoryLock } from './directory-lock.ts';
import { Log } from './log.ts';
import { StoreError } from './store-error.ts';
import { Table } from './table.ts';

/** A segment of the log that has grown so large is followed by a new one. */
const SEGMENT_BYTES = 64 * 1024 * 1024;
/** While space is won back, so many lines are looked at for each line that is written, and so many in each turn at least. */
const CLEANED_LINES_PER_LINE = 4;
const CLEANED_LINES_MIN = 64;
/** After so long without a change, space is won back with more vigour: so many lines a turn, a few milliseconds. */
const IDLE_MS = 1_000;
const IDLE_CLEANED_LINES = 2_048;

/**
 * State in a directory of its own, as a log: every change is appended, and memory knows where the latest value of each
 * key is.
 *
 * Writes are collected during a turn of the event loop and appended together, as one checksummed record, at its end:
 * {@link durable} is what every answer waits for. Several writes to one key in a turn cost one, and what came and went
 * within a turn costs none. After `kill -9` everything that was ever answered is there: the append hands its bytes to
 * the operating system before it returns. One process at a time may have the directory open.
 */
export class LogStore implements Store {
  readonly blobs: BlobStore;
  readonly #lock: DirectoryLock;
  readonly #log: Log;
  readonly #blobs: BlobFiles;
  readonly #tables = new Map<string, Table>();
  readonly #dirty = new Set<Table>();
  #idle: NodeJS.Timeout | undefined;
  #writtenAt = 0;
  #pending:
    | { readonly promise: Promise<void>; readonly resolve: () => void; readonly reject: (cause: unknown) => void }
    | undefined;
  #closed = false;

  /** @throws StoreError when the directory is in use, not writable or of another format */
  constructor(directory: string, segmentBytes = SEGMENT_BYTES) {
    this.#lock = new DirectoryLock(directory);
    this.#log = new Log(directory, segmentBytes);
    this.#blobs = new BlobFiles(join(directory, 'blobs'), this.collection('blobs'));
    this.blobs = this.#blobs;
  }

  collection<Value>(name: string): Collection<Value> {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = new Table(
        name,
        this.#log,
        (dirty) => {
          this.#dirty.add(dirty);
          this.#schedule();
        },
        () => this.flush(),
      );
      this.#tables.set(name, table);
    }
    return table as unknown as Collection<Value>;
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
      const changes: Change[] = [];
      for (const table of this.#dirty) table.drainTo(changes);
      this.#dirty.clear();
      // A change may name a blob: its bytes come before it, and go after it.
      this.#blobs.writeFiles();
      if (changes.length > 0) this.#log.write(changes);
      this.#blobs.removeFiles();
      this.#clean(changes.length);
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
    clearTimeout(this.#idle);
    this.#log.close();
    this.#lock.release();
  }

  /** Forgets everything. */
  clear(): void {
    this.flush();
    this.#log.clear();
    this.#blobs.clear();
  }

  #schedule(): void {
    if (this.#pending !== undefined) return;
    this.#pending = Promise.withResolvers<void>();
    // A rejected write is reported by flush itself; waiting for it is optional.
    this.#pending.promise.catch(() => {});
    setImmediate(() => {
      if (!this.#closed) this.flush();
    });
  }

  #clean(lines: number): void {
    this.#writtenAt = performance.now();
    this.#log.clean(Math.max(CLEANED_LINES_MIN, lines * CLEANED_LINES_PER_LINE));
    this.#idle ??= setTimeout(() => this.#cleanWhenIdle(), IDLE_MS).unref();
  }

  #cleanWhenIdle(): void {
    this.#idle = undefined;
    const restMs = this.#writtenAt + IDLE_MS - performance.now();
    if (restMs <= 0 && !this.#log.cleanThoroughly(IDLE_CLEANED_LINES)) return;
    this.#idle = setTimeout(() => this.#cleanWhenIdle(), Math.max(1, restMs)).unref();
  }
}
