import { HOUR_MS, type JsonWebKey, MINUTE_MS } from '@holdfast/kernel';
import { objectIn, type ServiceEnvironment } from '../../core/index.ts';
import { TokenError } from './json-web-token.ts';

/** API Gateway keeps the keys of an issuer for two hours. */
const KEPT_MS = 2 * HOUR_MS;
/** A key that is not among them is looked for again, no more often than this. */
const LOOK_AGAIN_MS = MINUTE_MS;
const TIMEOUT_MS = 5_000;

interface Kept {
  readonly at: number;
  readonly keys: readonly JsonWebKey[];
}

/** Public keys of issuers, by OpenID Connect discovery. */
export class IssuerKeys {
  readonly #environment: ServiceEnvironment;
  readonly #kept = new Map<string, Kept>();

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
    const keys = await this.#fetch(issuer);
    this.#kept.set(issuer, { at: now, keys });
    const found = keyIn(keys, keyId);
    if (found === undefined) throw new TokenError('unable to find the signing key');
    return found;
  }

  async #fetch(issuer: string): Promise<readonly JsonWebKey[]> {
    const discovery = await this.#get(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
    const { keys } = await this.#get(String(discovery['jwks_uri']));
    return Array.isArray(keys) ? (keys as readonly JsonWebKey[]) : [];
  }

  #get(url: string): Promise<Record<string, unknown>> {
    const call = { method: 'GET', url, headers: { accept: 'application/json' }, body: '', timeoutMs: TIMEOUT_MS };
    return new Promise((resolve, reject) => {
      this.#environment.http.send(call, (outcome) => {
        const document = outcome.kind === 'answered' && outcome.status === 200 ? objectIn(outcome.body) : undefined;
        if (document === undefined) reject(new TokenError('OIDC discovery endpoint communication error'));
        else resolve(document);
      });
    });
  }
}

const keyIn = (keys: readonly JsonWebKey[], keyId: string | undefined): JsonWebKey | undefined =>
  keys.find(({ kid }) => kid === keyId);
