import { describe, expect, it } from 'vitest';
import { fingerprintOf } from './fingerprint.ts';
import { parseRules } from './rules.ts';

const of = (error: string, condition = '') => fingerprintOf({ error, condition }).reason;

describe('the fingerprint of a failure', () => {
  it.each([
    ['order 4711 of 2026-11-28T10:00:00Z failed', 'order 12 of 2026-11-29T10:00:00.123Z failed'],
    ['Error: no stock for "Hammer"', 'Error: no stock for "Screwdriver, large"'],
    [
      'RequestId: 631b0baf-4d41-42be-b9de-f436dd032bb9 Error: Task timed out after 3.00 seconds',
      'RequestId: 0f0f0baf-4d41-42be-b9de-f436dd032bb9 Error: Task timed out after 15.00 seconds',
    ],
    ['cannot read s3://bucket/uploads/a.csv', 'cannot read s3://bucket/uploads/VEND001/b.csv'],
    ['TypeError: x is undefined\n    at a (a.js:1:2)', 'TypeError: x is undefined\n    at a (a.js:2:2)'],
    ['1 record failed', '12 records failed'],
    ['row 3: price "abc" is no number', 'row 17: price "" is no number'],
  ])('is one for %j and %j', (a, b) => {
    expect(of(a)).toBe(of(b));
  });

  it.each([
    ['TypeError: x is undefined', 'TypeError: y is undefined'],
    ['ThrottlingException: slow down', 'AccessDenied: no'],
    ["Cannot read properties of undefined (reading 'price')", "Cannot read properties of undefined (reading 'sku')"],
    ['Request failed with status code 429', 'Request failed with status code 503'],
    ['Missing required field "vendor"', 'Missing required field "price"'],
    ['TypeError: x is undefined\n    at parse (a.js:1:2)', 'TypeError: x is undefined\n    at store (a.js:1:2)'],
  ])('differs between %j and %j', (a, b) => {
    expect(of(a)).not.toBe(of(b));
  });

  it('is by who gave up where nobody says what went wrong', () => {
    expect(of('no', 'EventAgeExceeded')).toBe('no');
    expect(of('', 'EventAgeExceeded')).toBe('EventAgeExceeded');
    expect(of('')).toBe('no reason given');
  });

  it('says why', () => {
    const stack = 'at parseRow (/var/task/index.mjs:3:1)\n at node:internal/x (y)';
    expect(fingerprintOf({ sourceName: 'csv-parser', condition: '', error: 'TypeError: row 7', stack })).toEqual({
      key: '2|csv-parser|TypeError: row <n> (in parseRow)',
      reason: 'TypeError: row <n> (in parseRow)',
      because: 'it came from csv-parser; its error reads the same without numbers; it was raised in parseRow',
    });
  });

  it("is what a user's rule says, whose tests must hold", () => {
    const rule = { name: 'vendors', error: 'vendor (\\w+) is (?:down|away)', group: 'vendor $1 is away' };
    const test = { failure: { error: 'vendor ACME is down' }, group: 'vendor ACME is away' };
    const rules = parseRules(JSON.stringify([{ ...rule, tests: [test, { failure: { error: 'vendor is down' } }] }]));
    expect(fingerprintOf({ condition: '', error: 'Error: vendor ACME is away' }, rules)).toEqual({
      key: 'r|vendor ACME is away',
      reason: 'vendor ACME is away',
      because: 'your rule "vendors" says so',
    });
    expect(() => parseRules(JSON.stringify([{ ...rule, tests: [{ ...test, group: 'x' }] }]))).toThrow('vendors, test');
    expect(() => parseRules('[{"name":"a","group":"b","errror":"c"}]')).toThrow('[0].errror: "c" is not known');
    expect(() => parseRules('[{"name":"a","group":"b","error":"("}]')).toThrow('must be a regular expression');
  });
});

it.each(['a.', 'a-b.c', 'AB-', 'a@a-', '1.', '{"'])('takes no time for an error of %j without end', (piece) => {
  const begun = process.cpuUsage();
  fingerprintOf({ condition: '', error: piece.repeat(50_000) });
  expect(process.cpuUsage(begun).user).toBeLessThan(1_000_000);
});
