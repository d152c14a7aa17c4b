import type { ServiceEnvironment } from '../../core/index.ts';
import type { QueueStore } from './queue-store.ts';

/** So many leave the store in one go, some milliseconds' work. */
export const LEFT_AT_ONCE = 5_000;
/** Between two goes, so that others have their turn. */
const REST_MS = 1;

/**
 * Takes messages out of the store whose queue was purged or deleted, of which there may be a million. What says that
 * they are gone is the queue's record, written at once; after a crash in between, they are told by it and left here anew.
 */
export class Leftovers {
  readonly #environment: ServiceEnvironment;
  readonly #store: QueueStore;

  constructor(environment: ServiceEnvironment, store: QueueStore) {
    this.#environment = environment;
    this.#store = store;
  }

  /** Few are gone at once. `keys` is read on little by little, and must hold what it holds. */
  leave(keys: Iterable<string>): void {
    this.#take(keys[Symbol.iterator]());
  }

  #take(keys: Iterator<string>): void {
    const { messages, receives } = this.#store;
    for (let count = 0; count < LEFT_AT_ONCE; count += 1) {
      const next = keys.next();
      if (next.done === true) return;
      messages.delete(next.value);
      receives.delete(next.value);
    }
    const { clock, timers } = this.#environment;
    timers.schedule(clock.now() + REST_MS, () => this.#take(keys));
  }
}
