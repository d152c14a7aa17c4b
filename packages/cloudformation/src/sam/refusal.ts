import { type JsonObject, notSupported } from '@holdfast/engine';

/** What of SAM is not modelled, in the words of the deployer. */
class SamRefusal extends Error {
  override readonly name = 'SamRefusal';
  readonly whats: readonly string[];

  constructor(whats: readonly string[]) {
    super(whats.join(', '));
    this.whats = whats;
  }
}

export const refusal = (what: string): Error => new SamRefusal([what]);

/** Refuses the members that are not modelled. */
export const refuseOthers = (given: JsonObject, modelled: readonly string[], what: string, logicalId: string): void => {
  const others = Object.keys(given).filter((name) => !modelled.includes(name));
  if (others.length > 0) throw new SamRefusal(others.map((name) => `${what} with ${name} (resource ${logicalId})`));
};

/** Goes on where something is refused, so that all of it can be named at once. */
export class Refusals {
  readonly #whats: string[] = [];

  /** @returns what `expand` makes; `undefined` when it refuses */
  attempt<Result>(expand: () => Result): Result | undefined {
    try {
      return expand();
    } catch (error) {
      if (!(error instanceof SamRefusal)) throw error;
      this.#whats.push(...error.whats);
      return undefined;
    }
  }

  /** For whoever collects the refusals of several. */
  throwAny(): void {
    if (this.#whats.length > 0) throw new SamRefusal(this.#whats);
  }

  /** @throws NotSupportedByHoldfast naming each of them once */
  answer(): void {
    if (this.#whats.length > 0) throw notSupported([...new Set(this.#whats)].join(', '));
  }
}
