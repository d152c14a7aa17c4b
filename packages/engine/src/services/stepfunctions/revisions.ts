import type { Collection, JsonObject, Store } from '../../core/index.ts';
import { Program } from './definition/program.ts';
import type { Revision } from './machines.ts';

/** All definitions that machines ever had: an execution ends on the one it began with. */
export class Revisions {
  readonly #stored: Collection<Revision>;
  readonly #byId = new Map<string, Revision>();
  readonly #programs = new Map<string, Program>();

  constructor(store: Store) {
    this.#stored = store.collection<Revision>('states.revisions');
    for (const [id, revision] of this.#stored.entries()) this.#byId.set(id, revision);
  }

  keep(revision: Revision): void {
    this.#byId.set(revision.revisionId, revision);
    this.#stored.put(revision.revisionId, revision);
  }

  get(id: string): Revision {
    return this.#byId.get(id) as Revision;
  }

  /** The definition, taken apart once. */
  programOf(id: string): Program {
    let program = this.#programs.get(id);
    if (program === undefined) {
      program = new Program(JSON.parse(this.get(id).definition) as JsonObject);
      this.#programs.set(id, program);
    }
    return program;
  }
}
