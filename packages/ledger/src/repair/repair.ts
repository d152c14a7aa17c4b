import { InvalidInputError, setMember } from '@holdfast/kernel';
import { stepsOf, valueAt } from '../selection.ts';

/** What must be true of a body for a repair to touch it. Paths are as in `vendor.items[0].id`. */
export type Condition =
  | { readonly path: string; readonly is: unknown }
  | { readonly path: string; readonly matches: string }
  | { readonly path: string; readonly exists: boolean };

/** One change of a body. */
export type RepairStep =
  | { readonly set: string; readonly to: unknown }
  | { readonly remove: string }
  | { readonly rename: string; readonly to: string }
  | { readonly copy: string; readonly to: string }
  | { readonly replace: string; readonly pattern: string; readonly with: string }
  | { readonly convert: string; readonly to: 'number' | 'text' | 'boolean' };

export interface RepairTest {
  readonly name: string;
  readonly before: unknown;
  /** What the body must be afterwards; the same as before where the repair must not touch it. */
  readonly after: unknown;
}

/** A repair of bodies, as it is written in a file: conditions that must all be met, steps in order, and its own tests. */
export interface Repair {
  readonly name: string;
  readonly when: readonly Condition[];
  readonly steps: readonly RepairStep[];
  readonly tests: readonly RepairTest[];
}

const STEP_KINDS = ['set', 'remove', 'rename', 'copy', 'replace', 'convert'] as const;
const CONDITION_KINDS = ['is', 'matches', 'exists'] as const;

const refuse = (field: string, value: unknown, rule: string): never => {
  throw new InvalidInputError(`repair: ${field}`, value, rule);
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const listOf = (value: unknown, field: string): readonly Record<string, unknown>[] => {
  if (!Array.isArray(value) || !value.every(isObject)) return refuse(field, value, 'must be a list of objects');
  return value;
};

/** A list of one kind of object, each with exactly the members that its kind has. */
const check = (entry: Record<string, unknown>, field: string, kinds: readonly string[], members: Members): void => {
  const kind = kinds.find((known) => Object.hasOwn(entry, known));
  const wanted = members[kind ?? refuse(field, entry, `must have one of ${kinds.join(', ')}`)] ?? [];
  for (const name of wanted)
    if (!Object.hasOwn(entry, name)) refuse(field, entry, `must have "${name}" with "${kind}"`);
  for (const name of Object.keys(entry)) {
    if (name !== kind && !wanted.includes(name)) refuse(`${field}.${name}`, entry[name], `is not known with "${kind}"`);
  }
  for (const name of ['matches', 'pattern'])
    if (typeof entry[name] === 'string') patternOf(entry[name], `${field}.${name}`);
};

type Members = Readonly<Record<string, readonly string[]>>;

const STEP_MEMBERS: Members = {
  set: ['to'],
  remove: [],
  rename: ['to'],
  copy: ['to'],
  replace: ['pattern', 'with'],
  convert: ['to'],
};
const CONDITION_MEMBERS: Members = { is: ['path'], matches: ['path'], exists: ['path'] };

const patternOf = (text: string, field: string): RegExp => {
  try {
    return new RegExp(text, 'gu');
  } catch (error) {
    return refuse(field, text, `must be a regular expression: ${(error as Error).message}`);
  }
};

/**
 * Reads a repair.
 *
 * @example
 * ```json
 * {
 *   "name": "vendors without a country",
 *   "when": [{ "path": "vendor.country", "exists": false }],
 *   "steps": [{ "set": "vendor.country", "to": "DE" }],
 *   "tests": [{ "name": "adds it", "before": { "vendor": {} }, "after": { "vendor": { "country": "DE" } } }]
 * }
 * ```
 * @throws InvalidInputError naming the field, its value and the rule
 */
export const parseRepair = (text: string): Repair => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuse('text', `${text.slice(0, 40)}…`, `must be JSON: ${(error as Error).message}`);
  }
  if (!isObject(value)) return refuse('text', value, 'must be an object with name, when, steps, tests');
  const { name, when = [], steps, tests = [], ...unknown } = value;
  for (const [field, stray] of Object.entries(unknown))
    refuse(field, stray, 'is not known; use name, when, steps, tests');
  if (typeof name !== 'string' || name === '') return refuse('name', name, 'must be a text');
  listOf(when, 'when').forEach((one, at) => {
    check(one, `when[${at}]`, CONDITION_KINDS, CONDITION_MEMBERS);
  });
  const listed = listOf(steps, 'steps');
  if (listed.length === 0) refuse('steps', steps, 'must have at least one step');
  listed.forEach((one, at) => {
    check(one, `steps[${at}]`, STEP_KINDS, STEP_MEMBERS);
  });
  listOf(tests, 'tests').forEach((one, at) => {
    for (const member of ['name', 'before', 'after']) {
      if (!Object.hasOwn(one, member)) refuse(`tests[${at}]`, one, `must have "${member}"`);
    }
  });
  return { name, when, steps, tests } as unknown as Repair;
};

const isEqual = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

const isMet = (body: unknown, condition: Condition): boolean => {
  const found = valueAt(body, stepsOf(condition.path));
  if ('is' in condition) return isEqual(found, condition.is);
  if ('exists' in condition) return (found !== undefined) === condition.exists;
  return typeof found === 'string' && new RegExp(condition.matches, 'u').test(found);
};

/** The object or list that holds what a path names. */
const holderOf = (body: unknown, path: string): { readonly holder: Record<string, unknown>; readonly name: string } => {
  const steps = stepsOf(path);
  const name = steps.at(-1) ?? '';
  const holder = valueAt(body, steps.slice(0, -1));
  if (typeof holder !== 'object' || holder === null) throw new RepairError(`there is nothing at "${path}"`);
  return { holder: holder as Record<string, unknown>, name };
};

/** A step cannot be taken on this body. */
export class RepairError extends Error {
  override readonly name = 'RepairError';
}

const take = (body: unknown, path: string): unknown => {
  const found = valueAt(body, stepsOf(path));
  if (found === undefined) throw new RepairError(`there is nothing at "${path}"`);
  return found;
};

const put = (body: unknown, path: string, value: unknown): void => {
  const { holder, name } = holderOf(body, path);
  setMember(holder, name, value);
};

const drop = (body: unknown, path: string): void => {
  const { holder, name } = holderOf(body, path);
  if (Array.isArray(holder)) holder.splice(Number(name), 1);
  else delete holder[name];
};

const CONVERT: Readonly<Record<'number' | 'text' | 'boolean', (value: unknown, path: string) => unknown>> = {
  number: (value, path) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : Number.NaN;
    if (Number.isNaN(number)) throw new RepairError(`"${path}" is ${JSON.stringify(value)}, which is no number`);
    return number;
  },
  text: (value) => (typeof value === 'string' ? value : JSON.stringify(value)),
  boolean: (value, path) => {
    if (value !== 'true' && value !== 'false') {
      throw new RepairError(`"${path}" is ${JSON.stringify(value)}, which is neither true nor false`);
    }
    return value === 'true';
  },
};

const apply = (body: unknown, step: RepairStep): void => {
  if ('set' in step) put(body, step.set, step.to);
  else if ('remove' in step) drop(body, step.remove);
  else if ('rename' in step) {
    put(body, step.to, take(body, step.rename));
    drop(body, step.rename);
  } else if ('copy' in step) put(body, step.to, structuredClone(take(body, step.copy)));
  else if ('replace' in step) {
    const text = take(body, step.replace);
    if (typeof text !== 'string') throw new RepairError(`"${step.replace}" is no text`);
    put(body, step.replace, text.replace(new RegExp(step.pattern, 'gu'), step.with));
  } else put(body, step.convert, CONVERT[step.to](take(body, step.convert), step.convert));
};

/** What a repair makes of a value; the same value where its conditions are not met. @throws RepairError */
export const repairValue = ({ when, steps }: Repair, value: unknown): unknown => {
  if (!when.every((condition) => isMet(value, condition))) return value;
  const body = structuredClone(value);
  for (const step of steps) apply(body, step);
  return body;
};

/** What a body becomes; `after` is absent where it stays as it is. */
export const repairBody = (repair: Repair, text: string): { readonly after?: string } | { readonly error: string } => {
  let before: unknown;
  try {
    before = JSON.parse(text);
  } catch {
    return { error: 'the body is no JSON' };
  }
  try {
    const after = repairValue(repair, before);
    return isEqual(before, after) ? {} : { after: JSON.stringify(after) };
  } catch (error) {
    if (error instanceof RepairError) return { error: error.message };
    throw error;
  }
};
