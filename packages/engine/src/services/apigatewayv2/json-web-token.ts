import {
  bytesOfBase64,
  type Cryptography,
  type JsonWebKey,
  type SignatureAlgorithm,
  utf8Bytes,
} from '@holdfast/kernel';

export type Claims = Readonly<Record<string, unknown>>;

export interface JsonWebToken {
  readonly algorithm: string;
  readonly keyId: string | undefined;
  readonly claims: Claims;
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** Why a token is not taken, as `error_description` says it. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

const ALGORITHMS: readonly string[] = ['RS256', 'RS384', 'RS512'];

const objectIn = (part: string): Record<string, unknown> => {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytesOfBase64(part)));
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new TokenError('token is malformed');
};

/** Reads a token in compact form, RFC 7519, without believing anything of it. @throws TokenError */
export const readToken = (text: string): JsonWebToken => {
  const parts = text.split('.');
  const [header, payload, signature] = parts;
  if (parts.length !== 3 || header === undefined || payload === undefined || signature === undefined) {
    throw new TokenError('invalid number of segments');
  }
  const { alg, kid } = objectIn(header);
  return {
    algorithm: String(alg),
    keyId: typeof kid === 'string' ? kid : undefined,
    claims: objectIn(payload),
    signed: utf8Bytes(`${header}.${payload}`),
    signature: bytesOfBase64(signature),
  };
};

/** @throws TokenError when the key did not sign it, or not by RSA */
export const checkSignature = (
  { algorithm, signed, signature }: JsonWebToken,
  key: JsonWebKey,
  cryptography: Cryptography,
): void => {
  if (!ALGORITHMS.includes(algorithm)) throw new TokenError(`signing method ${algorithm} is invalid`);
  if (!cryptography.verifies(algorithm as SignatureAlgorithm, key, signed, signature)) {
    throw new TokenError('signature is invalid');
  }
};

const asList = (value: unknown): readonly string[] =>
  value === undefined || value === null ? [] : [value].flat().map(String);

/**
 * What API Gateway asks of claims: issuer, audience (`aud`, else `client_id`) and the three times.
 *
 * @throws TokenError
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
export const checkClaims = (
  { iss, aud, client_id: client, exp, nbf, iat }: Claims,
  { issuer, audience }: { readonly issuer: string; readonly audience: readonly string[] },
  nowSeconds: number,
): void => {
  if (iss !== issuer) throw new TokenError('the issuer is not valid');
  const meant = aud === undefined ? asList(client) : asList(aud);
  if (!meant.some((each) => audience.includes(each))) throw new TokenError('the audience is not valid');
  if (typeof exp !== 'number' || exp <= nowSeconds) throw new TokenError('the token has expired');
  if (typeof nbf === 'number' && nbf > nowSeconds) throw new TokenError('the token is not valid yet');
  if (typeof iat === 'number' && iat > nowSeconds) throw new TokenError('the token was issued in the future');
};

/** Scopes of a token: `scope` as text with blanks, or `scp`. */
export const scopesOf = ({ scope, scp }: Claims): readonly string[] =>
  typeof scope === 'string' ? scope.split(' ').filter((each) => each !== '') : asList(scope ?? scp);

/** A value as Go prints it: `[a b]`, `map[roles:[admin]]` with its names in order, `<nil>`. */
const claimAsText = (value: unknown): string => {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return `[${value.map(claimAsText).join(' ')}]`;
  if (typeof value !== 'object') return String(value);
  const entries = Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${entries.map(([name, each]) => `${name}:${claimAsText(each)}`).join(' ')}]`;
};

/** Claims as events carry them: all of them text. */
export const claimsAsText = (claims: Claims): Record<string, string> =>
  Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, claimAsText(value)]));
