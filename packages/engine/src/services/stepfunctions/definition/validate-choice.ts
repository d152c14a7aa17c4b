import type { Json, JsonObject } from '../../../core/index.ts';
import { COMPARISONS, TYPE_TESTS } from '../language/choice.ts';
import { isPath } from '../language/json-path-syntax.ts';
import { type Findings, isObject } from './findings.ts';
import type { QueryLanguage } from './program.ts';

/** The rules of a choice, and where it goes when none holds. */
export const checkChoices = (
  found: Findings,
  state: JsonObject,
  language: QueryLanguage,
  at: string,
  states: JsonObject | undefined,
): void => {
  const { Choices: rules, Default: otherwise } = state;
  if (rules === undefined) found.fail('These fields are required: [Choices]', at);
  else if (!Array.isArray(rules) || rules.length === 0) found.fail('Value cannot be empty', `${at}/Choices`);
  else {
    for (const [index, rule] of rules.entries()) {
      const place = `${at}/Choices[${index}]`;
      if (!isObject(rule)) found.fail('Expected value of type Object', place);
      else checkRule(found, rule, language, place, states);
    }
  }
  if (otherwise !== undefined) found.target(otherwise, `${at}/Default`, states);
};

const checkRule = (
  found: Findings,
  rule: JsonObject,
  language: QueryLanguage,
  at: string,
  states: JsonObject | undefined,
): void => {
  if (rule.Next === undefined) found.fail('These fields are required: [Next]', at);
  else found.target(rule.Next, `${at}/Next`, states);
  if (language === 'JSONata') {
    if (rule.Condition === undefined) found.fail('These fields are required: [Condition]', at);
    return;
  }
  if (rule.Assign !== undefined) found.template(rule.Assign, `${at}/Assign`);
  checkComparison(found, rule, at);
};

const checkComparison = (found: Findings, rule: Json, at: string): void => {
  if (!isObject(rule)) {
    found.fail('Expected value of type Object', at);
    return;
  }
  if (Array.isArray(rule.And) || Array.isArray(rule.Or)) {
    const key = rule.And === undefined ? 'Or' : 'And';
    const parts = rule[key] as readonly Json[];
    if (parts.length === 0) found.fail('Value cannot be empty', `${at}/${key}`);
    for (const [index, part] of parts.entries()) checkComparison(found, part, `${at}/${key}[${index}]`);
    return;
  }
  if (rule.Not !== undefined) {
    checkComparison(found, rule.Not, `${at}/Not`);
    return;
  }
  if (rule.Variable === undefined) {
    found.fail('These fields are required: [Variable]', at);
    return;
  }
  if (typeof rule.Variable !== 'string' || !isPath(rule.Variable)) {
    found.fail('Value is not a valid JSONPath', `${at}/Variable`);
  }
  const operators = Object.keys(rule).filter((name) => COMPARISONS.has(name) || TYPE_TESTS.has(name));
  if (operators.length !== 1) found.fail('Exactly one comparison operator is required', at);
  for (const operator of operators) {
    const value = rule[operator];
    if (operator.endsWith('Path') && (typeof value !== 'string' || !isPath(value))) {
      found.fail('Value is not a valid JSONPath', `${at}/${operator}`);
    }
  }
  const known = new Set(['Variable', 'Next', 'Comment', 'Assign', 'Output']);
  for (const name of Object.keys(rule)) {
    if (!known.has(name) && !operators.includes(name)) found.fail(`Field '${name}' is not supported`, at);
  }
};
