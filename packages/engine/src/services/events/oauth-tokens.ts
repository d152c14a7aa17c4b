import { base64OfText, type EpochMs, SECOND_MS } from '@holdfast/kernel';
import type { HttpCall, HttpOutcome, ServiceEnvironment } from '../../core/index.ts';
import type { ConnectionParameter, StoredConnection } from './connection.ts';

const TIMEOUT_MS = 5 * SECOND_MS;

/** Tokens are renewed this long before they end. */
const RENEWED_BEFORE_MS = 60 * SECOND_MS;

export type TokenResult =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'refused'; readonly message: string };

interface Token {
  readonly token: string;
  readonly renewAt: EpochMs;
}

const pairsOf = (parameters: readonly ConnectionParameter[] | undefined): [string, string][] =>
  (parameters ?? []).map(({ Key = '', Value = '' }) => [Key, Value]);

const formOf = (pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');

/** The request for a token: client credentials in the `Authorization` header and in the form (in the query of a GET). */
const tokenCall = ({ auth }: StoredConnection): HttpCall | undefined => {
  const oauth = auth.OAuthParameters;
  if (oauth === undefined) return undefined;
  const { ClientID, ClientSecret } = oauth.ClientParameters;
  const { HeaderParameters, QueryStringParameters, BodyParameters } = oauth.OAuthHttpParameters ?? {};
  const form = new Map([
    ['grant_type', 'client_credentials'],
    ['client_id', ClientID],
    ['client_secret', ClientSecret],
    ...pairsOf(BodyParameters),
  ]);
  const isGet = oauth.HttpMethod === 'GET';
  const query = formOf([...pairsOf(QueryStringParameters), ...(isGet ? form : [])]);
  const separator = oauth.AuthorizationEndpoint.includes('?') ? '&' : '?';
  return {
    method: oauth.HttpMethod,
    url: query === '' ? oauth.AuthorizationEndpoint : `${oauth.AuthorizationEndpoint}${separator}${query}`,
    headers: {
      ...Object.fromEntries(pairsOf(HeaderParameters)),
      Authorization: `Basic ${base64OfText(`${ClientID}:${ClientSecret}`)}`,
      Accept: 'application/json',
      ...(isGet ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' }),
      'User-Agent': 'Amazon/EventBridge/ApiDestinations',
    },
    body: isGet ? '' : formOf([...form]),
    timeoutMs: TIMEOUT_MS,
  };
};

const readToken = (outcome: HttpOutcome, now: EpochMs): Token | string => {
  if (outcome.kind === 'failed') return outcome.message;
  if (outcome.status < 200 || outcome.status >= 300) return `The authorization endpoint answered ${outcome.status}.`;
  try {
    const { access_token: token, expires_in: seconds } = JSON.parse(outcome.body) as Record<string, unknown>;
    if (typeof token !== 'string') return 'The authorization endpoint answered without access_token.';
    const lastsMs = Number(seconds ?? Number.POSITIVE_INFINITY) * SECOND_MS;
    return { token, renewAt: Number.isNaN(lastsMs) ? now : now + Math.max(0, lastsMs - RENEWED_BEFORE_MS) };
  } catch {
    return 'The authorization endpoint did not answer with JSON.';
  }
};

/** Access tokens of connections, asked for when they are needed and kept until they end. One request at a time each. */
export class OAuthTokens {
  readonly #environment: ServiceEnvironment;
  readonly #tokens = new Map<string, Token>();
  readonly #waiting = new Map<string, ((result: TokenResult) => void)[]>();

  constructor(environment: ServiceEnvironment) {
    this.#environment = environment;
  }

  forget(connectionArn: string): void {
    this.#tokens.delete(connectionArn);
  }

  of(connection: StoredConnection, onToken: (result: TokenResult) => void): void {
    const known = this.#tokens.get(connection.arn);
    if (known !== undefined && this.#environment.clock.now() < known.renewAt) {
      onToken({ kind: 'token', token: known.token });
      return;
    }
    const waiting = this.#waiting.get(connection.arn);
    if (waiting !== undefined) {
      waiting.push(onToken);
      return;
    }
    const call = tokenCall(connection);
    const refusal =
      call === undefined ? 'the connection has no OAuth parameters' : this.#environment.http.refusalOf(call.url);
    this.#waiting.set(connection.arn, [onToken]);
    if (call === undefined || refusal !== undefined) {
      this.#environment.timers.schedule(this.#environment.clock.now(), () =>
        this.#tell(connection.arn, {
          kind: 'refused',
          message: `The authorization endpoint cannot be reached: ${refusal}.`,
        }),
      );
      return;
    }
    this.#environment.http.send(call, (outcome) => {
      const read = readToken(outcome, this.#environment.clock.now());
      if (typeof read !== 'string') this.#tokens.set(connection.arn, read);
      this.#tell(
        connection.arn,
        typeof read === 'string' ? { kind: 'refused', message: read } : { kind: 'token', token: read.token },
      );
    });
  }

  #tell(connectionArn: string, result: TokenResult): void {
    const waiting = this.#waiting.get(connectionArn) ?? [];
    this.#waiting.delete(connectionArn);
    for (const onToken of waiting) onToken(result);
  }
}
