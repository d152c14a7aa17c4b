import type { Timer } from '@holdfast/kernel';
import type { ExecutionEnvironment } from './environment.ts';

/** Environments that wait for work, by key, and when each has waited long enough. */
export class IdleEnvironments {
  readonly #byKey = new Map<string, ExecutionEnvironment[]>();
  readonly #reapers = new Map<ExecutionEnvironment, Timer>();

  /** The one that ran last: what it has warmed is warmest. */
  take(key: string): ExecutionEnvironment | undefined {
    const environments = this.#byKey.get(key);
    const environment = environments?.pop();
    if (environment === undefined) return undefined;
    if (environments?.length === 0) this.#byKey.delete(key);
    this.#cancelReaper(environment);
    return environment;
  }

  add(environment: ExecutionEnvironment): void {
    const { key } = environment;
    const others = this.#byKey.get(key);
    if (others === undefined) this.#byKey.set(key, [environment]);
    else others.push(environment);
  }

  /** `reaper` ends it; it is cancelled when the environment is no longer idle. */
  reapBy(environment: ExecutionEnvironment, reaper: Timer): void {
    this.#reapers.set(environment, reaper);
  }

  /** Those of a key, the oldest first. */
  of(key: string): readonly ExecutionEnvironment[] {
    return [...(this.#byKey.get(key) ?? [])];
  }

  /** Takes out all whose key begins so, but for those whose key is to be left. */
  takeAll(prefix: string, isLeft: (key: string) => boolean): readonly ExecutionEnvironment[] {
    const keys = [...this.#byKey.keys()].filter((key) => key.startsWith(prefix) && !isLeft(key));
    const taken = keys.flatMap((key) => this.of(key));
    for (const environment of taken) this.forget(environment);
    return taken;
  }

  /** The oldest of any key that is not to be left. */
  oldest(isLeft: (key: string) => boolean): ExecutionEnvironment | undefined {
    for (const [key, [oldest]] of this.#byKey) if (!isLeft(key)) return oldest;
    return undefined;
  }

  forget(environment: ExecutionEnvironment): void {
    this.#cancelReaper(environment);
    const { key } = environment;
    const rest = (this.#byKey.get(key) ?? []).filter((other) => other !== environment);
    if (rest.length === 0) this.#byKey.delete(key);
    else this.#byKey.set(key, rest);
  }

  #cancelReaper(environment: ExecutionEnvironment): void {
    this.#reapers.get(environment)?.cancel();
    this.#reapers.delete(environment);
  }
}
