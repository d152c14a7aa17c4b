import { InvalidInputError } from '@holdfast/kernel';

/** What a rule, and the fingerprint, look at. */
export interface Describable {
  /** `csv-parser`; empty where nobody says. */
  readonly sourceName?: string;
  readonly condition: string;
  readonly error: string;
  readonly stack?: string | undefined;
}

/** A user's own grouping: what matches is one group, whatever the built-in rules say. The first that matches decides. */
export interface FingerprintRule {
  readonly name: string;
  /** Regular expressions; all that are given must match. */
  readonly source?: string;
  readonly condition?: string;
  readonly error?: string;
  /** The group; `$1` is what the first bracket of `error` matched. */
  readonly group: string;
  readonly tests?: readonly {
    readonly failure: { readonly source?: string; readonly condition?: string; readonly error: string };
    /** Absent where the rule must not match. */
    readonly group?: string;
  }[];
}

const MEMBERS = ['name', 'source', 'condition', 'error', 'group', 'tests'];

const refuse = (field: string, value: unknown, rule: string): never => {
  throw new InvalidInputError(`rules: ${field}`, value, rule);
};

/** The group that a rule makes of a failure; `undefined` where it does not match. */
const groupBy = ({ source, condition, error, group }: FingerprintRule, failure: Describable): string | undefined => {
  if (source !== undefined && !new RegExp(source, 'u').test(failure.sourceName ?? '')) return undefined;
  if (condition !== undefined && !new RegExp(condition, 'u').test(failure.condition)) return undefined;
  if (error === undefined) return group;
  const found = new RegExp(error, 'u').exec(failure.error);
  return found === null ? undefined : group.replaceAll(/\$(\d)/g, (_, index: string) => found[Number(index)] ?? '');
};

/** The first rule that matches, and its group. */
export const ruleFor = (
  rules: readonly FingerprintRule[],
  failure: Describable,
): { readonly rule: string; readonly group: string } | undefined => {
  for (const rule of rules) {
    const group = groupBy(rule, failure);
    if (group !== undefined) return { rule: rule.name, group };
  }
  return undefined;
};

/**
 * Reads rules: a JSON list. Their own tests are run, and one that fails refuses all of them: a group that is not what
 * somebody thinks it is hides failures.
 *
 * @throws InvalidInputError naming the field, its value and the rule
 */
export const parseRules = (text: string): readonly FingerprintRule[] => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return refuse('text', `${text.slice(0, 40)}…`, `must be JSON: ${(error as Error).message}`);
  }
  if (!Array.isArray(value)) return refuse('text', value, 'must be a list of rules');
  for (const [index, rule] of (value as Record<string, unknown>[]).entries()) {
    for (const name of Object.keys(rule)) {
      if (!MEMBERS.includes(name)) refuse(`[${index}].${name}`, rule[name], `is not known; use ${MEMBERS.join(', ')}`);
    }
    for (const name of ['name', 'group']) {
      if (typeof rule[name] !== 'string' || rule[name] === '')
        refuse(`[${index}].${name}`, rule[name], 'must be a text');
    }
    for (const name of ['source', 'condition', 'error']) {
      if (rule[name] === undefined) continue;
      try {
        new RegExp(String(rule[name]), 'u');
      } catch (error) {
        refuse(`[${index}].${name}`, rule[name], `must be a regular expression: ${(error as Error).message}`);
      }
    }
  }
  const rules = value as readonly FingerprintRule[];
  for (const rule of rules) {
    for (const { failure, group } of rule.tests ?? []) {
      const { source = '', condition = '', error } = failure;
      const found = groupBy(rule, { sourceName: source, condition, error });
      if (found !== group) refuse(`${rule.name}, test "${error}"`, group, `is ${JSON.stringify(found ?? 'no match')}`);
    }
  }
  return rules;
};
