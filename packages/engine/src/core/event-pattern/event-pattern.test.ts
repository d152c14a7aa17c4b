import { describe, expect, it } from 'vitest';
import { compileEventPattern, EventPatternError } from './event-pattern.ts';

const matches = (pattern: object, event: object): boolean =>
  compileEventPattern(JSON.stringify(pattern)).matches(event as Record<string, unknown>);

describe('exact values', () => {
  it.each<[string, object, object, boolean]>([
    ['a listed text', { a: ['x', 'y'] }, { a: 'y' }, true],
    ['another text', { a: ['x'] }, { a: 'X' }, false],
    ['an empty text', { a: [''] }, { a: '' }, true],
    ['a number however written', { a: [300] }, JSON.parse('{"a": 3.0e2}'), true],
    ['a number as text', { a: [300] }, { a: '300' }, false],
    ['a text for a number', { a: ['300'] }, { a: 300 }, false],
    ['true', { a: [true] }, { a: true }, true],
    ['true as text', { a: [true] }, { a: 'true' }, false],
    ['null', { a: [null] }, { a: null }, true],
    ['null as text', { a: [null] }, { a: 'null' }, false],
    ['null where the key is missing', { a: [null] }, {}, false],
    ['null where the list is empty', { a: [null] }, { a: [] }, false],
    ['null inside a list', { a: [null] }, { a: [1, null] }, true],
    ['an element of a list', { a: ['x'] }, { a: ['w', 'x'] }, true],
    ['no element of a list', { a: ['x'] }, { a: ['w', 'v'] }, false],
    ['all keys', { a: ['x'], b: ['y'] }, { a: 'x', b: 'y' }, true],
    ['only one of two keys', { a: ['x'], b: ['y'] }, { a: 'x', b: 'z' }, false],
    ['an object where a value is wanted', { a: ['x'] }, { a: { b: 'x' } }, false],
    ['a value where an object is wanted', { a: { b: ['x'] } }, { a: 'x' }, false],
    ['a nested key', { a: { b: ['x'] } }, { a: { b: 'x', c: 1 } }, true],
    ['a key of another case', { A: ['x'] }, { a: 'x' }, false],
    ['detail as text, which is not parsed', { detail: { a: ['x'] } }, { detail: '{"a":"x"}' }, false],
    ['one object of a list', { a: { b: [1], c: [2] } }, { a: [{ b: 1, c: 2 }, { b: 3 }] }, true],
    [
      'parts of two objects of a list',
      { a: { b: [1], c: [4] } },
      {
        a: [
          { b: 1, c: 2 },
          { b: 3, c: 4 },
        ],
      },
      false,
    ],
  ])('%s', (_, pattern, event, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });
});

describe('dotted keys stand for nesting', () => {
  it.each<[object, object, boolean]>([
    [{ detail: { 'state.status': ['x'] } }, { detail: { state: { status: 'x' } } }, true],
    [{ detail: { state: { status: ['x'] } } }, { detail: { 'state.status': 'x' } }, true],
    [{ 'detail.state.status': ['x'] }, { detail: { 'state.status': 'x' } }, true],
    [{ 'detail.state.status': ['x'] }, { detail: { state: { status: 'y' } } }, false],
    [{ detail: { 'a.b': [{ exists: false }] } }, { detail: { a: { b: 1 } } }, false],
    [{ detail: { a: { b: [{ exists: false }] } } }, { detail: { 'a.b': 1 } }, false],
  ])('%j on %j', (pattern, event, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });
});

describe('operators', () => {
  const table: [operator: unknown, matching: unknown[], other: unknown[]][] = [
    [{ prefix: 'ab' }, ['ab', 'abc', ['x', 'abc']], ['AB', 'xab', 1, null, undefined, {}, []]],
    [{ prefix: '' }, ['', 'x'], [1, null, undefined]],
    [{ prefix: { 'equals-ignore-case': 'Ab' } }, ['aBc'], ['xab']],
    [{ suffix: '.png' }, ['a.png'], ['a.PNG', '.png.', 1, null]],
    [{ suffix: '' }, ['', 'x'], [1, undefined]],
    [{ suffix: { 'equals-ignore-case': '.png' } }, ['a.PnG'], ['a.jpg']],
    [{ 'equals-ignore-case': 'abc' }, ['ABC', 'abc'], ['abcd', 1, null]],
    [{ wildcard: 'a*b' }, ['ab', 'axxb', 'a*b'], ['a', 'xab', 'abx', 1, null]],
    [{ wildcard: '*' }, ['', 'x'], [1]],
    [{ wildcard: 'dir/*.csv' }, ['dir/x.csv', 'dir/.csv'], ['dir/x.csv.gz']],
    [{ wildcard: 'a\\*b' }, ['a*b'], ['axb']],
    [{ wildcard: 'a\\\\b' }, ['a\\b'], ['ab']],
    [{ wildcard: '' }, [''], ['x']],
    [{ wildcard: '*a*b*' }, ['ab', 'xaybz', 'aab'], ['ba', 'b']],
    [{ 'anything-but': 'x' }, ['y', 1, null, true, ['x', 'y']], ['x', ['x'], undefined, [], {}]],
    [{ 'anything-but': ['x', 'y'] }, ['z'], ['x', 'y', undefined]],
    [{ 'anything-but': 5 }, [6, '5', null], [5, undefined]],
    [{ 'anything-but': [5, 6] }, [7], [5, 6]],
    [{ 'anything-but': { prefix: 'a' } }, ['b', 1, null], ['ab', undefined]],
    [{ 'anything-but': { prefix: ['a', 'b'] } }, ['c'], ['ax', 'bx']],
    [{ 'anything-but': { suffix: '.tmp' } }, ['x.csv'], ['x.tmp', undefined]],
    [{ 'anything-but': { suffix: ['.tmp', '.bak'] } }, ['x.csv'], ['x.bak']],
    [{ 'anything-but': { wildcard: '*/lib/*' } }, ['a/b', 3], ['a/lib/b', undefined]],
    [{ 'anything-but': { wildcard: ['a*', '*z'] } }, ['b'], ['ab', 'yz']],
    [{ 'anything-but': { 'equals-ignore-case': 'Abc' } }, ['abcd'], ['ABC', undefined]],
    [{ 'anything-but': { 'equals-ignore-case': ['a', 'b'] } }, ['c'], ['A', 'B']],
    [{ numeric: ['=', 5] }, [5, 5.0], [6, '5', null, undefined]],
    [{ numeric: ['>', 5] }, [5.1], [5, '6', null]],
    [{ numeric: ['>=', 5] }, [5], [4.9]],
    [{ numeric: ['<', 5] }, [-1], [5]],
    [{ numeric: ['<=', 5] }, [5], [5.01]],
    [{ numeric: ['>', 0, '<=', 5] }, [1, 5], [0, 6, '3', null]],
    [{ exists: true }, ['x', 0, null, false, '', [1]], [undefined, {}, { b: 1 }, []]],
    [{ exists: false }, [undefined, {}, { b: 1 }, []], ['x', null, [null]]],
    [{ cidr: '10.0.0.0/24' }, ['10.0.0.0', '10.0.0.255'], ['10.0.1.0', 'x', '10.0.0', '10.0.0.256', 1, null, '::1']],
    [{ cidr: '10.0.0.5/24' }, ['10.0.0.5', '10.0.0.255'], ['10.0.0.4', '10.0.1.0']],
    [{ exactly: 'a' }, ['a'], ['A', 'ab', 1]],
    [{ 'equals-ignore-case': 'straße' }, ['STRASSE', 'Straße'], ['strasse', 'strase']],
    [{ 'equals-ignore-case': 'a.c' }, ['A.C'], ['abc']],
    [{ cidr: '0.0.0.0/0' }, ['1.2.3.4'], ['2001:db8::1']],
    [{ cidr: '2001:db8::/32' }, ['2001:db8::1', '2001:0db8:1:2:3:4:5:6'], ['2001:db9::1', '10.0.0.1', '2001:::1']],
  ];
  const cases = table.flatMap(([operator, matching, other]) => [
    ...matching.map((value) => [operator, value, true] as const),
    ...other.map((value) => [operator, value, false] as const),
  ]);
  it.each(cases)('%j on %j is %s', (operator, value, expected) => {
    expect(matches({ a: [operator] }, value === undefined ? {} : { a: value })).toBe(expected);
  });

  it('in one list are alternatives', () => {
    const pattern = { a: ['x', { prefix: 'y' }, { exists: false }] };
    expect([{ a: 'x' }, { a: 'yz' }, {}, { a: 'z' }].map((event) => matches(pattern, event))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('exists: false holds also where the parent is missing', () => {
    expect(matches({ a: { b: { c: [{ exists: false }] } } }, {})).toBe(true);
    expect(matches({ a: { b: { c: [{ exists: false }] } } }, { a: 'x' })).toBe(true);
    expect(matches({ a: { b: [{ exists: false }] } }, { a: [{ b: 1 }, {}] })).toBe(false);
  });
});

describe('$or', () => {
  const pattern = {
    source: ['s'],
    detail: { $or: [{ a: ['x'] }, { b: [{ numeric: ['>', 5] }], c: ['y'] }], d: ['z'] },
  };
  it.each<[object, boolean]>([
    [{ source: 's', detail: { a: 'x', d: 'z' } }, true],
    [{ source: 's', detail: { b: 6, c: 'y', d: 'z' } }, true],
    [{ source: 's', detail: { b: 6, c: 'n', d: 'z' } }, false],
    [{ source: 's', detail: { a: 'x' } }, false],
    [{ source: 't', detail: { a: 'x', d: 'z' } }, false],
  ])('joins fields: %j is %s', (event, expected) => {
    expect(matches(pattern, event)).toBe(expected);
  });

  it('works at the top and nested in itself', () => {
    const nested = { $or: [{ a: ['x'] }, { $or: [{ b: ['y'] }, { c: ['z'] }] }] };
    expect(matches(nested, { c: 'z' })).toBe(true);
    expect(matches(nested, { c: 'y' })).toBe(false);
  });
});

describe('a pattern is refused with the reason that EventBridge gives:', () => {
  it.each<[unknown, string]>([
    [{ int: 42 }, '"int" must be an object or an array'],
    [{ a: 'x' }, '"a" must be an object or an array'],
    [{ a: null }, '"a" must be an object or an array'],
    [{ a: [] }, 'Empty arrays are not allowed'],
    [{ a: { b: [] } }, 'Empty arrays are not allowed'],
    [{ a: {} }, 'Empty objects are not allowed'],
    [{ a: [{ EXISTS: true }] }, 'Unrecognized match type EXISTS'],
    [{ a: [{ exists: 'yes' }] }, 'exists match pattern must be either true or false.'],
    [{ a: [{ numeric: ['>', 0, '>', 5] }] }, 'Bad numeric range operator: >'],
    [{ a: [{ numeric: ['<', '5'] }] }, 'Value of < must be numeric'],
    [{ a: [{ numeric: ['>', null] }] }, 'Value of > must be numeric'],
    [{ a: [{ numeric: ['>', 0, '<', 'x'] }] }, 'Value of < must be numeric'],
    [{ a: [{ numeric: 5 }] }, 'Value of numeric must be an array.'],
    [{ a: [{ numeric: ['<', 5, '>', 0] }] }, 'Too many terms in numeric range expression'],
    [{ a: [{ numeric: ['!', 5] }] }, 'Unrecognized numeric range operator: !'],
    [{ a: [{ prefix: 5 }] }, 'prefix match pattern must be a string'],
    [{ a: [{ suffix: null }] }, 'suffix match pattern must be a string'],
    [{ a: [{ wildcard: 5 }] }, 'wildcard match pattern must be a string'],
    [{ a: [{ 'equals-ignore-case': ['x'] }] }, 'equals-ignore-case match pattern must be a string'],
    [{ a: [{ 'anything-but': { prefix: 5 } }] }, 'prefix/suffix match pattern must be a string'],
    [
      { a: [{ 'anything-but': { suffix: { 'equals-ignore-case': 'x' } } }] },
      'Value of anything-but must be an array or single string/number value.',
    ],
    [{ a: [{ 'anything-but': { prefix: '' } }] }, 'Null prefix/suffix not allowed'],
    [{ a: [{ 'anything-but': null }] }, 'Value of anything-but must be an array or single string/number value.'],
    [{ a: [{ 'anything-but': true }] }, 'Value of anything-but must be an array or single string/number value.'],
    [{ a: [{ 'anything-but': ['x', null] }] }, 'Inside anything but list, start|null|boolean is not supported.'],
    [{ a: [{ 'anything-but': [['x']] }] }, 'Inside anything but list, start|null|boolean is not supported.'],
    [{ a: [{ 'anything-but': ['x', 5] }] }, 'mixed type is not supported'],
    [{ a: [{ cidr: '10.0.0.0' }] }, "Malformed CIDR, one '/' required"],
    [{ a: [{ cidr: '10.0.0.0/x' }] }, 'Malformed CIDR, mask bits must be an integer'],
    [{ a: [{ cidr: 'xx.11.xx/8' }] }, 'Nonstandard IP address: xx.11.xx'],
    [{ a: [{ cidr: '10.0.0.1/32' }] }, 'IPv4 mask bits must be < 32'],
    [{ a: [{ cidr: '::1/128' }] }, 'IPv6 mask bits must be < 128'],
    [{ a: [{ numeric: ['>', 5, '<', 5] }] }, 'Bottom must be less than top'],
    [{ a: [{ exactly: 1 }] }, 'exact match pattern must be a string'],
    [{ a: [{ cidr: '10.0.0.0/33' }] }, 'IPv4 mask bits must be < 32'],
    [{ a: [{ wildcard: 'x**y' }] }, 'Consecutive wildcard characters at pos 2'],
    [{ a: [{ 'anything-but': { wildcard: '**' } }] }, 'Consecutive wildcard characters at pos 1'],
    [{ a: [{ wildcard: '*a'.repeat(30) }] }, 'Rule is too complex - try using fewer wildcard characters'],
    [{ a: [{ prefix: 'x', suffix: 'y' }] }, 'Only one key allowed in match expression'],
    [{ a: [['x']] }, 'Match value must be String, number, true, false, or null'],
  ])('%j: %s', (pattern, reason) => {
    expect(() => compileEventPattern(JSON.stringify(pattern))).toThrow(EventPatternError);
    expect(() => compileEventPattern(JSON.stringify(pattern))).toThrow(reason);
  });

  it('text that is no object', () => {
    expect(() => compileEventPattern('"this is not an object"')).toThrow(
      'Filter is not an object\n at [Source: (String)""this is not an object""; line: 1, column: 2]',
    );
    expect(() => compileEventPattern('[1]')).toThrow('Filter is not an object');
    expect(() => compileEventPattern('{')).toThrow(EventPatternError);
  });
});

it('a pattern tells by which exact values alone it can match, on each way through its $or', () => {
  const ways = (pattern: object) => compileEventPattern(JSON.stringify(pattern)).ways;
  expect(ways({ source: ['a', 'b'], detail: { n: [1], t: [{ prefix: 'x' }] } })).toEqual([
    [
      { path: ['source'], values: ['a', 'b'] },
      { path: ['detail', 'n'], values: [1] },
    ],
  ]);
  expect(ways({ source: [{ prefix: 'a' }, 'b'] })).toEqual([[]]);
  expect(ways({ $or: [{ 'detail.a': ['x'] }, { b: [{ exists: true }] }] })).toEqual([
    [{ path: ['detail', 'a'], values: ['x'] }],
    [],
  ]);
});

describe('$or beside a statement about one of its fields', () => {
  const either = [{ a: ['2'] }, { b: ['3'] }];

  it.each([
    ['what stands behind it takes the place of what is in it', { $or: either, a: ['1'] }, { a: '1' }, true],
    ['what stands behind it must hold', { $or: either, a: ['1'] }, { a: '2', b: '3' }, false],
    ['what is in it takes the place of what stands before it', { a: ['1'], $or: either }, { a: '2' }, true],
    ['what stands before it must hold for the others', { a: ['1'], $or: either }, { a: '4', b: '3' }, false],
    ['what stands before it holds for the others', { a: ['1'], $or: either }, { a: '1', b: '3' }, true],
    ['also in a field below', { d: { $or: either, a: ['1'] } }, { d: { a: '1' } }, true],
    ['a field of a strange name changes nothing', { $or: either, ['__proto__']: { x: ['1'] } }, { a: '2' }, false],
  ])('%s', (_, pattern, event, isMatch) => {
    expect(matches(pattern, event)).toBe(isMatch);
  });

  it('is refused when it makes too many combinations', () => {
    const four = { $or: [{ a: ['1'] }, { b: ['1'] }, { c: ['1'] }, { d: ['1'] }] };
    const pattern = Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, four]));
    expect(() => matches(pattern, {})).toThrow('more than 1000 combinations');
  });
});
