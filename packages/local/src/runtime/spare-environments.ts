import type { Timer } from '@holdfast/kernel';
import type { ExecutionEnvironment } from './environment.ts';

interface Spare {
  readonly environment: ExecutionEnvironment;
  readonly reaper: Timer;
}

/** Environments that load their code before an invocation needs them: one of a key at most. */
export class SpareEnvironments {
  readonly #byKey = new Map<string, Spare>();

  has(key: string): boolean {
    return this.#byKey.has(key);
  }

  /** `reaper` ends it; it is cancelled when the environment is no longer a spare. */
  add(environment: ExecutionEnvironment, reaper: Timer): void {
    this.#byKey.set(environment.key, { environment, reaper });
  }

  /** That of a key, loaded or still loading. */
  take(key: string): ExecutionEnvironment | undefined {
    const spare = this.#byKey.get(key);
    if (spare === undefined) return undefined;
    this.forget(spare.environment);
    return spare.environment;
  }

  /** All whose key begins so. */
  takeAll(prefix: string): readonly ExecutionEnvironment[] {
    const keys = [...this.#byKey.keys()].filter((key) => key.startsWith(prefix));
    return keys.flatMap((key) => this.take(key) ?? []);
  }

  oldest(): ExecutionEnvironment | undefined {
    const [spare] = this.#byKey.values();
    return spare?.environment;
  }

  forget(environment: ExecutionEnvironment): void {
    const { key } = environment;
    const spare = this.#byKey.get(key);
    if (spare?.environment !== environment) return;
    spare.reaper.cancel();
    this.#byKey.delete(key);
  }
}
