import type { Json, JsonObject } from '../../../core/index.ts';
import { runtimeFailure } from './errors.ts';
import { PathNotFoundError } from './json-path.ts';
import { lookUp, lookUpPath, type Scope } from './scope.ts';
import { parseOffsetDateTime } from './timestamp.ts';

type Comparison = (value: Json, wanted: Json) => boolean;

const ordered = (kind: 'string' | 'number', holds: (order: number) => boolean): Comparison => {
  return (value, wanted) => {
    if (kind === 'string') {
      return (
        typeof value === 'string' && typeof wanted === 'string' && holds(value < wanted ? -1 : value > wanted ? 1 : 0)
      );
    }
    return typeof value === 'number' && typeof wanted === 'number' && holds(value - wanted);
  };
};

const timed = (holds: (order: number) => boolean): Comparison => {
  return (value, wanted) => {
    if (typeof value !== 'string' || typeof wanted !== 'string') return false;
    const [at, wantedAt] = [parseOffsetDateTime(value), parseOffsetDateTime(wanted)];
    return at !== undefined && wantedAt !== undefined && holds(at - wantedAt);
  };
};

const ORDERS: Readonly<Record<string, (order: number) => boolean>> = {
  Equals: (order) => order === 0,
  LessThan: (order) => order < 0,
  GreaterThan: (order) => order > 0,
  LessThanEquals: (order) => order <= 0,
  GreaterThanEquals: (order) => order >= 0,
};

const comparisons = new Map<string, Comparison>([
  ['BooleanEquals', (value, wanted) => typeof value === 'boolean' && value === wanted],
  ...Object.entries(ORDERS).flatMap(([name, holds]): [string, Comparison][] => [
    [`String${name}`, ordered('string', holds)],
    [`Numeric${name}`, ordered('number', holds)],
    [`Timestamp${name}`, timed(holds)],
  ]),
]);

/** Comparisons with a value of the definition; all but `StringMatches` also as `…Path` with a value of the input. */
export const COMPARISONS: ReadonlySet<string> = new Set([
  'StringMatches',
  ...comparisons.keys(),
  ...[...comparisons.keys()].map((name) => `${name}Path`),
]);

export const TYPE_TESTS: ReadonlySet<string> = new Set([
  'IsNull',
  'IsPresent',
  'IsNumeric',
  'IsString',
  'IsBoolean',
  'IsTimestamp',
]);

const patterns = new Map<string, RegExp>();

/** `*` stands for any characters unless a backslash is before it. */
const matchesPattern = (text: string, pattern: string): boolean => {
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    const source = pattern.replace(/\\([\s\S])|([\s\S])/g, (_, escaped?: string, plain?: string) => {
      if (escaped === undefined && plain === '*') return '[\\s\\S]*';
      return ((escaped ?? plain) as string).replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
    });
    compiled = new RegExp(`^${source}$`);
    patterns.set(pattern, compiled);
  }
  return compiled.test(text);
};

/** Whether a rule of a JSONPath `Choice` holds. */
export const holds = (rule: JsonObject, scope: Scope): boolean => {
  if (Array.isArray(rule.And)) return rule.And.every((each) => holds(each as JsonObject, scope));
  if (Array.isArray(rule.Or)) return rule.Or.some((each) => holds(each as JsonObject, scope));
  if (rule.Not !== undefined) return !holds(rule.Not as JsonObject, scope);
  const variable = rule.Variable as string;
  for (const [operator, wanted] of Object.entries(rule)) {
    if (TYPE_TESTS.has(operator)) return testType(operator, variable, scope) === wanted;
    if (!COMPARISONS.has(operator)) continue;
    const value = comparedValue(variable, scope);
    if (operator === 'StringMatches') return typeof value === 'string' && matchesPattern(value, wanted as string);
    const isPath = operator.endsWith('Path');
    const compare = comparisons.get(isPath ? operator.slice(0, -4) : operator) as Comparison;
    return compare(value, isPath ? lookUpPath(wanted as string, scope) : wanted);
  }
  return false;
};

const comparedValue = (variable: string, scope: Scope): Json => {
  try {
    return lookUp(variable, scope);
  } catch (error) {
    if (!(error instanceof PathNotFoundError)) throw error;
    throw runtimeFailure(`Invalid path '${variable}': The choice state's condition path references an invalid value.`);
  }
};

const testType = (operator: string, variable: string, scope: Scope): boolean => {
  let value: Json;
  try {
    value = lookUp(variable, scope);
  } catch (error) {
    if (!(error instanceof PathNotFoundError)) throw error;
    if (operator === 'IsPresent') return false;
    return comparedValue(variable, scope) === null;
  }
  switch (operator) {
    case 'IsPresent':
      return true;
    case 'IsNull':
      return value === null;
    case 'IsNumeric':
      return typeof value === 'number';
    case 'IsString':
      return typeof value === 'string';
    case 'IsBoolean':
      return typeof value === 'boolean';
    default:
      return typeof value === 'string' && parseOffsetDateTime(value) !== undefined;
  }
};
