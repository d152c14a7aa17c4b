import { describe, expect, it } from 'vitest';
import { fingerprintOf } from './fingerprint.ts';

const of = (error: string, condition = '') => fingerprintOf({ error, condition }).reason;

describe('the fingerprint of a failure', () => {
  it.each([
    ['order 4711 of 2026-11-28T10:00:00Z failed', 'order 12 of 2026-11-29T10:00:00.123Z failed'],
    ['Error: no stock for "Hammer"', 'Error: no stock for "Screwdriver, large"'],
    [
      'RequestId: 631b0baf-4d41-42be-b9de-f436dd032bb9 Error: Task timed out after 3.00 seconds',
      'RequestId: 0f0f0baf-4d41-42be-b9de-f436dd032bb9 Error: Task timed out after 3.00 seconds',
    ],
    ['cannot read s3://bucket/uploads/a.csv', 'cannot read s3://bucket/uploads/VEND001/b.csv'],
    ['TypeError: x is undefined\n    at a.js:1', 'TypeError: x is undefined\n    at b.js:2'],
  ])('is one for %j and %j', (a, b) => {
    expect(of(a)).toBe(of(b));
  });

  it.each([
    ['TypeError: x is undefined', 'TypeError: y is undefined'],
    ['ThrottlingException: slow down', 'AccessDenied: no'],
  ])('differs between %j and %j', (a, b) => {
    expect(of(a)).not.toBe(of(b));
  });

  it('differs by who gave up, and says so when nobody gave a reason', () => {
    expect(of('no', 'EventAgeExceeded')).toBe('EventAgeExceeded: no');
    expect(of('', 'EventAgeExceeded')).toBe('EventAgeExceeded');
    expect(of('')).toBe('no reason given');
  });
});
