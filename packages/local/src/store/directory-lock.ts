import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { codeOf, DIRECTORY_MODE, FILE_MODE, replaceFile } from './files.ts';
import { RESERVE } from './reserve.ts';
import { damage } from './segment.ts';
import { beginsAsSegment, segmentNumbers } from './segment-row.ts';
import { StoreError } from './store-error.ts';

/** Layout of the data directory; one with another number is refused instead of misread. */
export const STORE_FORMAT = 3;

/** What there can be before the format is written, when the process ended that early. */
const BEFORE_FORMAT = new Set([
  // The command keeps its audit log, and what was said of groups, beside the state.
  'audit',
  'ledger',
  'lock',
  'lock-journal',
  'lock-owner',
  'log-1',
  'manifest',
  'manifest.new',
  'format.new',
  'reserve',
  'blobs',
  'code',
  'compile-cache',
  'environments',
]);

/**
 * Makes a data directory and keeps other processes out of it. The lock is SQLite's own, on an empty database: it is
 * the one lock in Node.js that goes with the process, however the process ends, on every platform.
 */
export class DirectoryLock {
  readonly #directory: string;
  readonly #file: string;
  readonly #database: DatabaseSync;
  readonly #identity: string | undefined;

  /**
   * A repair opens a directory also when what it says of its format is damaged.
   *
   * @throws StoreError, in one sentence; what is not ours is left as it is
   */
  constructor(directory: string, use: 'open' | 'repair' = 'open') {
    this.#directory = directory;
    this.#file = join(directory, 'lock');
    makeDirectory(directory);
    checkFormat(directory, use);
    try {
      this.#database = this.#take();
    } catch (cause) {
      throw new StoreError(`data directory ${directory}: ${refusalOf(cause, directory)}`, { path: directory, cause });
    }
    writeOwner(join(directory, OWNER));
    this.#identity = identityOf(this.#file);
  }

  get isOfFormat(): boolean {
    return formatOf(this.#directory) === STORE_FORMAT;
  }

  /** Says that the directory is ours, and of which format; when all else that makes it so is there. */
  writeFormat(isDurable: boolean): void {
    if (this.isOfFormat) return;
    const file = join(this.#directory, 'format');
    rmSync(file, { recursive: true, force: true });
    replaceFile(file, `${STORE_FORMAT}\n`, isDurable);
  }

  /** What became of the lock without us, if anything. */
  strangeness(): string | undefined {
    return identityOf(this.#file) === this.#identity
      ? undefined
      : `${this.#file} was removed or replaced: another process may have the directory open`;
  }

  release(): void {
    this.#database.close();
  }

  #take(): DatabaseSync {
    try {
      return this.#lock();
    } catch (cause) {
      // Whoever finds the disk full has the lock, and the room that was kept for that is nobody else's.
      if ((cause as SqliteError).errcode !== FULL || !existsSync(join(this.#directory, RESERVE))) throw cause;
      rmSync(join(this.#directory, RESERVE), { force: true });
      return this.#lock();
    }
  }

  #lock(): DatabaseSync {
    if (!existsSync(this.#file)) writeFileSync(this.#file, '', { mode: FILE_MODE });
    // Loaded here: before Node.js 24 it warns that it is experimental, and without a directory nobody needs it.
    const sqlite = process.getBuiltinModule('node:sqlite');
    const database = new sqlite.DatabaseSync(this.#file);
    try {
      database.exec('BEGIN EXCLUSIVE');
      chmodSync(this.#directory, DIRECTORY_MODE);
      chmodSync(this.#file, FILE_MODE);
      return database;
    } catch (cause) {
      database.close();
      throw cause;
    }
  }
}

/** Which process has the lock, for people alone: the lock itself is what counts. */
const OWNER = 'lock-owner';

type SqliteError = Error & { readonly errcode?: number };

/** Numbers of SQLite: somebody else has the lock; there is no room; what is there is no database. */
const [BUSY, FULL, NOT_A_DATABASE] = [5, 13, 26];

const writeOwner = (file: string): void => {
  try {
    writeFileSync(file, `${process.pid}\n`, { mode: FILE_MODE });
  } catch {
    // A full disk is no reason to do without the lock.
  }
};

const refusalOf = (cause: unknown, directory: string): string => {
  const { errcode, message } = cause as SqliteError;
  if (errcode === FULL) return 'the disk is full, and not even the lock can be taken; make room, and try again';
  if (errcode === NOT_A_DATABASE) {
    return `${join(directory, 'lock')} is damaged; it holds no state, and can be removed while no engine runs on the directory`;
  }
  if (errcode !== BUSY) return `cannot be locked, it is not ours to write (${message})`;
  const ownerFile = join(directory, OWNER);
  const pid = existsSync(ownerFile) ? Number(readFileSync(ownerFile, 'utf8')) : 0;
  return `is in use by ${pid > 0 ? `process ${pid}` : 'another process'}`;
};

const identityOf = (file: string): string | undefined => {
  const stats = statSync(file, { throwIfNoEntry: false, bigint: true });
  return stats === undefined ? undefined : `${stats.dev}/${stats.ino}`;
};

const makeDirectory = (directory: string): void => {
  try {
    makeWithParents(directory);
  } catch (cause) {
    throw new StoreError(`data directory ${directory}: cannot be made (${codeOf(cause)})`, { path: directory, cause });
  }
};

/** Node's own recursive way goes on for ever where names cannot be made at all, as in `/proc`. */
const makeWithParents = (directory: string): void => {
  if (existsSync(directory)) return;
  makeWithParents(dirname(directory));
  mkdirSync(directory, { mode: DIRECTORY_MODE });
};

/** What the directory says of its format: a number, `undefined` for nothing, `NaN` for what is none. */
const formatOf = (directory: string): number | undefined => {
  const file = join(directory, 'format');
  if (!existsSync(file)) return undefined;
  try {
    const text = readFileSync(file, 'utf8');
    return /^\d+\n?$/.test(text) ? Number(text) : Number.NaN;
  } catch {
    return Number.NaN;
  }
};

const checkFormat = (directory: string, use: 'open' | 'repair'): void => {
  const names = readdirSync(directory);
  // The first format was a database and had no file that says so.
  const format = names.includes('holdfast.db') ? 1 : formatOf(directory);
  if (format === STORE_FORMAT) return;
  if (
    format !== undefined &&
    format !== 1 &&
    segmentNumbers(directory).some((number) => beginsAsSegment(directory, number))
  ) {
    if (use === 'repair') return;
    throw damage(join(directory, 'format'), 0, 'is damaged; it says which format the directory has');
  }
  if (format !== undefined && !Number.isNaN(format)) {
    throw new StoreError(
      `data directory ${directory}: has format ${format}, this version reads ${STORE_FORMAT}; use the version that wrote it, or move it away to start anew`,
      { path: directory },
    );
  }
  const stranger = names.find((name) => !isOfUs(name, names));
  if (stranger !== undefined) {
    throw new StoreError(
      `data directory ${directory}: has files that are not Holdfast's (such as ${stranger}), and no file that says it is ours; name an empty directory`,
      { path: directory },
    );
  }
};

/** The file that says so may have been lost of a directory that is ours. */
const isOfUs = (name: string, names: readonly string[]): boolean =>
  BEFORE_FORMAT.has(name) || (names.includes('manifest') && /^(?:log|before-repair)-\d+$/.test(name));
