import type { Json } from '../../../core/index.ts';
import { type Filter, matchesFilter, parseFilter } from './json-path-filter.ts';
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

/** A definite path that leads nowhere; worded as Jayway does. */
export class PathNotFoundError extends Error {}

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
export const readSegments = (reader: TextReader): Segment[] => {
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

const isObject = (value: Json): value is { readonly [name: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** @throws PathNotFoundError when a definite path leads nowhere */
export const evaluatePath = (path: JsonPath, root: Json): Json =>
  path.isDefinite ? follow(path, root) : select(path.segments, 0, [root], root);

const follow = ({ segments }: JsonPath, root: Json): Json => {
  let value = root;
  let at = '$';
  for (const [position, segment] of segments.entries()) {
    const isLast = position === segments.length - 1;
    if (segment.kind === 'names') {
      const name = segment.names[0] as string;
      if (!isObject(value)) {
        const found = value === null ? 'null' : javaName(value);
        throw new PathNotFoundError(
          `Expected to find an object with property ['${name}'] in path ${at} but found '${found}'. ` +
            "This is not a json object according to the JsonProvider: 'com.jayway.jsonpath.spi.json.JacksonJsonNodeJsonProvider'.",
        );
      }
      at += `['${name}']`;
      if (!Object.hasOwn(value, name)) {
        throw new PathNotFoundError(isLast ? `No results for path: ${at}` : `Missing property in path ${at}`);
      }
      value = value[name] as Json;
    } else if (segment.kind === 'indexes') {
      const index = segment.indexes[0] as number;
      if (!Array.isArray(value)) {
        throw new PathNotFoundError(
          `Filter: [${index}] can only be applied to arrays. Current context is: ${JSON.stringify(value)}`,
        );
      }
      const item = value.at(index);
      at += `[${index}]`;
      if (item === undefined) throw new PathNotFoundError(`No results for path: ${at}`);
      value = item;
    } else if (segment.kind === 'function') {
      value = applyFunction(segment.name, value);
    }
  }
  return value;
};

/** Jackson's names of what stands where an object should. */
const javaName = (value: Json): string => {
  if (Array.isArray(value)) return 'com.fasterxml.jackson.databind.node.ArrayNode';
  if (typeof value === 'string') return 'com.fasterxml.jackson.databind.node.TextNode';
  if (typeof value === 'boolean') return 'com.fasterxml.jackson.databind.node.BooleanNode';
  return Number.isInteger(value)
    ? 'com.fasterxml.jackson.databind.node.IntNode'
    : 'com.fasterxml.jackson.databind.node.DoubleNode';
};

const select = (segments: readonly Segment[], from: number, values: readonly Json[], root: Json): Json => {
  let current = values;
  for (let position = from; position < segments.length; position++) {
    const segment = segments[position] as Segment;
    if (segment.kind === 'function') return applyFunction(segment.name, current as Json[]);
    if (segment.kind === 'scan') current = current.flatMap(everything);
    else current = current.flatMap((value) => step(segment, value, root));
  }
  return [...current];
};

/** For paths inside filters: the values that a path leads to, however many. */
export const selectAll = (segments: readonly Segment[], value: Json, root: Json): readonly Json[] => {
  const selected = select(segments, 0, [value], root);
  return Array.isArray(selected) && segments.at(-1)?.kind !== 'function' ? selected : [selected];
};

const everything = (value: Json): readonly Json[] => {
  if (Array.isArray(value)) return [value, ...value.flatMap(everything)];
  return isObject(value) ? [value, ...Object.values(value).flatMap(everything)] : [];
};

const step = (segment: Segment, value: Json, root: Json): readonly Json[] => {
  switch (segment.kind) {
    case 'names': {
      if (!isObject(value)) return [];
      const named = segment.names.filter((name) => Object.hasOwn(value, name));
      if (segment.names.length === 1) return named.map((name) => value[name] as Json);
      return [Object.fromEntries(named.map((name) => [name, value[name] as Json]))];
    }
    case 'wildcard':
      return Array.isArray(value) ? value : isObject(value) ? Object.values(value) : [];
    case 'indexes':
      if (!Array.isArray(value)) return [];
      return segment.indexes.map((index) => value.at(index)).filter((item) => item !== undefined);
    case 'slice':
      return Array.isArray(value) ? value.slice(segment.from, segment.to) : [];
    case 'filter':
      if (Array.isArray(value)) return value.filter((item) => matchesFilter(segment.filter, item, root));
      return isObject(value) && matchesFilter(segment.filter, value, root) ? [value] : [];
    default:
      return [];
  }
};

const applyFunction = (name: string, value: Json): Json => {
  if (name === 'length') {
    if (Array.isArray(value)) return value.length;
    return isObject(value) ? Object.keys(value).length : null;
  }
  if (name === 'keys') return isObject(value) ? Object.keys(value) : [];
  const items = Array.isArray(value) ? value : [value];
  if (name === 'first') return items[0] ?? null;
  if (name === 'last') return items.at(-1) ?? null;
  if (name === 'concat') return items.filter((item) => typeof item === 'string').join('');
  const numbers = items.filter((item) => typeof item === 'number');
  if (numbers.length === 0)
    throw new PathNotFoundError('Aggregation function attempted to calculate value using empty array');
  const sum = numbers.reduce((total, each) => total + each, 0);
  if (name === 'min') return Math.min(...numbers);
  if (name === 'max') return Math.max(...numbers);
  if (name === 'sum') return sum;
  const mean = sum / numbers.length;
  if (name === 'avg') return mean;
  return Math.sqrt(numbers.reduce((total, each) => total + (each - mean) ** 2, 0) / numbers.length);
};

/** Puts a value where a reference path leads; objects on the way are made. The given value is not changed. */
export const putAt = (path: JsonPath, target: Json, value: Json): Json => place(path.segments, 0, target, value);

const place = (segments: readonly Segment[], position: number, target: Json | undefined, value: Json): Json => {
  const segment = segments[position];
  if (segment === undefined) return value;
  if (segment.kind === 'indexes') {
    const index = segment.indexes[0] as number;
    if (!Array.isArray(target) || index >= target.length) throw new PathNotFoundError('no such index');
    return target.map((item, at) => (at === index ? place(segments, position + 1, item, value) : item));
  }
  const name = (segment as { readonly names: readonly string[] }).names[0] as string;
  if (target !== undefined && !isObject(target)) throw new PathNotFoundError('not an object');
  const inner = target !== undefined && Object.hasOwn(target, name) ? target[name] : undefined;
  return { ...target, [name]: place(segments, position + 1, inner, value) };
};
