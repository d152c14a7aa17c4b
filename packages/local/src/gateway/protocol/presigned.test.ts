import { ServiceError } from '@holdfast/engine';
import { describe, expect, it } from 'vitest';
import { checkPresigned, hasPolicyExpired, type SigningClocks } from './presigned.ts';
import { parseQuery } from './rest-messages.ts';

const SIGNED = Date.UTC(2025, 0, 1);
const QUERY =
  'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID%2F20250101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20250101T000000Z&X-Amz-Expires=120&X-Amz-SignedHeaders=host&X-Amz-Signature=00';
const QUERY_OF_VERSION_2 = `AWSAccessKeyId=AKID&Signature=x&Expires=${SIGNED / 1000 + 120}`;

const at = (now: number): SigningClocks => ({ when: (read) => read, now: () => now, engineNow: () => now });

/** What S3 answers, or nothing. */
const answerTo = (query: string, clocks: SigningClocks): readonly unknown[] | undefined => {
  try {
    checkPresigned(parseQuery(query), clocks);
    return undefined;
  } catch (error) {
    const { code, status, message, members } = error as ServiceError;
    expect(error).toBeInstanceOf(ServiceError);
    return [status, code, message, members];
  }
};

describe('a presigned URL', () => {
  it('holds to its last moment and not beyond, and says when that was', () => {
    expect(answerTo(QUERY, at(SIGNED))).toBeUndefined();
    expect(answerTo(QUERY, at(SIGNED + 120_000))).toBeUndefined();
    expect(answerTo(QUERY, at(SIGNED + 120_001))).toEqual([
      403,
      'AccessDenied',
      'Request has expired',
      { 'X-Amz-Expires': '120', Expires: '2025-01-01T00:02:00Z', ServerTime: '2025-01-01T00:02:00Z' },
    ]);
  });

  it('holds from a quarter of an hour before it was signed: clocks differ', () => {
    expect(answerTo(QUERY, at(SIGNED - 900_000))).toBeUndefined();
    expect(answerTo(QUERY, at(SIGNED - 900_001))?.slice(0, 3)).toEqual([
      403,
      'AccessDenied',
      'Request is not yet valid',
    ]);
  });

  it('of signature version 2, as boto3 makes them, holds until the second that it names', () => {
    expect(answerTo(QUERY_OF_VERSION_2, at(SIGNED + 120_000))).toBeUndefined();
    expect(answerTo(QUERY_OF_VERSION_2, at(SIGNED + 121_000))).toEqual([
      403,
      'AccessDenied',
      'Request has expired',
      { Expires: '2025-01-01T00:02:00Z', ServerTime: '2025-01-01T00:02:01Z' },
    ]);
  });

  it.each([
    [QUERY.replace('&X-Amz-Expires=120', ''), /^Query-string authentication version 4 requires/],
    [QUERY.replace('20250101T000000Z', '2025-01-01'), /^X-Amz-Date must be in the ISO8601 Long Format/],
    [QUERY.replace('20250101T', '20251301T'), /^X-Amz-Date must be in the ISO8601 Long Format/],
    [QUERY.replace('=120', '=1h'), /^X-Amz-Expires should be a number$/],
    [QUERY.replace('=120', '=-1'), /^X-Amz-Expires must be non-negative$/],
    [QUERY.replace('=120', '=604801'), /^X-Amz-Expires must be less than a week/],
    [QUERY.replace('SHA256', 'SHA1'), /^X-Amz-Algorithm only supports/],
  ])('that is not whole is refused: %s', (query, message) => {
    expect(answerTo(query, at(SIGNED))?.slice(0, 3)).toEqual([
      400,
      'AuthorizationQueryParametersError',
      expect.stringMatching(message),
    ]);
  });

  it.each([
    [
      'AWSAccessKeyId=AKID&Signature=x',
      'Query-string authentication requires the Signature, Expires and AWSAccessKeyId',
    ],
    ['AWSAccessKeyId=AKID&Signature=x&Expires=soon', 'Invalid date (should be seconds since epoch): soon'],
  ])('of version 2 that is not whole is denied: %s', (query, message) => {
    expect(answerTo(query, at(SIGNED))?.slice(0, 3)).toEqual([403, 'AccessDenied', expect.stringContaining(message)]);
  });

  it('ages by the engine’s time since the moment at which it was signed', () => {
    // Signed when the machine’s clock said so, and it was a day later here.
    const ahead = 86_400_000;
    const clocks = (now: number): SigningClocks => ({
      ...at(SIGNED),
      when: (read) => read + ahead,
      engineNow: () => now,
    });
    expect(answerTo(QUERY, clocks(SIGNED + ahead + 120_000))).toBeUndefined();
    expect(answerTo(QUERY, clocks(SIGNED + ahead + 121_000))).toMatchObject([
      403,
      'AccessDenied',
      'Request has expired',
      { Expires: '2025-01-02T00:02:00Z', ServerTime: '2025-01-02T00:02:01Z' },
    ]);
  });
});

it('a form’s policy ages likewise, and by the clock of its signer when it does not say when it was signed', () => {
  const clocks: SigningClocks = { when: (read) => read + 50_000, now: () => SIGNED, engineNow: () => SIGNED + 111_000 };
  const dated = new Map([['x-amz-date', '20250101T000000Z']]);
  expect(hasPolicyExpired(SIGNED + 60_000, dated, clocks)).toBe(true);
  expect(hasPolicyExpired(SIGNED + 61_000, dated, clocks)).toBe(false);
  expect(hasPolicyExpired(SIGNED, new Map(), clocks)).toBe(false);
  expect(hasPolicyExpired(SIGNED - 1, new Map(), clocks)).toBe(true);
});
