import { makeArn, parseArn } from '@holdfast/aws-model';
import type { IdSource } from '@holdfast/kernel';
import type { Collection, RequestContext, Store } from '../../core/index.ts';
import { notFound } from './errors.ts';
import { defaultPolicy, managedPolicy } from './key-policy.ts';
import type { KeyMaterial, StoredAlias, StoredGrant, StoredKey } from './stored.ts';

export type Place = Pick<RequestContext, 'account' | 'region'>;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Services for which AWS keeps a key in every account, made when it is first asked for. */
const MANAGED = /^alias\/aws\/(dynamodb|events|kinesis|lambda|s3|secretsmanager|sns|sqs|ssm)$/;
/** What such a key says that it protects; of the others AWS's words are not known. */
const PROTECTED: Readonly<Record<string, string>> = { dynamodb: 'DynamoDB data', s3: 'S3 objects' };

export const aliasArnOf = (name: string, { account, region }: Place): string => makeArn('kms', region, account, name);

/** Keys, aliases and grants of all accounts and regions. */
export class KeyRegistry {
  readonly #keys = new Map<string, StoredKey>();
  readonly #arnOfId = new Map<string, string>();
  readonly #aliases = new Map<string, StoredAlias>();
  readonly #grants = new Map<string, StoredGrant>();
  readonly #storedKeys: Collection<StoredKey>;
  readonly #storedAliases: Collection<StoredAlias>;
  readonly #storedGrants: Collection<StoredGrant>;
  readonly #ids: IdSource;
  readonly #listeners: (() => void)[] = [];
  readonly #now: () => number;

  constructor(store: Store, ids: IdSource, now: () => number) {
    this.#ids = ids;
    this.#now = now;
    this.#storedKeys = store.collection('kms.keys');
    this.#storedAliases = store.collection('kms.aliases');
    this.#storedGrants = store.collection('kms.grants');
    for (const [, key] of this.#storedKeys.entries()) this.#remember(key);
    for (const [arn, alias] of this.#storedAliases.entries()) this.#aliases.set(arn, alias);
    for (const [id, grant] of this.#storedGrants.entries()) this.#grants.set(id, grant);
  }

  #remember(key: StoredKey): void {
    this.#keys.set(key.arn, key);
    this.#arnOfId.set(key.id, key.arn);
  }

  /** A key with fresh material, not stored yet. */
  newKey(place: Place, settings: Partial<Pick<StoredKey, 'description' | 'manager' | 'policy' | 'tags'>>): StoredKey {
    const { account, region } = place;
    const [id, now] = [this.#ids.uuid(), this.#now()];
    return {
      arn: makeArn('kms', region, account, `key/${id}`),
      id,
      account,
      region,
      description: '',
      createdAt: now,
      manager: 'CUSTOMER',
      isEnabled: true,
      policy: defaultPolicy(account),
      tags: {},
      materials: [this.newMaterial(now)],
      ...settings,
    };
  }

  /** Calls back after every change of a key, an alias or a grant. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  #changed(): void {
    for (const listener of this.#listeners) listener();
  }

  newMaterial(since: number): KeyMaterial {
    return { secret: this.#ids.hex(64), since };
  }

  putKey(key: StoredKey): void {
    this.#remember(key);
    this.#storedKeys.put(key.arn, key);
    this.#changed();
  }

  /** The key is gone, with all that named it. */
  deleteKey(key: StoredKey): void {
    for (const alias of this.aliasesOf(key)) this.deleteAlias(alias);
    for (const grant of this.grantsOf(key)) this.deleteGrant(grant);
    this.#keys.delete(key.arn);
    this.#arnOfId.delete(key.id);
    this.#storedKeys.delete(key.arn);
    this.#changed();
  }

  keys(): IterableIterator<StoredKey> {
    return this.#keys.values();
  }

  keysIn({ account, region }: Place): readonly StoredKey[] {
    return [...this.#keys.values()].filter((key) => key.account === account && key.region === region);
  }

  /** The key of a ciphertext. */
  byId(id: string): StoredKey | undefined {
    return this.#keys.get(this.#arnOfId.get(id) ?? '');
  }

  /**
   * The key behind an id, an ARN, an alias or the ARN of an alias. Keys of other accounts are found by ARN: their policy
   * decides.
   *
   * @throws ServiceError NotFoundException
   */
  resolve(keyId: string, place: Place): StoredKey {
    const parsed = parseArn(keyId);
    if (parsed !== undefined && (parsed.service !== 'kms' || parsed.region !== place.region)) {
      throw notFound(`Invalid arn ${parsed.region}`);
    }
    const owner = parsed ?? place;
    const name = parsed?.resource ?? keyId;
    if (name.startsWith('alias/')) return this.#ofAlias(name, owner);
    const id = parsed === undefined ? name : name.replace(/^key\//, '');
    if (!UUID.test(id)) throw notFound(`Invalid keyId '${id}'`);
    const arn = makeArn('kms', owner.region, owner.account, `key/${id}`);
    const key = this.#keys.get(arn);
    if (key === undefined) throw notFound(`Key '${arn}' does not exist`);
    return key;
  }

  #ofAlias(name: string, place: Place): StoredKey {
    const arn = aliasArnOf(name, place);
    const alias = this.#aliases.get(arn);
    const key = alias === undefined ? this.#makeManaged(name, place) : this.#keys.get(alias.keyArn);
    if (key === undefined) throw notFound(`Alias ${arn} is not found.`);
    return key;
  }

  #makeManaged(alias: string, place: Place): StoredKey | undefined {
    const [, service] = MANAGED.exec(alias) ?? [];
    if (service === undefined) return undefined;
    const description = `Default key that protects my ${PROTECTED[service] ?? `${service} data`} when no other key is defined`;
    const key = this.newKey(place, { description, manager: 'AWS', policy: managedPolicy(service, place) });
    this.putKey(key);
    this.putAlias(this.newAlias(alias, key, place));
    return key;
  }

  newAlias(name: string, key: StoredKey, { account, region }: Place): StoredAlias {
    const now = this.#now();
    const arn = aliasArnOf(name, { account, region });
    return { arn, name, account, region, keyArn: key.arn, createdAt: now, updatedAt: now };
  }

  alias(name: string, place: Place): StoredAlias | undefined {
    return this.#aliases.get(aliasArnOf(name, place));
  }

  aliasesIn({ account, region }: Place): readonly StoredAlias[] {
    return [...this.#aliases.values()].filter((alias) => alias.account === account && alias.region === region);
  }

  aliasesOf(key: StoredKey): readonly StoredAlias[] {
    return [...this.#aliases.values()].filter(({ keyArn }) => keyArn === key.arn);
  }

  putAlias(alias: StoredAlias): void {
    this.#aliases.set(alias.arn, alias);
    this.#storedAliases.put(alias.arn, alias);
    this.#changed();
  }

  deleteAlias({ arn }: StoredAlias): void {
    this.#aliases.delete(arn);
    this.#storedAliases.delete(arn);
  }

  grants(): readonly StoredGrant[] {
    return [...this.#grants.values()];
  }

  grantsOf(key: StoredKey): readonly StoredGrant[] {
    return this.grants().filter(({ keyArn }) => keyArn === key.arn);
  }

  putGrant(grant: StoredGrant): void {
    this.#grants.set(grant.id, grant);
    this.#storedGrants.put(grant.id, grant);
    this.#changed();
  }

  deleteGrant({ id }: StoredGrant): void {
    this.#grants.delete(id);
    this.#storedGrants.delete(id);
  }
}
