import { describe, expect, it } from 'vitest';
import type { AttributeValue, Item } from '../attribute-value.ts';
import { applyUpdate } from './apply-update.ts';
import { ExpressionBinder } from './bind.ts';
import { matches } from './evaluate.ts';
import { projectPaths } from './project.ts';

const VALUES: Record<string, AttributeValue> = {
  ':s': { S: 'ell' },
  ':n': { N: '1' },
  ':five': { N: '5' },
  ':l': { L: [{ S: 'x' }] },
  ':m': { M: {} },
  ':ss': { SS: ['a'] },
  ':b': { B: new Uint8Array([1]) },
  ':t': { S: 'SS' },
};

const binder = (): ExpressionBinder =>
  new ExpressionBinder({ ExpressionAttributeNames: { '#s': 'size', '#d': 'a.b' }, ExpressionAttributeValues: VALUES });

const ITEM: Item = {
  a: { M: { b: { L: [{ N: '1' }, { M: { c: { S: 'hello' } } }, { N: '3' }] } } },
  word: { S: 'hello' },
  amount: { N: '7' },
  tags: { SS: ['a', 'b'] },
  bytes: { B: new Uint8Array([0, 1, 2]) },
  things: { L: [{ S: 'x' }, { N: '1' }] },
  'a.b': { S: 'dotted' },
};

const holds = (text: string): boolean => matches(binder().condition('ConditionExpression', text), ITEM);

describe('conditions', () => {
  it.each([
    ['a.b[1].c = word', true],
    ['a.b[7].c = word', false],
    ['contains(word, :s)', true],
    ['contains(tags, :s)', false],
    ['contains(things, :n)', true],
    ['contains(bytes, :b)', true],
    ['begins_with(word, :s)', false],
    ['attribute_type(tags, :t)', true],
    ['size(word) = :five', true],
    ['size(a.b) > :n AND size(absent) > :n', false],
    ['absent <> :n', true],
    ['absent = :n', false],
    ['word > :n', false],
    ['(word) = (a.b[1].c)', true],
    ['(amount > :five)', true],
    ['not (amount > :five) or attribute_exists(#d)', true],
    [':n between :n and :five', true],
    ['word IN (:n, a.b[1].c)', true],
  ])('%s is %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  it.each([
    ['', 'The expression can not be empty;'],
    ['a = ', 'Syntax error; token: "<EOF>", near: "="'],
    ['a == :n', 'Syntax error; token: "=", near: "== :n"'],
    ['a = 5', 'Syntax error; token: "5", near: "= 5"'],
    ['a', 'Syntax error; token: "<EOF>", near: "a"'],
    ['status = :n', 'Attribute name is a reserved keyword; reserved keyword: status'],
    ['nope(a)', 'Invalid function name; function: nope'],
    ['size(a)', 'The function is not allowed to be used this way in an expression; function: size'],
    [
      'attribute_exists(a) = :n',
      'The function is not allowed to be used this way in an expression; function: attribute_exists',
    ],
    ['((a = :n))', 'The expression has redundant parentheses;'],
    ['#x = :n', 'An expression attribute name used in the document path is not defined; attribute name: #x'],
    ['a = :x', 'An expression attribute value used in expression is not defined; attribute value: :x'],
    [
      'a = a',
      'The first operand must be distinct from the remaining operands for this operator or function; ' +
        'operator: =, first operand: [a]',
    ],
    [
      'begins_with(a, :n)',
      'Incorrect operand type for operator or function; operator or function: begins_with, operand type: N',
    ],
    ['attribute_exists(:n)', 'Operator or function requires a document path; operator or function: attribute_exists'],
    [
      'contains(a)',
      'Incorrect number of operands for operator or function; operator or function: contains, number of operands: 1',
    ],
    ['a < :m', 'Incorrect operand type for operator or function; operator or function: <, operand type: M'],
    [
      'a BETWEEN :five AND :n',
      'The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ' +
        'lower bound operand: AttributeValue: {N:5}, upper bound operand: AttributeValue: {N:1}',
    ],
    [
      'attribute_type(a, :s)',
      'Invalid attribute type name found; type: ell, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}',
    ],
  ])('%s is refused in the words of AWS', (text, problem) => {
    expect(() => holds(text)).toThrow(`Invalid ConditionExpression: ${problem}`);
  });

  it('names and values that nothing uses are refused', () => {
    const unused = binder();
    unused.condition('ConditionExpression', 'word = :s AND #s = :n');

    expect(() => unused.checkAllUsed()).toThrow(
      'Value provided in ExpressionAttributeNames unused in expressions: keys: {#d}',
    );
  });

  it('the dot in a name given as placeholder is part of the name', () => {
    expect(holds('#d = :s')).toBe(false);
    expect(matches(binder().condition('ConditionExpression', 'attribute_exists(#d)'), { 'a.b': { N: '1' } })).toBe(
      true,
    );
  });
});

const update = (text: string, item: Item = ITEM): Item => applyUpdate(item, binder().update(text));

describe('updates', () => {
  it.each<[string, Item]>([
    ['SET total2 = amount + :five', { total2: { N: '12' } }],
    ['SET total2 = (amount - :five)', { total2: { N: '2' } }],
    ['SET fresh = if_not_exists(absent, :n) + :five', { fresh: { N: '6' } }],
    ['SET things = list_append(:l, things)', { things: { L: [{ S: 'x' }, { S: 'x' }, { N: '1' }] } }],
    ['SET things[9] = :n', { things: { L: [{ S: 'x' }, { N: '1' }, { N: '1' }] } }],
    ['REMOVE things[0], things[1]', { things: { L: [] } }],
    ['SET things[0] = :five REMOVE things[1]', { things: { L: [{ N: '5' }] } }],
    ['ADD amount :five, fresh :n', { amount: { N: '12' }, fresh: { N: '1' } }],
    ['ADD tags :ss', { tags: { SS: ['a', 'b'] } }],
    ['DELETE tags :ss', { tags: { SS: ['b'] } }],
    ['set word = amount, amount = word', { word: { N: '7' }, amount: { S: 'hello' } }],
    ['REMOVE absent', {}],
  ])('%s', (text, changed) => {
    expect(update(text)).toEqual({ ...ITEM, ...changed });
  });

  it('a nested change leaves the item that was there untouched', () => {
    const before = structuredClone(ITEM);

    const after = update('SET a.b[1].c = :s REMOVE a.b[0]');

    expect(ITEM).toEqual(before);
    expect(after['a']).toEqual({ M: { b: { L: [{ M: { c: { S: 'ell' } } }, { N: '3' }] } } });
  });

  it('an emptied set goes away', () => {
    expect(update('DELETE tags :ss', { tags: { SS: ['a'] } })).toEqual({});
  });

  it.each([
    ['SET a.x.y = :n', 'The document path provided in the update expression is invalid for update'],
    ['SET fresh = absent', 'The provided expression refers to an attribute that does not exist in the item'],
    ['SET fresh = word + :n', 'An operand in the update expression has an incorrect data type'],
    ['ADD word :n', 'An operand in the update expression has an incorrect data type'],
  ])('%s fails at the item', (text, problem) => {
    expect(() => update(text)).toThrow(problem);
  });

  it.each([
    [
      'SET a = :n, a.b = :n',
      'Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b]',
    ],
    [
      'SET a[0] = :n, a.b = :n',
      'Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, [0]], path two: [a, b]',
    ],
    ['SET x = :n SET y = :n', 'The "SET" section can only be used once in an update expression;'],
    ['ADD x :s', 'Incorrect operand type for operator or function; operator: ADD, operand type: STRING'],
    ['SET x = :s + :n', 'Incorrect operand type for operator or function; operator or function: +, operand type: S'],
    ['SET x = size(y)', 'Invalid function name; function: size'],
    ['SET x', 'Syntax error; token: "<EOF>", near: "x"'],
    ['x = :n', 'Syntax error; token: "x", near: "x ="'],
    ['SET name = :n', 'Attribute name is a reserved keyword; reserved keyword: name'],
    [
      'SET x = if_not_exists(:n, :n)',
      'Operator or function requires a document path; operator or function: if_not_exists',
    ],
  ])('%s is refused in the words of AWS', (text, problem) => {
    expect(() => update(text)).toThrow(`Invalid UpdateExpression: ${problem}`);
  });
});

describe('projections', () => {
  it('keep the places of what they choose, list elements closing ranks', () => {
    const paths = binder().projection('a.b[2], a.b[1].c, word, absent, #d');

    expect(projectPaths(ITEM, paths)).toEqual({
      a: { M: { b: { L: [{ M: { c: { S: 'hello' } } }, { N: '3' }] } } },
      word: { S: 'hello' },
      'a.b': { S: 'dotted' },
    });
  });
});
