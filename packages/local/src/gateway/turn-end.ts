/** So many turns with one answer in a row say that there is one client at work... */
const LONE_ANSWERS = 8;
/** ...and so many answers are then given at once, before it is looked at again. */
const ANSWERS_AT_ONCE = 64;

/** Answers that wait for the same writes. */
interface Awaiting {
  readonly writes: Promise<void>;
  readonly waiting: ((failure?: { readonly cause: unknown }) => void)[];
  readonly parked: ((failure?: { readonly cause: unknown }) => void)[];
}

/**
 * Calls back at the end of the turn of the event loop. Answers of one turn leave together: each one sent at once would
 * wake its client while the next request is being read, and the two would go on waking each other. A lone client
 * has nothing from that and gets its answers at once. Who has waited for longer than this turn is answered first.
 */
export class TurnEnd {
  #waiting: (() => void)[] = [];
  #parked: (() => void)[] = [];
  #loneAnswers = 0;
  #atOnce = 0;
  #awaiting: Awaiting | undefined;

  /** The same once the writes are durable, or cannot be; those of one turn are waited for together. */
  afterWrites(writes: Promise<void>, act: (failure?: { readonly cause: unknown }) => void, wasParked: boolean): void {
    let awaiting = this.#awaiting;
    if (awaiting?.writes !== writes) {
      const fresh: Awaiting = { writes, waiting: [], parked: [] };
      const run = (failure?: { readonly cause: unknown }): void => {
        if (this.#awaiting === fresh) this.#awaiting = undefined;
        for (const each of fresh.parked) each(failure);
        for (const each of fresh.waiting) each(failure);
      };
      writes.then(
        () => run(),
        (cause: unknown) => run({ cause }),
      );
      this.#awaiting = awaiting = fresh;
    }
    (wasParked ? awaiting.parked : awaiting.waiting).push(act);
  }

  atEnd(act: () => void, wasParked: boolean): void {
    if (this.#atOnce > 0) {
      this.#atOnce -= 1;
      act();
      return;
    }
    if (this.#waiting.length + this.#parked.length === 0) setImmediate(() => this.#run());
    (wasParked ? this.#parked : this.#waiting).push(act);
  }

  #run(): void {
    const acts = this.#parked.length === 0 ? this.#waiting : [...this.#parked, ...this.#waiting];
    this.#waiting = [];
    this.#parked = [];
    this.#loneAnswers = acts.length === 1 ? this.#loneAnswers + 1 : 0;
    if (this.#loneAnswers >= LONE_ANSWERS) this.#atOnce = ANSWERS_AT_ONCE;
    for (const act of acts) act();
  }
}
