import { describe, expect, it } from 'vitest';
import { compileEventPattern } from './event-pattern.ts';

/**
 * How AWS's own matcher, event-ruler, decides; the events and patterns are ours.
 *
 * @see https://github.com/aws/event-ruler
 */
const matches = (pattern: object | string, event: object): boolean =>
  compileEventPattern(typeof pattern === 'string' ? pattern : JSON.stringify(pattern)).matches(
    event as Record<string, unknown>,
  );

const order = {
  year: 2026,
  flags: [{ gift: true }, { express: false }],
  lines: [
    {
      sku: 'cup',
      makers: [
        { first: 'Ada', last: 'Ohm' },
        { first: 'Bo', last: 'Watt' },
      ],
    },
    {
      sku: 'jug',
      makers: [
        { first: 'Cy', last: 'Volt' },
        { first: 'Di', last: 'Ampere' },
      ],
    },
  ],
};

describe('what is said of objects in lists is said of one of them, at each depth', () => {
  it.each<[string, object, boolean]>([
    [
      'one line and one of its makers',
      { year: [2026], lines: { sku: ['cup'], makers: { first: ['Bo'], last: ['Watt'] } } },
      true,
    ],
    [
      'members of lists that have nothing to do with each other',
      { flags: { gift: [true] }, lines: { sku: ['jug'] } },
      true,
    ],
    ['any line', { year: [2026], lines: { sku: ['jug'] } }, true],
    ['a maker of another line', { lines: { sku: ['cup'], makers: { first: ['Cy'] } } }, false],
    ['parts of two makers', { lines: { makers: { first: ['Cy'], last: ['Watt'] } } }, false],
    [
      'parts of two makers, beside something that holds',
      { flags: { gift: [true] }, lines: { makers: { first: ['Cy'], last: ['Watt'] } } },
      false,
    ],
    ['two flags of two elements', { flags: { gift: [true], express: [false] } }, false],
    ['two makers by alternatives', { lines: { makers: { first: ['Ada', 'Cy'], last: ['Volt', 'x'] } } }, true],
  ])('%s: %j', (_, pattern, expected) => {
    expect(matches(pattern, order)).toBe(expected);
  });
});

describe('exists: false is said of one element, too', () => {
  const pattern = { tasks: { state: ['on'], owner: { id: ['o'] }, parts: { more: { face: [{ exists: false }] } } } };
  const withFace = [{ more: { faces: 1, face: 'f' } }];
  it.each<[string, object[], boolean]>([
    [
      'the one that is meant has none, another has',
      [
        { state: 'on', owner: { id: 'o' }, parts: [{}] },
        { state: 'off', owner: { id: 'p' }, parts: withFace },
      ],
      true,
    ],
    [
      'all have',
      [
        { state: 'on', owner: { id: 'o' }, parts: withFace },
        { state: 'off', owner: { id: 'p' }, parts: withFace },
      ],
      false,
    ],
    ['the parents are missing', [{ state: 'on', owner: { id: 'o' } }], true],
  ])('%s', (_, tasks, expected) => {
    expect(matches(pattern, { tasks })).toBe(expected);
  });
});

it.each<[string, object, object, boolean]>([
  [
    'what comes behind it by name settles nothing',
    { a: [{ exists: false }], b: [1] },
    [{ a: 1, b: 2 }, { b: 1 }],
    false,
  ],
  ['what comes before it does', { a: [1], b: [{ exists: false }] }, [{ a: 2, b: 1 }, { a: 1 }], true],
  ['an element that is settled has it', { a: [1], b: [{ exists: false }] }, [{ a: 2 }, { a: 1, b: 1 }], false],
])('exists: false in a list: %s', (_, pattern, list, expected) => {
  expect(matches({ list: pattern }, { list })).toBe(expected);
});

describe('values', () => {
  const table: [pattern: object, holds: unknown[], holdsNot: unknown[]][] = [
    [[{ numeric: ['=', 0] }], [0, -0, 0.0, 0e5, [7, 0]], [0.1, -0.1, '0', null]],
    [[{ numeric: ['<', 0] }], [-0.1, -5e9], [0, 1]],
    [[{ numeric: ['<=', 0] }], [0, -1], [1e-6]],
    [[{ numeric: ['>', 0, '<', 1] }], [0.1, 0.999999], [0, 1, '0.5']],
    [[{ numeric: ['>=', -5, '<=', 5e9] }], [-5, 5e9, 300], [-5.000001]],
    [
      [35, { numeric: ['>', 100] }],
      [35, 3.5e1, 101],
      [36, 100],
    ],
    [
      [{ 'anything-but': { 'equals-ignore-case': ['yes', 'please'] } }],
      ['value', 'yes!'],
      ['YES', 'yEs', 'pLease', 'PLEASE', 'please'],
    ],
    [[{ 'anything-but': { 'equals-ignore-case': 'no' } }], ['nothing'], ['no', 'No']],
    [[{ 'anything-but': { wildcard: '*foo*' } }], ['barfobarobar'], ['foo', 'foobar', 'barfoo', 'barfoobar']],
    [
      [{ 'anything-but': { wildcard: ['*foo*', '*bar*'] } }],
      ['fobaor'],
      ['foos', 'sfoo', 'sfoos', 'bar', 'bars', 'sbar', 'sbars'],
    ],
    [[{ 'anything-but': { prefix: 'ap' } }], ['pa', ''], ['apple', 'ap']],
    [[{ 'anything-but': { prefix: ['ap', 'b'] } }], ['cap'], ['apple', 'b', 'bap']],
    [[{ 'anything-but': { suffix: ['ap', 'b'] } }], ['apc'], ['ap', 'cab', 'snap']],
    [[{ 'anything-but': ['a', 'b'] }], ['c', 5], ['a', 'b']],
    [[{ 'anything-but': [1, 2] }], [3, '1'], [1, 2, 2.0]],
    [[{ suffix: '统一码' }], ['唯一统一码'], ['统一', '统一码.']],
    [[{ suffix: { 'equals-ignore-case': 'éJ' } }], ['xÉj', 'éj'], ['ej']],
    [[{ prefix: { 'equals-ignore-case': 'Éj' } }], ['éJx'], ['Ej']],
    [[{ exists: true }], ['x', 0, null, false, '', [1]], []],
    [[{ cidr: '10.0.0.0/24' }], ['10.0.0.0', '10.0.0.255', ['x', '10.0.0.9']], ['10.0.1.0', '10.0.0', 'x', 10]],
    [[{ wildcard: '*.a*c' }], ['x.abc', '.ac', 'x.a.ac'], ['x.ab', 'ac']],
  ];
  for (const [pattern, holds, holdsNot] of table) {
    it.each(holds)(`${JSON.stringify(pattern)} holds of %j`, (a) => expect(matches({ a: pattern }, { a })).toBe(true));
    it.each(holdsNot)(`${JSON.stringify(pattern)} does not of %j`, (a) =>
      expect(matches({ a: pattern }, { a })).toBe(false),
    );
  }
});

describe('a name that is written twice', () => {
  it('counts as it was written last, in patterns', () => {
    expect(matches('{"a":["x"],"a":["y"]}', { a: 'y' })).toBe(true);
    expect(matches('{"a":["x"],"a":["y"]}', { a: 'x' })).toBe(false);
    expect(matches('{"a":{"b":["x"]},"a":{"c":["y"]}}', { a: { c: 'y' } })).toBe(true);
  });
});
