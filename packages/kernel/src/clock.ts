/** A point in time: milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;

/** Tells the time. Nothing outside `kernel/live` reads the machine's own clock. */
export interface Clock {
  now(): EpochMs;
}

/** Something that has work to do at known times and never waits by itself. */
export interface Wakeable {
  /** When there is next something to do; `undefined` while there is nothing. */
  nextWakeAt(): EpochMs | undefined;
  /** Does everything that is due at `now`. */
  wake(now: EpochMs): void;
}

/** When the first of several has something to do. */
export const earliestWakeAt = (sources: readonly Wakeable[]): EpochMs | undefined => {
  let earliest: EpochMs | undefined;
  for (const source of sources) {
    const at = source.nextWakeAt();
    if (at !== undefined && (earliest === undefined || at < earliest)) earliest = at;
  }
  return earliest;
};

/** A clock that only moves when told to, and never backwards. */
export class ManualClock implements Clock {
  #now: EpochMs;

  constructor(start: EpochMs = Date.UTC(2025, 0, 1)) {
    this.#now = start;
  }

  now(): EpochMs {
    return this.#now;
  }

  set(at: EpochMs): void {
    if (at > this.#now) this.#now = at;
  }

  advance(ms: number): void {
    this.set(this.#now + ms);
  }
}
