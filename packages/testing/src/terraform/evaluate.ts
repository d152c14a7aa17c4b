import { FUNCTIONS, sortedEntries, textOf } from './functions.ts';
import type { HclExpression, HclFor, HclStep } from './hcl-expression.ts';
import { type HclText, NothingThere } from './hcl-text.ts';
import { isMembers, isSet, JoinedText, joined, type TerraformValue, Whole } from './terraform-value.ts';

/** What a name stands for: `var.endpoint`, `aws_sqs_queue.dlq.arn`. */
export type Lookup = (root: string, steps: readonly (string | number)[], at: HclText) => TerraformValue;

export const stepInto = (value: TerraformValue, steps: readonly (string | number)[], at: HclText): TerraformValue =>
  steps.reduce<TerraformValue>((inner, step) => {
    if (inner instanceof Whole) return inner.get(String(step), at);
    const has = Array.isArray(inner) || isMembers(inner) ? Object.hasOwn(inner, step) : undefined;
    if (has === undefined) return at.fail(`has no ${step} that is known before an apply`);
    return has ? (inner as Readonly<Record<string | number, TerraformValue>>)[step] : at.missing(`has no ${step}`);
  }, value);

/** Where a name of an expression itself, of a loop or a dynamic block, hides others. */
export const withNames =
  (names: Readonly<Record<string, TerraformValue>>, lookup: Lookup): Lookup =>
  (root, steps, at) =>
    Object.hasOwn(names, root) ? stepInto(names[root], steps, at) : lookup(root, steps, at);

/** Keys and items of a collection as Terraform goes through it. */
export const itemsOf = (
  value: TerraformValue,
  at: HclText,
): readonly (readonly [string | number, TerraformValue])[] => {
  if (Array.isArray(value)) {
    const isKey = isSet(value);
    return value.map((item: TerraformValue, index) => [isKey ? String(item) : index, item] as const);
  }
  return isMembers(value) ? sortedEntries(value) : at.fail('is no collection that is known before an apply');
};

const numberOf = (value: TerraformValue, at: HclText): number => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && !Number.isNaN(number)
    ? number
    : at.fail('is no number that is known before an apply');
};

const truthOf = (value: TerraformValue, at: HclText): boolean => {
  if (value === 'true' || value === 'false') return value === 'true';
  return typeof value === 'boolean' ? value : at.fail('is not yet known');
};

type Operation = (one: number, other: number) => number | boolean;

const OF_NUMBERS: Readonly<Record<string, Operation>> = {
  '+': (one, other) => one + other,
  '-': (one, other) => one - other,
  '*': (one, other) => one * other,
  '/': (one, other) => one / other,
  '%': (one, other) => one % other,
  '<': (one, other) => one < other,
  '>': (one, other) => one > other,
  '<=': (one, other) => one <= other,
  '>=': (one, other) => one >= other,
};

/** The same text for what is equal: members of objects are, in whatever order they were written. */
const comparable = (value: TerraformValue): string =>
  JSON.stringify(value ?? null, (_, inner: TerraformValue) =>
    isMembers(inner) ? Object.fromEntries(sortedEntries(inner)) : inner,
  );

const operate = (
  { operator, of: [left, right], at }: Extract<HclExpression, { kind: 'operation' }>,
  lookup: Lookup,
) => {
  const one = evaluate(left, lookup);
  if (operator === '&&' || operator === '||') {
    const isDecided = truthOf(one, at) === (operator === '||');
    return isDecided ? operator === '||' : truthOf(evaluate(right, lookup), at);
  }
  const other = evaluate(right, lookup);
  if (operator === '==' || operator === '!=') return (comparable(one) === comparable(other)) === (operator === '==');
  const run = OF_NUMBERS[operator];
  if (run === undefined) return at.fail('is not evaluated here');
  const [first, second] = [numberOf(one, at), numberOf(other, at)];
  return second === 0 && (operator === '/' || operator === '%') ? at.fail('divides by zero') : run(first, second);
};

const loop = ({ names: [keyName, itemName], ...expression }: HclFor, lookup: Lookup): TerraformValue => {
  const { at } = expression;
  const rounds = itemsOf(evaluate(expression.in, lookup), at)
    .map(([key, item]) => withNames({ ...(keyName === '' ? {} : { [keyName]: key }), [itemName]: item }, lookup))
    .filter((inner) => expression.condition === undefined || truthOf(evaluate(expression.condition, inner), at));
  if (expression.key === undefined) return rounds.map((inner) => evaluate(expression.value, inner));
  const members = new Map<string, TerraformValue>();
  for (const inner of rounds) {
    const key = textOf(evaluate(expression.key, inner), at);
    if (key instanceof JoinedText) return at.fail('has a key that is not known before an apply');
    const value = evaluate(expression.value, inner);
    const before = (members.get(key) ?? []) as readonly TerraformValue[];
    members.set(key, expression.isGrouping ? [...before, value] : value);
  }
  return Object.fromEntries(members);
};

/** The first of them that Terraform would find. What is merely not evaluated here is no reason to take another. */
const firstThere = (args: readonly HclExpression[], lookup: Lookup, at: HclText): TerraformValue => {
  for (const argument of args) {
    try {
      return evaluate(argument, lookup);
    } catch (error) {
      if (!(error instanceof NothingThere)) throw error;
    }
  }
  return at.missing('has nothing that is there');
};

const call = ({ name, args, isSpread, at }: Extract<HclExpression, { kind: 'call' }>, lookup: Lookup) => {
  if (name === 'try') return firstThere(args, lookup, at);
  const run = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
  if (run === undefined) {
    const names = [...Object.keys(FUNCTIONS), 'try'].sort().join(', ');
    return at.fail(`is not known before an apply, and ${name}() is not evaluated here, as ${names} are`);
  }
  const values = args.map((argument) => evaluate(argument, lookup));
  const last = isSpread ? values.pop() : [];
  return run([...values, ...itemsOf(last, at).map(([, item]) => item)], at);
};

const takenSteps = (steps: readonly HclStep[], lookup: Lookup): readonly (string | number)[] =>
  steps.map((step) => (typeof step === 'string' ? step : (evaluate(step, lookup) as string | number)));

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
    case 'call':
      return call(expression, lookup);
    case 'choice': {
      const [condition, whenTrue, whenFalse] = expression.of;
      return inner(truthOf(inner(condition), expression.at) ? whenTrue : whenFalse);
    }
    case 'not':
      return !truthOf(inner(expression.of), expression.at);
    case 'operation':
      return operate(expression, lookup);
    case 'for':
      return loop(expression, lookup);
    case 'traversal':
      return lookup(expression.root, takenSteps(expression.steps, lookup), expression.at);
    case 'step':
      return stepInto(inner(expression.of), takenSteps(expression.steps, lookup), expression.at);
    case 'splat': {
      const of = inner(expression.of);
      const items = Array.isArray(of) ? (of as readonly TerraformValue[]) : of === null || of === undefined ? [] : [of];
      const steps = takenSteps(expression.steps, lookup);
      return items.map((item) => stepInto(item, steps, expression.at));
    }
  }
};
