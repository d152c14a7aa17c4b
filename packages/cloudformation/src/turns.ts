import { Turn } from '@holdfast/kernel';

/** One {@link Turn} for each thing by name, as long as somebody works on it. */
export class Turns {
  readonly #byThing = new Map<string, Turn>();

  async take<Output>(thing: string, work: () => Promise<Output>): Promise<Output> {
    const turn = this.#byThing.get(thing) ?? new Turn();
    this.#byThing.set(thing, turn);
    try {
      return await turn.take(work);
    } finally {
      if (turn.over === undefined) this.#byThing.delete(thing);
    }
  }
}
