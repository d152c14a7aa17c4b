import { parseBoundedJson } from '../bounded-json.ts';
import { EventPatternError, refusePattern } from './pattern-error.ts';
import { type Alternative, compileAlternative } from './pattern-operators.ts';
import { placeOf } from './pattern-position.ts';

export { EventPatternError } from './pattern-error.ts';

/** A compiled event pattern: pure, and made once per rule. */
export interface EventPattern {
  matches(event: Readonly<Record<string, unknown>>): boolean;
  /** What each way through the pattern's `$or`s asks of fields by exact values alone: lets a bus index its rules. */
  readonly ways: readonly (readonly ExactField[])[];
}

/** A field, and the only values with which it can match. */
export interface ExactField {
  readonly path: readonly string[];
  readonly values: readonly (string | number | boolean | null)[];
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Decides about a value found under a key. `trail` has what was gone through to it, the whole event first: for what must
 * be missing below one of these.
 */
type Node = (value: unknown, trail: (Fields | undefined)[]) => boolean;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Scalars of a leaf: an array stands for its elements, an object and an empty array for nothing. */
const scalarsOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value.flatMap(scalarsOf);
  return value === undefined || isFields(value) ? [] : [value];
};

/**
 * What an event holds under a key. A dotted key stands for nesting, so `{"a.b": 1}` answers under `a` with
 * `{"b": 1}`.
 */
const valuesUnder = (fields: Fields, key: string): readonly unknown[] => {
  const found: unknown[] = Object.hasOwn(fields, key) ? [fields[key]] : [];
  for (const name in fields) {
    if (name.length > key.length && name.startsWith(key) && name[key.length] === '.') {
      found.push({ [name.slice(key.length + 1)]: fields[name] });
    }
  }
  return found;
};

const existsAt = (value: unknown, path: readonly string[]): boolean => {
  if (Array.isArray(value)) return value.some((element) => existsAt(element, path));
  const [key, ...rest] = path;
  if (key === undefined) return value !== undefined && !isFields(value);
  return isFields(value) && valuesUnder(value, key).some((inner) => existsAt(inner, rest));
};

const leaf = (alternatives: readonly Alternative[], path: readonly string[], boundDepth: number): Node => {
  const tests = alternatives.flatMap((alternative) => ('test' in alternative ? [alternative.test] : []));
  const mayExist = alternatives.some((alternative) => 'exists' in alternative && alternative.exists);
  const mayMiss = alternatives.some((alternative) => 'exists' in alternative && !alternative.exists);
  const below = path.slice(boundDepth);
  return (value, trail) => {
    for (const scalar of scalarsOf(value)) {
      if (mayExist) return true;
      for (const test of tests) if (test(scalar)) return true;
    }
    return mayMiss && !existsAt(trail[boundDepth], below);
  };
};

const allOf = (children: readonly (readonly [string, Node])[], depth: number): Node => {
  const matchesFields = (fields: Fields | undefined, trail: (Fields | undefined)[]): boolean =>
    children.every(([key, node]) => {
      // A child before this one may have come by elsewhere.
      trail[depth] = fields;
      const values = fields === undefined ? [] : valuesUnder(fields, key);
      return values.length === 0 ? node(undefined, trail) : values.some((value) => node(value, trail));
    });
  return (value, trail) => {
    // An array of objects matches when one and the same element satisfies every field.
    if (Array.isArray(value)) {
      const elements = value.flat(Number.POSITIVE_INFINITY).filter(isFields);
      return elements.length === 0
        ? matchesFields(undefined, trail)
        : elements.some((element) => matchesFields(element, trail));
    }
    return matchesFields(isFields(value) ? value : undefined, trail);
  };
};

/** `$or` is an operator when it lists at least two objects; else it is a field of that name. */
const isOr = (key: string, value: unknown): boolean =>
  key === '$or' && Array.isArray(value) && value.length > 1 && value.every(isFields);

/** Paths of a pattern's leaves that want a value. */
type Wanted = readonly (readonly string[])[];

const wantedPaths = (fields: Fields, path: readonly string[]): Wanted =>
  Object.entries(fields).flatMap(([key, value]) => {
    const at = [...path, ...key.split('.')];
    if (isFields(value)) return wantedPaths(value, at);
    const mayMiss = Array.isArray(value) && value.some((one) => isFields(one) && one['exists'] === false);
    return mayMiss ? [] : [at];
  });

const sharedLength = (a: readonly string[], b: readonly string[]): number => {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
};

/**
 * How far down from the event it is settled which elements of lists are meant, where something must be missing: as far
 * as a path goes the same way that wants a value. AWS's matcher looks at paths in the order of their names, so only those
 * before it count.
 */
const boundDepthOf = (path: readonly string[], wanted: Wanted): number => {
  const name = path.join('.');
  return Math.max(0, ...wanted.filter((one) => one.join('.') < name).map((one) => sharedLength(one, path)));
};

const compileValue = (key: string, value: unknown, path: readonly string[], wanted: Wanted): Node => {
  if (Array.isArray(value)) {
    if (value.length === 0) return refusePattern('Empty arrays are not allowed');
    return leaf(value.map(compileAlternative), path, boundDepthOf(path, wanted));
  }
  if (!isFields(value)) return refusePattern(`"${key}" must be an object or an array`);
  return compileFields(value, path, wanted);
};

/** What one way through the `$or`s of a pattern asks of each field, by path. */
type Way = ReadonlyMap<string, { readonly keys: readonly string[]; readonly value: unknown }>;

const WAYS_MAX = 1_000;

const waysThrough = (fields: Fields, path: readonly string[], ways: readonly Way[]): readonly Way[] => {
  let all = ways;
  const entries = Object.entries(fields);
  if (entries.length === 0) return refusePattern('Empty objects are not allowed');
  for (const [key, value] of entries) {
    const keys = [...path, key];
    if (isOr(key, value)) all = (value as readonly Fields[]).flatMap((branch) => waysThrough(branch, path, all));
    else if (isFields(value)) all = waysThrough(value, keys, all);
    else all = all.map((way) => new Map([...way, [keys.join('.'), { keys, value }]]));
    if (all.length > WAYS_MAX) return refusePattern(`$or makes more than ${WAYS_MAX} combinations`);
  }
  return all;
};

const hasOr = (fields: Fields): boolean =>
  Object.entries(fields).some(([key, value]) => isOr(key, value) || (isFields(value) && hasOr(value)));

/**
 * A pattern as patterns without `$or`, one of which must match. As in AWS's matcher, what is written later about a field
 * takes the place of what was said before, also when one of the two stands inside a `$or`.
 */
const withoutOr = (pattern: Fields): readonly Fields[] => {
  if (!hasOr(pattern)) return [pattern];
  return waysThrough(pattern, [], [new Map()]).map((way) => {
    const fields: Record<string, unknown> = Object.create(null);
    for (const { keys, value } of way.values()) {
      let at = fields;
      for (const key of keys.slice(0, -1)) {
        if (!isFields(at[key])) at[key] = Object.create(null);
        at = at[key] as Record<string, unknown>;
      }
      at[keys.at(-1) as string] = value;
    }
    return fields;
  });
};

const compileFields = (fields: Fields, path: readonly string[], wanted: Wanted): Node => {
  const entries = Object.entries(fields);
  if (entries.length === 0) return refusePattern('Empty objects are not allowed');
  return allOf(
    entries.map(([key, value]): readonly [string, Node] => {
      const [first, ...rest] = key.split('.') as [string, ...string[]];
      let node = compileValue(key, value, [...path, first, ...rest], wanted);
      for (let at = rest.length; at > 0; at--) node = allOf([[rest[at - 1] as string, node]], path.length + at);
      return [first, node];
    }),
    path.length,
  );
};

const exactFieldsOf = (fields: Fields, path: readonly string[]): ExactField[] =>
  Object.entries(fields).flatMap(([key, value]): ExactField[] => {
    const at = [...path, ...key.split('.')];
    if (isFields(value)) return exactFieldsOf(value, at);
    const isExact = Array.isArray(value) && value.every((one) => typeof one !== 'object' || one === null);
    return isExact ? [{ path: at, values: value }] : [];
  });

/** All scalars that an event has at a path, through whatever lists lie on it. */
export const exactValuesAt = (value: unknown, path: readonly string[], depth = 0): readonly unknown[] => {
  if (depth === path.length) return scalarsOf(value);
  if (Array.isArray(value)) return value.flatMap((element) => exactValuesAt(element, path, depth));
  if (!isFields(value)) return [];
  const found = valuesUnder(value, path[depth] as string);
  return found.length === 1
    ? exactValuesAt(found[0], path, depth + 1)
    : found.flatMap((inner) => exactValuesAt(inner, path, depth + 1));
};

/**
 * Compiles an event pattern given as an object.
 *
 * @throws EventPatternError with EventBridge's reason
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export const compilePatternObject = (pattern: unknown): EventPattern => {
  if (!isFields(pattern)) return refusePattern('Filter is not an object');
  const alternatives = withoutOr(pattern);
  const nodes = alternatives.map((fields) => compileFields(fields, [], wantedPaths(fields, [])));
  const [single] = nodes;
  const node: Node =
    nodes.length === 1 && single !== undefined ? single : (value, trail) => nodes.some((each) => each(value, trail));
  return {
    matches: (event) => node(event, []),
    ways: alternatives.map((fields) => exactFieldsOf(fields, [])),
  };
};

/**
 * Compiles an event pattern given as JSON text.
 *
 * @throws EventPatternError with EventBridge's reason
 */
export const compileEventPattern = (source: string): EventPattern => {
  let pattern: unknown;
  try {
    pattern = parseBoundedJson(source);
  } catch {
    throw new EventPatternError(`Malformed JSON\n at [Source: (String)"${source}"; line: 1, column: 1]`);
  }
  if (!isFields(pattern)) {
    throw new EventPatternError(`Filter is not an object\n at [Source: (String)"${source}"; line: 1, column: 2]`);
  }
  try {
    return compilePatternObject(pattern);
  } catch (error) {
    if (!(error instanceof EventPatternError)) throw error;
    throw new EventPatternError(`${error.message}${placeOf(source, error.message)}`);
  }
};
