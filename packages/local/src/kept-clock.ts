import type { Collection, Store } from '@holdfast/engine';
import { type ClockMode, EngineTime } from './runtime/index.ts';

const COLLECTION = 'holdfast.clock';
const KEY = 'clock';

interface StoredClock {
  readonly mode: ClockMode;
  /** Live: milliseconds ahead of the machine. Virtual: epoch milliseconds. */
  readonly value: number;
}

/** The engine's time, and what is stored of it: it goes on where it was when the process begins again. */
export class KeptClock {
  readonly time: EngineTime;
  readonly #stored: Collection<StoredClock>;
  /** Virtual time as it was last stored. */
  #keptNow = Number.NaN;

  /** `startAt` counts when none is stored; a `mode` counts in any case. */
  constructor(store: Store, mode: ClockMode | undefined, startAt: Date | undefined) {
    this.#stored = store.collection<StoredClock>(COLLECTION);
    const stored = this.#stored.get(KEY);
    const from = stored?.mode === 'virtual' ? stored.value : stored && Date.now() + stored.value;
    this.time = new EngineTime(mode ?? stored?.mode ?? 'live', from ?? startAt?.getTime());
  }

  keep(): void {
    const clock = this.#clock();
    this.#keptNow = clock.value;
    this.#stored.put(KEY, clock);
  }

  /** State never is ahead of the time that it is of: whatever is written in virtual time carries the time. */
  keepBeforeWrite(): void {
    if (this.time.mode === 'virtual' && this.time.now() !== this.#keptNow) this.keep();
  }

  /** The clock as a change of its own, for a log that forgets all else. */
  asChange(): [collection: string, key: string, value: StoredClock] {
    return [COLLECTION, KEY, this.#clock()];
  }

  #clock(): StoredClock {
    const { mode } = this.time;
    return { mode, value: mode === 'virtual' ? this.time.now() : this.time.aheadMs };
  }
}
