import type { EpochMs } from '@holdfast/kernel';

interface Entry {
  readonly machine: EpochMs;
  engine: EpochMs;
  /** Whether the engine's time went on from there with the machine's. */
  readonly isMoving: boolean;
}

/** What was longer ago is taken for the oldest that is known. */
const ENTRIES_MAX = 4_096;
/** Dates in signatures are whole seconds. */
const STEP_MS = 1_000;

/** What time it was in the engine when the machine's clock said another. */
export class TimeHistory {
  readonly #entries: Entry[] = [];

  /** From now on it is `engine`, standing still or moving on. */
  note(machine: EpochMs, engine: EpochMs, isMoving: boolean): void {
    // The first one stays: what was before is told from it.
    const last = this.#entries.length > 1 ? this.#entries.at(-1) : undefined;
    if (last !== undefined && !isMoving && !last.isMoving && machine - last.machine < STEP_MS) {
      last.engine = engine;
      return;
    }
    if (this.#entries.length === ENTRIES_MAX) this.#entries.splice(0, ENTRIES_MAX / 2);
    this.#entries.push({ machine, engine, isMoving });
  }

  /**
   * The engine's time when the machine's clock said this second, at its end: what was signed after an advance in the same
   * second is not as old as what was signed before it.
   */
  at(machine: EpochMs): EpochMs {
    const first = this.#entries[0];
    if (first === undefined) return machine;
    const entry = this.#entries.findLast((one) => one.machine < machine + STEP_MS) ?? first;
    if (entry.isMoving || machine < first.machine) return entry.engine + machine - entry.machine;
    return entry.engine;
  }
}
