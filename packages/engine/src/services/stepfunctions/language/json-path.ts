import type { Json } from '../../../core/index.ts';
import { compare } from './json-path-operators.ts';
import type { Filter, JsonPath, Operand, Segment } from './json-path-syntax.ts';

/** A definite path that leads nowhere; worded as Jayway does. */
export class PathNotFoundError extends Error {}

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
const selectAll = (segments: readonly Segment[], value: Json, root: Json): readonly Json[] => {
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

const valuesOf = (operand: Operand, item: Json, root: Json): readonly Json[] => {
  if (operand.kind === 'value') return [operand.value];
  return operand.kind === 'path' ? selectAll(operand.segments, operand.isRoot ? root : item, root) : [];
};

const matchesFilter = (filter: Filter, item: Json, root: Json): boolean => {
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
