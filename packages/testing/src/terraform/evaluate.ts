import type { HclExpression } from './hcl-expression.ts';
import type { HclText } from './hcl-text.ts';
import { isMembers, JoinedText, joined, jsonText, parseJsonText, type TerraformValue } from './terraform-value.ts';

/** What a name stands for: `var.endpoint`, `aws_sqs_queue.dlq.arn`. */
export type Lookup = (root: string, steps: readonly (string | number)[], at: HclText) => TerraformValue;

const textOf = (value: TerraformValue, at: HclText | undefined): string | JoinedText => {
  if (value instanceof JoinedText || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return at === undefined ? '' : at.fail('is no text');
};

const listOf = (value: TerraformValue, at: HclText): readonly TerraformValue[] =>
  Array.isArray(value) ? (value as readonly TerraformValue[]) : at.fail('is no list');

const membersOf = (value: TerraformValue, at: HclText) => (isMembers(value) ? value : at.fail('is no object'));

type Run = (args: readonly TerraformValue[], at: HclText) => TerraformValue;

const asItIs: Run = ([value]) => value;

/** Of the functions of Terraform those that make values out of what is not known before an apply. */
const FUNCTIONS: Readonly<Record<string, Run>> = {
  concat: (lists, at) => lists.flatMap((list) => listOf(list, at)),
  join: ([separator, list = []], at) => {
    const texts = listOf(list, at).map((item) => textOf(item, at));
    return joined(texts.flatMap((text, index) => (index === 0 ? [text] : [textOf(separator, at), text])));
  },
  jsondecode: ([text], at) => parseJsonText(textOf(text, at)),
  jsonencode: ([value]) => jsonText(value),
  merge: (objects, at) => Object.assign({}, ...objects.map((object) => membersOf(object, at))),
  tolist: asItIs,
  tomap: asItIs,
  toset: asItIs,
  tostring: ([value], at) => textOf(value, at),
};

export const stepInto = (value: TerraformValue, steps: readonly (string | number)[], at: HclText): TerraformValue =>
  steps.reduce<TerraformValue>((inner, step) => {
    if (Array.isArray(inner)) return (inner as readonly TerraformValue[])[Number(step)];
    return isMembers(inner) ? inner[step] : at.fail(`has no ${step} that is known before an apply`);
  }, value);

/**
 * What an expression says, as far as it is known; the rest as CloudFormation's own functions.
 *
 * @throws InvalidInputError with file and line, for functions that are not played
 */
export const evaluate = (expression: HclExpression, lookup: Lookup): TerraformValue => {
  const inner = (one: HclExpression): TerraformValue => evaluate(one, lookup);
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'template':
      return joined(expression.parts.map((part) => textOf(inner(part), undefined)));
    case 'tuple':
      return expression.items.map(inner);
    case 'object':
      return Object.fromEntries(expression.entries.map(([key, value]) => [String(inner(key)), inner(value)]));
    case 'call': {
      const run = FUNCTIONS[expression.name];
      const names = Object.keys(FUNCTIONS).join(', ');
      if (run === undefined) {
        return expression.at.fail(
          `is not known before an apply, and ${expression.name}() is not evaluated here, as ${names} are`,
        );
      }
      return run(expression.args.map(inner), expression.at);
    }
    case 'choice': {
      const [condition, whenTrue, whenFalse] = expression.of;
      const chosen = inner(condition);
      return typeof chosen === 'boolean'
        ? inner(chosen ? whenTrue : whenFalse)
        : expression.at.fail('is not yet known');
    }
    case 'equality': {
      const [one, other] = expression.of.map((side) => JSON.stringify(inner(side)));
      return (one === other) === expression.isEqual;
    }
    case 'traversal': {
      const steps = expression.steps.map((step) =>
        typeof step === 'string' ? step : (inner(step) as string | number),
      );
      return lookup(expression.root, steps, expression.at);
    }
  }
};
