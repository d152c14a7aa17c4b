import type { Authorizer } from '@aws-sdk/client-apigatewayv2';
import { headerText, type ServiceEnvironment } from '../../core/index.ts';
import { apiMessage, type RoutedRequest } from './api-request.ts';
import { identityOf } from './identity-sources.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { checkClaims, checkSignature, claimsAsText, readToken, scopesOf, TokenError } from './json-web-token.ts';
import type { Verdict } from './verdict.ts';

const withChallenge = (status: 401 | 403, message: string, challenge: string) => {
  const answer = apiMessage(status, message);
  return { ...answer, headers: [...answer.headers, 'WWW-Authenticate', challenge] };
};

/** Of a token comes what its sender put there. */
const quoted = (text: string): string => headerText(text).replace(/["\\]/g, "'");

/** RFC 6750 section 3, with what a route wants. */
const challengeFor = (scopes: readonly string[], error: string, description: string): string =>
  `Bearer scope="${quoted(scopes.join(' '))}" error="${error}" error_description="${quoted(description)}"`;

/**
 * Lets in who has a token of the issuer, signed by RSA, for this audience, within its time, and with one of the route's
 * scopes when it has any.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html
 */
export const authorizeByToken = async (
  { cryptography, clock }: ServiceEnvironment,
  keys: IssuerKeys,
  { IdentitySource = [], JwtConfiguration }: Authorizer,
  routed: RoutedRequest,
): Promise<Verdict> => {
  const given = identityOf(IdentitySource[0] ?? '', routed);
  if (given === undefined) {
    return { answer: withChallenge(401, 'Unauthorized', 'Bearer'), error: 'no token' };
  }
  const wanted = routed.route.AuthorizationScopes ?? [];
  const { Issuer: issuer = '', Audience: audience = [] } = JwtConfiguration ?? {};
  try {
    const token = readToken(given.replace(/^Bearer\s+/i, ''));
    checkSignature(token, await keys.find(issuer, token.keyId), cryptography);
    checkClaims(token.claims, { issuer, audience }, clock.now() / 1_000);
    const scopes = scopesOf(token.claims);
    if (wanted.length > 0 && !wanted.some((scope) => scopes.includes(scope))) {
      const challenge = challengeFor(
        wanted,
        'insufficient_scope',
        'the token does not have any of the required scopes',
      );
      return { answer: withChallenge(403, 'Forbidden', challenge), error: 'insufficient scope' };
    }
    const claims = claimsAsText(token.claims);
    const jwt = { claims, scopes: wanted.length === 0 ? null : scopes };
    const values = Object.fromEntries(Object.entries(claims).map(([name, value]) => [`claims.${name}`, value]));
    return { authorized: { ofFormat2: { jwt }, ofFormat1: jwt, values } };
  } catch (error) {
    if (!(error instanceof TokenError)) throw error;
    const challenge = challengeFor(wanted, 'invalid_token', error.message);
    return { answer: withChallenge(401, 'Unauthorized', challenge), error: error.message };
  }
};
