import { describe, expect, it } from 'vitest';
import { compileEventPattern } from './event-filter.ts';

const matches = (pattern: object, event: unknown): boolean =>
  compileEventPattern(JSON.stringify(pattern)).matches(event);

describe('an event pattern', () => {
  it.each<[string, object, unknown, boolean]>([
    ['equal text', { a: ['x'] }, { a: 'x' }, true],
    ['case differs', { a: ['x'] }, { a: 'X' }, false],
    ['one of several values', { a: ['x', 'y'] }, { a: 'y' }, true],
    ['all keys are required', { a: ['x'], b: ['y'] }, { a: 'x' }, false],
    ['an array in the event matches by any element', { a: ['x'] }, { a: ['w', 'x'] }, true],
    ['numbers by value', { a: [300] }, { a: 3.0e2 }, true],
    ['a number is not its text', { a: [1] }, { a: '1' }, false],
    ['null is null', { a: [null] }, { a: null }, true],
    ['null is not missing', { a: [null] }, {}, false],
    ['null is not an empty array', { a: [null] }, { a: [] }, false],
    ['empty text', { a: [''] }, { a: '' }, true],
    ['booleans', { a: [true] }, { a: true }, true],
    ['nesting', { d: { s: ['on'] } }, { d: { s: 'on' } }, true],
    ['dots in the pattern', { d: { 's.t': ['on'] } }, { d: { s: { t: 'on' } } }, true],
    ['dots in the event', { d: { s: { t: ['on'] } } }, { d: { 's.t': 'on' } }, true],
    ['an object given as text is not parsed', { d: { s: ['on'] } }, { d: '{"s":"on"}' }, false],
    ['one element of an array must satisfy all', { l: { a: [1], b: [2] } }, { l: [{ a: 1 }, { b: 2 }] }, false],
    ['one element of an array does satisfy all', { l: { a: [1], b: [2] } }, { l: [{ a: 0 }, { a: 1, b: 2 }] }, true],
    ['prefix', { a: [{ prefix: 'ab' }] }, { a: 'abc' }, true],
    ['empty prefix', { a: [{ prefix: '' }] }, { a: 'abc' }, true],
    ['prefix without case', { a: [{ prefix: { 'equals-ignore-case': 'AB' } }] }, { a: 'abc' }, true],
    ['prefix on a number', { a: [{ prefix: '1' }] }, { a: 12 }, false],
    ['suffix', { a: [{ suffix: '.csv' }] }, { a: 'x.csv' }, true],
    ['suffix without case', { a: [{ suffix: { 'equals-ignore-case': '.PNG' } }] }, { a: 'x.png' }, true],
    ['equals-ignore-case', { a: [{ 'equals-ignore-case': 'ABC' }] }, { a: 'abc' }, true],
    ['wildcard', { a: [{ wildcard: 'a*b*c' }] }, { a: 'a--b--c' }, true],
    ['wildcard must reach the end', { a: [{ wildcard: 'a*b' }] }, { a: 'abx' }, false],
    ['wildcard pieces do not overlap', { a: [{ wildcard: 'ab*ba' }] }, { a: 'aba' }, false],
    ['escaped star', { a: [{ wildcard: 'a\\*b' }] }, { a: 'a*b' }, true],
    ['escaped star is literal', { a: [{ wildcard: 'a\\*b' }] }, { a: 'axb' }, false],
    ['empty wildcard', { a: [{ wildcard: '' }] }, { a: 'x' }, false],
    ['anything-but', { a: [{ 'anything-but': 'x' }] }, { a: 'y' }, true],
    ['anything-but the same', { a: [{ 'anything-but': 'x' }] }, { a: 'x' }, false],
    ['anything-but on a missing key', { a: [{ 'anything-but': 'x' }] }, {}, false],
    ['anything-but on null', { a: [{ 'anything-but': 'x' }] }, { a: null }, true],
    ['anything-but on another type', { a: [{ 'anything-but': [1, 2] }] }, { a: 'x' }, true],
    ['anything-but a list', { a: [{ 'anything-but': ['x', 'y'] }] }, { a: 'y' }, false],
    ['anything-but a prefix', { a: [{ 'anything-but': { prefix: 'x' } }] }, { a: 'xy' }, false],
    ['anything-but suffixes', { a: [{ 'anything-but': { suffix: ['a', 'b'] } }] }, { a: 'xb' }, false],
    ['anything-but a wildcard', { a: [{ 'anything-but': { wildcard: '*x*' } }] }, { a: 'yzy' }, true],
    ['numeric range', { a: [{ numeric: ['>', 0, '<=', 5] }] }, { a: 5 }, true],
    ['numeric range, outside', { a: [{ numeric: ['>', 0, '<=', 5] }] }, { a: 0 }, false],
    ['numeric on text', { a: [{ numeric: ['=', 1] }] }, { a: '1' }, false],
    ['numeric on null', { a: [{ numeric: ['<', 1] }] }, { a: null }, false],
    ['exists', { a: [{ exists: true }] }, { a: null }, true],
    ['an object does not exist as a leaf', { a: [{ exists: true }] }, { a: { b: 1 } }, false],
    ['an empty array does not exist', { a: [{ exists: true }] }, { a: [] }, false],
    ['exists false', { a: [{ exists: false }] }, {}, true],
    ['exists false with a missing parent', { p: { a: [{ exists: false }] } }, {}, true],
    ['exists false or a value', { a: [{ exists: false }, 'x'] }, { a: 'x' }, true],
    ['cidr', { ip: [{ cidr: '10.0.0.0/24' }] }, { ip: '10.0.0.255' }, true],
    ['cidr, outside', { ip: [{ cidr: '10.0.0.0/24' }] }, { ip: '10.0.1.0' }, false],
    ['cidr on other text', { ip: [{ cidr: '10.0.0.0/24' }] }, { ip: 'ten' }, false],
    ['cidr of the other family', { ip: [{ cidr: '::/0' }] }, { ip: '10.0.0.1' }, false],
    ['cidr v6', { ip: [{ cidr: '2001:db8::/32' }] }, { ip: '2001:db8:1::1' }, true],
    ['$or', { $or: [{ a: [1] }, { b: [2] }] }, { b: 2 }, true],
    ['$or, none', { $or: [{ a: [1] }, { b: [2] }] }, { a: 2 }, false],
    ['$or inside, beside a key', { d: { k: ['x'], $or: [{ a: [1] }, { b: [2] }] } }, { d: { k: 'x', a: 1 } }, true],
    ['an empty pattern', {}, { a: 1 }, true],
  ])('%s', (_name, pattern, event, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });

  it.each<[unknown, string]>([
    [{ int: 42 }, '"int" must be an object or an array'],
    [{ a: [] }, 'Empty arrays are not allowed'],
    [{ a: [{ EXISTS: true }] }, 'Unrecognized match type EXISTS'],
    [{ a: [{ numeric: ['<', 5, '>', 1] }] }, 'Bad numeric range operator: <'],
    [{ a: [{ numeric: ['<', 'x'] }] }, 'Value of < must be numeric'],
    [{ a: [{ numeric: '>' }] }, 'Value of numeric must be an array.'],
    [{ a: [{ prefix: 1 }] }, 'prefix match pattern must be a string'],
    [{ a: [{ suffix: null }] }, 'suffix match pattern must be a string'],
    [{ a: [{ wildcard: 1 }] }, 'wildcard match pattern must be a string'],
    [{ a: [{ wildcard: 'a**' }] }, 'Consecutive wildcard characters at pos 1'],
    [{ a: [{ 'equals-ignore-case': [] }] }, 'equals-ignore-case match pattern must be a string'],
    [{ a: [{ 'anything-but': { prefix: '' } }] }, 'Null prefix/suffix not allowed'],
    [{ a: [{ 'anything-but': true }] }, 'Value of anything-but must be an array or single string/number value.'],
    [{ a: [{ 'anything-but': [null] }] }, 'Inside anything but list, start|null|number is not number or string'],
    [{ a: [{ cidr: '10.0.0.0' }] }, "Malformed CIDR, one '/' required"],
    [{ a: [{ cidr: '10.0.0.0/x' }] }, 'Malformed CIDR, mask bits must be an integer'],
    [{ a: [{ cidr: 'xx.11.xx/8' }] }, 'Nonstandard IP address: xx.11.xx'],
  ])('%j is refused', (pattern, reason) => {
    expect(() => compileEventPattern(JSON.stringify(pattern))).toThrow(`Event pattern is not valid. Reason: ${reason}`);
  });

  it.each(['[]', '"x"', 'x', ''])('%s is no pattern at all', (text) => {
    expect(() => compileEventPattern(text)).toThrow('Filter is not an object');
  });
});
