import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreError } from './store-error.ts';

/** Layout of the data directory; one with another number is refused instead of misread. */
export const STORE_FORMAT = 2;

/**
 * Makes a data directory and keeps other processes out of it. The lock is SQLite's own, on an empty database: it is
 * the one lock in Node.js that goes with the process, however the process ends, on every platform.
 */
export class DirectoryLock {
  readonly #database: DatabaseSync;

  /** @throws StoreError */
  constructor(directory: string) {
    mkdirSync(directory, { recursive: true });
    this.#database = new DatabaseSync(join(directory, 'lock'));
    try {
      this.#database.exec('BEGIN EXCLUSIVE');
    } catch (cause) {
      this.#database.close();
      throw new StoreError(`data directory ${directory}: is in use by another process, or is not ours to write`, {
        cause,
      });
    }
    try {
      checkFormat(directory);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  release(): void {
    this.#database.close();
  }
}

const checkFormat = (directory: string): void => {
  const file = join(directory, 'format');
  // The first format was a database and had no such file.
  const isFirst = existsSync(join(directory, 'holdfast.db'));
  const format = isFirst ? 1 : existsSync(file) ? Number(readFileSync(file, 'utf8')) : undefined;
  if (format === undefined) {
    writeFileSync(file, `${STORE_FORMAT}\n`);
  } else if (format !== STORE_FORMAT) {
    throw new StoreError(
      `data directory ${directory}: has format ${format}, this version reads ${STORE_FORMAT}; move it away to start anew`,
    );
  }
};
