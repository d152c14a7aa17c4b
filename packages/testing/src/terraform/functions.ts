import type { HclText } from './hcl-text.ts';
import {
  asSet,
  isMembers,
  JoinedText,
  joined,
  jsonText,
  parseJsonText,
  type TerraformObject,
  type TerraformValue,
} from './terraform-value.ts';

export const textOf = (value: TerraformValue, at: HclText | undefined): string | JoinedText => {
  if (value instanceof JoinedText || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return at === undefined ? '' : at.fail('is no text');
};

/** A text of which all is known. */
const knownText = (value: TerraformValue, at: HclText): string => {
  const text = textOf(value, at);
  return typeof text === 'string' ? text : at.fail('is not yet known');
};

const listOf = (value: TerraformValue, at: HclText): readonly TerraformValue[] =>
  Array.isArray(value) ? (value as readonly TerraformValue[]) : at.fail('is no list');

const membersOf = (value: TerraformValue, at: HclText): TerraformObject =>
  isMembers(value) ? value : at.fail('is no object');

/** As Terraform orders the members of an object. */
export const sortedEntries = (object: TerraformObject): readonly (readonly [string, TerraformValue])[] =>
  Object.entries(object).sort(([one], [other]) => (one < other ? -1 : 1));

const isNone = (value: TerraformValue): boolean => value === undefined || value === null;

const flat = (list: readonly TerraformValue[]): readonly TerraformValue[] =>
  list.flatMap((item) => (Array.isArray(item) ? flat(item as readonly TerraformValue[]) : [item]));

const once = (list: readonly TerraformValue[]): readonly TerraformValue[] => {
  const seen = new Set<string>();
  return list.filter((item) => {
    const text = JSON.stringify(item) ?? 'null';
    return !seen.has(text) && seen.add(text);
  });
};

type Run = (args: readonly TerraformValue[], at: HclText) => TerraformValue;

const asItIs: Run = ([value]) => value;

const formatted: Run = ([format, ...values], at) => {
  const pieces = knownText(format, at).split(/(%%|%[sdv])/);
  let next = 0;
  const parts = pieces.map((piece, index) => {
    if (index % 2 === 1) return piece === '%%' ? '%' : textOf(values[next++], at);
    return piece.includes('%') ? at.fail('has a verb that is not evaluated here, as %s, %d and %v are') : piece;
  });
  return joined(parts);
};

/** Of the functions of Terraform those that make values out of what is not known before an apply. `try` is the evaluator's. */
export const FUNCTIONS: Readonly<Record<string, Run>> = {
  coalesce: (values, at) =>
    values.find((value) => !isNone(value) && value !== '') ?? at.missing('has nothing but null and empty texts'),
  compact: ([list], at) => listOf(list, at).filter((item) => !isNone(item) && item !== ''),
  concat: (lists, at) => lists.flatMap((list) => listOf(list, at)),
  distinct: ([list], at) => once(listOf(list, at)),
  element: ([list, index], at) => {
    const items = listOf(list, at);
    if (items.length === 0) return at.missing('is an empty list');
    return items[((Number(index) % items.length) + items.length) % items.length];
  },
  flatten: ([list], at) => flat(listOf(list, at)),
  format: formatted,
  join: ([separator, list = []], at) => {
    const texts = listOf(list, at).map((item) => textOf(item, at));
    return joined(texts.flatMap((text, index) => (index === 0 ? [text] : [textOf(separator, at), text])));
  },
  jsondecode: ([text], at) => parseJsonText(textOf(text, at)),
  jsonencode: ([value]) => jsonText(value),
  keys: ([object], at) => sortedEntries(membersOf(object, at)).map(([name]) => name),
  length: ([value], at) => {
    if (Array.isArray(value)) return value.length;
    return isMembers(value) ? Object.keys(value).length : [...knownText(value, at)].length;
  },
  lookup: ([object, name, fallback], at) => {
    const members = membersOf(object, at);
    const key = knownText(name, at);
    if (Object.hasOwn(members, key)) return members[key];
    return fallback === undefined ? at.missing(`has no ${key}`) : fallback;
  },
  lower: ([text], at) => knownText(text, at).toLowerCase(),
  merge: (objects, at) =>
    Object.fromEntries(objects.filter((one) => !isNone(one)).flatMap((one) => Object.entries(membersOf(one, at)))),
  one: ([list], at) => {
    const items = listOf(list, at);
    return items.length > 1 ? at.missing('has more than one item') : (items[0] ?? null);
  },
  tolist: asItIs,
  tomap: asItIs,
  toset: ([list], at) => (isMembers(list) ? list : asSet(once(listOf(list, at)))),
  tostring: ([value], at) => textOf(value, at),
  upper: ([text], at) => knownText(text, at).toUpperCase(),
  values: ([object], at) => sortedEntries(membersOf(object, at)).map(([, value]) => value),
};
