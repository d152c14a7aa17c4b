import { parseBoundedJson } from '../bounded-json.ts';
import { EventPatternError, refusePattern } from './pattern-error.ts';
import { type Alternative, compileAlternative } from './pattern-operators.ts';

export { EventPatternError } from './pattern-error.ts';

/** A compiled event pattern: pure, and made once per rule. */
export interface EventPattern {
  matches(event: Readonly<Record<string, unknown>>): boolean;
  /** Values of `source` that alone can match, when the pattern lists plain texts there: lets a bus index its rules. */
  readonly sources: readonly string[] | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** Decides about a value found under a key; `root` is the whole event, for what must be missing everywhere. */
type Node = (value: unknown, root: Fields) => boolean;

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

const leaf = (alternatives: readonly Alternative[], path: readonly string[]): Node => {
  const tests = alternatives.flatMap((alternative) => ('test' in alternative ? [alternative.test] : []));
  const mayExist = alternatives.some((alternative) => 'exists' in alternative && alternative.exists);
  const mayMiss = alternatives.some((alternative) => 'exists' in alternative && !alternative.exists);
  return (value, root) => {
    for (const scalar of scalarsOf(value)) {
      if (mayExist) return true;
      for (const test of tests) if (test(scalar)) return true;
    }
    return mayMiss && !existsAt(root, path);
  };
};

const allOf = (children: readonly (readonly [string | undefined, Node])[]): Node => {
  const matchesFields = (fields: Fields | undefined, root: Fields): boolean =>
    children.every(([key, node]) => {
      if (key === undefined) return node(fields, root);
      const values = fields === undefined ? [] : valuesUnder(fields, key);
      return values.length === 0 ? node(undefined, root) : values.some((value) => node(value, root));
    });
  return (value, root) => {
    // An array of objects matches when one and the same element satisfies every field.
    if (Array.isArray(value)) {
      const elements = value.flat(Number.POSITIVE_INFINITY).filter(isFields);
      return elements.length === 0
        ? matchesFields(undefined, root)
        : elements.some((element) => matchesFields(element, root));
    }
    return matchesFields(isFields(value) ? value : undefined, root);
  };
};

const compileOr = (branches: unknown, path: readonly string[]): Node => {
  const nodes = (branches as readonly Fields[]).map((branch) => compileFields(branch, path));
  return (value, root) => nodes.some((node) => node(value, root));
};

/** `$or` is an operator when it lists at least two objects; else it is a field of that name. */
const isOr = (key: string, value: unknown): boolean =>
  key === '$or' && Array.isArray(value) && value.length > 1 && value.every(isFields);

const compileValue = (key: string, value: unknown, path: readonly string[]): Node => {
  if (Array.isArray(value)) {
    if (value.length === 0) return refusePattern('Empty arrays are not allowed');
    return leaf(value.map(compileAlternative), path);
  }
  if (!isFields(value)) return refusePattern(`"${key}" must be an object or an array`);
  return compileFields(value, path);
};

const compileFields = (fields: Fields, path: readonly string[]): Node => {
  const entries = Object.entries(fields);
  if (entries.length === 0) return refusePattern('Empty objects are not allowed');
  return allOf(
    entries.map(([key, value]): readonly [string | undefined, Node] => {
      if (isOr(key, value)) return [undefined, compileOr(value, path)];
      const [first, ...rest] = key.split('.') as [string, ...string[]];
      let node = compileValue(key, value, [...path, first, ...rest]);
      for (const name of rest.reverse()) node = allOf([[name, node]]);
      return [first, node];
    }),
  );
};

const plainSources = (fields: Fields): readonly string[] | undefined => {
  const sources = fields['source'];
  return Array.isArray(sources) && sources.every((source) => typeof source === 'string') ? sources : undefined;
};

/**
 * Compiles an event pattern given as an object.
 *
 * @throws EventPatternError with EventBridge's reason
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export const compilePatternObject = (pattern: unknown): EventPattern => {
  if (!isFields(pattern)) return refusePattern('Filter is not an object');
  const node = compileFields(pattern, []);
  return { matches: (event) => node(event, event), sources: plainSources(pattern) };
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
  return compilePatternObject(pattern);
};
