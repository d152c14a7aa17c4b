import { rootArn } from '@holdfast/aws-model';
import { DAY_MS } from '@holdfast/kernel';
import {
  type KeySource,
  type KeyUse,
  type RequestContext,
  type ServiceEnvironment,
  ServiceError,
} from '../../core/index.ts';
import { accessDenied, disabled, pendingDeletion } from './errors.ts';
import { type KeyCaller, keyAllows } from './key-policy.ts';
import type { KeyRegistry } from './registry.ts';
import type { StoredKey } from './stored.ts';

/** Gives out keys to those who may use them, as they are now. */
export class KeyDesk implements KeySource {
  readonly #environment: ServiceEnvironment;
  readonly #registry: KeyRegistry;

  constructor(environment: ServiceEnvironment, registry: KeyRegistry) {
    this.#environment = environment;
    this.#registry = registry;
  }

  /** Resumes deletions that were due later. */
  start(): void {
    for (const key of this.#registry.keys()) this.watch(key);
  }

  /** Deletes a key when its time has come, unless its deletion is cancelled. */
  watch({ arn, deletionAt }: StoredKey): void {
    if (deletionAt === undefined) return;
    this.#environment.timers.schedule(deletionAt, () => {
      const key = [...this.#registry.keys()].find((each) => each.arn === arn);
      if (key?.deletionAt === deletionAt) this.#registry.deleteKey(key);
    });
  }

  /**
   * The key for an action of KMS itself, its policy judged for the caller.
   *
   * @throws ServiceError NotFoundException, AccessDeniedException
   */
  open(
    keyId: string,
    action: string,
    context: RequestContext,
    encryptionContext?: Readonly<Record<string, string>>,
  ): StoredKey {
    return this.admit(this.#registry.resolve(keyId, context), action, { ...context, encryptionContext });
  }

  /** The key itself when its policy or a grant lets the caller in. @throws ServiceError AccessDeniedException */
  admit(key: StoredKey, action: string, caller: KeyCaller): StoredKey {
    const refusal = this.#denial(key, action, caller);
    if (refusal !== undefined) throw refusal;
    return key;
  }

  #denial(key: StoredKey, action: string, caller: KeyCaller): ServiceError | undefined {
    if (keyAllows(key, this.#registry.grantsOf(key), action, caller)) return undefined;
    const who = caller.principal ?? caller.callerArn ?? rootArn(caller.account);
    return accessDenied(
      `User: ${who} is not authorized to perform: ${action} on resource: ${key.arn} because no resource-based policy allows the ${action} action`,
    );
  }

  /** The same key if it can be used. @throws ServiceError DisabledException, KMSInvalidStateException */
  usable(key: StoredKey): StoredKey {
    const refusal = unusable(key);
    if (refusal !== undefined) throw refusal;
    return this.#rotated(key);
  }

  refusalOf({ keyId, actions, ...caller }: KeyUse): ServiceError | undefined {
    let key: StoredKey;
    try {
      key = this.#registry.resolve(keyId, caller);
    } catch (error) {
      if (error instanceof ServiceError) return error;
      throw error;
    }
    for (const action of actions) {
      const denial = this.#denial(key, action, caller);
      if (denial !== undefined) return denial;
    }
    return unusable(key);
  }

  arnOf({ keyId, ...place }: Pick<KeyUse, 'account' | 'region' | 'keyId'>): string | undefined {
    try {
      return this.#registry.resolve(keyId, place).arn;
    } catch (error) {
      if (error instanceof ServiceError) return undefined;
      throw error;
    }
  }

  onChange(listener: () => void): void {
    this.#registry.onChange(listener);
  }

  /** New material for every period that has passed. Nobody sees when it is made, only from when on it counts. */
  #rotated(key: StoredKey): StoredKey {
    const { rotation } = key;
    const now = this.#environment.clock.now();
    if (rotation === undefined || rotation.nextAt > now) return key;
    const periodMs = rotation.periodDays * DAY_MS;
    const materials = [...key.materials];
    let { nextAt } = rotation;
    for (; nextAt <= now; nextAt += periodMs) {
      materials.push({ ...this.#registry.newMaterial(nextAt), type: 'AUTOMATIC' });
    }
    const rotated = { ...key, materials, rotation: { ...rotation, nextAt } };
    this.#registry.putKey(rotated);
    return rotated;
  }
}

const unusable = ({ arn, isEnabled, deletionAt }: StoredKey): ServiceError | undefined => {
  if (deletionAt !== undefined) return pendingDeletion(arn);
  return isEnabled ? undefined : disabled(arn);
};
