import { HOUR_MS, type JsonWebKey, MINUTE_MS, utf8Length } from '@holdfast/kernel';
import { isObject, objectIn, type ServiceEnvironment } from '../../core/index.ts';
import { TokenError } from './json-web-token.ts';

/** API Gateway keeps the keys of an issuer for two hours. */
const KEPT_MS = 2 * HOUR_MS;
/** A key that is not among them is looked for again, no more often than this. */
const LOOK_AGAIN_MS = MINUTE_MS;
/** Of the endpoint for discovery, and of the one for keys. */
const TIMEOUT_MS = 1_500;
const KEYS_BYTES_MAX = 150_000;

interface Kept {
  readonly at: number;
  readonly keys: readonly JsonWebKey[];
}

/** Public keys of issuers, by OpenID Connect discovery. */
export class IssuerKeys {
  readonly #environment: ServiceEnvironment;
  readonly #kept = new Map<string, Kept>();
  /** Asked for now: who comes meanwhile waits for the same answer. */
  readonly #asked = new Map<string, Promise<readonly JsonWebKey[]>>();

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
  }

  /** @throws TokenError when the issuer cannot be asked or has no such key */
  async find(issuer: string, keyId: string | undefined): Promise<JsonWebKey> {
    const now = this.#environment.clock.now();
    const kept = this.#kept.get(issuer);
    const isFresh = kept !== undefined && now - kept.at < KEPT_MS;
    const known = isFresh ? keyIn(kept.keys, keyId) : undefined;
    if (known !== undefined) return known;
    if (isFresh && now - kept.at < LOOK_AGAIN_MS) throw new TokenError('unable to find the signing key');
    const keys = await this.#ask(issuer, now);
    const found = keyIn(keys, keyId);
    if (found === undefined) throw new TokenError('unable to find the signing key');
    return found;
  }

  #ask(issuer: string, now: number): Promise<readonly JsonWebKey[]> {
    const asked = this.#asked.get(issuer);
    if (asked !== undefined) return asked;
    const asking = this.#fetch(issuer)
      .then((keys) => {
        this.#kept.set(issuer, { at: now, keys });
        return keys;
      })
      .finally(() => this.#asked.delete(issuer));
    this.#asked.set(issuer, asking);
    return asking;
  }

  async #fetch(issuer: string): Promise<readonly JsonWebKey[]> {
    const discovery = await this.#get(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const { keys } = await this.#get(String(discovery['jwks_uri']), KEYS_BYTES_MAX);
    return Array.isArray(keys) ? keys.filter(isObject) : [];
  }

  #get(url: string, bytesMax = Number.POSITIVE_INFINITY): Promise<Record<string, unknown>> {
    const call = { method: 'GET', url, headers: { accept: 'application/json' }, body: '', timeoutMs: TIMEOUT_MS };
    return new Promise((resolve, reject) => {
      this.#environment.http.send(call, (outcome) => {
        const isGiven = outcome.kind === 'answered' && outcome.status === 200 && utf8Length(outcome.body) <= bytesMax;
        const document = isGiven ? objectIn(outcome.body) : undefined;
        if (document === undefined) reject(new TokenError('OIDC discovery endpoint communication error'));
        else resolve(document);
      });
    });
  }
}

const keyIn = (keys: readonly JsonWebKey[], keyId: string | undefined): JsonWebKey | undefined =>
  keys.find(({ kid }) => kid === keyId);
