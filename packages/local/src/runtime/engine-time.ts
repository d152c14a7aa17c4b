import type { Clock, EpochMs } from '@holdfast/kernel';
import { CLOCK_MODE, CLOCK_SLOTS, CLOCK_VALUE, MODE_LIVE, MODE_VIRTUAL } from './threads/protocol.ts';
import { TimeHistory } from './time-history.ts';

/** `live`: time passes by itself. `virtual`: it stands still until it is advanced. */
export type ClockMode = 'live' | 'virtual';

/**
 * The one time line of a local engine. In live mode it is the machine's clock plus whatever virtual time has gained
 * on it; in virtual mode it stands still and moves only when told to. Execution environments read the same clock
 * through shared memory.
 */
export class EngineTime implements Clock {
  readonly shared = new SharedArrayBuffer(CLOCK_SLOTS * Float64Array.BYTES_PER_ELEMENT);
  readonly #slots = new Float64Array(this.shared);
  readonly #history = new TimeHistory();

  constructor(mode: ClockMode = 'live', startAt?: EpochMs) {
    this.#slots[CLOCK_MODE] = mode === 'virtual' ? MODE_VIRTUAL : MODE_LIVE;
    if (mode === 'virtual') this.#slots[CLOCK_VALUE] = startAt ?? Date.now();
    else this.#slots[CLOCK_VALUE] = startAt === undefined ? 0 : Math.max(0, startAt - Date.now());
    this.#remember();
  }

  get mode(): ClockMode {
    return this.#slots[CLOCK_MODE] === MODE_VIRTUAL ? 'virtual' : 'live';
  }

  now(): EpochMs {
    const value = this.#slots[CLOCK_VALUE] as number;
    return this.#slots[CLOCK_MODE] === MODE_VIRTUAL ? value : Date.now() + value;
  }

  /** How far this clock is ahead of the machine's, in milliseconds. */
  get aheadMs(): number {
    return this.now() - Date.now();
  }

  /** Changes the mode without a jump: time goes on from where it is. */
  setMode(mode: ClockMode): void {
    if (mode === this.mode) return;
    const now = this.now();
    this.#slots[CLOCK_VALUE] = mode === 'virtual' ? now : now - Date.now();
    this.#slots[CLOCK_MODE] = mode === 'virtual' ? MODE_VIRTUAL : MODE_LIVE;
    this.#remember();
  }

  /** Moves virtual time forward; never backwards. */
  set(at: EpochMs): void {
    if (this.mode !== 'virtual' || at <= this.now()) return;
    this.#slots[CLOCK_VALUE] = at;
    this.#remember();
  }

  /**
   * What time it was here when somebody read this from their clock. They read the machine's, unless it has not come so far
   * yet: then it is this one.
   */
  when(read: EpochMs): EpochMs {
    return read > Date.now() ? read : this.#history.at(read);
  }

  #remember(): void {
    const machine = Date.now();
    const value = this.#slots[CLOCK_VALUE] as number;
    const isMoving = this.mode === 'live';
    this.#history.note(machine, isMoving ? machine + value : value, isMoving);
  }
}
