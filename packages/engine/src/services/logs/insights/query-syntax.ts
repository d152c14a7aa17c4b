import { notSupported } from '../../../core/index.ts';
import { AGGREGATES } from './aggregates.ts';
import { FUNCTIONS } from './query-functions.ts';
import { malformed, type Token, tokensOf } from './query-tokens.ts';

/** An expression of a query, parsed. */
export type Expression =
  | { readonly kind: 'value'; readonly value: string | number | boolean }
  | { readonly kind: 'field'; readonly name: string }
  | { readonly kind: 'regex'; readonly regex: RegExp }
  | { readonly kind: 'call'; readonly name: string; readonly parameters: readonly Expression[] }
  | { readonly kind: 'not'; readonly operand: Expression }
  | { readonly kind: 'in'; readonly operand: Expression; readonly values: readonly Expression[] }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Expression; readonly right: Expression };

/** An expression and the column that it becomes. */
export interface Column {
  readonly name: string;
  readonly expression: Expression;
}

export type Command =
  | { readonly kind: 'fields' | 'display'; readonly columns: readonly Column[] }
  | { readonly kind: 'filter'; readonly condition: Expression }
  | { readonly kind: 'stats'; readonly columns: readonly Column[]; readonly by: readonly Column[] }
  | {
      readonly kind: 'sort';
      readonly keys: readonly { readonly expression: Expression; readonly isDescending: boolean }[];
    }
  | { readonly kind: 'limit'; readonly count: number }
  | { readonly kind: 'dedup'; readonly fields: readonly Expression[] }
  | { readonly kind: 'parse'; readonly field: Expression; readonly pattern: RegExp; readonly names: readonly string[] };

const REFUSED = ['pattern', 'diff', 'anomaly', 'unmask', 'unnest', 'filterIndex', 'join', 'lookup', 'SOURCE'];
const LEVELS: readonly (readonly string[])[] = [
  ['=', '==', '!=', '<', '<=', '>', '>=', '=~', 'like'],
  ['+', '-'],
  ['*', '/', '%'],
  ['^'],
];

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** `a * b *`: each asterisk is a field, as short as the text after it allows. */
const globOf = (glob: string): RegExp => {
  const parts = glob.split('*').map(escaped);
  const last = parts.length - 1;
  return new RegExp(
    parts
      .map((part, index) => (index === 0 ? part : `${index === last && part === '' ? '(.*)' : '(.*?)'}${part}`))
      .join(''),
    's',
  );
};

/** `/(?i)error/`, as AWS writes it: flags at the beginning hold for the whole expression. `/error/i` is taken as well. */
const REGEX = /^\/(?:\(\?(?<flags>[ims]+)\))?(?<source>.*)\/(?<ending>i?)$/s;

const regexOf = ({ text, at }: Token): RegExp => {
  const { flags = '', source = '', ending = '' } = REGEX.exec(text)?.groups ?? {};
  try {
    return new RegExp(source, [...new Set(flags + ending)].join(''));
  } catch {
    throw malformed('invalid regular expression', at);
  }
};

/** Reads a Logs Insights query. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html */
export const parseQuery = (source: string): readonly Command[] => {
  const tokens = tokensOf(source);
  let position = 0;
  const peek = (text: string): boolean => {
    const token = tokens[position];
    return token !== undefined && token.kind !== 'text' && token.kind !== 'regex' && token.text.toLowerCase() === text;
  };
  const take = (text: string): boolean => {
    if (!peek(text)) return false;
    position += 1;
    return true;
  };
  const unexpected = (): Error => {
    const token = tokens[position];
    return token === undefined
      ? malformed('unexpected end of query', source.length)
      : malformed(`unexpected symbol found ${token.text}`, token.at);
  };
  const expect = (text: string): void => {
    if (!take(text)) throw unexpected();
  };
  const next = (): Token => {
    const token = tokens[position++];
    if (token === undefined) throw malformed('unexpected end of query', source.length);
    return token;
  };
  const list = <Item>(read: () => Item): Item[] => {
    const items = [read()];
    while (take(',')) items.push(read());
    return items;
  };

  const primary = (): Expression => {
    if (take('(')) {
      const inner = either();
      expect(')');
      return inner;
    }
    if (take('-')) return { kind: 'binary', operator: '-', left: { kind: 'value', value: 0 }, right: primary() };
    const token = next();
    if (token.kind === 'number') {
      return { kind: 'value', value: /^[\d.]+$/.test(token.text) ? Number(token.text) : token.text };
    }
    if (token.kind === 'text') return { kind: 'value', value: token.text };
    if (token.kind === 'regex') return { kind: 'regex', regex: regexOf(token) };
    if (token.kind === 'symbol' && token.text === '*') return { kind: 'value', value: '*' };
    if (token.kind !== 'name') {
      position -= 1;
      throw unexpected();
    }
    if (take('(')) {
      const parameters = peek(')') ? [] : list(either);
      expect(')');
      const known = [...Object.keys(FUNCTIONS), ...Object.keys(AGGREGATES)].find(
        (name) => name.toLowerCase() === token.text.toLowerCase(),
      );
      if (known === undefined) throw notSupported(`the function ${token.text} in queries of logs`);
      return { kind: 'call', name: known, parameters };
    }
    if (token.text === 'true' || token.text === 'false') return { kind: 'value', value: token.text === 'true' };
    return { kind: 'field', name: token.text };
  };
  const binary = (level: number): Expression => {
    const operators = LEVELS[level];
    if (operators === undefined) return primary();
    let left = binary(level + 1);
    for (;;) {
      const isNegated =
        level === 0 && peek('not') && ['like', 'in'].includes(tokens[position + 1]?.text.toLowerCase() ?? '');
      if (isNegated) position += 1;
      if (level === 0 && take('in')) {
        expect('[');
        const values = peek(']') ? [] : list(either);
        expect(']');
        left = { kind: 'in', operand: left, values };
      } else {
        const operator = operators.find((text) => peek(text));
        if (operator === undefined) return left;
        position += 1;
        left = { kind: 'binary', operator, left, right: binary(level + 1) };
      }
      if (isNegated) left = { kind: 'not', operand: left };
    }
  };
  const negation = (): Expression => (take('not') ? { kind: 'not', operand: negation() } : binary(0));
  const both = (): Expression => {
    let left = negation();
    while (take('and')) left = { kind: 'binary', operator: 'and', left, right: negation() };
    return left;
  };
  const either = (): Expression => {
    let left = both();
    while (take('or')) left = { kind: 'binary', operator: 'or', left, right: both() };
    return left;
  };
  /** A column is called what was written, unless it is given a name. */
  const column = (): Column => {
    const from = tokens[position]?.at ?? source.length;
    const expression = either();
    const to = tokens[position]?.at ?? source.length;
    if (take('as')) return { name: next().text, expression };
    const written = source.slice(from, to).trim().replace(/^`|`$/g, '');
    return { name: expression.kind === 'field' ? expression.name : written, expression };
  };

  const command = (): Command => {
    const word = next();
    switch (word.text.toLowerCase()) {
      case 'fields':
      case 'display':
        return { kind: word.text.toLowerCase() as 'fields' | 'display', columns: list(column) };
      case 'filter':
        return { kind: 'filter', condition: either() };
      case 'stats': {
        const columns = list(column);
        return { kind: 'stats', columns, by: take('by') ? list(column) : [] };
      }
      case 'sort':
        take('by');
        return {
          kind: 'sort',
          keys: list(() => {
            const expression = either();
            const isDescending = take('desc') || !take('asc');
            return { expression, isDescending };
          }),
        };
      case 'limit':
      case 'head': {
        const { kind, text, at } = next();
        if (kind !== 'number' || !/^\d+$/.test(text) || Number(text) < 1) throw malformed('limit takes a number', at);
        return { kind: 'limit', count: Number(text) };
      }
      case 'dedup':
        return { kind: 'dedup', fields: list(either) };
      case 'parse': {
        const first = tokens[position];
        const field: Expression =
          first?.kind === 'name' ? { kind: 'field', name: next().text } : { kind: 'field', name: '@message' };
        const pattern = next();
        if (pattern.kind === 'regex') {
          const regex = regexOf(pattern);
          const names = [...pattern.text.matchAll(/\(\?<([A-Za-z]\w*)>/g)].map(([, name]) => name as string);
          if (take('as')) list(() => next().text);
          return { kind: 'parse', field, pattern: regex, names };
        }
        if (pattern.kind !== 'text') throw malformed(`unexpected symbol found ${pattern.text}`, pattern.at);
        expect('as');
        const names = list(() => next().text);
        if (names.length !== pattern.text.split('*').length - 1) {
          throw malformed('parse takes as many names as the pattern has asterisks', pattern.at);
        }
        return { kind: 'parse', field, pattern: globOf(pattern.text), names };
      }
      default:
        if (REFUSED.includes(word.text)) throw notSupported(`${word.text} in queries of logs`);
        position -= 1;
        throw unexpected();
    }
  };
  const commands = [command()];
  while (take('|')) commands.push(command());
  if (position < tokens.length) throw unexpected();
  return commands;
};
