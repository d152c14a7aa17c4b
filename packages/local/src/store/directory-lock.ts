import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { codeOf, DIRECTORY_MODE, FILE_MODE, replaceFile } from './files.ts';
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

  /** @throws StoreError, in one sentence; what is not ours is left as it is */
  constructor(directory: string) {
    this.#directory = directory;
    this.#file = join(directory, 'lock');
    makeDirectory(directory);
    checkFormat(directory);
    let database: DatabaseSync | undefined;
    try {
      if (!existsSync(this.#file)) writeFileSync(this.#file, '', { mode: FILE_MODE });
      // Loaded here: before Node.js 24 it warns that it is experimental, and without a directory nobody needs it.
      const sqlite = process.getBuiltinModule('node:sqlite');
      database = new sqlite.DatabaseSync(this.#file);
      database.exec('BEGIN EXCLUSIVE');
      chmodSync(directory, DIRECTORY_MODE);
      chmodSync(this.#file, FILE_MODE);
    } catch (cause) {
      database?.close();
      throw new StoreError(`data directory ${directory}: ${refusalOf(cause, join(directory, OWNER))}`, {
        path: directory,
        cause,
      });
    }
    writeOwner(join(directory, OWNER));
    this.#database = database;
    this.#identity = identityOf(this.#file);
  }

  /** Says that the directory is ours; when all else that makes it so is there. */
  writeFormat(isDurable: boolean): void {
    const file = join(this.#directory, 'format');
    if (!existsSync(file)) replaceFile(file, `${STORE_FORMAT}\n`, isDurable);
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
}

/** Which process has the lock, for people alone: the lock itself is what counts. */
const OWNER = 'lock-owner';

/** `SQLITE_BUSY`: somebody else has the lock. */
const BUSY = 5;

const writeOwner = (file: string): void => {
  try {
    writeFileSync(file, `${process.pid}\n`, { mode: FILE_MODE });
  } catch {
    // A full disk is no reason to do without the lock.
  }
};

const refusalOf = (cause: unknown, ownerFile: string): string => {
  const { errcode, message } = cause as Error & { readonly errcode?: number };
  if (errcode !== BUSY) return `cannot be locked, it is not ours to write (${message})`;
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

const checkFormat = (directory: string): void => {
  const names = readdirSync(directory);
  // The first format was a database and had no file that says so.
  const format = names.includes('holdfast.db')
    ? 1
    : names.includes('format')
      ? Number(readFileSync(join(directory, 'format'), 'utf8'))
      : undefined;
  if (format !== undefined && format !== STORE_FORMAT) {
    throw new StoreError(
      `data directory ${directory}: has format ${format}, this version reads ${STORE_FORMAT}; move it away to start anew`,
      { path: directory },
    );
  }
  const stranger = names.find((name) => !BEFORE_FORMAT.has(name));
  if (format === undefined && stranger !== undefined) {
    throw new StoreError(
      `data directory ${directory}: has files that are not Holdfast's (such as ${stranger}), and no file that says it is ours; name an empty directory`,
      { path: directory },
    );
  }
};
