import { ServiceError } from '@holdfast/engine';
import type { EpochMs } from '@holdfast/kernel';
import type { Query } from './rest-messages.ts';

/** The clocks of those who sign. */
export interface SigningClocks {
  /** What time it was here when the clock of who has these credentials said that. */
  when(read: EpochMs, accessKeyId: string): EpochMs;
  /** What that clock says now. */
  now(accessKeyId: string): EpochMs;
  /** What time it is here. */
  engineNow(): EpochMs;
}

const REQUIRED = ['X-Amz-Credential', 'X-Amz-Signature', 'X-Amz-Date', 'X-Amz-SignedHeaders', 'X-Amz-Expires'];
const ALGORITHMS = ['AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'];
const WEEK_S = 604_800;
/** So far may a signature be ahead of S3's clock. */
const AHEAD_MAX_MS = 15 * 60_000;

const malformed = (message: string): ServiceError =>
  new ServiceError('AuthorizationQueryParametersError', message, 400);

const denied = (message: string, members?: Record<string, unknown>): ServiceError =>
  new ServiceError('AccessDenied', message, 403, members);

/** Without fractions of a second. */
const shown = (at: EpochMs): string => `${new Date(at).toISOString().slice(0, 19)}Z`;

/** `20250101T000000Z`; `undefined` for what is no such date. */
export const amzDateOf = (text: string): EpochMs | undefined => {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hours, minutes, seconds] = match;
  const at = Date.parse(`${year}-${month}-${day}T${hours}:${minutes}:${seconds}Z`);
  return Number.isNaN(at) ? undefined : at;
};

const parameter = (query: Query, name: string): string | undefined => query.get(name)?.[0];

/**
 * Refuses a presigned URL that is not whole, that has expired, or whose time has not come. Who signed it is not verified.
 *
 * @throws ServiceError as S3 answers
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
export const checkPresigned = (query: Query, clocks: SigningClocks): void => {
  if (query.has('X-Amz-Algorithm')) checkVersion4(query, clocks);
  else if (query.has('AWSAccessKeyId')) checkVersion2(query, clocks);
};

const checkVersion4 = (query: Query, clocks: SigningClocks): void => {
  if (!ALGORITHMS.includes(parameter(query, 'X-Amz-Algorithm') ?? '')) {
    throw malformed(`X-Amz-Algorithm only supports "${ALGORITHMS.join(' and ')}"`);
  }
  const [credential, signature, date, signedHeaders, expires] = REQUIRED.map((name) => parameter(query, name));
  if (!credential || !signature || !date || !signedHeaders || !expires) {
    throw malformed(
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.',
    );
  }
  const signedAt = amzDateOf(date);
  if (signedAt === undefined) {
    throw malformed(`X-Amz-Date must be in the ISO8601 Long Format "yyyyMMdd'T'HHmmss'Z'"`);
  }
  if (!/^-?\d{1,18}$/.test(expires)) throw malformed('X-Amz-Expires should be a number');
  const seconds = Number(expires);
  if (seconds < 0) throw malformed('X-Amz-Expires must be non-negative');
  if (seconds > WEEK_S) {
    throw malformed(
      `X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than ${WEEK_S} seconds`,
    );
  }
  const began = clocks.when(signedAt, credential.split('/', 1)[0] as string);
  const now = clocks.engineNow();
  const ends = began + seconds * 1000;
  const times = { Expires: shown(ends), ServerTime: shown(now) };
  if (began > now + AHEAD_MAX_MS) throw denied('Request is not yet valid', times);
  if (now > ends) throw denied('Request has expired', { 'X-Amz-Expires': expires, ...times });
};

const checkVersion2 = (query: Query, clocks: SigningClocks): void => {
  const [accessKeyId, signature, expires] = ['AWSAccessKeyId', 'Signature', 'Expires'].map((name) =>
    parameter(query, name),
  );
  if (!accessKeyId || !signature || !expires) {
    throw denied('Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters');
  }
  if (!/^\d{1,11}$/.test(expires)) throw denied(`Invalid date (should be seconds since epoch): ${expires}`);
  const ends = Number(expires) * 1000;
  const now = clocks.now(accessKeyId);
  if (now > ends) throw denied('Request has expired', { Expires: shown(ends), ServerTime: shown(now) });
};

/** Whether a form's policy has expired: it names a moment, and says when it was signed if its signature is of version 4. */
export const hasPolicyExpired = (
  expiration: EpochMs,
  fields: ReadonlyMap<string, string>,
  clocks: SigningClocks,
): boolean => {
  const accessKeyId = (fields.get('x-amz-credential') ?? fields.get('awsaccesskeyid') ?? '').split('/', 1)[0] as string;
  const signedAt = amzDateOf(fields.get('x-amz-date') ?? '');
  if (signedAt === undefined) return clocks.now(accessKeyId) > expiration;
  return clocks.engineNow() > clocks.when(signedAt, accessKeyId) + (expiration - signedAt);
};
