import { describe, expect, it } from 'vitest';
import { passesFilter } from './filter-match.ts';
import { readFilterPolicy } from './filter-policy.ts';
import type { StoredAttribute } from './stored.ts';

const refusal = (policy: string): string => {
  try {
    readFilterPolicy(policy);
  } catch (error) {
    return (error as Error).message;
  }
  return 'accepted';
};

const onBody = (policy: object, body: unknown): boolean =>
  passesFilter(readFilterPolicy(JSON.stringify(policy)), 'MessageBody', {
    messageId: 'm',
    at: 0,
    message: typeof body === 'string' ? body : JSON.stringify(body),
    attributes: {},
  });

const onAttributes = (policy: object, attributes: Record<string, StoredAttribute>): boolean =>
  passesFilter(readFilterPolicy(JSON.stringify(policy)), 'MessageAttributes', {
    messageId: 'm',
    at: 0,
    message: '',
    attributes,
  });

describe('a filter policy', () => {
  // Recorded from AWS, columns included.
  it.each([
    ['{"key":[["value"]]}', 'Match value must be String, number, true, false, or null', 10],
    ['{"key":[{"wrong-operator":true}]}', 'Unrecognized match type wrong-operator', 31],
    ['{"key":[{"suffix":"value","prefix":"value2"}]}', 'Only one key allowed in match expression', 37],
    ['{"key":[]}', 'Empty arrays are not allowed', 10],
    ['{"key":[{"suffix":100}]}', 'suffix match pattern must be a string', 22],
    ['{"key":[{"suffix":null}]}', 'suffix match pattern must be a string', 23],
    ['{"key":{"suffix":"value"}}', '"suffix" must be an object or an array', 19],
    ['{"key_a":"value_one"}', '"key_a" must be an object or an array', 11],
    ['{"key":[{"suffix":[]}]}', 'suffix match pattern must be a string', 20],
    ['{"key":[{"cidr":["bad-filter"]}]}', 'prefix match pattern must be a string', 18],
    ['{"key":[{"numeric":[]}]}', 'Invalid member in numeric match: ]', 22],
    ['{"key":[{"numeric":["operator"]}]}', 'Unrecognized numeric range operator: operator', 32],
    ['{"key":[{"numeric":[1,"<="]}]}', 'Invalid member in numeric match: 1', 22],
    ['{"key":[{"numeric":["=","000"]}]}', 'Value of equals must be numeric', 26],
    ['{"key":[{"numeric":[">="]}]}', 'Value of >= must be numeric', 26],
    ['{"key":[{"numeric":["<",100,">",10]}]}', 'Too many elements in numeric expression', 30],
    ['{"key":[{"numeric":[">=",1,">",2]}]}', 'Bad numeric range operator: >', 31],
    ['{"key":[{"numeric":[">",3,"<",1]}]}', 'Bottom must be less than top', 33],
    ['{"key":[{"numeric":[">",20,"<="]}]}', 'Value of <= must be numeric', 33],
    ['{"key":[{"numeric":[">",20,30]}]}', 'Bad value in numeric range: 30', 30],
    ['{"key":[{"numeric":[">",20,"test"]}]}', 'Bad numeric range operator: test', 34],
    ['{"key":[{"numeric":[">",20,"<",30,"<",50]}]}', 'Too many terms in numeric range expression', 36],
    ['{"key":[{"exists":null}]}', 'exists match pattern must be either true or false.', 23],
    ['{"key":[{"exists":"no"}]}', 'exists match pattern must be either true or false.', 20],
    ['{"key":[{"anything-but":{"wrong-operator":null}}]}', 'Unsupported anything-but pattern: wrong-operator', 47],
    ['{"key":[{"anything-but":{"prefix":false}}]}', 'prefix match pattern must be a string', 40],
  ])('%s is refused in the words of AWS', (policy, message, column) => {
    expect(refusal(policy)).toBe(`${message}\n at [Source: (String)"${policy}"; line: 1, column: ${column}]`);
  });

  it.each([
    ['{"key":[{"cidr":"bad-filter"}]}', "Malformed CIDR, one '/' required"],
    ['{"key":[{"cidr":"bad-filter/64"}]}', 'Nonstandard IP address: bad-filter'],
    ['{"key":[{"cidr":"10.0.0.0/xx"}]}', 'Malformed CIDR, mask bits must be an integer'],
    ['{"key":[{"cidr":"xx.11.xx/8"}]}', 'Nonstandard IP address: xx.11.xx'],
    ['{"a":[1],"b":[1],"c":[1],"d":[1],"e":[1],"f":[1]}', 'Filter policy can not have more than 5 keys'],
    [`{"a":[${Array.from({ length: 151 }, (_, n) => n)}]}`, 'Filter policy is too complex'],
    ['{"a":{"b":{"c":[1,2,3,4]}},"d":{"e":[1,2,3]},"f":[1,2,3]}', 'Filter policy is too complex'],
    [
      'invalid',
      "failed to parse JSON. Unrecognized token 'invalid': was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')\n at [Source: REDACTED (`StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION` disabled); line: 1, column: 8]",
    ],
  ])('%s is refused', (policy, message) => {
    expect(refusal(policy)).toBe(message);
  });

  it.each([
    ['exact text', { a: ['x', 'y'] }, { a: 'y' }, true],
    ['exact text, other case', { a: ['x'] }, { a: 'X' }, false],
    ['number', { a: [300] }, { a: 3.0e2 }, true],
    ['number against text', { a: [300] }, { a: '300' }, false],
    ['null', { a: [null] }, { a: null }, true],
    ['null against nothing', { a: [null] }, {}, false],
    ['prefix', { a: [{ prefix: 'ab' }] }, { a: 'abc' }, true],
    ['suffix', { a: [{ suffix: '.csv' }] }, { a: 'x.txt' }, false],
    ['other case allowed', { a: [{ 'equals-ignore-case': 'AbC' }] }, { a: 'aBc' }, true],
    ['anything but one', { a: [{ 'anything-but': 'x' }] }, { a: 'y' }, true],
    ['anything but several', { a: [{ 'anything-but': ['x', 'y'] }] }, { a: 'y' }, false],
    ['anything but, nothing there', { a: [{ 'anything-but': 'x' }] }, {}, false],
    ['anything but a prefix', { a: [{ 'anything-but': { prefix: 'or' } }] }, { a: 'order' }, false],
    ['anything but a suffix', { a: [{ 'anything-but': { suffix: ['x', 'y'] } }] }, { a: 'z' }, true],
    ['anything but a wildcard', { a: [{ 'anything-but': { wildcard: '*.csv' } }] }, { a: 'a.csv' }, false],
    ['range', { a: [{ numeric: ['>', 0, '<=', 5] }] }, { a: 5 }, true],
    ['range, outside', { a: [{ numeric: ['>', 0, '<=', 5] }] }, { a: 0 }, false],
    ['range against text', { a: [{ numeric: ['>', 0] }] }, { a: '1' }, false],
    ['exists', { a: [{ exists: true }] }, { a: false }, true],
    ['exists, an object is there', { a: [{ exists: true }] }, { a: { b: 1 } }, false],
    ['absent', { a: [{ exists: false }] }, { b: 1 }, true],
    ['absent with its parent', { a: { b: [{ exists: false }] } }, {}, true],
    ['address', { a: [{ cidr: '10.0.0.0/24' }] }, { a: '10.0.0.255' }, true],
    ['address outside', { a: [{ cidr: '10.0.0.0/24' }] }, { a: '10.0.1.0' }, false],
    ['IPv6 address', { a: [{ cidr: '2001:db8:1234:1a00::/56' }] }, { a: '2001:db8:1234:1aff::1' }, true],
    ['nested', { a: { b: ['x'] } }, { a: { b: 'x' } }, true],
    ['list of values', { a: ['x'] }, { a: ['w', 'x'] }, true],
    [
      'list of objects',
      { a: { b: ['x'], c: [1] } },
      {
        a: [
          { b: 'x', c: 2 },
          { b: 'x', c: 1 },
        ],
      },
      true,
    ],
    [
      'list of objects, nowhere together',
      { a: { b: ['x'], c: [1] } },
      {
        a: [
          { b: 'x', c: 2 },
          { b: 'y', c: 1 },
        ],
      },
      false,
    ],
    ['periods for nesting', { 'a.b.c': ['x'] }, { a: { b: { c: 'x' } } }, true],
    ['periods in the name of a member', { 'a.b.c': ['x'] }, { 'a.b.c': 'x' }, true],
    ['periods for both', { 'a.b.c': ['x'] }, { 'a.b': { c: 'x' } }, true],
    [
      'periods before nesting, through lists',
      { a: { 'b.c-d.e': { f: [{ prefix: 'x' }] } } },
      { a: { b: [{ 'c-d': { e: { f: ['xy'] } } }] } },
      true,
    ],
    ['periods that lead elsewhere', { 'a.b.c': ['x'] }, { a: { b: { c: 'y' } } }, false],
    ['one of two', { s: ['a'], $or: [{ x: [1] }, { y: [2] }] }, { s: 'a', y: 2 }, true],
    ['neither of two', { s: ['a'], $or: [{ x: [1] }, { y: [2] }] }, { s: 'a', y: 1 }, false],
  ])('judges a body by %s', (_name, policy, body, passes) => {
    expect(onBody(policy, body)).toBe(passes);
  });

  it('lets no body through that is not a JSON object', () => {
    expect(onBody({ a: [{ exists: false }] }, 'plain text')).toBe(false);
    expect(onBody({ a: [{ exists: false }] }, [1])).toBe(false);
  });

  it('judges attributes by their type', () => {
    const number = { type: 'Number', value: '99.0' };
    const list = { type: 'String.Array', value: '["x", 5, true]' };

    expect(onAttributes({ a: [{ numeric: ['=', 99] }] }, { a: number })).toBe(true);
    expect(onAttributes({ a: ['99.0'] }, { a: number })).toBe(false);
    expect(onAttributes({ a: ['99'] }, { a: { type: 'String', value: '99' } })).toBe(true);
    expect(onAttributes({ a: [5] }, { a: list })).toBe(true);
    expect(onAttributes({ a: ['y'] }, { a: list })).toBe(false);
    expect(onAttributes({ a: [{ exists: false }] }, { b: number })).toBe(true);
    expect(onAttributes({ a: [{ exists: true }], b: [1] }, { a: number })).toBe(false);
    expect(onAttributes({ a: [{ exists: true }] }, { a: { type: 'Binary', value: 'AAAA' } })).toBe(false);
  });
});
