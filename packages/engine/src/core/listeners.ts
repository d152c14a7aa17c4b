/** Who wants to hear of things, by key; nothing is kept of a key of which nobody does. */
export class Listeners {
  readonly #byKey = new Map<string, Set<() => void>>();

  /** Answers how to end it. */
  on(key: string, listener: () => void): () => void {
    const listeners = this.#byKey.get(key) ?? new Set();
    this.#byKey.set(key, listeners);
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#byKey.get(key) === listeners) this.#byKey.delete(key);
    };
  }

  tell(key: string): void {
    for (const listener of this.#byKey.get(key) ?? []) listener();
  }
}
