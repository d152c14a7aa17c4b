import { makeArn, parseArn } from '@holdfast/aws-model';
import { byUnits, type Collection, type RequestContext, type ServiceEnvironment } from '../../core/index.ts';
import { markedForDeletion, secretNotFound } from './errors.ts';
import type { StoredSecret, StoredValue } from './stored.ts';

type Place = Pick<RequestContext, 'account' | 'region'>;

const SUFFIX_LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** Versions without a label that are kept. */
const DEPRECATED_MAX = 100;

const keyOf = ({ account, region }: Place, name: string): string => `${account}/${region}/${name}`;

/** All secrets of all accounts and regions. Values lie beside them, one record each. */
export class SecretRegistry {
  readonly #environment: ServiceEnvironment;
  readonly #byName = new Map<string, StoredSecret>();
  readonly #values = new Map<string, StoredValue>();
  readonly #storedSecrets: Collection<StoredSecret>;
  readonly #storedValues: Collection<StoredValue>;

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
    this.#storedSecrets = environment.store.collection('secretsmanager.secrets');
    this.#storedValues = environment.store.collection('secretsmanager.values');
    for (const [key, secret] of this.#storedSecrets.entries()) this.#byName.set(key, secret);
    for (const [key, value] of this.#storedValues.entries()) this.#values.set(key, value);
  }

  /** A new ARN: the name with six characters behind it. */
  newArn(name: string, { account, region }: Place): string {
    const random = this.#environment.random;
    const suffix = Array.from({ length: 6 }, () => SUFFIX_LETTERS[random.nextInt(SUFFIX_LETTERS.length)]).join('');
    return makeArn('secretsmanager', region, account, `secret:${name}-${suffix}`);
  }

  byName(name: string, place: Place): StoredSecret | undefined {
    return this.#byName.get(keyOf(place, name));
  }

  all(): readonly StoredSecret[] {
    return [...this.#byName.values()];
  }

  of({ account, region }: Place): readonly StoredSecret[] {
    return this.all()
      .filter((secret) => secret.account === account && secret.region === region)
      .sort((a, b) => byUnits(a.name, b.name));
  }

  /** By name, ARN, or ARN without its last six characters. Secrets of other accounts are found by their whole ARN. */
  find(secretId: string, place: Place): StoredSecret | undefined {
    const parsed = parseArn(secretId);
    if (parsed === undefined) return this.byName(secretId, place);
    if (parsed.service !== 'secretsmanager' || parsed.region !== place.region) return undefined;
    const rest = parsed.resource.replace(/^secret:/, '');
    const whole = this.byName(rest.replace(/-[A-Za-z0-9]{6}$/, ''), parsed);
    if (whole?.arn === secretId) return whole;
    return parsed.account === place.account ? this.byName(rest, parsed) : undefined;
  }

  /** @throws ServiceError ResourceNotFoundException */
  require(secretId: string, place: Place): StoredSecret {
    const secret = this.find(secretId, place);
    if (secret === undefined) throw secretNotFound();
    return secret;
  }

  /** The same unless it waits for its deletion. @throws ServiceError InvalidRequestException */
  living(secretId: string, place: Place): StoredSecret {
    const secret = this.require(secretId, place);
    if (secret.deletion !== undefined) throw markedForDeletion();
    return secret;
  }

  /** Takes over a changed secret; of versions without a label the oldest go when there are too many. */
  put(secret: StoredSecret): StoredSecret {
    const deprecated = secret.versions.filter(({ stages }) => stages.length === 0);
    const gone = new Set(deprecated.slice(0, Math.max(0, deprecated.length - DEPRECATED_MAX)));
    for (const { id } of gone) this.#deleteValue(secret.arn, id);
    const kept = gone.size === 0 ? secret : { ...secret, versions: secret.versions.filter((each) => !gone.has(each)) };
    this.#byName.set(keyOf(kept, kept.name), kept);
    this.#storedSecrets.put(keyOf(kept, kept.name), kept);
    return kept;
  }

  delete(secret: StoredSecret): void {
    for (const { id } of secret.versions) this.#deleteValue(secret.arn, id);
    this.#byName.delete(keyOf(secret, secret.name));
    this.#storedSecrets.delete(keyOf(secret, secret.name));
  }

  value({ arn }: StoredSecret, versionId: string): StoredValue | undefined {
    return this.#values.get(`${arn}/${versionId}`);
  }

  putValue({ arn }: StoredSecret, versionId: string, value: StoredValue): void {
    this.#values.set(`${arn}/${versionId}`, value);
    this.#storedValues.put(`${arn}/${versionId}`, value);
  }

  #deleteValue(arn: string, versionId: string): void {
    this.#values.delete(`${arn}/${versionId}`);
    this.#storedValues.delete(`${arn}/${versionId}`);
  }
}
