import type { Timer } from '@holdfast/kernel';
import type { ExecutionEnvironment } from './environment.ts';

interface Idle {
  readonly environment: ExecutionEnvironment;
  /** Ends it when it has waited long enough. */
  readonly reaper: Timer | undefined;
}

const dueAt = ({ reaper }: Idle): number => reaper?.at ?? Number.POSITIVE_INFINITY;

/** Environments that wait for work, by key, and when each has waited long enough. */
export class IdleEnvironments {
  /** A key stays while all its environments work: it would only come and go. */
  readonly #byKey = new Map<string, Idle[]>();

  /** The one that ran last: what it has warmed is warmest. */
  take(key: string): ExecutionEnvironment | undefined {
    const idle = this.#byKey.get(key)?.pop();
    idle?.reaper?.cancel();
    return idle?.environment;
  }

  /** `reaper` is cancelled when the environment is no longer idle. */
  add(environment: ExecutionEnvironment, reaper: Timer | undefined): void {
    const { key } = environment;
    const others = this.#byKey.get(key);
    if (others === undefined) this.#byKey.set(key, [{ environment, reaper }]);
    else others.push({ environment, reaper });
  }

  /** Those of a key, the oldest first. */
  of(key: string): readonly ExecutionEnvironment[] {
    return (this.#byKey.get(key) ?? []).map(({ environment }) => environment);
  }

  /** Takes out all whose key begins so, but for those whose key is to be left. */
  takeAll(prefix: string, isLeft: (key: string) => boolean): readonly ExecutionEnvironment[] {
    const keys = [...this.#byKey.keys()].filter((key) => key.startsWith(prefix) && !isLeft(key));
    const taken = keys.flatMap((key) => this.of(key));
    for (const environment of taken) this.forget(environment);
    for (const key of keys) this.#byKey.delete(key);
    return taken;
  }

  /** The one of any key that is not to be left that has waited longest. */
  oldest(isLeft: (key: string) => boolean): ExecutionEnvironment | undefined {
    let oldest: Idle | undefined;
    for (const [key, [first]] of this.#byKey) {
      if (first === undefined || isLeft(key)) continue;
      if (oldest === undefined || dueAt(first) < dueAt(oldest)) oldest = first;
    }
    return oldest?.environment;
  }

  forget(environment: ExecutionEnvironment): void {
    const { key } = environment;
    const idle = this.#byKey.get(key) ?? [];
    idle.find((each) => each.environment === environment)?.reaper?.cancel();
    const rest = idle.filter((each) => each.environment !== environment);
    if (rest.length === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, rest);
  }
}
