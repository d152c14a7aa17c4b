import { rmSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import type { BlobStore, Collection, Store } from '@holdfast/engine';
import { BlobFiles } from './blob-files.ts';
import type { Change } from './change-lines.ts';
import { DirectoryLock } from './directory-lock.ts';
import { codeOf, syncPath, syncPathNow } from './files.ts';
import { Flusher, type FsyncMode } from './flusher.ts';
import { jsonOf } from './json-value.ts';
import { Log } from './log.ts';
import { RESERVE, RESERVE_BYTES, Reserve } from './reserve.ts';
import type { WriteBytes } from './segment.ts';
import type { SegmentRowOptions } from './segment-row.ts';
import { FULL_DISK, openOneMore, type Shortage, shortageOf } from './shortage.ts';
import { StoreError } from './store-error.ts';
import { Table } from './table.ts';

const SEGMENT_BYTES = 64 * 1024 * 1024;
/** While space is won back, so many lines are looked at for each line that is written, and so many in each turn at least. */
const CLEANED_LINES_PER_LINE = 4;
const CLEANED_LINES_MIN = 64;
/** After so long without a change, space is won back with more vigour: so many lines a turn, a few milliseconds. */
const IDLE_MS = 1_000;
const IDLE_CLEANED_LINES = 2_048;
/** While the disk is full, or too many files are open, it is looked so often whether that is over. */
const RETRY_MS = 250;
/** How often it is made sure, before something is written, that the files are still the ones that others would read. */
const GROUND_CHECK_MS = 100;
/** For what is at least so large it is looked first whether there is room. */
const LARGE_BYTES = 1024 * 1024;
/** More sentences about blobs than that are a number. */
const FAULTS_TOLD_MAX = 10;

export interface LogStoreOptions {
  /** A segment of the log that has grown so large is followed by a new one. */
  readonly segmentBytes?: number | undefined;
  /** @defaultValue everysec */
  readonly fsync?: FsyncMode | undefined;
  readonly reserveBytes?: number | undefined;
  /** Told, in one sentence, what the owner of the data should know. */
  readonly note?: ((text: string) => void) | undefined;
  readonly write?: WriteBytes | undefined;
}

interface Turn {
  readonly promise: Promise<void>;
  readonly resolve: (after?: Promise<void>) => void;
  readonly reject: (cause: unknown) => void;
}

/**
 * State in a directory of its own, as a log: every change is appended, and memory knows where the latest value of each
 * key is.
 *
 * Writes are collected during a turn of the event loop and appended together, as one checksummed record, at its end:
 * {@link durable} is what every answer waits for. Several writes to one key in a turn cost one, and what came and went
 * within a turn costs none. After `kill -9` everything that was ever answered is there: the append hands its bytes to
 * the operating system before it returns. One process at a time may have the directory open.
 *
 * When the disk is full, the turn that found out is written into room kept for it, and {@link refusal} says that no
 * more is to be taken until there is room again. When the directory is no longer ours, nothing is written any more.
 */
export class LogStore implements Store {
  readonly blobs: BlobStore;
  /** Called before a turn is written, for what is to be written with it. */
  beforeWrite: (() => void) | undefined;
  readonly #directory: string;
  readonly #note: (text: string) => void;
  readonly #lock: DirectoryLock;
  readonly #log: Log;
  readonly #blobs: BlobFiles;
  readonly #reserve: Reserve;
  readonly #flusher: Flusher;
  readonly #tables = new Map<string, Table>();
  #dirty = new Set<Table>();
  #idle: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #writtenAt = 0;
  #groundCheckedAt = 0;
  #pending: Turn | undefined;
  /** The latest turn whose writing the disk has not confirmed, if that is to be waited for. */
  #unconfirmed: Promise<void> | undefined;
  /** Why nothing can be written for now. */
  #shortage: Shortage | undefined;
  /** Why nothing can be written any more. */
  #broken: string | undefined;
  #closed = false;

  /** @throws StoreError when the directory is in use, not writable, of another format, or damaged */
  constructor(directory: string, options: LogStoreOptions = {}) {
    const { segmentBytes = SEGMENT_BYTES, fsync = 'everysec', reserveBytes = RESERVE_BYTES, write } = options;
    this.#directory = directory;
    this.#note = options.note ?? ((text) => console.error(`holdfast: ${text}`));
    const isDurable = fsync !== 'never';
    this.#lock = new DirectoryLock(directory);
    let log: Log | undefined;
    try {
      log = openLog(directory, { segmentBytes, isDurable, note: this.#note, write });
      this.#lock.writeFormat(isDurable);
    } catch (cause) {
      log?.close();
      this.#lock.release();
      if (cause instanceof StoreError) throw cause;
      throw new StoreError(`data directory ${directory}: cannot be used (${(cause as Error).message})`, {
        path: directory,
        cause,
      });
    }
    this.#log = log;
    this.#flusher = new Flusher(
      fsync,
      () => this.#synchronize(),
      (cause) => this.#break(`the disk could not be made to keep what was written (${codeOf(cause)})`),
    );
    this.#blobs = new BlobFiles(join(directory, 'blobs'), this.collection('blobs'), this.collection('blob-files'));
    this.blobs = this.#blobs;
    this.#tellOf(this.#blobs.check());
    this.#reserve = new Reserve(directory, reserveBytes);
    try {
      this.#reserve.take(false);
    } catch {
      this.#runShort(FULL_DISK);
    }
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
    return this.#pending?.promise ?? this.#unconfirmed;
  }

  /** Why nothing new may be taken, in a sentence; what was found out only now is written when there is room. */
  get refusal(): string | undefined {
    if (this.#broken !== undefined || this.#shortage === undefined) return this.#broken;
    return this.#shortage === FULL_DISK
      ? `the disk with the data directory ${this.#directory} is full`
      : `${this.#shortage.what} the data directory ${this.#directory}`;
  }

  /** The same for something of this size, which may be too large for the room that is left. */
  refusalOf(bytes: number): string | undefined {
    if (this.refusal !== undefined || bytes < LARGE_BYTES) return this.refusal;
    const { bavail, bsize } = statfsSync(this.#directory);
    return bavail * bsize < bytes
      ? `the disk with the data directory ${this.#directory} has no room for that`
      : undefined;
  }

  get isBroken(): boolean {
    return this.#broken !== undefined;
  }

  /** Whether not even deletes can be written. */
  get isStuck(): boolean {
    return this.#broken !== undefined || (this.#shortage !== undefined && this.#pending !== undefined);
  }

  /** Makes everything written so far safe, now, if that can be. */
  flush(): void {
    const turn = this.#pending;
    if (turn === undefined) return;
    try {
      this.#checkGround();
      if (this.#broken !== undefined) throw new StoreError(this.#broken, { path: this.#directory });
      this.#writeTurn();
    } catch (cause) {
      const shortage = shortageOf(cause);
      if (shortage !== undefined) {
        // Who waits for this turn goes on waiting; memory has it, and it will be written before anything else.
        this.#runShort(shortage);
        return;
      }
      this.#pending = undefined;
      if (!(cause instanceof StoreError)) this.#break(`the state could not be written (${(cause as Error).message})`);
      // Whoever changes something from now on is to be told as well.
      for (const table of this.#dirty) table.notWritten();
      turn.reject(cause);
      return;
    }
    this.#pending = undefined;
    const confirmation = this.#flusher.written();
    if (confirmation !== undefined) {
      this.#unconfirmed = turn.promise;
      const confirmed = (): void => {
        if (this.#unconfirmed === turn.promise) this.#unconfirmed = undefined;
      };
      confirmation.then(confirmed, confirmed);
    }
    turn.resolve(confirmation);
  }

  close(): void {
    if (this.#closed) return;
    this.flush();
    this.#closed = true;
    clearTimeout(this.#idle);
    clearTimeout(this.#retry);
    this.#flusher.stop();
    try {
      this.#closeFiles();
    } finally {
      this.#lock.release();
    }
  }

  /** Forgets everything but `kept` (values by collection and key), in one step. */
  clear(kept: readonly (readonly [collection: string, key: string, value: unknown])[] = []): void {
    if (this.#broken !== undefined) throw new StoreError(this.#broken, { path: this.#directory });
    const changes = kept.map(([collection, key, value]) => ({ collection, key, value: jsonOf(value) }));
    try {
      this.#log.clear(changes);
    } catch (cause) {
      if (shortageOf(cause) !== FULL_DISK) throw cause;
      this.#runShort(FULL_DISK);
      this.#log.clear(changes);
    }
    for (const table of this.#dirty) table.written();
    this.#dirty = new Set();
    this.#blobs.clear();
    this.#pending?.resolve();
    this.#pending = undefined;
  }

  #schedule(): void {
    if (this.#pending !== undefined) return;
    this.#pending = Promise.withResolvers<void>() as Turn;
    // A rejected write is reported by flush itself; waiting for it is optional.
    this.#pending.promise.catch(() => {});
    setImmediate(() => {
      if (!this.#closed) this.flush();
    });
  }

  #writeTurn(): void {
    this.beforeWrite?.();
    const changes: Change[] = [];
    const refused: StoreError[] = [];
    for (const table of this.#dirty) table.collectTo(changes, refused);
    try {
      this.#writeChanges(changes);
    } catch (cause) {
      if (shortageOf(cause) !== FULL_DISK || !this.#reserve.isHeld) throw cause;
      this.#runShort(FULL_DISK);
      this.#writeChanges(changes);
    }
    for (const table of this.#dirty) table.written();
    this.#dirty = new Set();
    this.#blobs.removeFiles();
    this.#clean(changes.length);
    for (const { message } of refused) this.#note(message);
    if (refused[0] !== undefined) throw refused[0];
  }

  /** A change may name a blob: its bytes come before it, and go after it. */
  #writeChanges(changes: readonly Change[]): void {
    this.#blobs.writeFiles();
    if (changes.length > 0) this.#log.write(changes);
  }

  /** Nothing more is taken until that has passed. */
  #runShort(shortage: Shortage): void {
    if (shortage === FULL_DISK) this.#reserve.giveUp();
    if (this.#shortage === undefined) {
      this.#shortage = shortage;
      this.#note(
        `${this.refusal}: writes are answered with 503 until ${shortage.end}; reads and deletes go on, and nothing that was acknowledged is lost`,
      );
    }
    this.#retry ??= setTimeout(() => this.#tryAgain(), RETRY_MS).unref();
  }

  #tryAgain(): void {
    this.#retry = undefined;
    if (this.#closed || this.#broken !== undefined) return;
    this.flush();
    if (this.#pending === undefined) {
      try {
        openOneMore(join(this.#directory, 'format'));
        if (!this.#reserve.isHeld) this.#reserve.take(true);
        const { over } = this.#shortage ?? FULL_DISK;
        this.#shortage = undefined;
        clearTimeout(this.#retry);
        this.#retry = undefined;
        this.#note(`${over}: writes are taken`);
        return;
      } catch {
        // Not yet.
      }
    }
    this.#retry ??= setTimeout(() => this.#tryAgain(), RETRY_MS).unref();
  }

  #checkGround(): void {
    if (this.#broken !== undefined || performance.now() - this.#groundCheckedAt < GROUND_CHECK_MS) return;
    this.#groundCheckedAt = performance.now();
    const strangeness = this.#log.strangeness() ?? this.#lock.strangeness();
    if (strangeness !== undefined) this.#break(strangeness);
  }

  #break(why: string): void {
    if (this.#broken !== undefined) return;
    this.#broken = `the data directory ${this.#directory} cannot be written any more: ${why}`;
    this.#note(`${this.#broken}. Writes are answered with 503; stop this engine`);
  }

  async #synchronize(): Promise<void> {
    const paths = this.#blobs.takeUnsynchronized();
    try {
      for (const path of paths) await syncPath(path);
    } catch (cause) {
      this.#blobs.putBackUnsynchronized(paths);
      throw cause;
    }
    await this.#log.synchronize();
  }

  /** Only what is whole, and still ours, is said to be. */
  #closeFiles(): void {
    this.#groundCheckedAt = 0;
    this.#checkGround();
    if (this.#broken !== undefined || this.#pending !== undefined) {
      this.#log.close();
      return;
    }
    for (const path of this.#blobs.takeUnsynchronized()) syncPathNow(path);
    try {
      this.#log.closeInPeace();
    } catch (cause) {
      if (shortageOf(cause) === FULL_DISK && this.#reserve.isHeld) {
        this.#reserve.giveUp();
        this.#closeFiles();
        return;
      }
      this.#note(`the data directory ${this.#directory} could not be closed in order (${codeOf(cause)})`);
      this.#log.close();
    }
  }

  #tellOf(faults: readonly string[]): void {
    for (const fault of faults.slice(0, FAULTS_TOLD_MAX)) this.#note(`${fault}; reading it is answered with an error`);
    const more = faults.length - FAULTS_TOLD_MAX;
    if (more > 0) this.#note(`the same with ${more} more`);
  }

  #clean(lines: number): void {
    this.#writtenAt = performance.now();
    this.#log.clean(Math.max(CLEANED_LINES_MIN, lines * CLEANED_LINES_PER_LINE));
    this.#idle ??= setTimeout(() => this.#cleanWhenIdle(), IDLE_MS).unref();
  }

  #cleanWhenIdle(): void {
    this.#idle = undefined;
    if (this.#broken !== undefined) return;
    const restMs = this.#writtenAt + IDLE_MS - performance.now();
    if (restMs <= 0 && !this.#log.cleanThoroughly(IDLE_CLEANED_LINES)) return;
    this.#idle = setTimeout(() => this.#cleanWhenIdle(), Math.max(1, restMs)).unref();
  }
}

/** On a full disk with the room that is kept for that. */
const openLog = (directory: string, options: SegmentRowOptions): Log => {
  try {
    return new Log(directory, options);
  } catch (cause) {
    if (shortageOf(cause) !== FULL_DISK) throw cause;
    rmSync(join(directory, RESERVE), { force: true });
    return new Log(directory, options);
  }
};
