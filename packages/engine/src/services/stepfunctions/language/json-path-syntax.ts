import type { Json } from '../../../core/index.ts';
import { TextReader } from './text-reader.ts';

/**
 * JSONPath as Step Functions reads it: the grammar and the failures of Jayway JsonPath, whose wording shows in the
 * causes of executions. https://github.com/json-path/JsonPath
 */

export type Segment =
  | { readonly kind: 'names'; readonly names: readonly string[] }
  | { readonly kind: 'wildcard' }
  | { readonly kind: 'indexes'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from: number | undefined; readonly to: number | undefined }
  | { readonly kind: 'filter'; readonly filter: Filter }
  | { readonly kind: 'scan' }
  | { readonly kind: 'function'; readonly name: string };

export interface JsonPath {
  readonly text: string;
  /** `''` is the input, `$` the context object, anything else a variable. */
  readonly root: string;
  readonly segments: readonly Segment[];
  /** A path that leads to at most one place gives the value there; any other gives a list. */
  readonly isDefinite: boolean;
}

export class PathSyntaxError extends Error {}

/** What stands between the brackets of `[?( … )]`. */
export type Filter =
  | { readonly kind: 'or' | 'and'; readonly parts: readonly Filter[] }
  | { readonly kind: 'not'; readonly part: Filter }
  | { readonly kind: 'exists'; readonly operand: Operand }
  | { readonly kind: 'compare'; readonly operator: string; readonly left: Operand; readonly right: Operand };

export type Operand =
  | { readonly kind: 'path'; readonly isRoot: boolean; readonly segments: readonly Segment[] }
  | { readonly kind: 'value'; readonly value: Json }
  | { readonly kind: 'pattern'; readonly pattern: RegExp };

const NAME = /[^\s.[\]()'"*?:,@&|!<>=~{}\\]/;
const FUNCTIONS = new Set(['length', 'keys', 'min', 'max', 'avg', 'sum', 'stddev', 'concat', 'first', 'last']);

const parsed = new Map<string, JsonPath>();
const PARSED_MAX = 10_000;

/** Reads a path, each text once. */
export const parsePath = (text: string): JsonPath => {
  let path = parsed.get(text);
  if (path === undefined) {
    path = readWhole(text);
    if (parsed.size >= PARSED_MAX) parsed.clear();
    parsed.set(text, path);
  }
  return path;
};

export const isPath = (text: string): boolean => {
  try {
    parsePath(text);
    return true;
  } catch {
    return false;
  }
};

/** Paths that say where a value goes: names and single indexes alone. */
export const isReferencePath = (text: string): boolean => {
  if (!isPath(text)) return false;
  const { root, segments } = parsePath(text);
  return (
    root === '' &&
    segments.every(
      (segment) =>
        (segment.kind === 'names' && segment.names.length === 1) ||
        (segment.kind === 'indexes' && segment.indexes.length === 1),
    )
  );
};

const readWhole = (text: string): JsonPath => {
  const reader = new TextReader(text, (what) => new PathSyntaxError(`${what} in path ${text}`));
  reader.expect('$');
  let root = '';
  if (reader.take('$')) root = '$';
  else if (/[\p{ID_Start}_]/u.test(reader.peek())) root = reader.takeWhile(/[\p{ID_Continue}_]/u);
  const segments = readSegments(reader);
  if (!reader.isAtEnd) throw reader.failure(`unexpected ${reader.peek()}`);
  return { text, root, segments, isDefinite: segments.every(isSingle) };
};

const isSingle = (segment: Segment): boolean => {
  if (segment.kind === 'names') return segment.names.length === 1;
  if (segment.kind === 'indexes') return segment.indexes.length === 1;
  return segment.kind === 'function';
};

/** The segments of a path after its root, as far as they go. */
const readSegments = (reader: TextReader): Segment[] => {
  const segments: Segment[] = [];
  for (;;) {
    if (reader.take('..')) {
      segments.push({ kind: 'scan' });
      if (reader.peek() === '[') segments.push(readBracket(reader));
      else segments.push(readDotted(reader));
    } else if (reader.take('.')) {
      if (reader.peek() === '[') segments.push(readBracket(reader));
      else segments.push(readDotted(reader));
    } else if (reader.peek() === '[') segments.push(readBracket(reader));
    else return segments;
  }
};

const readDotted = (reader: TextReader): Segment => {
  if (reader.take('*')) return { kind: 'wildcard' };
  const name = reader.takeWhile(NAME);
  if (name === '') throw reader.failure('a name is missing');
  if (FUNCTIONS.has(name) && reader.take('()')) return { kind: 'function', name };
  return { kind: 'names', names: [name] };
};

const readBracket = (reader: TextReader): Segment => {
  reader.expect('[');
  reader.skipSpace();
  const segment = readInBrackets(reader);
  reader.skipSpace();
  reader.expect(']');
  return segment;
};

const readInBrackets = (reader: TextReader): Segment => {
  if (reader.take('*')) return { kind: 'wildcard' };
  if (reader.take('?')) {
    reader.skipSpace();
    reader.expect('(');
    const filter = parseFilter(reader);
    reader.expect(')');
    return { kind: 'filter', filter };
  }
  const next = reader.peek();
  if (next === "'" || next === '"') {
    const names = [reader.takeQuoted()];
    while (takeComma(reader)) names.push(reader.takeQuoted());
    return { kind: 'names', names };
  }
  const first = reader.takeInteger();
  reader.skipSpace();
  if (reader.take(':')) {
    reader.skipSpace();
    return { kind: 'slice', from: first, to: reader.takeInteger() };
  }
  if (first === undefined) throw reader.failure('an index is missing');
  const indexes = [first];
  while (takeComma(reader)) {
    const index = reader.takeInteger();
    if (index === undefined) throw reader.failure('an index is missing');
    indexes.push(index);
  }
  return { kind: 'indexes', indexes };
};

const takeComma = (reader: TextReader): boolean => {
  reader.skipSpace();
  if (!reader.take(',')) return false;
  reader.skipSpace();
  return true;
};

const OPERATOR = /==|!=|<=|>=|=~|<|>|(?:in|nin|contains|size|empty|subsetof|anyof|noneof)\b/y;

const parseFilter = (reader: TextReader): Filter => {
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
