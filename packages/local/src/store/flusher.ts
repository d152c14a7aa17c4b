import { setTimeout as sleep } from 'node:timers/promises';
import { OPEN_FILES, shortageOf } from './shortage.ts';

/** When the disk itself must have what was written; the operating system has it always, before anything is answered. */
export type FsyncMode = 'never' | 'everysec' | 'always';
/** All of them, the quickest first. */
export const FSYNC_MODES: readonly FsyncMode[] = ['never', 'everysec', 'always'];

const EVERY_MS = 1_000;
/** While too many files are open to flush them, it is tried so often. */
const RETRY_MS = 100;

/**
 * Has the disk flush what was written: a second later, or before it is acknowledged. Turns that end while the disk is
 * being waited for share the next flush.
 */
export class Flusher {
  readonly #mode: FsyncMode;
  readonly #synchronize: () => Promise<void>;
  readonly #onFailure: (cause: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #isStopped = false;

  constructor(mode: FsyncMode, synchronize: () => Promise<void>, onFailure: (cause: unknown) => void) {
    this.#mode = mode;
    this.#synchronize = synchronize;
    this.#onFailure = onFailure;
  }

  /** To be called after something was written; what is returned, if anything, is to be waited for. */
  written(): Promise<void> | undefined {
    if (this.#mode === 'never') return undefined;
    if (this.#mode === 'always') return this.#flush();
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#flush().catch(() => {});
    }, EVERY_MS).unref();
    return undefined;
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #flush(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#untilDone().finally(() => {
        this.#running = undefined;
      });
      this.#running.catch(this.#onFailure);
      return this.#running;
    }
    // What runs began before this was written.
    this.#next ??= this.#running
      .catch(() => {})
      .then(() => {
        this.#next = undefined;
        return this.#flush();
      });
    return this.#next;
  }

  /** Too many open files pass by themselves; until then whoever waits for the disk waits. */
  async #untilDone(): Promise<void> {
    for (;;) {
      try {
        await this.#synchronize();
        return;
      } catch (cause) {
        if (shortageOf(cause) !== OPEN_FILES || this.#isStopped) throw cause;
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  }
}
