/** Lets those who work on the same thing do so one after the other. */
export class Turns {
  /** The last of those who wait for each thing. */
  readonly #last = new Map<string, Promise<unknown>>();

  async take<Output>(thing: string, work: () => Promise<Output>): Promise<Output> {
    const before = this.#last.get(thing);
    // Who goes on has no use for how the one before ended.
    const mine = before === undefined ? work() : before.then(work, work);
    this.#last.set(thing, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(thing) === mine) this.#last.delete(thing);
    }
  }
}
