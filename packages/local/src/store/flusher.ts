/** When the disk itself must have what was written; the operating system has it always, before anything is answered. */
export type FsyncMode = 'never' | 'everysec' | 'always';
/** All of them, the quickest first. */
export const FSYNC_MODES: readonly FsyncMode[] = ['never', 'everysec', 'always'];

const EVERY_MS = 1_000;

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
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #flush(): Promise<void> {
    if (this.#running === undefined) {
      this.#running = this.#synchronize().finally(() => {
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
}
