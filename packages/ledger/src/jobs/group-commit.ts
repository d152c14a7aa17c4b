/**
 * Writes what comes while a write is under way together, in one write after it: a chain of hashes has one end, and a
 * thousand steps a second cannot each wait for a turn of their own.
 */
export class GroupCommit<Entry> {
  readonly #write: (entries: readonly Entry[]) => Promise<void>;
  readonly #max: number;
  #waiting: { readonly entry: Entry; readonly done: () => void; readonly failed: (error: unknown) => void }[] = [];
  #isWriting = false;

  /** @param max - entries of one write */
  constructor(max: number, write: (entries: readonly Entry[]) => Promise<void>) {
    this.#max = max;
    this.#write = write;
  }

  /** Resolves when the entry is written. */
  add(entry: Entry): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ entry, done, failed });
      if (!this.#isWriting) void this.#go();
    });
  }

  async #go(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, this.#max);
      try {
        await this.#write(group.map(({ entry }) => entry));
        for (const { done } of group) done();
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
    }
    this.#isWriting = false;
  }
}
