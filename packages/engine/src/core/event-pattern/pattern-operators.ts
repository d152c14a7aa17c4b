import { compileCidr } from './cidr.ts';
import { refusePattern } from './pattern-error.ts';
import { compileWildcard } from './wildcard.ts';

/** Decides about one scalar value of an event. */
export type ValueTest = (value: unknown) => boolean;

/** A leaf's alternative: a test of present values, or a statement about presence. */
export type Alternative = { readonly test: ValueTest } | { readonly exists: boolean };

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const textTest = (test: (text: string) => boolean): ValueTest => {
  return (value) => typeof value === 'string' && test(value);
};

const isPlainObject = (value: Json | undefined): value is { readonly [key: string]: Json } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const only = (matcher: { readonly [key: string]: Json }): readonly [string, Json] => {
  const entries = Object.entries(matcher);
  if (entries.length !== 1) return refusePattern('Only one key allowed in match expression');
  return entries[0] as [string, Json];
};

const equalsIgnoreCase = (operand: Json): ValueTest => {
  if (typeof operand !== 'string') return refusePattern('equals-ignore-case match pattern must be a string');
  const wanted = ignoringCase(operand);
  return textTest((text) => wanted.test(text));
};

/**
 * Each character may stand in its small or its capital form, as AWS's matcher has it: `ß` as `ß` or `SS`, never as `ss`.
 */
const ignoringCase = (operand: string): RegExp => {
  const forms = Array.from(operand, (char) => {
    const [small, capital] = [char.toLowerCase(), char.toUpperCase()].map((form) =>
      form.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'),
    );
    return small === capital ? small : `(?:${small}|${capital})`;
  });
  return new RegExp(`^${forms.join('')}$`, 's');
};

const affix = (kind: 'prefix' | 'suffix', operand: Json): ValueTest => {
  const matches = (text: string, part: string): boolean =>
    kind === 'prefix' ? text.startsWith(part) : text.endsWith(part);
  if (typeof operand === 'string') return textTest((text) => matches(text, operand));
  if (isPlainObject(operand)) {
    const [name, inner] = only(operand);
    if (name !== 'equals-ignore-case') return refusePattern(`Unsupported anything-but pattern: ${name}`);
    if (typeof inner !== 'string') return refusePattern('equals-ignore-case match pattern must be a string');
    const wanted = inner.toLowerCase();
    return textTest((text) => matches(text.toLowerCase(), wanted));
  }
  return refusePattern(`${kind} match pattern must be a string`);
};

const wildcard = (operand: Json): ValueTest =>
  typeof operand === 'string'
    ? textTest(compileWildcard(operand))
    : refusePattern('wildcard match pattern must be a string');

const bound = (value: Json | undefined, operator: string): number =>
  typeof value === 'number' ? value : refusePattern(`Value of ${operator} must be numeric`);

const numeric = (operand: Json): ValueTest => {
  if (!Array.isArray(operand)) return refusePattern('Value of numeric must be an array.');
  const [operator, value, ...rest] = operand as readonly Json[];
  if (typeof operator !== 'string') return refusePattern(`Invalid member in numeric match: ${String(operator)}`);
  const numberTest = (test: (number: number) => boolean): ValueTest => {
    return (candidate) => typeof candidate === 'number' && test(candidate);
  };
  if (operator === '=') {
    const wanted = typeof value === 'number' ? value : refusePattern('Value of equals must be numeric');
    if (rest.length > 0) return refusePattern('Too many terms in numeric equality');
    return numberTest((number) => number === wanted);
  }
  if (operator === '<' || operator === '<=') {
    const top = bound(value, operator);
    if (rest.length > 0) return refusePattern('Too many terms in numeric range expression');
    return numberTest(operator === '<' ? (number) => number < top : (number) => number <= top);
  }
  if (operator !== '>' && operator !== '>=') return refusePattern(`Unrecognized numeric range operator: ${operator}`);
  const bottom = bound(value, operator);
  const isAbove = (number: number): boolean => (operator === '>' ? number > bottom : number >= bottom);
  if (rest.length === 0) return numberTest(isAbove);
  const [upperOperator, upperValue, ...more] = rest;
  if (upperOperator !== '<' && upperOperator !== '<=') {
    return refusePattern(`Bad numeric range operator: ${String(upperOperator)}`);
  }
  const top = bound(upperValue, upperOperator);
  if (more.length > 0) return refusePattern('Too many terms in numeric range expression');
  if (top <= bottom) return refusePattern('Bottom must be less than top');
  return numberTest((number) => isAbove(number) && (upperOperator === '<' ? number < top : number <= top));
};

/** The operand of `anything-but`: a value or list of them, all texts or all numbers. */
const anythingButValues = (operand: Json): ValueTest => {
  const list = Array.isArray(operand) ? (operand as readonly Json[]) : [operand];
  if (list.length === 0) return refusePattern('Empty arrays are not allowed');
  for (const item of list) {
    if (typeof item === 'string' || typeof item === 'number') continue;
    if (Array.isArray(operand)) {
      return refusePattern('Inside anything but list, start|null|boolean is not supported.');
    }
    return refusePattern('Value of anything-but must be an array or single string/number value.');
  }
  if (new Set(list.map((item) => typeof item)).size > 1) {
    return refusePattern(
      'Inside anything but list, either all values are number or string, mixed type is not supported',
    );
  }
  const excluded = new Set<unknown>(list);
  return (value) => !excluded.has(value);
};

const anythingButTexts = (name: string, operand: Json): ValueTest => {
  const list = Array.isArray(operand) ? (operand as readonly Json[]) : [operand];
  if (list.length === 0) return refusePattern('Empty arrays are not allowed');
  const tests = list.map((item): ValueTest => {
    if (name === 'prefix' || name === 'suffix') {
      if (isPlainObject(item)) {
        return refusePattern('Value of anything-but must be an array or single string/number value.');
      }
      if (typeof item !== 'string') return refusePattern('prefix/suffix match pattern must be a string');
      if (item === '') return refusePattern('Null prefix/suffix not allowed');
      return affix(name, item);
    }
    if (typeof item !== 'string' && name === 'equals-ignore-case') {
      return refusePattern('Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.');
    }
    return name === 'wildcard' ? wildcard(item) : equalsIgnoreCase(item);
  });
  return (value) => !tests.some((test) => test(value));
};

const anythingBut = (operand: Json): ValueTest => {
  if (!isPlainObject(operand)) return anythingButValues(operand);
  const [name, inner] = only(operand);
  if (!['prefix', 'suffix', 'wildcard', 'equals-ignore-case'].includes(name)) {
    return refusePattern(`Unsupported anything-but pattern: ${name}`);
  }
  return anythingButTexts(name, inner);
};

/** Compiles one element of a leaf's list: a value to equal, or an object with one operator. */
export const compileAlternative = (element: Json): Alternative => {
  if (Array.isArray(element)) return refusePattern('Match value must be String, number, true, false, or null');
  if (!isPlainObject(element)) return { test: (value) => value === element };
  const [name, operand] = only(element);
  switch (name) {
    case 'exactly':
      return typeof operand === 'string'
        ? { test: (value) => value === operand }
        : refusePattern('exact match pattern must be a string');
    case 'prefix':
    case 'suffix':
      return { test: affix(name, operand) };
    case 'equals-ignore-case':
      return { test: equalsIgnoreCase(operand) };
    case 'wildcard':
      return { test: wildcard(operand) };
    case 'anything-but':
      return { test: anythingBut(operand) };
    case 'numeric':
      return { test: numeric(operand) };
    case 'exists':
      return typeof operand === 'boolean'
        ? { exists: operand }
        : refusePattern('exists match pattern must be either true or false.');
    case 'cidr':
      return {
        test:
          typeof operand === 'string' ? compileCidr(operand) : refusePattern('prefix match pattern must be a string'),
      };
    default:
      return refusePattern(`Unrecognized match type ${name}`);
  }
};
