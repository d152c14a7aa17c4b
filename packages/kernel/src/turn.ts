/** Lets those who work on one thing do so one after the other, in the order in which they came. */
export class Turn {
  /** Resolves after the last of them, however it ends. */
  #last: Promise<void> | undefined;

  /** Until nobody works on it and nobody waits to; `undefined` when that is so now. */
  get over(): Promise<void> | undefined {
    return this.#last;
  }

  /** Works at once when nobody else does. Who goes on has no use for how the one before ended. */
  async take<Output>(work: () => Promise<Output>): Promise<Output> {
    const mine = this.#last === undefined ? work() : this.#last.then(work);
    const end = mine.then(
      () => {},
      () => {},
    );
    this.#last = end;
    try {
      return await mine;
    } finally {
      if (this.#last === end) this.#last = undefined;
    }
  }
}
