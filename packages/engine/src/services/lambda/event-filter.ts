import { compileCondition, EventPatternError, type LeafCondition } from './event-filter-operators.ts';

/** A compiled event pattern. */
export interface EventPattern {
  /** Whether a JSON value (parsed) satisfies the pattern. */
  matches(event: unknown): boolean;
}

/** Every key must hold; a key holds one more level, or a leaf whose conditions are alternatives. */
interface PatternNode {
  readonly children: ReadonlyMap<string, PatternNode>;
  readonly leaves: ReadonlyMap<string, readonly LeafCondition[]>;
  /** `$or`: of each group at least one must hold. */
  readonly alternatives: readonly (readonly PatternNode[])[];
}

interface Building {
  children: Map<string, Building>;
  leaves: Map<string, readonly LeafCondition[]>;
  alternatives: PatternNode[][];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const emptyNode = (): Building => ({ children: new Map(), leaves: new Map(), alternatives: [] });

/** `a.b` in a pattern means the same as `b` inside `a`. */
const descend = (node: Building, path: readonly string[]): Building => {
  let current = node;
  for (const key of path) {
    let child = current.children.get(key);
    if (child === undefined) {
      child = emptyNode();
      current.children.set(key, child);
    }
    current = child;
  }
  return current;
};

const compileAlternatives = (value: unknown): PatternNode[] => {
  if (!Array.isArray(value) || value.length === 0) throw new EventPatternError('"$or" must be an array of objects');
  return value.map((branch) => {
    if (!isObject(branch)) throw new EventPatternError('"$or" must be an array of objects');
    const node = emptyNode();
    compileInto(node, branch);
    return node;
  });
};

const compileInto = (node: Building, pattern: Readonly<Record<string, unknown>>): void => {
  const entries = Object.entries(pattern);
  if (entries.length === 0) throw new EventPatternError('Empty objects are not allowed');
  for (const [key, value] of entries) {
    if (key === '$or') {
      node.alternatives.push(compileAlternatives(value));
      continue;
    }
    const path = key.split('.');
    const name = path.at(-1) as string;
    const parent = descend(node, path.slice(0, -1));
    if (Array.isArray(value)) {
      if (value.length === 0) throw new EventPatternError('Empty arrays are not allowed');
      parent.leaves.set(name, value.map(compileCondition));
    } else if (isObject(value)) {
      compileInto(descend(parent, [name]), value);
    } else {
      throw new EventPatternError(`"${key}" must be an object or an array`);
    }
  }
};

/** The member of an event; `{"a.b": 1}` also answers for `b` inside `a`. `undefined` when there is none. */
const memberOf = (event: unknown, key: string): unknown => {
  if (!isObject(event)) return undefined;
  if (Object.hasOwn(event, key)) return event[key];
  let inside: Record<string, unknown> | undefined;
  for (const [name, value] of Object.entries(event)) {
    if (!name.startsWith(`${key}.`)) continue;
    inside ??= {};
    inside[name.slice(key.length + 1)] = value;
  }
  return inside;
};

const scalarsOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value.flatMap(scalarsOf);
  return value === undefined || isObject(value) ? [] : [value];
};

const nodeMatches = (node: PatternNode, event: unknown): boolean => {
  // Of an array of objects one element must satisfy everything asked of it.
  if (Array.isArray(event)) {
    return event.length === 0 ? nodeMatches(node, undefined) : event.some((element) => nodeMatches(node, element));
  }
  for (const [key, conditions] of node.leaves) {
    const scalars = scalarsOf(memberOf(event, key));
    if (!conditions.some((condition) => condition(scalars))) return false;
  }
  for (const [key, child] of node.children) {
    if (!nodeMatches(child, memberOf(event, key))) return false;
  }
  return node.alternatives.every((branches) => branches.some((branch) => nodeMatches(branch, event)));
};

/**
 * Compiles an event pattern as EventBridge, Lambda filter criteria and Pipes use it: leaves are arrays of
 * alternatives, keys are all required.
 *
 * @throws EventPatternError whose `reason` is AWS's
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
export const compileEventPattern = (text: string): EventPattern => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  if (!isObject(parsed)) {
    throw new EventPatternError(`Filter is not an object\n at [Source: (String)"${text}"; line: 1, column: 2]`);
  }
  const root = emptyNode();
  // An empty pattern is valid and matches every event.
  if (Object.keys(parsed).length > 0) compileInto(root, parsed);
  return { matches: (event) => nodeMatches(root, event) };
};
