import { randomFillSync } from 'node:crypto';
import { rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FILE_MODE } from './files.ts';

/** Room for the turn that finds the disk full, and for the deletes that make room again. */
export const RESERVE_BYTES = 4 * 1024 * 1024;

/** The file's name. */
export const RESERVE = 'reserve';

/** Room that is kept for when the disk is full: a file that is given up then. */
export class Reserve {
  readonly #file: string;
  readonly #bytes: number;
  #isHeld = false;

  constructor(directory: string, bytes: number) {
    this.#file = join(directory, RESERVE);
    this.#bytes = bytes;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Takes the room. @throws when there is not as much, nor as much again for what comes next */
  take(isAgain: boolean): void {
    const { bavail, bsize } = statfsSync(dirname(this.#file));
    const held = statSync(this.#file, { throwIfNoEntry: false })?.size ?? 0;
    if (isAgain && bavail * bsize < 2 * this.#bytes) throw new Error('there is too little room');
    // Random, because some file systems keep nothing of zeros.
    if (held !== this.#bytes) {
      try {
        writeFileSync(this.#file, randomFillSync(Buffer.allocUnsafe(this.#bytes)), { mode: FILE_MODE });
      } catch (cause) {
        this.giveUp();
        throw cause;
      }
    }
    this.#isHeld = true;
  }

  giveUp(): void {
    this.#isHeld = false;
    rmSync(this.#file, { force: true });
  }
}
