import type { RuntimeInvocation } from '@holdfast/engine';

interface Waiting {
  readonly invocation: RuntimeInvocation;
  /** Real time, in milliseconds. */
  readonly since: number;
}

/** Invocations that wait for an environment, by the key of those that may take them. */
export class WaitingInvocations {
  readonly #byKey = new Map<string, Waiting[]>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get isEmpty(): boolean {
    return this.#byKey.size === 0;
  }

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  add(key: string, invocation: RuntimeInvocation): void {
    const waiting = { invocation, since: performance.now() };
    const others = this.#byKey.get(key);
    if (others === undefined) this.#byKey.set(key, [waiting]);
    else others.push(waiting);
    this.#size += 1;
  }

  /** Since when the one of a key that came first waits, in real time. */
  since(key: string): number | undefined {
    return this.#byKey.get(key)?.[0]?.since;
  }

  /** The one of a key that came first. */
  take(key: string): RuntimeInvocation | undefined {
    const waiting = this.#byKey.get(key);
    const first = waiting?.shift();
    if (first !== undefined) this.#size -= 1;
    if (waiting?.length === 0) this.#byKey.delete(key);
    return first?.invocation;
  }

  takeAll(): readonly RuntimeInvocation[] {
    const all = [...this.#byKey.values()].flat().map(({ invocation }) => invocation);
    this.#byKey.clear();
    this.#size = 0;
    return all;
  }

  /** The key of the one that came first of all that may go on now, by its key and since when it waits. */
  firstThat(mayGoOn: (key: string, since: number) => boolean): string | undefined {
    const heads = [...this.#byKey].map(([key, [first]]) => ({ key, since: first?.since ?? 0 }));
    return heads.sort((one, other) => one.since - other.since).find(({ key, since }) => mayGoOn(key, since))?.key;
  }
}
