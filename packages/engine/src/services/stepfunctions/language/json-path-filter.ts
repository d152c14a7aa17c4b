import type { Json } from '../../../core/index.ts';
import { readSegments, type Segment, selectAll } from './json-path.ts';
import type { TextReader } from './text-reader.ts';

/** What stands between the brackets of `[?( … )]`. */
export type Filter =
  | { readonly kind: 'or' | 'and'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'exists'; readonly operand: Operand }
  | { readonly kind: 'compare'; readonly operator: string; readonly left: Operand; readonly right: Operand };

type Operand =
  | { readonly kind: 'path'; readonly isRoot: boolean; readonly segments: readonly Segment[] }
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'pattern'; readonly pattern: RegExp };

const OPERATOR = /==|!=|<=|>=|=~|<|>|(?:in|nin|contains|size|empty|subsetof|anyof|noneof)\b/y;

export const parseFilter = (reader: TextReader): Filter => {
  const parts = [parseAnd(reader)];
  while (takeOperator(reader, '||')) parts.push(parseAnd(reader));
  return parts.length === 1 ? (parts[0] as Filter) : { kind: 'or', parts };
};

const takeOperator = (reader: TextReader, operator: string): boolean => {
  reader.skipSpace();
  return reader.take(operator);
};

const parseAnd = (reader: TextReader): Filter => {
  const parts = [parseUnary(reader)];
  while (takeOperator(reader, '&&')) parts.push(parseUnary(reader));
  return parts.length === 1 ? (parts[0] as Filter) : { kind: 'and', parts };
};

const parseUnary = (reader: TextReader): Filter => {
  reader.skipSpace();
  if (reader.take('!')) return { kind: 'not', part: parseUnary(reader) };
  if (reader.take('(')) {
    const inner = parseFilter(reader);
    reader.skipSpace();
    reader.expect(')');
    return inner;
  }
  const left = parseOperand(reader);
  reader.skipSpace();
  const operator = reader.takeMatch(OPERATOR);
  if (operator === undefined) return { kind: 'exists', operand: left };
  reader.skipSpace();
  const right = parseOperand(reader);
  reader.skipSpace();
  return { kind: 'compare', operator, left, right };
};

const parseOperand = (reader: TextReader): Operand => {
  const next = reader.peek();
  if (next === '@' || next === '$') {
    reader.take(next);
    return { kind: 'path', isRoot: next === '$', segments: readSegments(reader) };
  }
  if (next === "'" || next === '"') return { kind: 'value', value: reader.takeQuoted() };
  if (next === '/') {
    const literal = reader.takeMatch(/\/(?:\\.|[^/\\])*\/[a-z]*/y);
    const [, source, flags] = /^\/(.*)\/([a-z]*)$/s.exec(literal ?? '') ?? [];
    if (source === undefined) throw reader.failure('a pattern does not end');
    return { kind: 'pattern', pattern: new RegExp(`^(?:${source})$`, flags?.includes('i') ? 'i' : '') };
  }
  if (next === '[') {
    const literal = reader.takeMatch(/\[[^\]]*\]/y) ?? '';
    return { kind: 'value', value: parseLiteral(literal.replaceAll("'", '"'), reader) };
  }
  const literal = reader.takeMatch(/true|false|null|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y);
  if (literal === undefined) throw reader.failure('a value is missing in a filter');
  return { kind: 'value', value: parseLiteral(literal, reader) };
};

const parseLiteral = (text: string, reader: TextReader): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw reader.failure('a value cannot be read in a filter');
  }
};

const valuesOf = (operand: Operand, item: Json, root: Json): readonly Json[] => {
  if (operand.kind === 'value') return [operand.value];
  return operand.kind === 'path' ? selectAll(operand.segments, operand.isRoot ? root : item, root) : [];
};

export const matchesFilter = (filter: Filter, item: Json, root: Json): boolean => {
  switch (filter.kind) {
    case 'or':
      return filter.parts.some((part) => matchesFilter(part, item, root));
    case 'and':
      return filter.parts.every((part) => matchesFilter(part, item, root));
    case 'not':
      return !matchesFilter(filter.part, item, root);
    case 'exists':
      return valuesOf(filter.operand, item, root).length > 0;
    default: {
      const { operator, left, right } = filter;
      const [a] = valuesOf(left, item, root);
      if (right.kind === 'pattern') return typeof a === 'string' && right.pattern.test(a);
      const [b] = valuesOf(right, item, root);
      return compare(operator, a, b);
    }
  }
};

const isSame = (a: Json | undefined, b: Json | undefined): boolean =>
  a === b || (typeof a === 'object' && typeof b === 'object' && JSON.stringify(a) === JSON.stringify(b));

const includes = (list: Json | undefined, value: Json | undefined): boolean =>
  Array.isArray(list) && list.some((each) => isSame(each, value));

const sizeOf = (value: Json | undefined): number | undefined =>
  typeof value === 'string' || Array.isArray(value) ? value.length : undefined;

const compare = (operator: string, a: Json | undefined, b: Json | undefined): boolean => {
  switch (operator) {
    case '==':
      return isSame(a, b);
    case '!=':
      return !isSame(a, b);
    case 'in':
      return includes(b, a);
    case 'nin':
      return !includes(b, a);
    case 'contains':
      return typeof a === 'string' ? typeof b === 'string' && a.includes(b) : includes(a, b);
    case 'size':
      return sizeOf(a) === b;
    case 'empty':
      return (sizeOf(a) === 0) === b;
    case 'subsetof':
      return Array.isArray(a) && a.every((each) => includes(b, each));
    case 'anyof':
      return Array.isArray(a) && a.some((each) => includes(b, each));
    case 'noneof':
      return Array.isArray(a) && !a.some((each) => includes(b, each));
    default:
      return isOrdered(operator, a, b);
  }
};

const isOrdered = (operator: string, a: Json | undefined, b: Json | undefined): boolean => {
  const comparable =
    (typeof a === 'number' && typeof b === 'number') || (typeof a === 'string' && typeof b === 'string');
  if (!comparable) return false;
  const [x, y] = [a as number, b as number];
  if (operator === '<') return x < y;
  if (operator === '<=') return x <= y;
  return operator === '>' ? x > y : x >= y;
};
