import type { KeySource, KeyUse } from './key-source.ts';
import type { ServiceError } from './service-error.ts';

const KEPT_MAX = 10_000;

/**
 * Data keys that a service keeps in memory for those who use them, so that KMS is asked only now and then: what is decided of a
 * key is felt when the data key's time is over.
 */
export class DataKeys {
  readonly #environment: { readonly keys: KeySource; readonly clock: { now(): number } };
  readonly #keptUntil = new Map<string, number>();

  constructor(environment: { readonly keys: KeySource; readonly clock: { now(): number } }) {
    this.#environment = environment;
  }

  /** Why `holder` (an ARN) cannot use its key, if it cannot; a data key that was given is used for `reuseMs`. */
  refusalOf(holder: string, use: KeyUse, reuseMs: number): ServiceError | undefined {
    const now = this.#environment.clock.now();
    const { keyId, actions, principal, callerArn, account, sourceArn = '' } = use;
    const place = [holder, keyId, actions.join(), principal ?? callerArn ?? account, sourceArn].join(' ');
    if ((this.#keptUntil.get(place) ?? 0) > now) return undefined;
    const refusal = this.#environment.keys.refusalOf(use);
    if (refusal !== undefined) return refusal;
    if (this.#keptUntil.size >= KEPT_MAX) this.#keptUntil.clear();
    this.#keptUntil.set(place, now + reuseMs);
    return undefined;
  }
}
