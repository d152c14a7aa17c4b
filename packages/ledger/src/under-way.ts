/** Sends that have begun and not ended: so many at once, and of a group one after the other. */
export class UnderWay {
  readonly #byId = new Map<string, Promise<void>>();
  /** The last one of each group: the next of the group waits for it. */
  readonly #ofGroup = new Map<string, Promise<void>>();

  get size(): number {
    return this.#byId.size;
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** Takes up work that has begun and does not fail. */
  add(id: string, group: string | undefined, begun: Promise<void>): void {
    const work = begun.finally(() => {
      this.#byId.delete(id);
      if (group !== undefined && this.#ofGroup.get(group) === work) this.#ofGroup.delete(group);
    });
    this.#byId.set(id, work);
    if (group !== undefined) this.#ofGroup.set(group, work);
  }

  /** Until nothing of a group is under way. */
  async endOfGroup(group: string): Promise<void> {
    await this.#ofGroup.get(group);
  }

  /** Until one has ended, when as many are under way as may be. */
  async roomFor(concurrency: number): Promise<void> {
    if (this.#byId.size >= concurrency) await Promise.race(this.#byId.values());
  }

  async end(): Promise<void> {
    await Promise.all(this.#byId.values());
  }
}
